"""Everything that can be written is written without JavaScript too; nobody shows our pages inside theirs (B6)."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PHONE
from tests.factories import sql
from tests.web.places import Desk, Place
from tests.web.reach import BY_MACHINES
from webapp.vocabulary import Role

pytestmark = [pytest.mark.browser, pytest.mark.row("B6")]

# Signing in and out; and what is in a toast only after something was done: tests/browser/test_lead_page.py.
ELSEWHERE = {
    *("sessions.create", "sessions.end", "deeds.undo", "exports.take"),
    *("agents.leave", "agents.bring_back", "merges.undo", "privacy.export", "privacy.erase"),
    *("scoring.start", "scoring.discard", "scoring.put", "scoring.switch", "scoring.move", "scoring.remove"),
    *("scoring.apply", "scoring.apply_again"),
    *("links.choose", "links.make", "users.change_password", "users.end_others", "users.choose_mail"),
}
"""Walked by other tests: a file leads to no page (tests/web/test_exports.py), passwords and links are good once
(tests/web/test_links.py, tests/web/test_users.py), e-mail is chosen where the office has a mail server (there too),
whoever leaves holds nothing (tests/web/test_workload.py),
rules are changed in one draft (tests/browser/test_scoring.py),
the leads here were never two (tests/web/test_merges.py), and whoever erases a person knows their number
(tests/browser/test_check_ins.py)."""


STANDING = {
    "enquiries.bring_back": "UPDATE enquiries SET state = 'ignored', why = 'broker' WHERE enquiry_id = %s",
    "enquiries.retry": """INSERT INTO deliveries (source, external_id, payload, state, enquiry_id)
                          VALUES ('bayut', '2', '{"id": "1"}', 'taken', %s)""",
}
"""How an enquiry stands whose page has this form."""


def of(row: dict, rooms, url: str) -> str:
    """The same address, of another lead's."""
    for known in rooms.rows:
        for name, found in known.items():
            url = url.replace(str(found), str(row.get(name)))
    return url


def fill_in(page: Page, form, answers: dict[str, str]) -> None:
    """Answer what the form asks, in the boxes that it shows."""
    for name, answer in answers.items():
        box = form.locator(f"[name={name}]:not([type=hidden])")
        if box.count() > 1 and form.locator(f"select[name={name}]").count():
            continue  # one for each column of a file, as it is proposed
        date, _sep, time = answer.partition("T")
        if form.locator(f"[name={name}_time]").count():
            box.fill(date)
            form.locator(f"[name={name}_time]").fill(time)
        elif form.locator(f"select[name={name}]").count():
            box.select_option(answer)
        elif form.locator(f"[name={name}][type=radio]").count():
            form.locator(f"[name={name}][value={answer}]").check()
        elif box.count():
            box.fill(answer)


def unfold(page: Page, form: str) -> None:
    """Open what a form is folded away in, from the outside."""
    for _fold in range(page.locator(f"details:has({form})").count()):
        folded = page.locator(f"details:not([open]):has({form}) > summary")
        if folded.count():
            folded.first.click()


def sent(page: Page, url: str, place: Place, answers: dict[str, str]) -> int:
    """The status of the page that comes when somebody fills in a form and presses its button."""
    form = f"form[method=post][action='{url}']"
    unfold(page, form)
    fill_in(page, page.locator(form).first, answers)
    for chosen in page.locator(form).first.locator("[type=file]").all():
        chosen.set_input_files(
            {"name": "leads.csv", "mimeType": "text/csv", "buffer": b"Name,Phone\nLayla,0501234567\n"}
        )
    buttons = page.locator(form).first.locator("button:not([type=button])")
    if not buttons.count():  # one form of many rows, each with its button
        theirs = f"button[form='{page.locator(form).first.get_attribute('id')}']"
        unfold(page, theirs)
        buttons = page.locator(theirs)
    with page.expect_navigation() as answered:
        buttons.first.click()
    return answered.value.status


def test_every_form_works(door, rooms, figure):
    desk, working, broken = Desk(rooms, full=False), 0, []
    # The board's buttons are in the menus of its cards: tests/browser/test_board.py.
    found = [one for one in desk.found.values() if not one[1].page.startswith("/leads/board")]
    places = {place.endpoint: (browser, place) for browser, place in found[::-1]}
    writes = {rule.endpoint for rule in rooms.app.url_map.iter_rules() if "POST" in rule.methods}
    writes -= ELSEWHERE | BY_MACHINES
    people = {Role.RECEPTIONIST: rooms.noor, Role.MANAGER: rooms.mariam, Role.ADMIN: rooms.omar}
    persons = {role: door.admit(who, viewport=PHONE, javascript=False) for role, who in people.items()}
    persons[None] = door.stranger(viewport=PHONE, javascript=False)
    for endpoint in sorted(writes):
        sql("DELETE FROM leads WHERE lead_id <> ALL(%s)", rooms.kept)  # a full calendar or desk takes nothing
        browser, place = places[endpoint]
        page = persons[next(role for role, one in desk.browsers.items() if one is browser)].page
        row = rooms.lead("own, closed" if endpoint == "leads.open_again" else "own")
        answers = {name: text for name, text in rooms.body(endpoint, "").items() if name in place.typed}
        if endpoint in STANDING:
            sql(STANDING[endpoint], row["enquiry_id"])
        before = rooms.state()
        at = of(row, rooms, place.page)
        page.goto(door.office.url + at)
        status = sent(page, place.url if at == place.page else of(row, rooms, place.url), place, answers)
        works = status == 200 and rooms.state() != before and not page.locator(".error-words").count()
        working += works
        if not works:
            broken.append((endpoint, place.page, status, page.locator("main").inner_text()[:200]))

    figure("B6", "forms that work without JavaScript", working)
    figure("B6", "forms", len(writes))
    assert broken == []


def test_a_page_of_somebody_else_cannot_hold_ours(office, chromium):
    around = chromium.new_page()
    around.route(
        "http://elsewhere.example/",
        lambda route: route.fulfill(
            content_type="text/html", body=f"<title>Elsewhere</title><iframe src='{office.url}/login'></iframe>"
        ),
    )
    around.goto("http://elsewhere.example/")
    expect(around).to_have_title("Elsewhere")
    inside = around.frames[1]

    assert inside.url.startswith("chrome-error:")
    assert "Sign in" not in inside.content()
    around.close()
