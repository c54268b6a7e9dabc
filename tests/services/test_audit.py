"""Each public write leaves one entry with who did it, in the transaction of the deed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import a_lead, a_phone, an_agent, brought_to, sql, tally
from webapp.errors import Refused
from webapp.services import activities, agents, assignments, enquiries, leads, pipeline, tasks, users
from webapp.services.agents import Profile
from webapp.services.leads import Details, Origin
from webapp.services.pipeline import Deal
from webapp.services.tasks import FollowUp
from webapp.vocabulary import (
    ActivityType,
    Channel,
    DealType,
    LostReason,
    Role,
    Source,
    Status,
    TaskType,
    VisitStatus,
)


@pytest.fixture
def entries(app):
    """The entries that a deed leaves: (verb, who, about this lead or None)."""

    def entries(deed):
        latest = sql("SELECT coalesce(max(entry_id), 0) FROM audit_entries")[0][0]
        deed()
        return [
            tuple(row)
            for row in sql(
                "SELECT verb, actor_id, actor_name, lead_id FROM audit_entries WHERE entry_id > %s ORDER BY entry_id",
                latest,
            )
        ]

    return entries


@pytest.fixture
def lead(aisha):
    return a_lead(by=aisha)


class TestOneEntry:
    @pytest.fixture(autouse=True)
    def told_apart(self, entries, mariam, lead):
        self.entries, self.mariam, self.lead = entries, mariam, lead

    def check(self, verb, deed, about_the_lead=True):
        lead_id = self.lead.lead_id if about_the_lead else None
        assert self.entries(deed) == [(verb, self.mariam.user_id, "Mariam Saleh", lead_id)]

    def test_a_repeat(self):
        details = Details(self.lead.phone, self.lead.source_type)
        self.check("leads.repeat", lambda: leads.capture(details, Origin(), by=self.mariam))

    def test_an_amendment(self):
        details = Details(self.lead.phone, self.lead.source_type, first_name="Noor")
        self.check("leads.amend", lambda: leads.amend(self.lead.lead_id, details, by=self.mariam, version=1))

    def test_an_activity(self):
        log = activities.log
        self.check("activities.log", lambda: log(self.lead.lead_id, by=self.mariam, type=ActivityType.CALL))

    def test_a_struck_activity(self):
        call = activities.log(self.lead.lead_id, by=self.mariam, type=ActivityType.CALL)
        self.check("activities.strike", lambda: activities.strike(call.activity_id, by=self.mariam))

    def test_a_move(self):
        facts = {"status_from": Status.NEW, "status": Status.LOST, "lost_reason": LostReason.AREA}
        self.check("pipeline.move", lambda: pipeline.move(self.lead.lead_id, by=self.mariam, **facts))

    def test_a_deal(self):
        brought_to(self.lead, Status.NEGOTIATION)
        facts = {"status_from": Status.NEGOTIATION, "status": Status.CONVERTED, "deal": Deal(DealType.SALE, Decimal(1))}
        self.check("pipeline.move", lambda: pipeline.move(self.lead.lead_id, by=self.mariam, **facts))

    def test_a_handover(self, yousef):
        assign = assignments.assign
        self.check(
            "assignments.assign",
            lambda: assign(self.lead.lead_id, by=self.mariam, agent_id=yousef.agent_id, reason="Holiday"),
        )

    def test_a_follow_up(self):
        follow_up = FollowUp(TaskType.CALL, self.lead.created_at + timedelta(days=3))
        self.check("tasks.schedule", lambda: tasks.schedule(self.lead.lead_id, follow_up, by=self.mariam))

    @pytest.mark.parametrize("deed", ["reschedule", "complete", "cancel"])
    def test_what_becomes_of_a_follow_up(self, aisha, deed):
        (task,) = tasks.open_of(aisha.agent_id)
        more = {"reschedule": {"due_date": task.due_date + timedelta(hours=1)}, "cancel": {"reason": "Late"}}
        self.check(f"tasks.{deed}", lambda: getattr(tasks, deed)(task.task_id, by=self.mariam, **more.get(deed, {})))

    def test_a_visit(self):
        self.check("enquiries.add_visit", lambda: enquiries.add_visit(self.lead.lead_id, by=self.mariam))
        visit_id = sql("SELECT visit_id FROM visits")[0][0]
        self.check(
            "enquiries.mark_visit",
            lambda: enquiries.mark_visit(visit_id, by=self.mariam, status=VisitStatus.RECEIVED),
        )

    def test_a_new_agent(self):
        deed = lambda: agents.add(Profile("Zayed", "z@agents.example", a_phone()), by=self.mariam)  # noqa: E731
        self.check("agents.add", deed, about_the_lead=False)

    def test_a_new_user(self):
        def deed():
            users.add("z@desk.example", by=self.mariam, name="Zayed", role=Role.AGENT, password="ten letters")

        self.check("users.add", deed, about_the_lead=False)


class TestCapture:
    def test_the_capture_and_the_assignment_are_two_deeds(self, aisha, rashid, entries):
        origin = Origin(Channel.VISIT)
        written = entries(lambda: enquiries.register(Details(a_phone(), Source.WALK_IN), origin, by=rashid))

        lead_id = sql("SELECT lead_id FROM leads")[0][0]
        assert written == [
            ("assignments.assign", rashid.user_id, "Rashid Khan", lead_id),
            ("leads.capture", rashid.user_id, "Rashid Khan", lead_id),
        ]

    def test_opened_again(self, lead, aisha, entries):
        closed = brought_to(lead, Status.LOST)

        written = entries(lambda: leads.open_again(closed.lead_id, by=aisha))

        assert [verb for verb, *_rest in written] == ["assignments.assign", "leads.open_again"]


class TestWhatDoesNotHappen:
    def test_leaves_nothing(self, lead, aisha, yousef, mariam, entries):
        away = an_agent("Layla Amin", on_duty=False)
        version, lead_id = 99, lead.lead_id
        details = Details(lead.phone, lead.source_type)
        (task,) = tasks.open_of(aisha.agent_id)
        clash = FollowUp(TaskType.CALL, task.due_date)
        deeds = [
            lambda: leads.capture(Details("0571234567", Source.BAYUT), Origin(), by=mariam),
            lambda: leads.amend(lead_id, details, by=mariam, version=version),
            lambda: leads.open_again(lead_id, by=mariam),
            lambda: activities.log(lead_id, by=yousef, type=ActivityType.CALL),
            lambda: activities.log(lead_id, by=aisha, type=ActivityType.CALL, follow_up=clash),
            lambda: pipeline.move(lead_id, by=aisha, status_from=Status.NEW, status=Status.CONVERTED),
            lambda: assignments.assign(lead_id, by=mariam, agent_id=away.agent_id, reason="Holiday"),
            lambda: tasks.schedule(lead_id, clash, by=aisha),
            lambda: agents.add(Profile("X", "x@agents.example", "800 1234"), by=mariam),
            lambda: users.add("x@desk.example", by=mariam, name="X", role=Role.AGENT, password="short"),
        ]
        before = tally("leads", "lead_activities", "follow_up_tasks", "notices", "lead_conversion_history")
        for deed in deeds:
            with pytest.raises(Refused):
                deed()

        assert entries(lambda: None) == []
        assert tally("audit_entries") == {"audit_entries": 2}
        assert tally(*before) == before
