"""Hand-overs: exactly what can move moves, the worker goes on where it was stopped, and Undo gives back what it may."""

import subprocess
import sys
from datetime import timedelta
from uuid import UUID

import pytest

from tests.factories import (
    a_lead,
    a_user,
    an_agent,
    brought_to,
    busy,
    end_idle_sessions,
    now,
    sql,
    the_agent,
    told,
    value,
)
from tests.production import eventually
from webapp import stopping
from webapp.errors import Conflict, Invalid, Missing
from webapp.services import activities, agents, assignments, doctor, handovers, leads, pipeline, tasks
from webapp.services.handovers import Wish
from webapp.services.tasks import FollowUp
from webapp.vocabulary import ActivityType, NoticeKind, Role, Status, TaskType

pytestmark = pytest.mark.usefixtures("app")

BEST = Wish(None, "Leaves on Monday")
OWNERS = "SELECT lead_id, agent_id, reassigned_at, escalated_at, is_active FROM lead_assignments ORDER BY lead_id"
CALENDAR = """SELECT task_id, agent_id, due_date, status FROM follow_up_tasks
              WHERE status IN ('pending', 'overdue') ORDER BY task_id"""


def plan(who) -> None:
    """A follow-up for each active lead of the agent, one after the other."""
    sql(
        """INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date)
           SELECT lead_id, agent_id, 'call',
                  timestamptz '2030-05-06 10:00+04' + interval '45 minutes' * row_number() OVER (ORDER BY lead_id)
           FROM lead_assignments WHERE agent_id = %s AND is_active""",
        who.agent_id,
    )


def states(handover_id) -> dict[str, int]:
    rows = sql("SELECT state, count(*) AS n FROM handover_leads WHERE handover_id = %s GROUP BY 1", handover_id)
    return {row.state: row.n for row in rows}


def whys() -> set[str]:
    return {row.why for row in sql("SELECT why FROM handover_leads WHERE why IS NOT NULL")}


def taken(*lead_ids, by, to=None) -> UUID:
    return handovers.take(lead_ids, Wish(to and to.agent_id, "Holiday"), by=by).handover_id


@pytest.fixture
def fifty(aisha, yousef):
    """Aisha holds 50 leads with follow-ups and goes; two others have 30 places between them, and calendars."""
    busy(aisha, 50)
    hana, noor = busy(an_agent("Hana Aziz"), 40), busy(an_agent("Noor Ali"), 30)
    sql("UPDATE agents SET on_duty = agent_id = ANY(%s)", [hana.agent_id, noor.agent_id])
    for who in (aisha, hana, noor):
        plan(who)
    return hana, noor


class TestTake:
    def test_thirty_of_fifty_move_and_undo_gives_back_owners_and_due_dates(self, mariam, aisha, fifty):
        owners, calendar = sql(OWNERS), sql(CALENDAR)

        handover = handovers.take(handovers.of_agent(aisha.agent_id, by=mariam), BEST, by=mariam).handover_id

        assert states(handover) == {"moved": 30, "stayed": 20}
        assert whys() == {"Nobody else on duty has room."}
        assert [the_agent(who).active_leads_count for who in (aisha, *fifty)] == [20, 50, 50]
        then = {row.task_id: row.due_date for row in calendar}
        assert sum(row.due_date != then[row.task_id] for row in sql(CALENDAR)) > 0

        handovers.undo(handover, by=mariam)

        assert states(handover) == {"returned": 30, "stayed": 20}
        assert sql(OWNERS) == owners
        assert sql(CALENDAR) == calendar
        assert [the_agent(who).active_leads_count for who in (aisha, *fifty)] == [50, 40, 30]
        assert value("SELECT count(*) FROM assignment_history WHERE kind = 'given_back'") == 30
        assert [finding for finding in doctor.examine() if not finding.kept] == []

    def test_where_places_are_few_the_best_leads_get_them(self, mariam, aisha, yousef):
        busy(aisha, 3), busy(yousef, 49)
        sql("UPDATE leads SET score = 10 * (number %% 3) WHERE owner_id = %s", aisha.agent_id)

        found = handovers.rehearse(handovers.of_agent(aisha.agent_id, by=mariam), BEST, by=mariam)
        handovers.take(handovers.of_agent(aisha.agent_id, by=mariam), BEST, by=mariam)

        best = value("SELECT l.lead_id FROM leads l JOIN handover_leads USING (lead_id) WHERE state = 'moved'")
        assert [move.lead_id for move in found.moves] == [best]
        assert value("SELECT score FROM leads WHERE lead_id = %s", best) == 20

    def test_one_lead_is_refused_in_words_and_leaves_nothing(self, mariam, aisha):
        lead = a_lead()
        sql("UPDATE agents SET on_duty = false")
        with pytest.raises(Conflict, match="Nobody else"):
            handovers.assign(lead.lead_id, BEST, by=mariam)
        assert value("SELECT count(*) FROM handovers") == 0

    def test_of_a_list_all_active_leads_are_meant(self, mariam, aisha):
        some = [a_lead().lead_id for _ in range(3)]
        brought_to(leads.find(some[0], by=mariam), Status.LOST)

        assert {*handovers.listed(leads.Filters(), by=mariam)} == {*some[1:]}

    def test_a_lead_that_is_not_there_and_nothing_is_done(self, mariam, aisha):
        with pytest.raises(Missing):
            taken(a_lead().lead_id, mariam.user_id, by=mariam)
        assert value("SELECT count(*) FROM handovers") == 0


