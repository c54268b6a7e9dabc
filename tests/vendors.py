"""Portals that are asked: a server on this machine that answers as their documents say, and fails when it is told to.

What it holds is in `leads` of Property Finder and `rows` of Bayut and dubizzle; what it was asked is in `asked`.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

KEY, API_SECRET = "key-not-real", "api-secret-not-real"
LOGIN_PAGE = b"<!doctype html><html><title>Sign in</title></html>"
PULLED = "/api-v7/stats/website-client-leads"
DUBAI = ZoneInfo("Asia/Dubai")
Answer = tuple[int, bytes, dict[str, str]]


class Vendor:
    """One host for all portals. `fault` may answer in its stead: it is given the path with its query."""

    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}"
        self.leads: list[dict] = []
        self.rows: dict[str, list[dict]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.tokens: list[str] = []
        self.token_lasts = 1800
        self.valid: set[str] = set()
        self.fault: Callable[[str, dict[str, str]], Answer | None] = lambda path, query: None
        self.cut_at: int | None = None

    def count(self, path: str) -> int:
        return sum(asked == path for asked, _query in self.asked)

    def queries(self, path: str) -> list[dict[str, str]]:
        return [query for asked, query in self.asked if asked == path]

    def answer(self, verb: str, path: str, query: dict[str, str], body: bytes, bearer: str) -> Answer:
        self.asked.append((path, query))
        if fault := self.fault(path, query):
            return fault
        if (verb, path) == ("POST", "/v1/auth/token"):
            return self._token(json.loads(body))
        if (verb, path) == ("GET", "/v1/leads"):
            return self._leads(query) if bearer in self.valid else _said(401, {"title": "Unauthorized"})
        if verb == "GET" and path == PULLED:
            return self._rows(query) if bearer == KEY else (200, LOGIN_PAGE, {"Content-Type": "text/html"})
        return _said(404, {})

    def _token(self, key: dict) -> Answer:
        if key != {"apiKey": KEY, "apiSecret": API_SECRET}:
            return _said(401, {"title": "Unauthorized"})
        token = f"token-{len(self.tokens)}"
        self.tokens.append(token)
        self.valid.add(token)
        return _said(200, {"accessToken": token, "expiresIn": self.token_lasts, "tokenType": "Bearer"})

    def _leads(self, query: dict[str, str]) -> Answer:
        """A page; what it does not know in the query it ignores."""
        per_page, page = int(query.get("perPage", "10")), int(query.get("page", "1"))
        if per_page > 50:
            return _said(400, {"title": "perPage"})
        since = datetime.fromisoformat(query.get("createdAtFrom", _rfc(datetime.now(UTC) - timedelta(days=30))))
        until = datetime.fromisoformat(query.get("createdAtTo", _rfc(datetime.now(UTC))))
        if since < datetime.now(UTC) - timedelta(days=91):
            return _said(422, {"title": "createdAtFrom"})
        found = [lead for lead in self.leads if since <= datetime.fromisoformat(lead["createdAt"]) <= until]
        pages = -(-len(found) // per_page)
        told = {"total": len(found), "page": page, "perPage": per_page, "totalPages": pages}
        told |= {"nextPage": page + 1 if page < pages else None, "prevPage": page - 1 if page > 1 else None}
        return _said(200, {"data": found[(page - 1) * per_page : page * per_page], "pagination": told})

    def _rows(self, query: dict[str, str]) -> Answer:
        """Everything after the moment, every time, as one bare array."""
        since = datetime.strptime(query["timestamp"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=DUBAI)
        if since < datetime.now(UTC) - timedelta(days=180):
            return _said(422, {"message": "timestamp"})
        if query["type"] in ("email", "whatsapp") and query.get("is_trulead") != "1":
            return _said(200, [{"whatsapp_views": 7, "phone_views": 3}])
        kind = "-".join(query[name] for name in ("type", "target") if name in query)
        return _said(200, [row for row in self.rows.get(kind, []) if _moment(row) > since])


@contextmanager
def vendor() -> Iterator[Vendor]:
    """The portals' server, until the test is over."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        server.vendor = Vendor(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.vendor
        finally:
            server.shutdown()
            thread.join()


def a_lead_of_property_finder(number: int, *, at: datetime, phone: str | None = None, **more) -> dict:
    contacts = [{"type": "phone", "value": phone}] if phone else []
    return {
        "id": f"PFL-{number}",
        "createdAt": _rfc(at),
        "channel": "whatsapp",
        "status": "sent",
        "entityType": "listing",
        "listing": {"id": "01K0", "reference": "TST-1"},
        "publicProfile": {"id": 7},
        "sender": {"name": "Layla Testova", "contacts": contacts},
        "responseLink": "https://example.invalid/respond",
    } | more


def a_row_of_bayut(number: int, *, at: datetime, phone: str = "", reference: str = "TST-1", kind: str = "whatsapp"):
    return {
        "lead_id": f"{kind}|{number:08}",
        "source": "bayut",
        "lead_target": "listing",
        "date_time": f"{at.astimezone(DUBAI):%Y-%m-%d %H:%M:%S}",
        "listing_details": {"listing_id": 1, "listing_reference": reference},
        "inquirer_details": {"name": "B", "cell": phone, "email": "", "message": "Hi"},
    }


def a_call_of_bayut(number: int, *, at: datetime, phone: str) -> dict:
    local = at.astimezone(DUBAI)
    return {
        "call_log_id": f"phone|{number:08}",
        "lead_id": f"phone|{number:08}",
        "listing_reference": "TST-1",
        "date": f"{local:%Y-%m-%d}",
        "time": f"{local:%H:%M:%S}",
        "caller_number": phone,
        "receiver_number": "+971551234567",
        "call_status": "missed",
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        status, said, headers = self.server.vendor.answer(self.command, parts.path, query, body, bearer)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        cut_at, self.server.vendor.cut_at = self.server.vendor.cut_at, None
        self.wfile.write(said[:cut_at])
        self.close_connection = cut_at is not None

    do_POST = do_GET

    def log_message(self, *_words):
        """A test's output is not its place."""


def _said(status: int, body, **headers: str) -> Answer:
    return status, json.dumps(body).encode(), {"Content-Type": "application/json"} | headers


def _rfc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _moment(row: dict) -> datetime:
    told = row.get("date_time") or f"{row['date']} {row['time']}"
    return datetime.strptime(told, "%Y-%m-%d %H:%M:%S").replace(tzinfo=DUBAI)
