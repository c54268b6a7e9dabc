"""What attackers type is text on every page, for every role: nothing runs, nothing is added, nobody else is asked."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import choose
from tests.factories import sql, value
from tests.web.payloads import PAYLOADS, type_everywhere
from tests.web.places import pages
from webapp.vocabulary import Role

pytestmark = [pytest.mark.browser, pytest.mark.row("I11", "B2", "B5")]

# The elements of a page with the names of their attributes: what no words may change. Which of the options in order of
# their names is the one that is selected is a matter of words, and so is whose name looks like another's.
SHAPE = """() => [...document.querySelectorAll(":not([aria-labelledby=perhaps], [aria-labelledby=perhaps] *)")].map(
  (element) =>
  [element.localName, ...element.getAttributeNames().sort()].filter((name) =>
    !["data-tended", "selected"].includes(name)).join(" "))"""


SMALL = (2, 3)
"""Without --full an agent looks at one payload in each place, and an admin, who sees what managers see, at the next."""


class Visit:
    """Everybody at their browsers, looking at the pages of one lead after the other."""

    def __init__(self, door, rooms):
        people = {Role.MANAGER: rooms.mariam, Role.RECEPTIONIST: rooms.noor}
        people |= {Role.AGENT: rooms.aisha, Role.ADMIN: rooms.omar}
        self.persons = {role: door.admit(who) for role, who in people.items()}
        self.urls = [(role, list(pages(rooms, role, [row]))) for row in rooms.rows for role in people]
        self.looked_at = 0

    def shapes(self, turn: int) -> dict[str, list[str]]:
        """The pages of one role, of one lead; each turn it is another one's."""
        role, urls = self.urls[turn % len(self.urls)]
        person, found = self.persons[role], {}
        for url in urls:
            person.open(url)
            expect(person.page.locator("[hx-trigger=load], .htmx-settling, .htmx-added")).to_have_count(0)
            found[f"{role} {url}"] = person.page.evaluate(SHAPE)
            self.looked_at += 1
        return found

    def count(self, what: str) -> int:
        return sum(len(getattr(person.watch, what)) for person in self.persons.values())


def test_no_payload_runs_adds_anything_or_asks_anybody(door, rooms, full, figure):
    visit, wrong, expected = Visit(door, rooms), [], {}
    type_everywhere([f"harmless words {number}" for number in range(len(PAYLOADS))])
    turns = range(len(PAYLOADS)) if full else SMALL
    for turn in {turn % len(visit.urls): turn for turn in turns}.values():
        expected |= visit.shapes(turn)
    for turn in turns:
        columns = type_everywhere(PAYLOADS[turn:] + PAYLOADS[:turn])
        wrong += [(turn, place) for place, shape in visit.shapes(turn).items() if shape != expected[place]]

    figure("I11", "payloads in each column, in a browser", len(turns))
    figure("I11", "columns of free words, in a browser", len(columns))
    figure("I11", "executed", visit.count("dialogs"))
    figure("I11", "pages with an element or attribute more or less, in a browser", len(wrong))
    figure("B2", "pages looked at", visit.looked_at)
    figure("B2", "violations of the policy", visit.count("forbidden"))
    figure("B5", "requests", sum(person.watch.requests for person in visit.persons.values()))
    figure("B5", "requests to others", visit.count("elsewhere"))
    assert wrong == []
    for person in visit.persons.values():
        person.calm()


def test_toasts_and_refused_forms_show_text_too(door, rooms, full):
    """The news of a lead with each name, what a form says of an agent, and a form that comes back."""
    mariam = door.admit(rooms.mariam)
    page, lead = mariam.page, rooms.leads["own"]["lead_id"]
    page.clock.install()
    for payload in PAYLOADS if full else PAYLOADS[::12]:
        type_everywhere([payload])
        mariam.open(f"/leads/{lead}")
        sql(
            "INSERT INTO notices (user_id, kind, lead_id) VALUES (%s, 'repeat_enquiry', %s)", rooms.mariam.user_id, lead
        )
        page.clock.fast_forward(4_000)
        expect(page.locator("#toasts .toast-note")).to_contain_text(payload.strip())
        assert page.locator("#toasts .toast-note > span > *").count() == 0
        choose(page, "What happened", "Call")
        page.get_by_label("What was said").fill(payload)
        page.locator("#activity-form [name=next_due_date]").fill("2031-05-06")
        page.get_by_role("button", name="Save activity").click()
        expect(page.locator("#activity-form .field-error").first).to_be_visible()
        expect(page.get_by_label("What was said")).to_have_value(payload)
    assert value("SELECT count(*) FROM leads WHERE last_name = %s", payload[:100]) > 0
    mariam.calm()
