from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.factories import a_lead, a_user, sql, value
from webapp.errors import Missing
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import access, activities, enquiries, tasks
from webapp.services.access import SYSTEM
from webapp.vocabulary import ActivityType, Role

CAST = ("aisha", "yousef", "mariam", "rashid", "omar")
# Who may load a lead that is Aisha's, Yousef's, nobody's, or not there.
LEADS = {
    "aisha": {"hers"},
    "yousef": {"his"},
    "mariam": {"hers", "his", "nobodys"},
    "omar": {"hers", "his", "nobodys"},
    "rashid": set(),
}


@pytest.fixture
def cast(aisha, yousef, mariam, rashid, omar):
    return dict(zip(CAST, (aisha, yousef, mariam, rashid, omar), strict=True))


@pytest.fixture
def office(cast):
    """A lead of each kind, by its name."""
    hers, his = a_lead(by=cast["aisha"]).lead_id, a_lead(by=cast["yousef"]).lead_id
    sql("UPDATE agents SET on_duty = false")
    nobodys = a_lead().lead_id
    return {"hers": hers, "his": his, "nobodys": nobodys, "missing": uuid4()}


def may(load, *args, **kwargs):
    try:
        return bool(load(*args, **kwargs))
    except Missing as refused:
        assert (refused.status, str(refused.message)) == (404, "That is not here, or not yours to see.")
        return False


@pytest.mark.parametrize("who", CAST)
class TestRoles:
    @pytest.mark.parametrize("lock", [False, True])
    def test_a_lead(self, cast, office, who, lock):
        loaded = {name for name, lead_id in office.items() if may(access.lead, lead_id, by=cast[who], lock=lock)}

        assert loaded == LEADS[who]

    def test_a_follow_up(self, cast, office, who):
        found = {row.lead_id: row.task_id for row in sql("SELECT lead_id, task_id FROM follow_up_tasks")}

        loaded = {name for name in office if may(access.task, found.get(office[name], uuid4()), by=cast[who])}
        assert loaded == LEADS[who] - {"nobodys"}

    def test_an_activity(self, cast, office, who):
        logged = {
            name: activities.log(office[name], by=cast["mariam"], type=ActivityType.CALL).activity_id
            for name in ("hers", "his")
        }

        loaded = {name for name in office if may(access.activity, logged.get(name, uuid4()), by=cast[who])}
        assert loaded == LEADS[who] - {"nobodys"}

    def test_a_visit(self, cast, office, who):
        visits = {
            name: enquiries.add_visit(office[name], by=cast["rashid"]).visit_id for name in ("hers", "his", "nobodys")
        }

        loaded = {name for name in office if may(access.visit, visits.get(name, uuid4()), by=cast[who])}
        assert loaded == (set(visits) if who == "rashid" else LEADS[who])

    def test_the_list_is_what_can_be_loaded(self, cast, office, who):
        listed = {
            name
            for name, lead_id in office.items()
            if db.session.scalar(select(Lead.lead_id).where(Lead.lead_id == lead_id, access.leads(by=cast[who])))
        }

        assert listed == LEADS[who]


class TestGreeted:
    def test_only_who_stood_at_the_front_desk_has_a_card(self, cast, office):
        assert not may(access.greeted_lead, office["hers"], by=cast["rashid"])

        enquiries.add_visit(office["hers"], by=cast["rashid"])

        assert may(access.greeted_lead, office["hers"], by=cast["rashid"])


class TestChangesTakeEffectAtOnce:
    def test_who_loses_a_lead_no_longer_sees_it(self, cast, office):
        sql(
            "UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s",
            cast["yousef"].agent_id,
            office["hers"],
        )

        assert not may(access.lead, office["hers"], by=cast["aisha"])
        assert may(access.lead, office["hers"], by=cast["yousef"])

    def test_an_agent_user_without_an_agent_sees_nothing(self, office):
        nobody = a_user("Nobody Yet", Role.AGENT)

        assert not any(may(access.lead, lead_id, by=nobody) for lead_id in office.values())

    def test_the_system_sees_all(self, office):
        assert [name for name, lead_id in office.items() if may(access.lead, lead_id, by=SYSTEM)] == [
            "hers",
            "his",
            "nobodys",
        ]


def test_a_task_moves_out_of_sight_with_its_lead(cast, office):
    task_id = value("SELECT task_id FROM follow_up_tasks WHERE lead_id = %s", office["hers"])
    sql("UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s", cast["yousef"].agent_id, office["hers"])

    with pytest.raises(Missing):
        tasks.complete(task_id, by=cast["aisha"])
    assert tasks.find(task_id, by=cast["yousef"]).is_open
