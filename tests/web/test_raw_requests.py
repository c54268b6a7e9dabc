"""Requests that no browser makes, at the running server: refused or ignored, and nothing of them is said back."""

import re
import socket
from dataclasses import dataclass

import pytest

from tests import production
from tests.production import HOST, Office

pytestmark = pytest.mark.row("I9")

EVIL = "evil.example"
PAGES = ("/", "/login", "/leads", "/nothing-here", "/static/app.css", "/livez")
CRLF = ("%0d%0aX-Injected:%201", "%0aX-Injected:1", "%E5%98%8A%E5%98%8DX-Injected:1", "%u000dX-Injected:1", "%00")
FORWARDED = {
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Server": EVIL,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": f"//{EVIL}",
    "X-Forwarded-For": EVIL,
    "X-Forwarded-Port": "1",
    "Forwarded": f"host={EVIL};proto=https",
    "X-Original-URL": f"//{EVIL}",
    "X-Rewrite-URL": f"//{EVIL}/admin",
    "X-HTTP-Method-Override": "DELETE",
    "Origin": f"https://{EVIL}",
    "Referer": f"https://{EVIL}/leads",
    "HX-Current-URL": f"https://{EVIL}/leads",
    "Accept-Language": f"{EVIL}, *;q=x",
    "Range": "bytes=0-1,2-3,4-99999999999999999999",
    "If-Modified-Since": "yesterday",
    "Expect": "200-ok",
    "Upgrade": "h2c",
    "Cookie": "desk=" + "x" * 16_000,
}
VERBS = ("TRACE", "TRACK", "PUT", "PATCH", "DELETE", "PROPFIND", "BREW", "CONNECT", "X" * 500, "M-SEARCH")


@dataclass(frozen=True)
class Said:
    """What came back: the status (0 where the connection was closed without a word), the head and all of it."""

    status: int
    head: str
    text: str


@pytest.fixture(scope="module")
def server(server_url, template, tmp_path_factory):
    """As it is seen from outside: it knows its hosts."""
    folder = tmp_path_factory.mktemp("hosts")
    with production.running_office(server_url, template, folder, TRUSTED_HOSTS=HOST) as server:
        yield server


@pytest.fixture
def tell(server):
    """Sends bytes as they are."""

    def tell(request: str | bytes) -> Said:
        raw = request if isinstance(request, bytes) else request.replace("\n", "\r\n").encode("latin-1")
        with socket.create_connection((HOST, server.port), timeout=20) as line:
            told = b""
            try:
                line.sendall(raw)
                while some := line.recv(65_536):
                    told += some
            except ConnectionError:
                pass
        text = told.decode("latin-1")
        status = re.match(r"HTTP/1\.[01] (\d{3})", text)
        return Said(int(status[1]) if status else 0, text.partition("\r\n\r\n")[0], text)

    return tell


