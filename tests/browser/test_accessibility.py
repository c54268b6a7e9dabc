"""Every page of every role, in both languages, both colours and on both screens: no axe violation."""

import re
from dataclasses import dataclass
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.people import DESKTOP, PHONE, Person
from tests.factories import a_capture, a_lead, brought_to, busy, sql, value
from webapp.extensions import db
from webapp.services import activities, listings, privacy, tasks
from webapp.services.access import SYSTEM
from webapp.services.leads import Origin
from webapp.vocabulary import ActivityType, Channel, ErasureReason, Outcome, PropertyType, Source, Status, TaskType

pytestmark = pytest.mark.browser

KNOWN = "+971501234567"
ERROR_PAGES = re.compile(r"status of (403|404|409|422)|Response Status Error Code (409|422) from")


@dataclass(frozen=True)
class Look:
    """How somebody has set their pages."""

    language: str
    theme: str
    size: dict

    @property
    def label(self) -> str:
        return f"{self.language} {self.theme} {self.size['width']}"


LOOKS = [
    Look(language, theme, size) for language in ("en", "ar") for theme in ("light", "dark") for size in (DESKTOP, PHONE)
]
# Each language, colour and screen once without --full.
SMALL = (Look("en", "light", DESKTOP), Look("ar", "dark", PHONE))


@pytest.fixture(params=[pytest.param(x, id=x.label, marks=[] if x in SMALL else [pytest.mark.full]) for x in LOOKS])
def look(request) -> Look:
    return request.param


@dataclass(frozen=True)
class Leads:
    """One lead in each state that has a page of its own look."""

    fresh: str
    worked: str
    won: str
    lost: str
    unowned: str


@pytest.fixture
def leads(cast) -> Leads:
    """Something of everything: worked, won, lost, waiting at reception, owned by nobody."""
    visit = Origin(channel=Channel.VISIT)
    wish = {
        "property_type": PropertyType.APARTMENT,
        "preferred_areas": ("Dubai Marina",),
        "budget_max": Decimal(2_400_000),
    }
    fresh = a_lead(KNOWN, Source.WALK_IN, first_name="Layla", last_name="Haddad", origin=visit, **wish)
    sql(
        "INSERT INTO visits (enquiry_id, lead_id) SELECT enquiry_id, lead_id FROM enquiries WHERE lead_id = %s",
        fresh.lead_id,
    )
    worked = a_lead(first_name="عمر", last_name="حداد", **wish)
    activities.log(worked.lead_id, by=SYSTEM, type=ActivityType.CALL, outcome=Outcome.POSITIVE, notes="يريد مارينا")
    soon = value("SELECT now() + interval '5 hours'")
    tasks.schedule(worked.lead_id, tasks.FollowUp(TaskType.VIEWING, soon), by=SYSTEM)
    long_name = "Four-bedroom penthouse with a terrace, Jumeirah Beach Residence, Dubai Marina"
    penthouse = listings.add("AP-S-1001", by=SYSTEM, title=long_name, price=Decimal(12_500_000))
    sql("UPDATE lead_sources SET property_id = %s", penthouse.property_id)
    sql(
        "INSERT INTO lead_property_interests (lead_id, property_id, interest_level) VALUES (%s, %s, 'medium')",
        brought_to(worked, Status.QUALIFIED).lead_id,
        penthouse.property_id,
    )
    won = brought_to(a_lead(first_name="Noor"), Status.CONVERTED)
    lost = brought_to(a_lead(KNOWN, Source.BAYUT), Status.LOST)
    sql("UPDATE agents SET on_duty = false")
    unowned = a_capture(first_name="Sara").lead
    sql("UPDATE agents SET on_duty = true")
    made = Leads(*(str(lead.lead_id) for lead in (fresh, worked, won, lost, unowned)))
    db.session.rollback()
    return made


def set_look(person: Person, look: Look) -> None:
    """Language and colours, chosen on the account page."""
    page = person.open("/account")
    page.locator("select[name=language]").select_option(look.language)
    page.locator("select[name=theme]").select_option(look.theme)
    page.locator("form[action='/account'] button[type=submit]").click()
    html = page.locator(f"html[lang={look.language}][data-bs-theme={look.theme}]")
    expect(html).to_have_attribute("dir", "rtl" if look.language == "ar" else "ltr")


class Inspector:
    """Looks at pages and remembers what is wrong with them."""

    def __init__(self):
        self.axe = Axe()
        self.found: dict[str, list[str]] = {}
        self.looked_at = 0

    def look(self, person: Person, name: str) -> None:
        page = person.page
        expect(page.locator("h1")).to_have_count(1)
        report = self.axe.run(page)
        self.looked_at += 1
        problems = [
            f"{violation['id']}: {node['target']} {node['html'][:120]}"
            for violation in report.response["violations"]
            for node in violation["nodes"][:3]
        ]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            problems.append(f"the page is {wide} px wider than the screen")
        if problems:
            self.found[name] = problems
        person.watch.calm(ERROR_PAGES)

    def visit(self, person: Person, role: str, paths: list[str]) -> None:
        for path in paths:
            person.open(path)
            self.look(person, f"{role} {path}")


