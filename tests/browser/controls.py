"""Everything on the pages that sends a request by htmx, found by what htmx itself listens to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ElementHandle, Page, expect

from tests.browser.people import Person

AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Elements with an hx-get or hx-post of their own, and links and forms that htmx has boosted.
FIND = """() => !window.htmx ? [] : [...document.querySelectorAll("body *")].map((element, at) => {
  const { boosted, path } = element["htmx-internal-data"] ?? {};
  const own = element.getAttribute("hx-get") ?? element.getAttribute("hx-post");
  if (!boosted && own === null) return null;
  const trigger = element.getAttribute("hx-trigger") ?? "";
  const fields = [...(element.elements ?? [])].filter((box) => box.name && box.matches(
    "input:not([type=hidden], [type=submit]), textarea, select")).map((box) => box.name);
  return { at, tag: element.localName, trigger, fields,
           verb: own === null ? element.method ?? "get" : element.hasAttribute("hx-post") ? "post" : "get",
           address: own ?? path ?? element.action ?? element.href,
           target: htmx.closest(element, "[hx-target]")?.getAttribute("hx-target") ?? "" };
}).filter(Boolean)"""
USE = """(element) => {
  if (element.matches("form")) {
    const button = element.querySelector("button:not([type=button])");
    if (button) button.click(); else element.requestSubmit();
  } else if (element.matches("input")) {
    element.value = "0501234" + Math.floor(Math.random() * 900 + 100);
    element.dispatchEvent(new Event("input", { bubbles: true }));
  } else element.click();
}"""


@dataclass(frozen=True)
class Control:
    """Something that people press or type into, or that asks by itself, and the page it is on."""

    page: str
    at: int = field(compare=False)
    tag: str
    verb: str
    address: str
    trigger: str
    target: str
    fields: tuple[str, ...]

    @property
    def route(self) -> str:
        """Where it asks, whichever row it is about."""
        return AN_ID.sub("<id>", urlsplit(self.address).path)

    @property
    def key(self) -> tuple:
        return self.tag, self.verb, self.route, self.trigger, self.target, self.fields

    @property
    def kind(self) -> tuple:
        """What else behaves like it: where it asks makes no difference."""
        return self.tag, self.verb, self.trigger, self.target, bool(self.fields)

    @property
    def asks_by_itself(self) -> bool:
        return self.trigger.startswith(("every", "news"))

    def on(self, page: Page) -> ElementHandle:
        """The element, on its page that is open."""
        at = next(found.at for found in _on(page, self.page) if found == self)
        return page.query_selector_all("body *")[at]

    def use(self, page: Page) -> None:
        self.on(page).evaluate(USE)


def controls(person: Person, urls: list[str]) -> Iterator[Control]:
    """The controls of these pages."""
    for url in urls:
        person.open(url)
        yield from _on(person.page, url)


def _on(page: Page, url: str) -> Iterator[Control]:
    expect(page.locator("[hx-trigger=load], .htmx-settling, .htmx-added")).to_have_count(0)
    for found in page.evaluate(FIND):
        yield Control(url, **found | {"fields": tuple(found["fields"])})


def distinct(found: Iterator[Control], *, full: bool) -> list[Control]:
    """Each control once; in the small size each kind of control once."""
    return list({control.key if full else control.kind: control for control in found}.values())
