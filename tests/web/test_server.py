"""What only the running server can show: guessing by many hands at once, and the headers of every answer."""

import http.client
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import ceil
from statistics import median
from time import perf_counter
from urllib.parse import urlencode

import pytest

from tests import production
from tests.conftest import empty
from tests.factories import a_user, prompt, tally
from tests.production import HOST, PASSWORD_HASH, Answer
from tests.races.bursts import burst
from tests.web.browser import PASSWORD
from tests.web.conftest import may_sign_in
from tests.web.office import TOKEN, Office
from tests.web.reach import cells
from webapp.database import rate_limits
from webapp.extensions import db
from webapp.headers import HEADERS
from webapp.services import users
from webapp.vocabulary import Role

ELSEWHERE = "127.0.0.2"
FORGED = ("X-Forwarded-For", "X-Real-Ip", "X-Client-Ip", "Cf-Connecting-Ip")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def server(server_url, template, tmp_path_factory):
    with production.running_office(server_url, template, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(autouse=True)
def fresh(server):
    """Every test begins with an empty office in which nothing has been tried."""
    with server.app.app_context():
        yield
        db.session.remove()
        empty()


class Guest:
    """Somebody at a browser, at an address of their own on this machine."""

    def __init__(self, server, address: str = HOST):
        self.server, self.address, self.cookie = server, address, ""
        self.token = TOKEN.search(self.ask("GET", "/login").text)[1]

    def ask(self, verb: str, path: str, body: str | bytes | None = None, headers: dict | None = None) -> Answer:
        began = perf_counter()
        line = http.client.HTTPConnection(HOST, self.server.port, timeout=60, source_address=(self.address, 0))
        try:
            line.request(verb, path, body, {"Cookie": self.cookie} | (FORM if body else {}) | (headers or {}))
            response = line.getresponse()
            text = response.read().decode(errors="replace")
        finally:
            line.close()
        if given := response.headers.get("Set-Cookie"):
            self.cookie = given.partition(";")[0]
        return Answer(response.status, response.headers, text, perf_counter() - began)

    def try_password(self, email: str, password: str = "not my password", **headers: str) -> Answer:
        sent = urlencode({"email": email, "password": password, "csrf_token": self.token})
        kept = self.cookie
        answer = self.ask("POST", "/login", sent, headers)
        if answer.status != 303:
            self.cookie = kept
        return answer

    def sign_in(self, email: str, password: str = PASSWORD) -> "Guest":
        assert self.try_password(email, password).status == 303
        self.token = TOKEN.search(self.ask("GET", "/account").text)[1]
        return self


def statuses(answers) -> dict:
    return dict(Counter(answer.status for answer in answers))


@pytest.mark.row("S2")
class TestGuessing:
    @pytest.fixture
    def rashid(self):
        return a_user("Rashid Khan", Role.RECEPTIONIST, password_hash=PASSWORD_HASH)

    def test_one_account_has_ten_tries_however_many_come_at_once(self, server, rashid, full, figure):
        guest, guesses = Guest(server), 1000 if full else 100
        forged = [dict.fromkeys(FORGED, f"198.51.100.{n % 250}") for n in range(guesses)]

        answers = burst([lambda told=told: guest.try_password(rashid.email, **told) for told in forged])

        refused = [answer for answer in answers if answer.status == 429]
        evaluated = [answer for answer in answers if answer.status == 422]
        figure("S2", "parallel wrong passwords for one account", guesses)
        figure("S2", "of them evaluated", len(evaluated))
        figure("S2", "median of a refusal past the limit, s", median(answer.took for answer in refused))
        assert statuses(answers) == {422: 10, 429: guesses - 10}
        assert all(0 < int(answer.headers["Retry-After"]) <= 15 * 60 for answer in refused)
        assert guest.try_password(rashid.email, production.PASSWORD).status == 429
        assert Guest(server, ELSEWHERE).try_password(rashid.email, production.PASSWORD).status == 303, "the owner"
        assert tally("sessions") == {"sessions": 1}

    def test_an_address_has_a_hundred_whatever_accounts_it_tries(self, server, rashid, full, figure):
        guest, guesses = Guest(server), 1000 if full else 130

        answers = burst([lambda n=n: guest.try_password(f"n{n}@desk.example") for n in range(guesses)])

        figure("S2", "parallel guesses over accounts from one address", guesses)
        figure("S2", "of them evaluated for the address", statuses(answers)[422])
        assert statuses(answers) == {422: 100, 429: guesses - 100}
        assert guest.try_password(rashid.email, production.PASSWORD).status == 429
        assert Guest(server, ELSEWHERE).try_password(rashid.email, production.PASSWORD).status == 303

    @pytest.mark.full
    def test_the_office_has_a_thousand_in_five_minutes(self, server, rashid, figure):
        guests = [Guest(server, f"127.0.1.{n + 1}") for n in range(11)]

        answers = burst([lambda n=n: guests[n % 11].try_password(f"n{n}@desk.example") for n in range(1100)])

        figure("S2", "guesses evaluated of 1,100 from eleven addresses", statuses(answers)[422])
        assert statuses(answers) == {422: 1000, 429: 100}
        assert rate_limits.IN_ALL.amount == 1000


def p95(answers) -> float:
    """What all but a twentieth of the answers took at most."""
    took = sorted(answer.took for answer in answers)
    return took[ceil(len(took) * 0.95) - 1]


@pytest.mark.row("S4")
def test_fifty_who_sign_in_at_once_leave_the_others_their_pages(server, full, figure):
    """Hashing at its real price, one at a time in each process; the times are reported."""
    real = users.passwords.hash(PASSWORD)
    people = [a_user(f"Noor N{n}", Role.AGENT, password_hash=real) for n in range(50)]
    reader = Guest(server).sign_in(a_user("Mariam Saleh", Role.MANAGER, password_hash=real).email)
    doors = [Guest(server) for _ in people]
    quiet = [reader.ask("GET", "/account") for _ in range(100 if full else 20)]

    with ThreadPoolExecutor(1) as crowd:
        began = perf_counter()
        calls = [partial(door.try_password, who.email, PASSWORD) for door, who in zip(doors, people, strict=True)]
        signing_in = crowd.submit(burst, calls, 50)
        busy = [reader.ask("GET", "/account")]
        while not signing_in.done():
            busy.append(reader.ask("GET", "/account"))
        took = perf_counter() - began

    assert statuses(signing_in.result()) == {303: 50}
    assert {answer.status for answer in busy} == {200}
    figure("S4", "fifty parallel logins, s", took)
    figure("S4", "p95 of a page before them, s", p95(quiet))
    figure("S4", "p95 of a page meanwhile, s", p95(busy))


@pytest.mark.row("B1")
class TestHeaders:
    @pytest.fixture
    def office(self, server):
        with prompt() as held:
            yield Office(server.app, held, may_sign_in)

    def missing(self, answer) -> set[str]:
        """Which of the headers of every answer this one lacks or has otherwise."""
        lacking = {name for name, content in HEADERS.items() if answer.headers.get_all(name) != [content]}
        kind = answer.headers.get("Content-Type", "")
        if kind.startswith("text/") and "charset=utf-8" not in kind:
            lacking.add("charset")
        if "Strict-Transport-Security" in answer.headers:
            lacking.add("no HSTS over http")
        return lacking

    def test_every_route_verb_and_status_has_them_all(self, server, office, full, figure):
        seen, lacking = Counter(), []
        callers = {
            "nobody": Guest(server),
            "agent": Guest(server).sign_in(office.aisha.email),
            "receptionist": Guest(server).sign_in(office.noor.email),
        }
        manager = may_sign_in(a_user("Mariam Saleh", Role.MANAGER))
        callers["manager"] = Guest(server).sign_in(manager.email)
        for who in callers if full else ("nobody", "agent"):
            for cell in cells(server.app, full=full):
                if cell.endpoint == "sessions.end" or (not full and cell.whose not in ("", "a colleague's")):
                    continue
                by = callers[who]
                body = urlencode(office.body(cell.endpoint, by.token)) if cell.verb == "POST" else None
                told = {"HX-Request": "true", "HX-Target": "main"} if cell.htmx else {}
                answer = by.ask(cell.verb, office.url(cell), body, told)
                seen[answer.status] += 1
                if names := self.missing(answer):
                    lacking.append(f"{cell} as {who}, {answer.status}: {names}")

        figure("B1", "answers of routes looked at", seen.total())
        figure("B1", "of them without a header", len(lacking))
        assert lacking == []
        assert {200, 204, 302, 303, 401, 403, 404, 405} <= {*seen}

    def test_so_have_the_answers_that_no_route_gives(self, server, figure):
        guest = Guest(server)
        tag = guest.ask("GET", "/static/app.css").headers["ETag"]
        refused = [guest.try_password("x@desk.example") for _ in range(10)]
        answers = {
            422: refused[0],
            304: guest.ask("GET", "/static/app.css", headers={"If-None-Match": tag}),
            206: guest.ask("GET", "/static/app.css", headers={"Range": "bytes=0-9"}),
            416: guest.ask("GET", "/static/app.css", headers={"Range": "bytes=99999999-"}),
            404: guest.ask("GET", "/nothing"),
            413: guest.ask("POST", "/login", "x" * 1_100_000),
            400: guest.ask("POST", "/login", "email=a"),
            429: guest.try_password("x@desk.example"),
            405: guest.ask("BREW", "/login"),
        }
        lacking = {status: self.missing(answer) for status, answer in answers.items() if self.missing(answer)}

        figure("B1", "other answers looked at", len(answers))
        assert lacking == {}
        assert [answer.status for answer in answers.values()] == [*answers]

    RAW = {
        "no request line": b"nonsense\r\n\r\n",
        "no such version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        "a header without a name": b"GET /login HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n",
        "a header of 1 MB": b"GET /login HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * 1_000_000 + b"\r\n\r\n",
        "a NUL in a header": b"GET /login HTTP/1.1\r\nHost: x\r\nX-Nul: a\x00b\r\n\r\n",
        "two lengths": b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc",
        "a chunk of no length": b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    }

    @pytest.mark.parametrize("sent", RAW)
    def test_what_never_reaches_us_is_answered_with_nothing_to_show(self, server, sent, figure):
        """The server itself answers, without our headers; so there must be nothing that a browser would render."""
        with socket.create_connection((HOST, server.port), timeout=10) as line:
            try:
                line.sendall(self.RAW[sent])
                line.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            answer = received(line)

        head, _blank, body = answer.partition(b"\r\n\r\n")
        by_the_server = b"content-security-policy" not in head.lower()
        figure("B1", f"answered by the server alone: {sent}", int(by_the_server))
        assert head == b"" or head.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
        assert not by_the_server or body == b""


def received(line: socket.socket) -> bytes:
    """Everything until the other side closes or hangs up."""
    parts = []
    try:
        while part := line.recv(65_536):
            parts.append(part)
    except OSError:
        pass
    return b"".join(parts)