class TestUndo:
    @pytest.fixture
    def moved(self, mariam, aisha, yousef):
        """A lead of Aisha's that Yousef has since now, with the number of its hand-over."""
        sql("UPDATE agents SET on_duty = true")
        lead_id = a_lead(by=aisha).lead_id
        return lead_id, taken(lead_id, by=mariam, to=yousef)

    def touch_by_contact(self, lead_id, mariam, aisha):
        activities.log(lead_id, by=mariam, type=ActivityType.CALL)

    def touch_by_move(self, lead_id, mariam, aisha):
        third = an_agent("Hana Aziz")
        assignments.assign(lead_id, by=mariam, agent_id=third.agent_id, reason="Speaks Hindi")

    def touch_by_status(self, lead_id, mariam, aisha):
        pipeline.move(lead_id, by=mariam, status_from=Status.NEW, status=Status.CONTACTED)

    def touch_by_plan(self, lead_id, mariam, aisha):
        tasks.schedule(lead_id, FollowUp(TaskType.VIEWING, now() + timedelta(days=9)), by=mariam)

    def touch_by_completion(self, lead_id, mariam, aisha):
        task_id = value("SELECT task_id FROM follow_up_tasks WHERE lead_id = %s", lead_id)
        tasks.complete(task_id, by=mariam)

    def touch_by_edit(self, lead_id, mariam, aisha):
        sql("UPDATE leads SET version = version + 1, first_name = 'Noor' WHERE lead_id = %s", lead_id)

    @pytest.mark.parametrize(
        ("touch", "why"),
        [
            ("contact", "contact was logged"),
            ("move", "It went to Hana Aziz since."),
            ("status", "Its status has changed since: Contacted."),
            ("plan", "follow-ups have changed"),
            ("completion", "follow-ups have changed"),
            ("edit", "details were changed"),
        ],
    )
    def test_what_somebody_has_touched_stays_and_says_why(self, mariam, aisha, yousef, moved, touch, why):
        lead_id, handover = moved
        other = a_lead(by=aisha).lead_id
        both = taken(other, by=mariam, to=yousef)
        sql("UPDATE handover_leads SET handover_id = %s, number = 2 WHERE handover_id = %s", handover, both)
        getattr(self, f"touch_by_{touch}")(lead_id, mariam, aisha)
        owner = value("SELECT owner_id FROM leads WHERE lead_id = %s", lead_id)

        handovers.undo(handover, by=mariam)

        assert states(handover) == {"kept": 1, "returned": 1}
        assert why in whys().pop()
        assert value("SELECT owner_id FROM leads WHERE lead_id = %s", lead_id) == owner
        assert value("SELECT owner_id FROM leads WHERE lead_id = %s", other) == aisha.agent_id

    def test_what_was_nobodys_is_nobodys_again_and_nothing_is_planned(self, mariam, aisha):
        sql("UPDATE agents SET on_duty = false")
        lead = a_lead()
        sql("UPDATE agents SET on_duty = true")
        handover = taken(lead.lead_id, by=mariam)

        handovers.undo(handover, by=mariam)

        assert value("SELECT count(*) FROM lead_assignments") == 0
        assert sql("SELECT owner_id, next_step_at FROM leads") == [(None, None)]
        assert sql(CALENDAR) == []
        assert value("SELECT count(*) FROM assignment_history") == 2

    def test_the_former_owner_is_full_meanwhile(self, mariam, aisha, moved):
        busy(aisha, 50)

        handovers.undo(moved[1], by=mariam)

        assert whys() == {"Aisha Rahman already has 50 active leads."}

    def test_the_former_owner_has_left_meanwhile(self, mariam, aisha, moved):
        agents.leave(aisha.agent_id, by=mariam)

        handovers.undo(moved[1], by=mariam)

        assert whys() == {"Aisha Rahman has left the office."}

    def test_the_former_time_is_taken_meanwhile(self, mariam, aisha, moved):
        due = value("SELECT due_date FROM follow_up_tasks")
        other = a_lead(by=aisha)
        sql("UPDATE follow_up_tasks SET due_date = %s WHERE lead_id = %s", due, other.lead_id)

        handovers.undo(moved[1], by=mariam)

        assert "30 minutes" in whys().pop()
        assert the_agent(aisha).active_leads_count == 1

    def test_the_former_owner_may_be_off_duty_by_now(self, mariam, aisha, moved):
        agents.set_duty(aisha.agent_id, by=mariam, on_duty=False)

        handovers.undo(moved[1], by=mariam)

        assert value("SELECT owner_id FROM leads") == aisha.agent_id

    def test_for_ten_minutes(self, clock, mariam, aisha, yousef):
        sql("UPDATE agents SET on_duty = true")
        first, second = (taken(a_lead(by=aisha).lead_id, by=mariam, to=yousef) for _ in range(2))
        clock.pass_by(minutes=10, microseconds=-1)
        assert handovers.shown(first, by=mariam).undo_until
        handovers.undo(first, by=mariam)
        clock.pass_by(microseconds=1)

        assert handovers.shown(second, by=mariam).undo_until is None
        with pytest.raises(Conflict, match="10 minutes have passed"):
            handovers.undo(second, by=mariam)

    def test_once_and_the_second_is_told_by_whom(self, mariam, moved):
        handovers.undo(moved[1], by=mariam)
        with pytest.raises(Conflict, match="Mariam Saleh has undone it already"):
            handovers.undo(moved[1], by=a_user("Salma Idris", Role.MANAGER))

    def test_where_nothing_moved_there_is_nothing_to_undo(self, mariam, aisha):
        lead = brought_to(a_lead(), Status.LOST)
        with pytest.raises(Conflict, match="nothing to undo"):
            handovers.undo(taken(lead.lead_id, by=mariam), by=mariam)

    def test_to_an_agent_it_is_not_there(self, yousef, moved):
        with pytest.raises(Missing):
            handovers.undo(moved[1], by=yousef)

    def test_the_agents_are_told(self, mariam, aisha, yousef, moved):
        handovers.undo(moved[1], by=mariam)

        assert told(yousef)[-1] == NoticeKind.LEAD_TAKEN
        assert told(aisha)[-1] == NoticeKind.LEAD_ASSIGNED


