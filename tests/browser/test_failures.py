"""Whatever goes wrong with a request that somebody made is said in words, where they are, and what they typed stays."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from urllib.parse import urlsplit

import pytest
from flask import g
from playwright.sync_api import Page, Route, TimeoutError

from tests.browser.controls import Control, controls, distinct
from tests.factories import sql
from tests.web.places import pages
from webapp import error_pages
from webapp.vocabulary import Role

pytestmark = [pytest.mark.browser]

SENTENCE = "This is why it was refused."
OF_OURS = (400, 403, 404, 409, 413, 422, 429, 500, 503)
WORDS = re.compile(r"\w+( \S+){2,}")
LONG_PAST = "interval '30 days'"
OVER = "a session that is over"


@dataclass(frozen=True)
class Failure:
    """What happens to a request instead of an answer."""

    name: str
    status: int = 0
    ours: bool = False

    @property
    def can_be_tried_again(self) -> bool:
        return not self.ours or self.status in (429, 500, 503)


FAILURES = [
    Failure("offline"),
    *(Failure(f"{status} of ours", status, ours=True) for status in OF_OURS),
    Failure("no answer in time"),
    *(Failure(f"{status} of a gateway", status) for status in (*OF_OURS, 401, 502)),
]
ROLES = [role if role == Role.MANAGER else pytest.param(role, marks=pytest.mark.full) for role in Role]
"""A manager's pages have controls of every kind."""

SEEN = """(sentence) => {
  const toast = document.querySelector("#toasts [role=alert]");
  const said = toast ?? document.querySelector("main .error-words");
  if (!said || document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")) return null;
  const at = document.activeElement;
  return { words: said.innerText, visible: said.checkVisibility(), again: !!toast?.querySelector("[data-again]"),
           focus: at !== document.body && (said.contains(at) || at.contains(said)) };
}"""
TYPED = """() => [...document.querySelectorAll("main form:not([role=search]) :is(input, textarea, select)")]
  .map((box) => box.value)"""
TYPE = """(form) => [...form.elements ?? []].forEach((box) => {
  if (box.matches("textarea, input:not([type]), input[type=text]")) box.value = "typed before";
})"""


@dataclass
class Trouble:
    """What one control asks for fails, in one way."""

    office: object
    page: Page
    control: Control
    failure: Failure
    waiting: list[Route] = field(default_factory=list)
    asked: int = 0

    @contextmanager
    def at_work(self) -> Iterator["Trouble"]:
        """Only for so long: a browser that is watched like this keeps no files, and opening pages would take long."""
        path = urlsplit(self.control.address).path
        self.page.route(lambda url: urlsplit(url).path == path, self.answer)
        self.page.evaluate("(time) => { htmx.config.timeout = time }", 20_000 if self.failure.status else 400)
        yield self
        for route in self.waiting:
            route.abort()
        self.page.unroute_all()

    def answer(self, route: Route) -> None:
        if "hx-request" not in route.request.headers:
            return route.continue_()
        self.asked += 1
        if self.failure.name == "offline":
            return route.abort("internetdisconnected")
        if self.failure.ours:
            return route.fulfill(**self.said(route.request))
        if self.failure.status:
            return route.fulfill(status=self.failure.status, content_type="text/html", body="<h1>nginx</h1>")
        return self.waiting.append(route)

    def said(self, request) -> dict:
        """What our server answers in such a case, in our server's own words."""
        with self.office.app.test_request_context(request.url, method=request.method, headers=request.headers):
            g.actor = None
            answer = error_pages.page(self.failure.status, SENTENCE)
            return {"status": answer.status_code, "headers": dict(answer.headers), "body": answer.get_data()}

    def wrong(self) -> str | None:
        """What is wrong with how the failure is said; None where it is seen, heard and leaves a way on."""
        try:
            found = self.page.wait_for_function(SEEN).json_value()
        except TimeoutError:
            return "nothing is seen"
        if not found["visible"] or not WORDS.search(found["words"]):
            return "no words"
        if self.failure.ours and SENTENCE not in found["words"]:
            return f"other words: {found['words']}"
        if not found["focus"]:
            return "the focus did not move"
        if self.failure.can_be_tried_again and not found["again"]:
            return "no way to try again"
        return None

    def happens(self) -> str | None:
        """The control is used and, where that makes sense, used again; what is wrong with what is seen of it."""
        self.control.on(self.page).evaluate(TYPE)
        before = self.page.evaluate(TYPED)
        self.control.use(self.page)
        if wrong := self.wrong():
            return wrong
        if (self.failure.can_be_tried_again or self.control.verb == "post") and self.page.evaluate(TYPED) != before:
            return "what was typed is gone"
        if self.failure.can_be_tried_again:
            self.page.get_by_role("button", name="Try again").click()
            return self.wrong() or (None if self.asked == 2 else f"asked {self.asked} times")
        return None


@pytest.fixture
def people(rooms):
    """Who has the pages of each role."""
    return {
        Role.RECEPTIONIST: rooms.noor,
        Role.AGENT: rooms.aisha,
        Role.MANAGER: rooms.mariam,
        Role.ADMIN: rooms.omar,
    }


@pytest.mark.row("B4", "S8")
@pytest.mark.parametrize("role", ROLES)
def test_every_failure_of_every_control_is_seen(office, door, rooms, people, role, full, figure):
    person = door.admit(people[role])
    page, endless, silent, tally = person.page, cycle(FAILURES), [], Counter()
    urls = list(pages(rooms, role, rooms.rows if full else rooms.rows[:1]))
    found = distinct(controls(person, urls), full=full)
    for control in (control for control in found if not control.asks_by_itself):
        person.open(control.page)
        tally["controls"] += 1
        for failure in FAILURES if full else islice(endless, 2):
            tally["failures"] += 1
            with Trouble(office, page, control, failure).at_work() as trouble:
                if wrong := trouble.happens():
                    silent.append((control, failure.name, wrong))
            page.evaluate("document.getElementById('toasts').replaceChildren()")
            if wrong or page.locator("main .error-words").count():
                person.open(control.page)
        sql(f"UPDATE sessions SET last_seen_at = last_seen_at - {LONG_PAST}")
        control.use(page)
        page.wait_for_url("**/login**")
        whole = page.locator("main.door").count() == 1 and page.locator("nav").count() == 0
        if not whole or "Sign in to go on where you were." not in page.locator("main").inner_text():
            silent.append((control, OVER, page.url))
        sql(f"UPDATE sessions SET last_seen_at = last_seen_at + {LONG_PAST}")

    partly = sum(1 for _control, what, _wrong in silent if what == OVER)
    figure("B4", f"controls of htmx, {role}", tally["controls"])
    figure("B4", f"failures forced on them, {role}", tally["failures"])
    figure("B4", f"silent failures, {role}", len(silent) - partly)
    figure("S8", f"controls used when the session was over, {role}", tally["controls"])
    figure("S8", f"answers that were not the whole login page, {role}", partly)
    assert silent == []
    person.watch.complaints.clear()
