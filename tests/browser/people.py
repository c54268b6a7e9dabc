"""People at a browser: what they open is watched, and nothing unexpected may happen there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.production import PASSWORD, Office
from webapp.services.access import Actor

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}

# Said aloud by every page, before anything of ours runs: what its policy forbids is a complaint of its own.
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation",
  ({ violatedDirective, blockedURI }) => console.error(`POLICY: ${violatedDirective} ${blockedURI}`));
"""
# What a browser says on its own about a form that was refused.
REFUSED = re.compile(r"status of (409|422)|Response Status Error Code (409|422) from")


@dataclass
class Watch:
    """What one person's browser complained about, what its policy forbade, and which other hosts it asked (B2, B5)."""

    own: str
    complaints: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    requests: int = 0

    def over(self, context: BrowserContext) -> None:
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self.heard)
        context.on("weberror", lambda error: self.complaints.append(f"page error: {error.error}"))
        context.on("request", self.asked)
        context.on("dialog", self.interrupted)

    def heard(self, message) -> None:
        if message.text.startswith("POLICY:"):
            self.forbidden.append(message.text)
        elif message.type in ("error", "warning"):
            self.complaints.append(message.text + " " + str(message.location))

    def asked(self, request) -> None:
        self.requests += 1
        if not request.url.startswith((self.own, "data:")):
            self.elsewhere.append(request.url)

    def interrupted(self, dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def calm(self, expected: re.Pattern = REFUSED) -> None:
        """Nothing but what was expected has happened since the last look."""
        unexpected = [text for text in self.complaints if not expected.search(text)]
        self.complaints.clear()
        assert not unexpected, unexpected
        self.proper()

    def proper(self) -> None:
        """Nothing was asked of another host, forbidden by the policy or said in a dialog, from the first page on."""
        assert not self.elsewhere, self.elsewhere
        assert not self.forbidden, self.forbidden
        assert not self.dialogs, self.dialogs


@dataclass
class Person:
    """Somebody signed in, with one page open."""

    page: Page
    watch: Watch
    office: Office

    def open(self, path: str) -> Page:
        self.page.goto(self.office.url + path)
        return self.page

    def calm(self) -> None:
        self.watch.calm()


@dataclass
class Door:
    """Opens a browser of its own for each person."""

    browser: Browser
    office: Office
    contexts: list[BrowserContext] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)

    def stranger(self, *, viewport=DESKTOP, javascript: bool = True, **options) -> Person:
        """Somebody who has not signed in, at a closed page."""
        context = self.browser.new_context(
            viewport=viewport, java_script_enabled=javascript, locale="en-GB", timezone_id="Asia/Dubai", **options
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        watch = Watch(self.office.url)
        watch.over(context)
        self.watches.append(watch)
        return Person(context.new_page(), watch, self.office)

    def admit(self, who: Actor, **options) -> Person:
        """Somebody who has signed in by the page and stands on their first page."""
        person = self.stranger(**options)
        person.open("/login")
        sign_in(person.page, who)
        return person

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        for watch in self.watches:
            watch.proper()


def sign_in(page: Page, who: Actor) -> None:
    """Fill in the login page that is open."""
    page.get_by_label("Work e-mail").fill(who.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("nav.side")).to_be_attached()
    # Keys are heard from here on.
    page.wait_for_load_state()


def choose(page: Page, group: str, choice: str) -> None:
    """Press one of the buttons that stand for a few choices."""
    page.get_by_role("group", name=group, exact=True).get_by_text(choice, exact=True).click()


@contextmanager
def unreachable(page: Page, address: re.Pattern) -> Iterator[None]:
    """The connection breaks whenever a form is sent to this address."""

    def cut(route: Route) -> None:
        if route.request.method == "POST":
            route.abort("connectionfailed")
        else:
            route.continue_()

    page.route(address, cut)
    yield
    page.unroute(address)
