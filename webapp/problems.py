"""Refusals for programs: application/problem+json (RFC 9457), by R13's names."""

from collections.abc import Mapping
from types import MappingProxyType

from flask import jsonify, request

from webapp.errors import Refused

PREFIXES = "/api/", "/hooks/"
TITLES = {
    400: "Cannot be understood",
    401: "A valid key or signature is needed",
    404: "Not here",
    405: "Not possible",
    409: "In the way",
    413: "Too large",
    415: "JSON is needed",
    422: "Cannot be right",
    429: "Too many requests",
    503: "One moment",
}
CODES = {400: "malformed", 401: "unauthorized", 404: "not_found", 405: "method_not_allowed", 413: "too_large"} | {
    415: "unsupported_media_type"
}


def is_asked() -> bool:
    """Whether a program asks."""
    return request.path.startswith(PREFIXES)


def problem(
    status: int,
    detail: str,
    *,
    code: str | None = None,
    errors: dict[str, str] | None = None,
    retry_after=None,
    **facts,
):
    """The answer; `errors` are sentences by the path of their field."""
    known = {"type": code or CODES.get(status) or "error", "title": TITLES.get(status, "That did not work")}
    body = known | {"status": status, "detail": str(detail)} | ({"errors": errors} if errors else {}) | facts
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def of(error: Refused, places: Mapping[str, str] = MappingProxyType({})):
    """The answer to what a service refused; `places` says where in the JSON its fields stand."""
    field = places.get(error.field or "", error.field)
    errors = error.facts.get("errors") or ({field: str(error.message)} if field else None)
    retry_after = getattr(error, "retry_after", None)
    return problem(error.status, error.message, code=error.code, errors=errors, retry_after=retry_after)
