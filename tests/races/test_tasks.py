"""Many follow-ups for one agent at once (R7): never two closer than 30 minutes, and every refusal offers a slot."""

import random
from datetime import datetime, timedelta
from functools import partial

import pytest

from tests.factories import a_lead, an_agent, sql, value
from tests.production import Answer, Form, Visitor
from tests.races.bursts import burst, forced, statuses
from webapp import clock
from webapp.services import tasks
from webapp.services.access import SYSTEM
from webapp.services.tasks import FollowUp
from webapp.vocabulary import TaskType

NAMES = ("Layla", "Omar", "Fatima", "Hassan", "Noor")


@pytest.fixture
def ten() -> datetime:
    """Ten o'clock in three days: the two hours after it are free."""
    return clock.today() + timedelta(days=3, hours=10)


@pytest.fixture
def leads(office, ten) -> list:
    """The leads of one agent, each with a call planned on another day."""
    agent = an_agent("Aisha Khan")
    leads = [a_lead(first_name=name) for name in NAMES]
    for n, lead in enumerate(leads):
        far = ten + timedelta(days=20, hours=n)
        tasks.schedule(lead.lead_id, FollowUp(TaskType.CALL, far), by=SYSTEM)
    assert value("SELECT agent_id FROM agents") == agent.agent_id
    return leads


def at(form: Form, moment: datetime, **values: str) -> Form:
    return form.with_(due_date=f"{moment:%Y-%m-%d}", due_date_time=f"{moment:%H:%M}", **values)


def planned(who: Visitor, lead, moment: datetime) -> Form:
    """A new follow-up, as the lead's page lets one plan it."""
    page = who.get(f"/leads/{lead.lead_id}")
    return at(page.form(f"/leads/{lead.lead_id}/tasks"), moment, type="viewing", priority="medium")


def moved(who: Visitor, lead, moment: datetime) -> Form:
    """The lead's far follow-up, moved: any open page's form, sent to this follow-up."""
    far = "SELECT task_id FROM follow_up_tasks WHERE lead_id = %s ORDER BY due_date DESC LIMIT 1"
    token = who.get("/account").form("/account")["csrf_token"]
    return at(Form(f"/tasks/{value(far, lead.lead_id)}/due-date", (("csrf_token", token),)), moment)


def offered(answer: Answer) -> datetime:
    """The free slot on the button of a refusal."""
    return clock.from_local(answer.soup.find("button", attrs={"name": "due_date_offered"})["value"])


def taken() -> list[datetime]:
    return [row.due_date for row in sql("SELECT due_date FROM follow_up_tasks WHERE status <> 'completed'")]


def test_two_hours_take_at_most_five_and_every_refusal_names_the_clash_and_a_free_slot(mariam, leads, ten, full):
    size = 200 if full else 30
    chance = random.Random(size)
    wishes = [ten + timedelta(minutes=chance.randrange(0, 121)) for _ in range(size)]
    makers = (planned, moved)
    forms = [makers[n % 2](mariam, leads[n // 2 % len(leads)], wish) for n, wish in enumerate(wishes)]
    answers = burst([partial(mariam.send, form) for form in forms])

    assert set(statuses(answers)) == {303, 409}
    inside = [moment for moment in taken() if ten <= moment <= ten + timedelta(hours=2)]
    assert 3 <= len(inside) <= 5
    for answer, wish in zip(answers, wishes, strict=True):
        if answer.status == 409:
            assert "Too close to the" in answer.words and any(f"with {name}" in answer.words for name in NAMES)
            assert offered(answer) >= wish


def test_the_offered_slot_is_free_once_everybody_is_done(mariam, leads, ten):
    forms = [planned(mariam, lead, ten + timedelta(minutes=n)) for n, lead in enumerate(leads)]
    answers = burst([partial(mariam.send, form) for form in forms])
    assert statuses(answers) == {303: 1, 409: len(leads) - 1}

    refused = next(answer for answer in answers if answer.status == 409)
    slot = offered(refused)
    assert all(abs(slot - moment) >= timedelta(minutes=30) for moment in taken())
    lead_id = next(lead.lead_id for lead, answer in zip(leads, answers, strict=True) if answer is refused)
    again = refused.form(f"/leads/{lead_id}/tasks").with_(
        due_date_offered=f"{slot.astimezone(clock.DUBAI):%Y-%m-%dT%H:%M}"
    )
    assert mariam.send(again).status == 303
    assert slot in taken()


@pytest.mark.parametrize(("gap", "wins"), [(29, 1), (30, 2)])
def test_at_the_edge_of_thirty_minutes(mariam, leads, ten, gap, wins):
    forms = [planned(mariam, leads[0], ten), planned(mariam, leads[1], ten + timedelta(minutes=gap))]
    answers = burst([partial(mariam.send, form) for form in forms])

    assert [answer.status for answer in answers].count(303) == wins


def test_seen_waiting_for_the_calendar_only_one_gets_the_slot(mariam, leads, ten):
    forms = [
        planned(mariam, leads[0], ten),
        moved(mariam, leads[1], ten + timedelta(minutes=29)),
        planned(mariam, leads[2], ten + timedelta(minutes=15)),
    ]
    agent_id = value("SELECT agent_id FROM agents")
    answers = forced(f"calendar:{agent_id}", [partial(mariam.send, form) for form in forms])

    assert statuses(answers) == {303: 1, 409: 2}
