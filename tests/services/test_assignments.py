from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.factories import (
    a_capture,
    a_lead,
    a_phone,
    an_agent,
    brought_to,
    busy,
    now,
    owner,
    sql,
    the_agent,
    told,
    value,
)
from webapp.errors import Conflict, Invalid, Missing
from webapp.services import assignments, tasks
from webapp.services.tasks import FollowUp
from webapp.vocabulary import (
    CAP,
    AssignmentKind,
    Language,
    NoticeKind,
    PropertyType,
    SpokenLanguage,
    Status,
    TaskType,
)

pytestmark = pytest.mark.usefixtures("app")


def chosen(**details):
    """(agent, points) of the lead with these details."""
    assignment = a_capture(**details).assignment
    candidates = {row["agent_id"]: row["points"] for row in assignment.explanation["candidates"]}
    return assignment.agent_id, candidates[str(assignment.agent_id)]


class TestPoints:
    @pytest.mark.parametrize(
        ("skills", "details", "points"),
        [
            ({"types": ["villa"]}, {"property_type": PropertyType.VILLA}, 3),
            ({"types": ["villa", "commercial"]}, {"property_type": PropertyType.COMMERCIAL}, 3),
            ({"areas": ["Mirdif"]}, {"preferred_areas": ("Deira", "Mirdif")}, 2),
            ({"areas": ["Mirdif", "Deira"]}, {"preferred_areas": ("Deira", "Mirdif")}, 2),
            ({"areas": ["Jumeirah Beach Residence"]}, {"preferred_areas": ("JBR",)}, 2),
            ({"languages": ["arabic"]}, {"language_preference": Language.ARABIC}, 2),
            ({"languages": ["russian"]}, {"spoken_language": SpokenLanguage.RUSSIAN}, 2),
            ({"rate": 30}, {}, 3),
            ({"rate": 29.99}, {}, 2),
            ({"rate": 20}, {}, 2),
            ({"rate": 19.99}, {}, 1),
            ({"rate": 0.01}, {}, 1),
            (
                {"types": ["villa"], "areas": ["Mirdif"], "languages": ["arabic"], "rate": 50},
                {
                    "property_type": PropertyType.VILLA,
                    "preferred_areas": ("Mirdif",),
                    "language_preference": Language.ARABIC,
                },
                10,
            ),
        ],
    )
    def test_a_better_match_wins_whosever_turn_it_is(self, aisha, skills, details, points):
        better = an_agent("Yousef Haddad", turn=now(), **skills)

        assert chosen(**details) == (better.agent_id, points)

    @pytest.mark.parametrize(
        ("skills", "details"),
        [
            ({"types": ["villa"]}, {"property_type": PropertyType.APARTMENT}),
            ({"types": ["villa"], "areas": ["Mirdif"], "languages": ["arabic"]}, {}),
            ({"areas": ["Mirdif"]}, {"preferred_areas": ("Deira",)}),
            ({"languages": ["russian"]}, {"language_preference": Language.ENGLISH}),
            ({"rate": 0}, {}),
        ],
    )
    def test_what_does_not_match_gives_nothing(self, aisha, skills, details):
        an_agent("Yousef Haddad", turn=now(), **skills)

        assert chosen(**details) == (aisha.agent_id, 0)

    def test_only_the_latest_conversion_rate_counts(self, aisha):
        once_good = an_agent("Yousef Haddad", turn=now(), rate=50)
        sql(
            """INSERT INTO agent_performance_metrics (agent_id, conversion_rate, updated_at)
               VALUES (%s, 0, now() + interval '1 minute')""",
            once_good.agent_id,
        )

        assert chosen() == (aisha.agent_id, 0)


class TestTurns:
    def test_equals_take_exact_turns(self, aisha, yousef):
        third = an_agent("Layla Amin")

        turns = [a_capture().assignment.agent_id for _ in range(12)]

        assert Counter(turns) == {who.agent_id: 4 for who in (aisha, yousef, third)}
        assert turns == turns[:3] * 4

    def test_who_never_had_a_turn_is_first(self, aisha):
        busy(aisha, 1)
        newcomer = busy(an_agent("Layla Amin"), 3)
        sql("UPDATE agents SET last_assigned_at = NULL WHERE agent_id = %s", newcomer.agent_id)

        assert chosen()[0] == newcomer.agent_id

    def test_then_the_longest_ago_however_many_they_hold(self, clock):
        for name, hours, held in (("Aisha", 3, 0), ("Yousef", 5, 9), ("Layla", 4, 0)):
            agent = busy(an_agent(name), held)
            sql("UPDATE agents SET last_assigned_at = %s WHERE agent_id = %s", turn(hours), agent.agent_id)

        assert the_owner_of(a_lead()) == "Yousef"

    def test_then_who_holds_fewer(self):
        for name, held in (("Aisha", 3), ("Yousef", 1), ("Layla", 2)):
            busy(an_agent(name), held)
        sql("UPDATE agents SET last_assigned_at = '2026-01-01'")

        assert the_owner_of(a_lead()) == "Yousef"

    def test_then_the_lower_id(self, aisha, yousef):
        assert owner(a_lead()) == min(aisha.agent_id, yousef.agent_id)

    def test_an_assignment_by_hand_is_a_turn_too(self, aisha, yousef, mariam):
        first = a_lead()
        other = next(who for who in (aisha, yousef) if who.agent_id != owner(first))
        assignments.assign(first.lead_id, by=mariam, agent_id=other.agent_id, reason="Holiday")

        assert owner(a_lead()) != other.agent_id


