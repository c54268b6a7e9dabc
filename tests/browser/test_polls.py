"""What pages ask by themselves fails in silence, disturbs nobody and is asked again (B4)."""

import re
from functools import partial

import pytest
from playwright.sync_api import Page

from tests.browser.test_failures import FAILURES

pytestmark = [pytest.mark.browser, pytest.mark.row("B4")]

ASKED_BY_THEMSELVES = re.compile(r"/notices/bell|/front-desk/visitors|/$")


@pytest.mark.parametrize("path", ["/front-desk", "/"])
def test_they_fail_in_silence(door, rooms, path, full, figure):
    mariam = door.admit(rooms.mariam)
    page = mariam.page
    page.clock.install()
    mariam.open(path)
    page.locator("#q").fill("half a number")
    asked = []
    for failure in FAILURES if full else FAILURES[::5]:
        before = state(page)
        page.route(ASKED_BY_THEMSELVES, partial(fail, failure, asked))
        page.clock.fast_forward(11_000)
        page.evaluate("htmx.trigger(document.body, 'news')")
        page.wait_for_function("() => !document.querySelector('.htmx-request')")
        page.unroute_all()
        assert state(page) == before, failure

    figure("B4", f"polls that failed in silence on {path}", len(asked))
    assert len(asked) >= 5
    mariam.watch.complaints.clear()


def test_a_page_that_nobody_looks_at_does_not_ask_for_news(door, rooms):
    mariam = door.admit(rooms.mariam)
    page, asked = mariam.page, []
    page.clock.install()
    mariam.open("/")
    page.on("request", lambda request: asked.append(request.url) if "/notices/bell" in request.url else None)
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })")
    page.clock.fast_forward(21_000)
    assert asked == []

    page.evaluate("delete document.hidden")
    with page.expect_response(re.compile("/notices/bell")):
        page.clock.fast_forward(5_000)


def fail(failure, asked: list, route) -> None:
    asked.append(route.request.url)
    if failure.status:
        ours = {"HX-Retarget": "#main", "HX-Redirect": "/login"} if failure.ours else {}
        return route.fulfill(status=failure.status, headers=ours, body="<h1>nginx</h1>")
    return route.abort("internetdisconnected")


def state(page: Page) -> list:
    """What somebody sees of a page, and where they are on it."""
    return page.evaluate("""() => [
      location.href, document.querySelector("main").innerText.replace(/\\d\\d:\\d\\d/g, "now"),
      document.querySelectorAll("body *").length,
      document.querySelector("#toasts").innerText, document.activeElement.id, document.getElementById("q").value]""")
