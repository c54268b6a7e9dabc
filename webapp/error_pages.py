"""Errors in words: for a browser a page, for htmx a notice where it cannot be missed."""

import logging
import secrets

from flask import current_app, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.orm.exc import ObjectDeletedError
from werkzeug.exceptions import HTTPException, SecurityError

from webapp import problems
from webapp.errors import Moved, Refused, Unavailable
from webapp.extensions import db
from webapp.guard import POLLED, READS
from webapp.responses import is_htmx
from webapp.transaction import refusal

log = logging.getLogger(__name__)


def init_app(app) -> None:
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, forged)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(SecurityError, elsewhere)
    app.register_error_handler(DBAPIError, database)
    app.register_error_handler(TimeoutError, database)
    app.register_error_handler(ObjectDeletedError, gone)
    app.register_error_handler(UnicodeError, malformed)
    app.register_error_handler(RecursionError, malformed)
    app.register_error_handler(Exception, unexpected)
    app.after_request(ask_back_later)


def refused(error: Refused):
    if error.status == 503:
        # The frame of a page counts notices; a database that is away must not be asked again.
        g.actor = None
    if problems.is_asked():
        return problems.of(error)
    if isinstance(error, Moved) and request.method in READS:
        if error.enquiry_id:
            return redirect(url_for("enquiries.show", enquiry_id=error.enquiry_id))
        return redirect(url_for("leads.show", lead_id=error.lead_id))
    return page(error.status, error.message, retry_after=getattr(error, "retry_after", None))


def forged(_error: CSRFError):
    sentence = _("This form was opened before you signed in, or long ago. Open it again and send it once more.")
    response = page(400, sentence)
    if is_htmx():
        # The page comes anew with tokens of this session; what was typed is put back into it (static/typed.js).
        response.headers["HX-Refresh"] = "true"
    return response


def elsewhere(_error: SecurityError):
    """Another host's name: a page would have links, and links need a host."""
    return _("That request cannot be understood."), 400, {"Content-Type": "text/plain; charset=utf-8"}


def http(error: HTTPException):
    if original := getattr(error, "original_exception", None):
        return current_app.handle_user_exception(original)
    sentences = {
        404: _("There is nothing at this address, or it is not yours to see."),
        405: _("This address does not do that."),
        413: _("That is more than can be sent at once."),
    }
    response = page(error.code or 500, sentences.get(error.code or 500) or _("That request cannot be understood."))
    if error.code == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return response


def database(error: Exception):
    db.session.rollback()
    known = refusal(error)
    if isinstance(known, Refused):
        return refused(known)
    if isinstance(error, DBAPIError) and _state(error) is None and _is_data_error(error):
        return malformed(error)
    return unexpected(error)


def gone(_error: ObjectDeletedError):
    """The deed was done, and somebody deleted the row before the answer could name it."""
    return page(404, _("That is not here, or not yours to see."))


def malformed(_error: Exception):
    return page(400, _("That request cannot be understood."))


def unexpected(error: Exception):
    incident = secrets.token_hex(4)
    log.error("incident %s at %s %s", incident, request.method, request.endpoint, exc_info=error)
    return page(500, _("Something broke on our side. Tell your admin the number %(incident)s.", incident=incident))


def page(status: int, message, retry_after: int | None = None):
    """The error as a page; htmx gets a notice instead wherever the page it is on can stay, with all that was typed.

    A machine gets problem+json.
    """
    if problems.is_asked():
        return problems.problem(status, message, retry_after=retry_after)
    titles = {
        400: _("That did not work"),
        403: _("Not for your role"),
        404: _("Not here"),
        405: _("Not possible"),
        413: _("Too much at once"),
        429: _("Too many tries"),
        503: _("One moment"),
    }
    title = titles.get(status) or (_("Something broke") if status >= 500 else _("That did not work"))
    passes = status == 429 or status >= 500
    keeps_page = is_htmx() and (passes or request.method != "GET" or "HX-Boosted" not in request.headers)
    template = "errors/_notice.html" if keeps_page else "errors/error.html"
    body = render_template(
        template, status=status, title=title, message=message, again=_sent() if status == 503 else None
    )
    response = make_response(body, status)
    if is_htmx():
        response.headers["HX-Push-Url"] = "false"
        response.headers["HX-Retarget"] = "#toasts" if keeps_page else "#main"
        response.headers["HX-Reswap"] = "innerHTML" if keeps_page else "outerHTML show:window:top"
    if request.endpoint in POLLED:
        # Nobody asked: a poll that fails disturbs nothing and is tried again.
        response.headers["HX-Reswap"] = "none"
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    response.headers["Cache-Control"] = "no-store"
    return response


def ask_back_later(response):
    """Every 503 says when it is worth trying again."""
    if response.status_code == 503:
        response.headers.setdefault("Retry-After", str(Unavailable.RETRY_AFTER))
    return response


def _sent() -> dict[str, list[str]] | None:
    """The form that a page can send again for somebody, None where there is none; no password and no files."""
    if request.method != "POST" or request.endpoint in (None, "sessions.create") or request.files:
        return None
    return {name: values for name, values in request.form.to_dict(flat=False).items() if name != "csrf_token"}


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _is_data_error(error: DBAPIError) -> bool:
    return type(error).__name__ == "DataError"
