"""What pages ask by themselves fails in silence, disturbs nobody and is asked again (B4)."""

import re
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_failures import FAILURES
from tests.factories import sql

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


def fail(failure, asked: list, route) -> None:
    asked.append(route.request.url)
    if failure.status:
        ours = {"HX-Retarget": "#main", "HX-Redirect": "/login"} if failure.ours else {}
        return route.fulfill(status=failure.status, headers=ours, body="<h1>nginx</h1>")
    return route.abort("internetdisconnected")


def state(page: Page) -> list:
    """What somebody sees of a page, and where they are on it."""
    return page.evaluate("""() => [location.href, document.querySelector("main").innerText, document.querySelectorAll("body *").length,
        document.querySelector("#toasts").innerText, document.activeElement.id, document.getElementById("q").value]""")


def test_a_session_that_is_over_ends_the_polls_and_nothing_else(door, rooms):
    noor = door.admit(rooms.noor)
    page = noor.page
    page.clock.install()
    noor.open("/front-desk")
    sql("DELETE FROM sessions")
    with page.expect_response(re.compile("/notices/bell")) as bell:
        page.clock.fast_forward(11_000)
    assert bell.value.status == 401
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is here?")
    expect(page).to_have_url(f"{noor.office.url}/front-desk")
    noor.watch.calm(re.compile("status of 401|Code 401 from"))