@pytest.fixture
def inspector():
    inspector = Inspector()
    yield inspector
    assert inspector.looked_at
    assert inspector.found == {}


def digits_of(lead_id: str) -> str:
    return value("SELECT right(phone, 4) FROM leads WHERE lead_id = %s", lead_id)


def admitted(door, who, look: Look) -> Person:
    person = door.admit(who, viewport=look.size)
    set_look(person, look)
    return person


def test_the_inspector_sees_a_box_without_a_label_and_a_page_that_is_too_wide(door):
    inspector, stranger = Inspector(), door.stranger()
    page = stranger.open("/login")
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate("document.querySelector('h1').style.width = '3000px'")
    inspector.look(stranger, "login")

    label, width = inspector.found["login"]
    assert label.startswith("label:") and width.endswith("px wider than the screen")


def test_the_login_page(door, look, inspector):
    stranger = door.stranger(viewport=look.size, color_scheme=look.theme)
    page = stranger.open("/login")
    if look.language == "ar":
        page.get_by_role("link", name="العربية").click()
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
    inspector.look(stranger, "login")
    page.locator("input[name=email]").fill("nobody@example.com")
    page.locator("input[name=password]").fill("wrong")
    page.locator("button[type=submit]").click()
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    inspector.look(stranger, "login, refused")


def test_the_check_in_page(door, cast, look, inspector):
    rashid = admitted(door, cast.rashid, look)
    inspector.visit(rashid, "reception", ["/front-desk/code"])
    address = rashid.page.locator("figcaption bdi").inner_text()
    visitor = door.stranger(viewport=look.size, color_scheme=look.theme)
    if look.language == "ar":
        visitor.open("/login").get_by_role("link", name="العربية").click()
    page = visitor.open(address.removeprefix(rashid.office.url))
    inspector.look(visitor, "check-in")
    page.locator("[name=phone]").fill("057 1")
    page.locator("form button").click()
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    inspector.look(visitor, "check-in, refused")
    page.locator("[name=phone]").fill("055 987 6543")
    page.locator("form button").click()
    expect(page.locator("form")).to_have_count(0)
    inspector.look(visitor, "check-in, done")
    checked_in = value("SELECT enquiry_id FROM enquiries")
    inspector.visit(rashid, "reception", ["/front-desk", f"/front-desk?check_in={checked_in}"])


def test_the_pages_of_reception(door, cast, leads, look, inspector):
    rashid = admitted(door, cast.rashid, look)
    inspector.visit(
        rashid,
        "reception",
        [
            "/front-desk",
            "/front-desk?phone=0501234567",
            "/front-desk?phone=0559876543",
            "/front-desk?phone=0571234567",
            f"/leads/{leads.fresh}",
            "/notices",
            "/account",
            "/nothing-here",
        ],
    )
    page = rashid.open("/front-desk?phone=0559876543")
    page.locator("input[name=budget_max]").fill("a lot")
    page.locator("#lead-form button[type=submit]").click()
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    inspector.look(rashid, "reception, a form refused")


def test_the_pages_of_an_agent(door, cast, leads, look, inspector):
    aisha = admitted(door, cast.aisha, look)
    for lead_id in (leads.fresh, leads.worked, leads.lost, leads.won):
        sql("UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s", cast.aisha.agent_id, lead_id)
    follow_up = value("SELECT task_id FROM follow_up_tasks WHERE type = 'viewing'")
    inspector.visit(
        aisha,
        "agent",
        [
            "/",
            "/leads",
            "/leads/board",
            f"/leads/{leads.fresh}",
            f"/leads/{leads.worked}",
            f"/leads/{leads.won}",
            f"/leads/{leads.lost}",
            f"/leads/{leads.worked}/edit",
            f"/leads/{leads.worked}/status?status=lost",
            "/leads/new",
            "/tasks",
            "/tasks?view=month",
            "/tasks?view=week&date=2030-03-14",
            f"/tasks/new?at=2030-03-14T10:00&lead={leads.worked}",
            f"/tasks/{follow_up}/completion?next=/tasks",
            f"/agents/{cast.aisha.agent_id}",
            f"/agents/{cast.aisha.agent_id}?date_range=custom&from=2030-01-01",
            "/notices",
            "/account",
            "/front-desk",
        ],
    )
    page = aisha.open(f"/leads/{leads.worked}")
    page.locator("#activity-form button[type=submit]").click()
    expect(page.locator("#activity-form .field-error")).to_have_count(1)
    inspector.look(aisha, "agent, an activity refused")