class TestMany:
    """More than 200: the worker's."""

    @pytest.fixture
    def many(self, mariam, aisha):
        """201 leads that are nobody's, and four agents with room for 200."""
        sql("""INSERT INTO leads (source_type, first_name, last_name, phone)
               SELECT 'bayut', '', '', '+97154' || lpad(n::text, 7, '0') FROM generate_series(1, 201) n""")
        for name in ("Hana Aziz", "Noor Ali", "Layla Amin"):
            an_agent(name)
        return handovers.listed(leads.Filters(unassigned=True), by=mariam)

    def test_they_are_recorded_and_moved_one_by_one(self, mariam, many):
        handover = handovers.take(many, BEST, by=mariam)
        handover_id = handover.handover_id
        assert handover.is_under_way
        assert states(handover_id) == {"waiting": 201}
        with pytest.raises(Conflict, match="still going on"):
            handovers.undo(handover_id, by=mariam)

        stopped_after(70)
        assert states(handover_id) == {"waiting": 131, "moved": 70}
        assert handovers.make_waiting().done == 131

        assert states(handover_id) == {"moved": 200, "stayed": 1}
        assert value("SELECT count(DISTINCT (handover_id, lead_id)) FROM handover_leads") == 201
        assert value("SELECT count(*) FROM assignment_history") == 200
        assert told(mariam) == [NoticeKind.HANDOVER_ENDED]
        assert handovers.make_waiting().done == 0

        handovers.undo(handover_id, by=mariam)
        assert states(handover_id) == {"returned": 200, "stayed": 1}
        assert value("SELECT count(*) FROM lead_assignments") == 0

    def test_a_worker_that_is_killed_leaves_no_lead_twice(self, mariam, many):
        handover_id = handovers.take(many, BEST, by=mariam).handover_id
        worker = subprocess.Popen([sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run", "handovers"])
        try:
            eventually(lambda: states(handover_id).get("moved", 0) >= 10, "ten leads moved", within=60)
        finally:
            worker.kill()
            worker.wait()
        end_idle_sessions()
        assert states(handover_id)["waiting"] > 0

        handovers.make_waiting()

        assert states(handover_id) == {"moved": 200, "stayed": 1}
        assert value("SELECT count(*) FROM assignment_history") == 200
        assert value("SELECT count(*) FROM follow_up_tasks") == 200
        assert told(mariam) == [NoticeKind.HANDOVER_ENDED]

    def test_so_is_their_undo(self, mariam, many):
        an_agent("Sami Nour")
        handover_id = handovers.take(many, BEST, by=mariam).handover_id
        handovers.make_waiting()
        salma = a_user("Salma Idris", Role.MANAGER)

        assert handovers.undo(handover_id, by=salma).is_under_way
        stopped_after(50)
        assert states(handover_id) == {"moved": 151, "returned": 50}
        handovers.make_waiting()

        assert states(handover_id) == {"returned": 201}
        assert told(salma) == [NoticeKind.HANDOVER_UNDONE]
        assert value("SELECT count(*) FROM lead_assignments") == 0
        assert sql(CALENDAR) == []

    def test_whoever_asked_for_it_is_gone_and_the_rest_stays(self, mariam, many):
        handover_id = handovers.take(many, BEST, by=mariam).handover_id
        sql("UPDATE users SET is_active = false WHERE user_id = %s", mariam.user_id)

        handovers.make_waiting()

        assert states(handover_id) == {"stayed": 201}

    def test_the_preview_shows_the_first_two_hundred_as_they_will_be_moved(self, mariam, many):
        sql("UPDATE leads SET score = number % 100")
        found = handovers.rehearse(many, BEST, by=mariam)

        assert (len(found.moves), found.of, found.is_part) == (200, 201, True)
        scores = {row.lead_id: row.score for row in sql("SELECT lead_id, score FROM leads")}
        shown = [scores[move.lead_id] for move in found.moves]
        assert shown == sorted(scores.values(), reverse=True)[:200]

        handovers.take(many, BEST, by=mariam)
        handovers.make_waiting()
        rows = sql(
            "SELECT lead_id, full_name FROM handover_leads JOIN agents USING (agent_id) ORDER BY number LIMIT 200"
        )
        assert [(move.lead_id, move.agent) for move in found.moves] == [tuple(row) for row in rows]

    def test_more_than_ten_thousand_are_too_many(self, mariam):
        sql("""INSERT INTO leads (source_type, first_name, last_name, phone)
               SELECT 'bayut', '', '', '+97154' || lpad(n::text, 7, '0') FROM generate_series(1, 10001) n""")
        with pytest.raises(Invalid, match="At most 10,000"):
            handovers.listed(leads.Filters(), by=mariam)


def stopped_after(leads_moved: int) -> None:
    """The worker's turn, told to stop after so many leads."""
    start = value("SELECT count(*) FROM handover_leads WHERE state IN ('moved', 'stayed', 'returned')")
    asked = []

    def told_to() -> bool:
        asked.append(start)
        return len(asked) > leads_moved + 1  # once for the hand-over itself

    with stopping.told_by(told_to):
        handovers.make_waiting()
