"""What holds for every page that anybody is shown."""

import re

from bs4 import BeautifulSoup

CONTROLS = "input:not([type=hidden], [type=submit]), select, textarea"
POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls")
LEFT_OVER = re.compile(r"\b(None|nan|undefined|datetime|Decimal)\b|\{\{|\}\}|%\(")


def faults(page: BeautifulSoup, html: str) -> list[str]:
    """What is wrong with a page, or with the fragment that htmx takes into one."""
    found = [*_markup(page), *_forms(page), *_words(page)]
    if page.html or page.main:
        found += _headings(page)
    if page.html:
        found += [*_language(page), *_pointers(page)]
        if not html.startswith("<!doctype html>"):
            found.append("the doctype is not the first thing")
    return found


def shape(page: BeautifulSoup) -> list[tuple]:
    """The elements of a page with the names of their attributes: what no data may change."""
    return [(element.name, *sorted(element.attrs)) for element in page.find_all(True)]


def _headings(page):
    if len(page.select("h1")) != 1:
        yield f"{len(page.select('h1'))} h1"
    titles = [title for title in page.select("title") if not title.find_parent("svg")]
    if len(titles) != 1 or len(titles[0].get_text(strip=True)) < 5:
        yield f"{len(titles)} titles: {titles}"


def _markup(page):
    seen = [element["id"] for element in page.select("[id]")]
    yield from (f"id {name} twice" for name in sorted({name for name in seen if seen.count(name) > 1}))
    for element in page.find_all(True):
        for name in element.attrs:
            if name == "style" or name.startswith(("on", "hx-on", "data-hx-on")):
                yield f"{name}= at <{element.name}>"
        for name in ("href", "action", "hx-get", "hx-post"):
            if re.match(r"\s*(javascript|data|vbscript):", str(element.get(name, "")), re.IGNORECASE):
                yield f"{name}={element[name]}"
    for script in page.select("script"):
        if script.get_text(strip=True) or not script.get("src", "").startswith("/static/"):
            yield f"a script that is not ours: {script}"
    yield from (f"an inline <{element.name}>" for element in page.select("style, base, iframe, object, embed"))


def _forms(page):
    for control in page.select(CONTROLS):
        labels = page.select(f'label[for="{control["id"]}"]') if control.get("id") else []
        around = control.find_parent("label")
        named = control.get("aria-label") or control.get("aria-labelledby") or around or labels
        if not named or (labels and not labels[0].get_text(strip=True)):
            yield f"no label: {control}"
    for form in page.select("form[method=post]"):
        if len(form.select("input[name=csrf_token]")) != 1:
            yield f"no csrf_token: {form.get('action')}"
    for button in page.select("button, a[href]"):
        if not (button.get_text(strip=True) or button.get("aria-label")):
            yield f"nothing to read: {button}"


def _words(page):
    if left_over := LEFT_OVER.search(page.get_text(" ")):
        yield f"left over: {left_over.group()}"
    for element in page.find_all(True):
        yield from (f"{name}=None at <{element.name}>" for name, value in element.attrs.items() if value == "None")


def _language(page):
    language, direction = page.html.get("lang"), page.html.get("dir")
    if (language, direction) not in (("en", "ltr"), ("ar", "rtl")):
        yield f"lang={language} dir={direction}"


def _pointers(page):
    known = {element["id"] for element in page.select("[id]")}
    for name in POINTERS:
        for element in page.select(f"[{name}]"):
            value = element[name]
            for target in value if isinstance(value, list) else value.split():
                if target not in known:
                    yield f"{name}={target} points nowhere"