def test_a_card_that_is_moved_and_one_that_went_back(door, cast, look, inspector):
    sql("UPDATE agents SET on_duty = (agent_id = %s)", cast.aisha.agent_id)
    for name in ("Layla", "سامي"):
        a_lead(first_name=name)
    aisha = admitted(door, cast.aisha, look)
    page = aisha.open("/leads/board")
    page.locator(".lead-card", has_text="Layla").focus()
    page.keyboard.press("Enter")
    inspector.look(aisha, "agent, a card is moved")
    page.keyboard.press("Escape")
    sql("UPDATE leads SET status = 'contacted' WHERE first_name = 'Layla'")
    layla = page.locator(".lead-card", has_text="Layla")
    layla.locator(".more").click()
    layla.locator(".moves button").click()
    expect(page.locator(".lead-card.is-back")).to_be_visible()
    page.locator(".lead-card", has_text="سامي").locator(".more").click()
    inspector.look(aisha, "agent, a card that went back and an open menu")


def test_a_follow_up_that_went_back_in_the_calendar(door, cast, look, inspector):
    sql("UPDATE agents SET on_duty = (agent_id = %s)", cast.aisha.agent_id)
    for name, hour in (("Layla", 10), ("سامي", 14)):
        a_lead(first_name=name)
        latest = "lead_id = (SELECT lead_id FROM leads ORDER BY number DESC LIMIT 1)"
        sql(f"UPDATE follow_up_tasks SET due_date = timestamptz '2030-03-14 {hour}:00+04' WHERE {latest}")
    aisha = admitted(door, cast.aisha, look)
    page = aisha.open("/tasks?view=week&date=2030-03-14")
    page.set_viewport_size(look.size | {"height": 1800})
    page.locator("a.event", has_text="Layla").drag_to(page.locator("td:has(> a.event)", has_text="سامي"))
    expect(page.locator(".is-ghost")).to_be_visible()
    inspector.look(aisha, "agent, a follow-up that went back")


def test_the_pages_of_a_manager_and_an_admin(door, cast, leads, look, inspector):
    busy(cast.yousef, 45)
    for table, column in (("leads", "created_at"), ("lead_assignments", "assigned_at")):
        sql(f"UPDATE {table} SET {column} = {column} - interval '5 hours'")
    mariam = admitted(door, cast.mariam, look)
    inspector.visit(
        mariam,
        "manager",
        [
            "/",
            "/leads",
            "/leads/board",
            "/leads?status=negotiation",
            "/tasks?view=agenda",
            f"/tasks?agent={cast.aisha.agent_id}",
            f"/leads/{leads.unowned}",
            f"/leads/{leads.worked}",
            f"/leads/{leads.fresh}/status?status=lost",
            "/front-desk",
            "/notices",
            "/reports",
            "/reports/pipeline?date_range=custom",
            "/reports/conversion-rates?date_range=custom",
            "/reports/monthly-trends",
            "/reports/response-time-correlation",
            "/reports/approaching-capacity?at_least=1",
            "/reports/follow-up-timing/activities?date_range=custom",
            "/agents",
            "/agents/new",
            f"/agents/{cast.aisha.agent_id}/edit",
            f"/leads/{leads.won}/merge/{leads.fresh}",
            f"/leads/{leads.fresh}/merge/{leads.worked}",
        ],
    )
    page = mariam.page
    page.locator("#merge-form .btn-primary").click()
    expect(page.locator(".merged")).to_be_visible()
    inspector.look(mariam, "manager, a merge that can be undone")
    mariam.open(f"/leads/changes?deed=assign&owner={cast.yousef.agent_id}")
    inspector.look(mariam, "manager, a selection to hand over")
    page.locator("input[name=reason]").fill("Holiday")
    page.locator("button[name=preview]").click()
    expect(page.locator("table.data")).to_be_visible()
    inspector.look(mariam, "manager, a hand-over before it is done")
    page.locator("form .btn-primary").click()
    expect(page.locator(".handover-undo")).to_be_visible()
    inspector.look(mariam, "manager, a hand-over that can be undone")
    mariam.open(f"/agents/{cast.aisha.agent_id}/edit")
    page.locator(".leaves button").click()
    expect(page.locator(".leaves .notice")).to_be_visible()
    inspector.look(mariam, "manager, an agent who cannot leave yet")
    omar = admitted(door, cast.omar, look)
    inspector.visit(
        omar, "admin", ["/", f"/leads/{leads.fresh}", "/leads/new", f"/leads/{leads.won}/privacy", "/office"]
    )
    privacy.erase(leads.won, by=cast.omar, reason=ErasureReason.ASKED, digits=digits_of(leads.won))
    inspector.visit(omar, "admin, an erased person", [f"/leads/{leads.won}/privacy", f"/leads/{leads.won}"])
    sql("DELETE FROM users WHERE role <> 'admin'")
    inspector.visit(omar, "admin, first steps", ["/"])
