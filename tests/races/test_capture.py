"""Many captures at once (R1, R2, R4, R6): one lead a person and source, exact turns, never above the cap."""

from functools import partial
from urllib.parse import quote

import pytest

from tests.factories import a_phone, an_agent, busy, sql, tally, value
from tests.production import Answer, Form, Office, Visitor
from tests.races.bursts import ADVISORY, Call, Race, burst, reception, statuses

PHONE = "+971501234567"
SPELLINGS = (
    "0501234567",
    "050 123 4567",
    "+971 50 123 4567",
    "00971501234567",
    "971501234567",
    "+971 (0)50 123 4567",
    "٠٥٠١٢٣٤٥٦٧",
    "+٩٧١ ٥٠ ١٢٣ ٤٥٦٧",
    "۰۵۰۱۲۳۴۵۶۷",
    "tel:+971501234567",
)


def walk_in(who: Visitor, phone: str) -> Form:
    """The walk-in form as the front desk shows it for a number that nobody knows."""
    return who.get(f"/front-desk?phone={quote(phone)}").form("/leads")


def walk_ins(office: Office, phones: list[str]) -> list[Call]:
    """A form opened for each at the front desk, to be sent."""
    rashid = reception(office)
    forms = [walk_in(rashid, phone) for phone in phones]
    assert len({form["nonce"] for form in forms}) == len(phones)
    return [partial(rashid.send, form) for form in forms]


def new_lead(answer: Answer) -> str:
    """The id of the lead that a capture made."""
    return answer.location.removeprefix("/leads/")


def held() -> dict[str, int]:
    """How many active leads each agent has."""
    return {row.full_name: row.n for row in sql("SELECT full_name, active_leads_count AS n FROM agents")}


class OnePhone(Race):
    """One person, captured by many at once in ten spellings of one number: one lead, and everybody is told which."""

    def __init__(self, office: Office, size: int):
        an_agent("Aisha Khan")
        self.calls = walk_ins(office, [SPELLINGS[n % len(SPELLINGS)] for n in range(size)])
        self.held = ADVISORY, f"phone:{PHONE}"

    def holds(self):
        size = len(self.calls)
        assert statuses(self.answers) == {303: 1, 409: size - 1}
        (made,) = [new_lead(answer) for answer in self.answers if answer.status == 303]
        named = [answer.soup.find(id="existing-lead") for answer in self.answers if answer.status == 409]
        assert {place["data-lead-id"] for place in named} == {made}
        assert tally("leads", "enquiries", "lead_assignments", "follow_up_tasks", "visits") == {
            "leads": 1,
            "enquiries": size,
            "lead_assignments": 1,
            "follow_up_tasks": 1,
            "visits": 1,
        }
        assert value("SELECT phone FROM leads") == PHONE
        assert value("SELECT count(*) FROM enquiries WHERE state = 'captured'") == 1


class EqualTurns(Race):
    """Many people at once for agents who are equal: each agent gets exactly as many."""

    def __init__(self, office: Office, agents: int, each: int):
        self.expected = {f"Agent Number{n}": each for n in range(agents)}
        for name in self.expected:
            an_agent(name)
        self.calls = walk_ins(office, [a_phone() for _ in range(agents * each)])
        self.held = ADVISORY, "assignment"

    def holds(self):
        assert statuses(self.answers) == {303: len(self.calls)}
        assert held() == self.expected


@pytest.mark.row("C1")
class TestOnePhoneFromOneSource:
    def test_ten_spellings_at_once_make_one_lead_and_every_other_answer_names_it(self, office, full, report, figure):
        race = OnePhone(office, 500 if full else 50).burst(at_once=50)
        report("C1", race)
        figure("C1", "leads made", value("SELECT count(*) FROM leads"))
        race.holds()

    def test_seen_waiting_for_each_other_they_still_make_one_lead(self, office):
        OnePhone(office, 3).forced().holds()


@pytest.mark.row("C1")
class TestOnePhoneFromSeveralSources:
    def test_each_source_makes_its_lead_and_all_go_to_one_agent(self, mariam):
        for name in ("Aisha Khan", "Yousef Haddad", "Sara Malik"):
            an_agent(name)
        sources = ("bayut", "propertyFinder", "dubizzle", "website", "walk_in", "referral")
        forms = [
            mariam.get("/leads/new").form("/leads").with_(phone=SPELLINGS[n % len(SPELLINGS)], source_type=source)
            for n, source in enumerate(sources * 3)
        ]
        answers = burst([partial(mariam.send, form) for form in forms])

        assert statuses(answers) == {303: len(sources), 409: 2 * len(sources)}
        assert tally("leads", "enquiries") == {"leads": len(sources), "enquiries": len(forms)}
        assert value("SELECT count(DISTINCT source_type) FROM leads") == len(sources)
        assert value("SELECT count(DISTINCT agent_id) FROM lead_assignments") == 1
        assert value("SELECT count(*) FROM lead_assignments") == len(sources)


class TestTurns:
    def test_equal_agents_get_equally_many(self, office, full):
        agents, each = (10, 30) if full else (3, 4)
        EqualTurns(office, agents, each).burst().holds()

    def test_seen_waiting_for_the_choice_they_still_take_turns(self, office):
        EqualTurns(office, 3, 1).forced().holds()


@pytest.mark.row("C3")
class TestTheCap:
    def test_exactly_the_free_places_are_taken_and_nobody_is_lost(self, office, full, figure):
        size, places = (120, 20) if full else (24, 6)
        for name in ("Aisha Khan", "Yousef Haddad"):
            busy(an_agent(name), 50 - places // 2)
        answers = burst(walk_ins(office, [a_phone() for _ in range(size)]))

        assert statuses(answers) == {303: size}
        made = {new_lead(answer) for answer in answers}
        owned = (
            "SELECT count(*) FROM leads LEFT JOIN lead_assignments a USING (lead_id) WHERE lead_id = ANY (%s::uuid[])"
        )
        figure("C3", f"captures lost of {size} for {places} free places", size - value(owned, list(made)))
        assert value(owned, list(made)) == size
        assert value(f"{owned} AND a.agent_id IS NOT NULL", list(made)) == places
        assert held() == {"Aisha Khan": 50, "Yousef Haddad": 50}
        assert value("SELECT count(*) FROM follow_up_tasks") == places
