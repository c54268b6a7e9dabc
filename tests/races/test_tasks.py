"""Many follow-ups for one agent at once (R7): never two closer than 30 minutes, and every refusal offers a slot."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from tests.factories import an_agent, prompt, sql, value
from tests.production import Answer, Form, Office, Visitor, eventually
from tests.races.bursts import ADVISORY, INVARIANTS, Race, captured, managers, statuses, waiting
from webapp import clock
from webapp.services import tasks
from webapp.services.access import SYSTEM
from webapp.services.tasks import FollowUp
from webapp.vocabulary import TaskType

NAMES = ("Layla", "Omar", "Fatima", "Hassan", "Noor")
TAKE = "INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date) VALUES (%s, %s, 'call', %s)"
HALF_AN_HOUR, TWO_HOURS = timedelta(minutes=30), timedelta(hours=2)


def ten_o_clock() -> datetime:
    """Ten o'clock in three days: the hours after it are free."""
    return clock.today() + timedelta(days=3, hours=10)


def at(form: Form, moment: datetime, **values: str) -> Form:
    local = moment.astimezone(clock.DUBAI)
    return form.with_(due_date=f"{local:%Y-%m-%d}", due_date_time=f"{local:%H:%M}", **values)


def planned(who: Visitor, lead_id: UUID, moment: datetime) -> Form:
    """A new follow-up, as the lead's page lets one plan it."""
    page = who.get(f"/leads/{lead_id}")
    return at(page.form(f"/leads/{lead_id}/tasks"), moment, type="viewing", priority="medium")


def moved(who: Visitor, lead_id: UUID, moment: datetime) -> Form:
    """The lead's far follow-up, moved: any open page's form, sent to this follow-up."""
    far = "SELECT task_id FROM follow_up_tasks WHERE lead_id = %s ORDER BY due_date DESC LIMIT 1"
    token = who.get("/account").form("/account")["csrf_token"]
    return at(Form(f"/tasks/{value(far, lead_id)}/due-date", (("csrf_token", token),)), moment)


def offered(answer: Answer) -> datetime:
    """The free slot on the button of a refusal."""
    return clock.from_local(answer.soup.find("button", attrs={"name": "due_date_offered"})["value"])


def taken() -> list[datetime]:
    return [row.due_date for row in sql("SELECT due_date FROM follow_up_tasks WHERE status <> 'completed'")]