def asked(verb="GET", path="/login", host: str | None = HOST, body="", **headers) -> str:
    lines = [f"{verb} {path} HTTP/1.1", *([f"Host: {host}"] if host is not None else []), "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\n".join([*lines, "", body])


@pytest.mark.parametrize(
    "host",
    [
        *(EVIL, f"{EVIL}:80", f"{HOST}.{EVIL}", f"{HOST}@{EVIL}", f"{EVIL}/{HOST}", f"{EVIL} {HOST}", "", "localhost"),
        *(f"{HOST}\nHost: {EVIL}", f"{EVIL}\nHost: {HOST}", "\x00", "x" * 5_000, "[::1]", "..", f"{HOST},{EVIL}"),
        None,
    ],
)
def test_a_host_that_is_not_ours_is_refused_and_not_said_back(tell, host):
    for path in PAGES[:3]:
        answer = tell(asked(path=path, host=host))
        assert answer.status in (0, 400), (path, answer.head)
        assert EVIL not in answer.text


def test_an_address_with_another_host_in_it_is_not_believed(tell):
    for path in (f"http://{EVIL}/login", f"//{EVIL}/login", f"https://{EVIL}:443/"):
        answer = tell(asked(path=path))
        assert answer.status in (0, 200, 302, 400, 404), answer.head
        assert EVIL not in answer.text


def test_what_a_proxy_might_say_changes_nothing(tell, figure):
    tried, wrong = 0, []
    for path in PAGES:
        usual = tell(asked(path=path))
        for name, value in FORWARDED.items():
            tried += 1
            answer = tell(asked(path=path, **{name: value}))
            same = (
                answer.status == usual.status or (name == "Range" and answer.status in (206, 416)) or name == "Expect"
            )
            if not same or answer.status >= 500 or EVIL in answer.text or "https://" in answer.head:
                wrong.append((path, name, answer.status))

    figure("I9", "headers that a proxy might send", tried)
    assert wrong == []


@pytest.mark.parametrize("broken", CRLF)
def test_no_header_can_be_put_into_an_answer(tell, broken):
    for path in (
        f"/login?next=/{broken}",
        f"/language/ar?next=/{broken}",
        f"/language/{broken}",
        f"/leads/{broken}",
        f"/{broken}",
    ):
        answer = tell(asked(path=path))
        assert answer.status in (200, 302, 400, 404), answer.head
        assert not re.search("^X-Injected", answer.head, re.IGNORECASE | re.MULTILINE)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_that_an_address_does_not_know_is_refused(tell, verb):
    for path in PAGES[:4]:
        answer = tell(asked(verb, path, X_Secret="said-back"))
        assert answer.status in (0, 302, 400, 404, 405), (path, answer.head)
        assert "said-back" not in answer.text


MALFORMED = {
    "two lengths": asked("POST", body="x=1", Content_Length="3\nContent-Length: 30"),
    "length and chunks": asked(
        "POST", body="0\n\nGET /smuggled HTTP/1.1\nHost: x\n\n", Content_Length="5", Transfer_Encoding="chunked"
    ),
    "chunks twice": asked("POST", body="0\n\n", Transfer_Encoding="chunked\nTransfer-Encoding: identity"),
    "chunks in disguise": asked("POST", body="0\n\n", Transfer_Encoding="xchunked"),
    "no such chunk": asked("POST", body="ZZ\nx\n0\n\n", Transfer_Encoding="chunked"),
    "a chunk without an end": asked("POST", body="FFFFFFFFFFFFFFFFF\n", Transfer_Encoding="chunked"),
    "a negative length": asked("POST", Content_Length="-1"),
    "a length in words": asked("POST", Content_Length="many"),
    "a length beyond all": asked("POST", Content_Length="9" * 40),
    "a header without a name": asked().replace("Connection", ": x\nConnection"),
    "a header with a space": asked().replace("Connection", "A b: c\nConnection"),
    "a folded header": asked().replace("Connection", "A: b\n  c\nConnection"),
    "NUL in a header": asked(A="b\x00c"),
    "ten thousand headers": asked(**{f"a{number}": "b" for number in range(10_000)}),
    "a long header": asked(A="b" * 1_000_000),
    "a long cookie": asked(Cookie="desk=" + "x" * 100_000),
    "a long address": asked(path="/" + "x" * 100_000),
    "an address with spaces": asked(path="/a b c"),
    "an address without a slash": asked(path="login"),
    "a star": asked("OPTIONS", path="*"),
    "HTTP/0.9": "GET /login\n\n",
    "HTTP/1.0": "GET /login HTTP/1.0\nHost: 127.0.0.1\n\n",
    "HTTP/3.0": asked().replace("HTTP/1.1", "HTTP/3.0"),
    "no HTTP": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n",
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_no_request_is_refused_and_the_server_goes_on(tell, server, kind):
    answer = tell(MALFORMED[kind])

    assert answer.status < 500, answer.head
    assert answer.text.count("HTTP/1.1 ") <= 1, "what was hidden in a body was answered"
    assert tell(asked(path="/livez")).status == 200


def test_five_megabytes_in_pieces_are_too_much(tell):
    piece = b"186a0\r\n" + b"x" * 100_000 + b"\r\n"
    head = asked("POST", Transfer_Encoding="chunked", Content_Type="application/x-www-form-urlencoded")
    answer = tell(head.replace("\n", "\r\n").encode() + piece * 50 + b"0\r\n\r\n")

    assert answer.status in (0, 400, 413), answer.head


def test_the_log_tells_of_no_accident(tell, server: Office, figure):
    """After all of the above: no incident, no traceback."""
    told = server.log.read_text(errors="replace")
    accidents = len(re.findall(r"incident [0-9a-f]{8}|Traceback|panicked", told))

    figure("I9", "accidents in the log", accidents)
    assert accidents == 0, told[-2000:]
