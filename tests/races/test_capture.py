"""Many captures at once (R1, R2, R4, R6): one lead a person and source, exact turns, never above the cap."""

from functools import partial
from urllib.parse import quote

from bs4 import BeautifulSoup

from tests.factories import a_phone, an_agent, busy, sql, tally, value
from tests.production import Answer, Form, Visitor
from tests.races.bursts import burst, forced, statuses

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


def walk_ins(who: Visitor, phones: list[str]) -> list[Answer]:
    """A form opened for each, then all sent at once."""
    forms = [walk_in(who, phone) for phone in phones]
    assert len({form["nonce"] for form in forms}) == len(phones)
    return burst([partial(who.send, form) for form in forms])


def lead_named(answer: Answer) -> str:
    """The id of the lead that a page says is here already."""
    return BeautifulSoup(answer.text, "html.parser").find(id="existing-lead")["data-lead-id"]


def new_lead(answer: Answer) -> str:
    """The id of the lead that a capture made."""
    return answer.location.removeprefix("/leads/")


def held() -> dict[str, int]:
    """How many active leads each agent has."""
    return {row.full_name: row.n for row in sql("SELECT full_name, active_leads_count AS n FROM agents")}


class TestOnePhoneFromOneSource:
    def test_ten_spellings_at_once_make_one_lead_and_every_other_answer_names_it(self, rashid, full):
        an_agent("Aisha Khan")
        size = 200 if full else 60
        answers = walk_ins(rashid, [SPELLINGS[n % len(SPELLINGS)] for n in range(size)])

        assert statuses(answers) == {303: 1, 409: size - 1}
        (made,) = [new_lead(answer) for answer in answers if answer.status == 303]
        assert {lead_named(answer) for answer in answers if answer.status == 409} == {made}
        assert tally("leads", "enquiries", "lead_assignments", "follow_up_tasks", "visits") == {
            "leads": 1,
            "enquiries": size,
            "lead_assignments": 1,
            "follow_up_tasks": 1,
            "visits": 1,
        }
        assert value("SELECT phone FROM leads") == PHONE
        assert value("SELECT count(*) FROM enquiries WHERE state = 'captured'") == 1

    def test_seen_waiting_for_each_other_they_still_make_one_lead(self, rashid):
        an_agent("Aisha Khan")
        forms = [walk_in(rashid, spelling) for spelling in SPELLINGS[:3]]
        answers = forced(f"phone:{PHONE}", [partial(rashid.send, form) for form in forms])

        assert statuses(answers) == {303: 1, 409: 2}
        assert tally("leads", "enquiries") == {"leads": 1, "enquiries": 3}


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
    def test_equal_agents_get_equally_many(self, rashid, full):
        agents, each = (10, 30) if full else (3, 4)
        for n in range(agents):
            an_agent(f"Agent Number{n}")
        answers = walk_ins(rashid, [a_phone() for _ in range(agents * each)])

        assert statuses(answers) == {303: agents * each}
        assert held() == {f"Agent Number{n}": each for n in range(agents)}


class TestTheCap:
    def test_exactly_the_free_places_are_taken_and_nobody_is_lost(self, rashid, full):
        size, places = (120, 20) if full else (40, 10)
        for name in ("Aisha Khan", "Yousef Haddad"):
            busy(an_agent(name), 50 - places // 2)
        answers = walk_ins(rashid, [a_phone() for _ in range(size)])

        assert statuses(answers) == {303: size}
        made = [new_lead(answer) for answer in answers]
        assert len(set(made)) == size
        owned = (
            "SELECT count(*) FROM leads LEFT JOIN lead_assignments a USING (lead_id) WHERE lead_id = ANY (%s::uuid[])"
        )
        assert value(owned, made) == size
        assert value(f"{owned} AND a.agent_id IS NOT NULL", made) == places
        assert held() == {"Aisha Khan": 50, "Yousef Haddad": 50}
        assert value("SELECT count(*) FROM follow_up_tasks") == places