def turn(hours):
    return now() - timedelta(hours=hours)


def the_owner_of(lead):
    return value("SELECT full_name FROM agents WHERE agent_id = %s", owner(lead))


class TestWhoIsLeftOut:
    def test_off_duty_and_full_ones_are_counted_in_the_explanation(self, aisha):
        for name in ("Layla", "Karim"):
            an_agent(name, on_duty=False, rate=90)
        busy(an_agent("Nadia", rate=90), CAP)
        busy(an_agent("Sami", on_duty=False), CAP)

        explanation = a_capture().assignment.explanation

        assert (explanation["considered"], explanation["off_duty"], explanation["full"]) == (1, 3, 1)
        assert [row["name"] for row in explanation["candidates"]] == ["Aisha Rahman"]

    def test_with_49_leads_there_is_room_for_one(self, aisha):
        busy(aisha, CAP - 1)

        assert a_capture().assignment.agent_id == aisha.agent_id
        assert a_capture().assignment is None
        assert the_agent(aisha).active_leads_count == CAP

    def test_the_five_best_are_explained_with_their_points(self):
        for number in range(7):
            an_agent(f"Agent {number}", rate=(0, 5, 25, 35)[number % 4], types=["villa"] if number > 3 else [])

        explanation = a_capture(property_type=PropertyType.VILLA).assignment.explanation

        assert explanation["considered"] == 7
        assert [row["points"] for row in explanation["candidates"]] == [5, 4, 3, 3, 2]
        best = explanation["candidates"][0]
        assert (best["name"], best["type_points"], best["rate_points"]) == ("Agent 6", 3, 2)
        assert "area_points" not in best

    def test_the_chosen_one_is_explained_even_when_five_are_better(self):
        for number in range(5):
            an_agent(f"Agent {number}", rate=50)
        modest = an_agent("Zayed")

        explanation = a_capture(by=modest).assignment.explanation

        assert len(explanation["candidates"]) == 5
        assert explanation["candidates"][-1]["agent_id"] == str(modest.agent_id)


class TestOwnLead:
    def test_a_lead_that_an_agent_adds_is_theirs_and_says_so(self, yousef):
        aisha = an_agent("Aisha Rahman", turn=now())

        assignment = a_capture(by=aisha).assignment

        assert (assignment.agent_id, assignment.kind) == (aisha.agent_id, AssignmentKind.OWN)

    @pytest.mark.parametrize("why", ["off duty", "full"])
    def test_unless_they_cannot_take_it(self, aisha, yousef, why):
        if why == "full":
            busy(aisha, CAP)
        else:
            sql("UPDATE agents SET on_duty = false WHERE agent_id = %s", aisha.agent_id)

        assert a_capture(by=aisha).assignment.agent_id == yousef.agent_id

    def test_a_client_of_somebody_else_stays_with_them(self, aisha, yousef):
        phone = a_phone()
        a_lead(phone, by=yousef)

        assert a_capture(phone, "bayut", by=aisha).assignment.agent_id == yousef.agent_id


