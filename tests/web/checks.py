"""What holds for every page that anybody is shown."""

import re

from bs4 import BeautifulSoup, NavigableString
from bs4.element import TemplateString

POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
LEFT_OVER = re.compile(r"\b(None|nan|undefined|datetime|Decimal)\b|\{\{|\}\}|%\(")
SCHEME = re.compile(r"\s*(javascript|data|vbscript):", re.IGNORECASE)
NOT_OURS = ("style", "base", "iframe", "object", "embed")


def faults(page: BeautifulSoup, html: str) -> list[str]:
    """What is wrong with a page, or with the fragment that htmx takes into one."""
    elements = page.find_all(True)
    ids = [element["id"] for element in elements if "id" in element.attrs]
    found = [f"id {name} twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    found += [*_markup(elements), *_forms(elements), *_words(page)]
    if page.html or page.main:
        found += _headings(elements)
    if page.html:
        found += [*_language(page), *_pointers(elements, {*ids})]
        if not html.startswith("<!doctype html>"):
            found.append("the doctype is not the first thing")
    return found


ALIKE = {"aria-labelledby": "perhaps"}


def shape(page: BeautifulSoup) -> list[tuple]:
    """The elements of a page with the names of their attributes: what no data may change.

    Which of the options in order of their names is the one that is selected is a matter of data, and so is whose name
    looks like another's.
    """
    told = [
        element for element in page.find_all(True) if not element.find_parent(attrs=ALIKE) and element.attrs != ALIKE
    ]
    return [(element.name, *sorted(set(element.attrs) - {"selected"})) for element in told]


def _markup(elements):
    for element in elements:
        for name, value in element.attrs.items():
            if name == "style" or name.startswith(("on", "hx-on", "data-hx-on")):
                yield f"{name}= at <{element.name}>"
            if value == "None":
                yield f"{name}=None at <{element.name}>"
            if name in ("href", "action", "hx-get", "hx-post") and SCHEME.match(value):
                yield f"{name}={value}"
        if element.name == "script" and (element.get_text(strip=True) or not element["src"].startswith("/static/")):
            yield f"a script that is not ours: {element}"
        if element.name in NOT_OURS:
            yield f"an inline <{element.name}>"
        if element.name in ("button", "a") and not (element.get("aria-label") or _read(element)):
            yield f"nothing to read: {element}"


def _read(element) -> str:
    """The words of an element, in a <template> too."""
    return element.get_text(strip=True, types=(NavigableString, TemplateString))


def _forms(elements):
    labelled = {element.get("for") for element in elements if element.name == "label" and element.get_text(strip=True)}
    for element in elements:
        hidden = element.name == "input" and element.get("type") in ("hidden", "submit")
        if element.name in ("input", "select", "textarea") and not hidden:
            named = element.get("aria-label") or element.get("aria-labelledby") or element.get("id") in labelled
            if not named and not element.find_parent("label"):
                yield f"no label: {element}"
        # Visitors of the website have no session: the key in the address is their form's token.
        of_visitors = (element.get("action") or "").startswith("/forms/")
        if element.name == "form" and element.get("method") == "post" and tokens(element) != (not of_visitors):
            yield f"no csrf_token: {element.get('action')}"


def tokens(form) -> int:
    """How many CSRF tokens a form sends."""
    return len(form.find_all("input", attrs={"name": "csrf_token"}))


def _headings(elements):
    headings = [element for element in elements if element.name == "h1"]
    titles = [element for element in elements if element.name == "title" and not element.find_parent("svg")]
    if len(headings) != 1 or not headings[0].get_text(strip=True):
        yield f"{len(headings)} h1"
    if len(titles) != 1 or len(titles[0].get_text(strip=True)) < 5:
        yield f"{len(titles)} titles: {titles}"


def _words(page):
    if left_over := LEFT_OVER.search(page.get_text(" ")):
        yield f"left over: {left_over.group()}"


def _language(page):
    language, direction = page.html.get("lang"), page.html.get("dir")
    if (language, direction) not in (("en", "ltr"), ("ar", "rtl")):
        yield f"lang={language} dir={direction}"


def _pointers(elements, known):
    for element in elements:
        for name in POINTERS:
            value = element.attrs.get(name, ())
            for target in value if isinstance(value, list | tuple) else value.split():
                if target not in known:
                    yield f"{name}={target} points nowhere"
