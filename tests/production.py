"""The production server on a database of its own, and people who use it over HTTP as a browser would."""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from argon2 import PasswordHasher
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import make_url

from config import ROOT
from tests.conftest import application, new_database
from tests.factories import a_user, an_agent
from tests.factories import sql as rows
from webapp import launch
from webapp.extensions import db
from webapp.services.access import Actor
from webapp.vocabulary import Role

HOST = "127.0.0.1"
PATIENCE = 60
PASSWORD = "a long walk to the Marina"
# The real verifier at its smallest cost: the tests sign in often, and hashing is not what they look at.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass(frozen=True)
class Office:
    """A running server: where it answers, what it says, and the app on the same database."""

    port: int
    app: Flask
    log: Path

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def database(self) -> str:
        return self.app.config["SQLALCHEMY_DATABASE_URI"]


@contextmanager
def running_office(server_url: str, template: str, folder: Path, **served: str) -> Iterator[Office]:
    """The server as `python3 run.py` starts it, with two processes, on a free port of the loopback.

    `served` is handed to `started`: another WSGI module, and more for its environment.
    """
    before = os.environ.get("DATABASE_URL")
    with new_database(server_url, template=make_url(template).database) as url:
        office = Office(free_port(), application(url), folder / "server.log")
        try:
            with office.log.open("wb") as log, started(office, url, folder, log, **served):
                yield office
        finally:
            with office.app.app_context():
                db.engine.dispose()
            if before is None:
                os.environ.pop("DATABASE_URL", None)
            else:
                os.environ["DATABASE_URL"] = before


@contextmanager
def started(
    office: Office, url: str, folder: Path, log, wsgi: str = "wsgi:app", **more: str
) -> Iterator[subprocess.Popen]:
    settings = {
        "DATABASE_URL": url,
        "SECRET_KEY": office.app.config["SECRET_KEY"],
        "DATA_DIR": str(folder),
        "HOST": HOST,
        "PORT": str(office.port),
    }
    left_out = {"BASE_URL", "TRUSTED_HOSTS", "WORKERS", "FLASK_DEBUG"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out} | settings | more
    words = [*launch.server_words(HOST, office.port)[:-1], wsgi]
    server = subprocess.Popen(
        words, cwd=ROOT, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        launch.wait_until_it_answers(HOST, office.port, {"The server": server})
        yield server
    finally:
        launch.end({"The server": server})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def eventually(holds: Callable[[], object], what: str, within: float = 10):
    """What `holds` returns as soon as it is true; a failure that says `what` was waited for."""
    deadline = time.monotonic() + within
    while True:
        if found := holds():
            return found
        assert time.monotonic() < deadline, f"{what}: not within {within} s"
        time.sleep(0.02)


def somebody(name: str, role: Role) -> Actor:
    """A user who may sign in with PASSWORD."""
    return a_user(name, role, password_hash=PASSWORD_HASH)


def somebody_agent(name: str, **skills) -> Actor:
    """An agent on duty and the user who is that agent, who may sign in with PASSWORD."""
    agent = an_agent(name, **skills)
    rows("UPDATE users SET password_hash = %s WHERE user_id = %s", PASSWORD_HASH, agent.user_id)
    return agent


@dataclass(frozen=True)
class Answer:
    """What came back for one request."""

    status: int
    headers: http.client.HTTPMessage
    text: str
    took: float
    began: float = 0.0

    @property
    def location(self) -> str:
        """Where a redirect leads, as a path."""
        return urlsplit(self.headers.get("Location") or "").path

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.text, "html.parser")

    @property
    def words(self) -> str:
        """What a person reads in the middle of the page."""
        return " ".join((self.soup.find("main") or self.soup).get_text(" ").split())

    def form(self, action: str) -> "Form":
        """The form that is sent to `action`, with everything as it is filled in."""
        found = self.soup.find("form", action=action, method="post")
        assert found, f"no form for {action} on: {self.words[:300]}"
        return Form(action, tuple(_filled(found)))


@dataclass(frozen=True)
class Form:
    """A form of a page: where it goes, and its fields in order."""

    action: str
    fields: tuple[tuple[str, str], ...]

    def with_(self, **values: str) -> "Form":
        """The same form, filled in differently."""
        kept = tuple(pair for pair in self.fields if pair[0] not in values)
        return replace(self, fields=kept + tuple(values.items()))

    def without(self, name: str) -> "Form":
        """The same form, sent without one of its fields."""
        return replace(self, fields=tuple(pair for pair in self.fields if pair[0] != name))

    def __getitem__(self, name: str) -> str:
        return dict(self.fields)[name]


def _filled(form) -> Iterator[tuple[str, str]]:
    for box in form.find_all(["input", "select", "textarea"]):
        if not (name := box.get("name")):
            continue
        if box.name == "select":
            chosen = box.find("option", selected=True) or box.find("option")
            yield name, chosen.get("value", "") if chosen else ""
        elif box.name == "textarea":
            yield name, box.get_text().removeprefix("\r\n").removeprefix("\n")
        elif box.get("type") not in ("radio", "checkbox") or box.has_attr("checked"):
            yield name, box.get("value", "on" if box.get("type") == "checkbox" else "")


@dataclass
class Visitor:
    """Somebody at a browser without JavaScript; each request has a connection of its own."""

    office: Office
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, *, htmx: bool = False, target: str = "main") -> Answer:
        """The page, or what htmx is sent when its link is clicked, or this part is asked for."""
        return self._ask("GET", path, headers={"HX-Request": "true", "HX-Target": target} if htmx else {})

    def send(self, form: Form) -> Answer:
        return self._ask("POST", form.action, urlencode(form.fields))

    def follow(self, answer: Answer) -> Answer:
        return self.get(answer.location)

    def sign_in(self, who: Actor) -> "Visitor":
        page = self.get("/login")
        form = Form("/login", tuple(_filled(page.soup.find("form", method="post"))))
        answer = self.send(form.with_(email=who.email, password=PASSWORD))
        assert answer.status == 303, answer.words
        return self

    def _ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(headers or {})}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.monotonic()
        line = http.client.HTTPConnection(HOST, self.office.port, timeout=30)
        try:
            line.request(method, path, body, headers)
            response = line.getresponse()
            text = response.read().decode()
        finally:
            line.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            self.cookies = self.cookies | {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
        return Answer(response.status, response.headers, text, time.monotonic() - began, began)
