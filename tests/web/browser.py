"""A browser: Flask's test client with a memory of its last page, which fills in forms as people do."""

from contextvars import Context
from functools import cached_property
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import event

from tests.production import PASSWORD
from tests.web.checks import faults
from webapp.extensions import db
from webapp.services.access import Actor

LEAD_FORMS = ("activities", "tasks", "assignments", "pipeline", "enquiries")
REDIRECTS = (301, 302, 303, 307, 308)


class Answer:
    """What came back after all redirects; `queries` counts the SQL statements of the last request."""

    def __init__(self, response, target: str | None, hops: list[tuple[int, str]], queries: int):
        self.response, self.hops, self.queries = response, hops, queries
        self.status_code, self.headers = response.status_code, response.headers
        self.path, self.data = response.request.path, response.get_data()
        response.close()
        retarget = response.headers.get("HX-Retarget")
        self.fills = retarget or (f"#{target}" if target else None)

    @cached_property
    def text(self) -> str:
        return self.data.decode()

    @cached_property
    def page(self) -> BeautifulSoup:
        return BeautifulSoup(self.text, "html.parser")

    @property
    def is_html(self) -> bool:
        return self.response.mimetype == "text/html" and bool(self.data)

    def said(self, selector: str = "main") -> str:
        """The words of a part of the page, with single spaces."""
        return " ".join(" ".join(part.get_text(" ") for part in self.page.select(selector)).split())

    @property
    def counted(self) -> int:
        """How many leads, or activities, a list says there are."""
        said = self.said("#lead-list [role=status]") or self.said("h1")
        return 1 if said.startswith("One") else int(said.split()[0])


class Browser:
    """One person's browser: `get`, `post` and `sign_in`; every page it is shown is checked."""

    def __init__(self, app: Flask):
        self.app = app
        self.client = app.test_client()
        self.last: BeautifulSoup | None = None

    def sign_in(self, who: Actor) -> "Browser":
        answer = self.post("sessions.create", {"email": who.email, "password": PASSWORD})
        assert answer.hops, answer.said()
        return self

    def get(self, endpoint: str, htmx: bool = False, target: str | None = None, **values) -> Answer:
        return self.open("GET", self.url(endpoint, **values), htmx=htmx, target=target)

    def post(self, endpoint: str, data: dict | None = None, htmx=False, target=None, **values) -> Answer:
        """Fill in the form with this address and send it; None leaves a control out.

        Where the form is not on the last page, the page that has it is opened first.
        """
        url = self.url(endpoint, **values)
        sent = self.filled(url, endpoint, values) | (data or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        return self.open("POST", url, htmx=htmx, target=target, data=sent)

    def open(self, method: str, url: str, htmx=False, target=None, follow=True, headers=None, **options) -> Answer:
        sent = dict(headers or {})
        if htmx:
            target = target or "main"
            sent |= {"HX-Request": "true", "HX-Target": target, "HX-Boosted": "true"}
        hops = []
        response, queries = self._counted(method, url, sent, options)
        while follow and response.status_code in REDIRECTS:
            hops.append((response.status_code, response.headers["Location"]))
            assert not urlsplit(response.headers["Location"]).netloc, "a redirect to elsewhere"
            response, queries = self._counted("GET", response.headers["Location"], sent, {})
        answer = Answer(response, target if htmx else None, hops, queries)
        self._look_at(answer)
        return answer

    def ask(self, method: str, url: str, **options):
        """The answer as it came, not looked at. In an empty context: the tests' app context is not there."""
        response = Context().run(self.client.open, url, method=method, buffered=True, **options)
        response.get_data()
        response.close()
        return response

    def url(self, endpoint: str, **values) -> str:
        with self.app.test_request_context():
            return self.app.url_for(endpoint, **values)

    def tokens(self) -> dict:
        """A token of this session and a nonce, from whatever page has them."""
        token = self.open("GET", "/account").page.select_one("[name=csrf_token]")["value"]
        for url in ("/leads/new", "/front-desk?phone=0501112233"):
            if nonce := self.open("GET", url).page.select_one("[name=nonce]"):
                return {"csrf_token": token, "nonce": nonce["value"]}
        return {"csrf_token": token}

    def filled(self, url: str, endpoint: str, values: dict) -> dict:
        """What the form with this address would send, untouched."""
        form = self._form(url)
        if form is None:
            self._open_page_of(endpoint, values)
            form = self._form(url)
        return controls(form) if form else self.tokens()

    def _form(self, url: str):
        path = urlsplit(url).path
        for form in self.last.select("form[method=post]") if self.last else ():
            # The one-press forms of the first pages ask for nothing.
            short_cut = form.select_one("[name=next]:is([value='/'], [value='/desk'])")
            if urlsplit(form.get("action") or self.at).path == path and not short_cut:
                return form
        return None

    def _open_page_of(self, endpoint: str, values: dict) -> None:
        noun = endpoint.partition(".")[0]
        if endpoint == "sessions.create":
            self.get("sessions.new", **values)
        elif endpoint == "users.prefer":
            self.get("users.account")
        elif endpoint == "leads.capture":
            if self.get("leads.new").status_code == 403:
                self.get("front_desk.show", phone="0501112233")
        elif endpoint == "leads.amend":
            self.get("leads.edit", **values)
        elif "lead_id" in values and noun in ("stops", "consents"):
            self.get("stops.show", lead_id=values["lead_id"])
        elif "lead_id" in values and noun in (*LEAD_FORMS, "leads"):
            self.get("leads.show", lead_id=values["lead_id"])

    def _counted(self, method, url, headers, options):
        """The answer and how many statements it took. In an empty context: the tests' app context is not there."""
        count = [0]

        def seen(*_arguments):
            count[0] += 1

        engine = db.engine
        event.listen(engine, "before_cursor_execute", seen)
        try:
            response = Context().run(self.client.open, url, method=method, headers=headers, buffered=True, **options)
        finally:
            event.remove(engine, "before_cursor_execute", seen)
        return response, count[0]

    def _look_at(self, answer: Answer) -> None:
        assert answer.status_code != 500, answer.path
        if not answer.is_html or answer.status_code in REDIRECTS:
            return
        page = answer.page
        found = faults(page, answer.text)
        assert not found, (answer.path, answer.status_code, found)
        if page.html or page.main:
            self.last, self.at = page, answer.path


def controls(form) -> dict:
    """The successful controls of a form, as a browser sends them without a button."""
    sent = {}
    for control in form.select("input[name], select[name], textarea[name]"):
        kind = control.get("type", "text")
        if kind in ("radio", "checkbox") and not control.has_attr("checked"):
            continue
        if control.name == "select":
            chosen = control.select_one("option[selected]") or control.select_one("option")
            sent[control["name"]] = chosen.get("value", "") if chosen else ""
        elif control.name == "textarea":
            sent[control["name"]] = control.get_text()
        else:
            sent[control["name"]] = control.get("value", "")
    return sent