class TestAssign:
    @pytest.fixture
    def lead(self, aisha):
        return a_lead()

    def refusal(self, lead, kind, agent_id, by):
        with pytest.raises(kind) as refused:
            assignments.assign(lead.lead_id, by=by, agent_id=agent_id)
        return refused.value

    def test_it_moves_the_lead_with_a_reason(self, lead, aisha, yousef, mariam):
        handover = assignments.assign(lead.lead_id, by=mariam, agent_id=yousef.agent_id, reason="Speaks Russian")

        assignment = handover.assignment
        assert (assignment.agent_id, assignment.kind) == (yousef.agent_id, AssignmentKind.BY_HAND)
        assert (assignment.reason, assignment.reassigned_at is None) == ("Speaks Russian", False)
        assert (the_agent(aisha).active_leads_count, the_agent(yousef).active_leads_count) == (0, 1)

    def test_both_agents_are_told(self, lead, aisha, yousef, mariam):
        assignments.assign(lead.lead_id, by=mariam, agent_id=yousef.agent_id, reason="Holiday")

        assert told(aisha) == [NoticeKind.LEAD_ASSIGNED, NoticeKind.LEAD_TAKEN]
        assert told(yousef) == [NoticeKind.LEAD_ASSIGNED]
        assert told(mariam) == []

    def test_every_owner_stays_in_the_history_with_who_moved_it(self, lead, yousef, mariam):
        assignments.assign(lead.lead_id, by=mariam, agent_id=yousef.agent_id, reason="Holiday")

        assert sql(
            """SELECT from_agent_name, agent_name, kind, reason, moved_by FROM assignment_history
               WHERE lead_id = %s ORDER BY move_id DESC""",
            lead.lead_id,
        ) == [
            ("Aisha Rahman", "Yousef Haddad", "by_hand", "Holiday", mariam.user_id),
            (None, "Aisha Rahman", "best_match", None, None),
        ]

    def test_not_without_a_reason(self, lead, yousef, mariam):
        refused = self.refusal(lead, Invalid, yousef.agent_id, mariam)

        assert (refused.field, str(refused.message)) == ("reason", "Say why it changes hands.")

    def test_not_to_the_same_agent(self, lead, aisha, mariam):
        refused = self.refusal(lead, Invalid, aisha.agent_id, mariam)

        assert (refused.field, str(refused.message)) == ("agent_id", "Aisha Rahman owns this lead already.")

    def test_not_to_the_same_agent_as_the_best_match_either(self, lead, aisha, mariam):
        with pytest.raises((Invalid, Conflict)):
            assignments.assign(lead.lead_id, by=mariam, agent_id=None)
        assert told(aisha) == [NoticeKind.LEAD_ASSIGNED]

    def test_the_best_match_is_somebody_else(self, lead, mariam):
        yousef = an_agent("Yousef Haddad")
        busy(yousef, 1)
        a_lead(by=yousef)

        assert (
            assignments.assign(lead.lead_id, by=mariam, agent_id=None, reason="Holiday").assignment.agent_id
            == yousef.agent_id
        )

    def test_not_to_an_agent_off_duty(self, lead, mariam):
        away = an_agent("Layla Amin", on_duty=False)

        refused = self.refusal(lead, Invalid, away.agent_id, mariam)
        assert (refused.field, str(refused.message)) == ("agent_id", "Layla Amin is off duty.")

    def test_not_to_a_full_agent(self, lead, yousef, mariam):
        busy(yousef, CAP)

        refused = self.refusal(lead, Conflict, yousef.agent_id, mariam)
        assert (refused.code, refused.status, refused.field) == ("agent_overload", 409, "agent_id")

    def test_not_a_closed_lead(self, lead, yousef, mariam):
        self.refusal(brought_to(lead, Status.LOST), Invalid, yousef.agent_id, mariam)

    def test_not_to_nobody(self, lead, mariam):
        self.refusal(lead, Missing, uuid4(), mariam)

    def test_not_a_lead_of_somebody_else(self, lead, yousef):
        self.refusal(lead, Missing, yousef.agent_id, yousef)

    def test_a_lead_without_an_owner_gets_one_and_its_first_follow_up(self, mariam):
        waiting = a_lead()
        aisha = an_agent("Aisha Rahman")

        handover = assignments.assign(waiting.lead_id, by=mariam, agent_id=aisha.agent_id, reason="Holiday")

        assert (owner(waiting), handover.moved) == (aisha.agent_id, [])
        (task,) = tasks.open_of(aisha.agent_id)
        assert task.due_date == waiting.created_at + timedelta(hours=24)

    def test_nobody_with_room_is_said(self, mariam):
        refused = self.refusal(a_lead(), Conflict, None, mariam)
        assert refused.code == "agent_overload"


class TestFollowUpsMoveAlong:
    def test_clashing_ones_go_to_the_next_free_slot_and_are_listed(self, aisha, yousef, mariam, clock):
        hers, his = a_lead(by=aisha), a_lead(by=yousef)
        later = clock.now + timedelta(hours=30)
        tasks.schedule(hers.lead_id, FollowUp(TaskType.VIEWING, later), by=aisha)

        handover = assignments.assign(hers.lead_id, by=mariam, agent_id=yousef.agent_id, reason="Holiday")

        due = hers.created_at + timedelta(hours=24)
        assert [(task.type, task.due_date) for task in handover.moved] == [("call", due + timedelta(minutes=30))]
        assert [(task.lead_id, task.due_date) for task in tasks.open_of(yousef.agent_id)] == [
            (his.lead_id, due),
            (hers.lead_id, due + timedelta(minutes=30)),
            (hers.lead_id, later),
        ]
        assert tasks.open_of(aisha.agent_id) == []

    def test_done_ones_stay_with_who_did_them(self, aisha, yousef, mariam):
        lead = a_lead(by=aisha)
        (task,) = tasks.open_of(aisha.agent_id)
        tasks.complete(task.task_id, by=aisha)

        assignments.assign(lead.lead_id, by=mariam, agent_id=yousef.agent_id, reason="Holiday")

        assert value("SELECT agent_id FROM follow_up_tasks") == aisha.agent_id