class Calendar(Race):
    """One agent, a few leads with a call each on some far day, and everybody wishes a moment of the same hours."""

    def __init__(self, office: Office, *minutes: int, ways=(planned, moved)):
        """A follow-up at each of these minutes after ten, planned and moved there by turns."""
        self.mariam, *_ = managers(office)
        self.ten = ten_o_clock()
        self.agent = an_agent("Aisha Khan")
        self.leads = [captured(first_name=name) for name in NAMES]
        for n, lead_id in enumerate(self.leads):
            far = self.ten + timedelta(days=20, hours=n)
            tasks.schedule(lead_id, FollowUp(TaskType.CALL, far), by=SYSTEM)
        self.planned = len(taken())
        self.wishes = [self.ten + timedelta(minutes=minute) for minute in minutes]
        self.forms = [
            ways[n % len(ways)](self.mariam, self.leads[n // 2 % len(NAMES)], wish)
            for n, wish in enumerate(self.wishes)
        ]
        self.calls = [partial(self.mariam.send, form) for form in self.forms]
        self.held = ADVISORY, f"calendar:{self.agent.agent_id}"

    def holds(self):
        assert set(statuses(self.answers)) <= {303, 409}
        assert self.too_close() == []
        made = [
            answer
            for answer, form in zip(self.answers, self.forms, strict=True)
            if answer.status == 303 and form.action.startswith("/leads")
        ]
        assert len(taken()) == self.planned + len(made)
        for answer, wish in zip(self.answers, self.wishes, strict=True):
            if answer.status == 409:
                assert "Too close to the" in answer.words and any(f"with {name}" in answer.words for name in NAMES)
                assert offered(answer) >= wish

    def too_close(self) -> list:
        return sql(INVARIANTS["two open follow-ups of one agent are closer than 30 minutes"])


@pytest.fixture
def calendar(office) -> Calendar:
    return Calendar(office)


@pytest.mark.row("C8")
class TestManyWishesForOneCalendar:
    def test_two_hours_take_at_most_five_and_every_refusal_names_the_clash_and_a_slot(
        self, office, full, report, figure
    ):
        size = 200 if full else 30
        chance = random.Random(size)
        race = Calendar(office, *(chance.randrange(0, 121) for _ in range(size))).burst()
        report("C8", race)
        figure("C8", "pairs closer than 30 minutes", len(race.too_close()))
        race.holds()

        assert 3 <= sum(race.ten <= moment <= race.ten + TWO_HOURS for moment in taken()) <= 5

    def test_seen_waiting_for_the_calendar_only_one_gets_the_slot(self, office):
        race = Calendar(office, 0, 29, 15).forced()
        race.holds()

        assert statuses(race.answers) == {303: 1, 409: 2}

    @pytest.mark.parametrize(("gap", "wins"), [(29, 1), (30, 2)])
    def test_at_the_edge_of_thirty_minutes(self, office, gap, wins):
        race = Calendar(office, 0, gap).burst()
        race.holds()

        assert statuses(race.answers)[303] == wins

    @pytest.mark.parametrize("side", [1, -1])
    @pytest.mark.parametrize(("nearer", "status"), [(timedelta(0), 303), (timedelta(microseconds=1), 409)])
    def test_the_edge_to_the_microsecond_while_somebody_at_the_prompt_takes_a_slot(
        self, calendar, side, nearer, status
    ):
        """The page waits for the prompt's transaction, and then sees what it committed."""
        lead_id, mariam = calendar.leads[0], calendar.mariam
        wish = planned(mariam, lead_id, calendar.ten)
        with prompt(autocommit=False) as hand, ThreadPoolExecutor(1) as desk:
            hand.execute(TAKE, (lead_id, calendar.agent.agent_id, calendar.ten + side * (HALF_AN_HOUR - nearer)))
            answer = desk.submit(mariam.send, wish)
            eventually(waiting, "the page waits for the calendar", within=2.5)
            hand.commit()

        assert answer.result().status == status
        assert calendar.too_close() == []

    def test_the_offered_slot_is_free_once_everybody_is_done(self, office):
        race = Calendar(office, *range(8)).burst()
        race.holds()

        refused, form = next(
            (answer, form)
            for answer, form in zip(race.answers, race.forms, strict=True)
            if answer.status == 409 and form.action.startswith("/leads")
        )
        slot = offered(refused)
        assert all(abs(slot - moment) >= HALF_AN_HOUR for moment in taken())
        again = refused.form(form.action).with_(due_date_offered=f"{slot.astimezone(clock.DUBAI):%Y-%m-%dT%H:%M}")
        assert race.mariam.send(again).status == 303
        assert slot in taken()

    def test_a_whole_day_is_moved_in_one_statement_while_others_plan(self, office, full):
        race = Calendar(office, *range(0, 480, 5 if full else 24), ways=(planned,))
        day = """INSERT INTO follow_up_tasks (lead_id, agent_id, type, priority, due_date)
                 SELECT %s, %s, 'call', 'low', %s + n * interval '30 minutes' FROM generate_series(0, 15) n"""
        sql(day, race.leads[0], race.agent.agent_id, race.ten)
        race.planned += 16
        with ThreadPoolExecutor(1) as crowd:
            running = crowd.submit(race.burst)
            for _ in range(4):
                sql("UPDATE follow_up_tasks SET due_date = due_date + interval '10 minutes' WHERE priority = 'low'")
            running.result()
        race.holds()

        assert value("SELECT min(due_date) FROM follow_up_tasks WHERE priority = 'low'") == race.ten + timedelta(
            minutes=40
        )


class TestTheJobBesidePeople:
    """The job `overdue` waits for nobody: what somebody works on is marked a minute later, if it is late still."""

    def test_what_somebody_is_just_moving_is_not_marked_and_is_pending_again(self, calendar):
        late = self.late(calendar, hours=1)
        token = calendar.mariam.get("/account").form("/account")["csrf_token"]
        form = at(Form(f"/tasks/{late}/due-date", (("csrf_token", token),)), calendar.ten)
        with prompt(autocommit=False) as holder, ThreadPoolExecutor(1) as desk:
            holder.execute(calendar.held[0], [calendar.held[1]])
            answer = desk.submit(calendar.mariam.send, form)
            eventually(waiting, "the page waits for the calendar", within=2.5)
            tasks.mark_overdue()
            holder.rollback()

        assert answer.result().status == 303
        assert value("SELECT status FROM follow_up_tasks WHERE task_id = %s", late) == "pending"

    def test_a_lead_with_several_late_ones_changes_hands_while_it_runs(self, calendar):
        second, first = self.late(calendar, hours=1), self.late(calendar, hours=2)
        yousef, path = an_agent("Yousef Haddad"), f"/leads/{calendar.leads[0]}"
        form = calendar.mariam.get(path).form(f"{path}/assignment")
        with prompt(autocommit=False) as holder, ThreadPoolExecutor(1) as desk:
            holder.execute("SELECT FROM follow_up_tasks WHERE task_id = %s FOR NO KEY UPDATE", [first])
            answer = desk.submit(calendar.mariam.send, form.with_(agent_id=str(yousef.agent_id), reason="Holiday"))
            eventually(waiting, "the hand-over waits for the first of them", within=2.5)
            assert tasks.mark_overdue().done == 1
            holder.rollback()

        assert answer.result().status == 303
        kept = sql("SELECT task_id, status FROM follow_up_tasks WHERE agent_id = %s ORDER BY due_date", yousef.agent_id)
        assert kept[:2] == [(first, "pending"), (second, "overdue")]

    def late(self, calendar: Calendar, **ago):
        """A follow-up that was due so long ago."""
        due_date = value("SELECT now() - %s", timedelta(**ago))
        lead_id, agent_id = calendar.leads[0], calendar.agent.agent_id
        return value(f"{TAKE} RETURNING task_id", lead_id, agent_id, due_date)
