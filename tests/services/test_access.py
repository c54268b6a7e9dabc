import inspect
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.factories import a_lead, a_user, an_agent, sql, value
from webapp.errors import Missing, Moved
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import access, enquiries, tasks
from webapp.services.access import SYSTEM
from webapp.vocabulary import Role

# Who may load what hangs on a lead that is Aisha's, Yousef's, nobody's or was given to a row that reception is too;
# nobody loads what is not there.
ALL = {"hers", "his", "nobodys", "receptions"}
SEEN = {
    "aisha": {"hers"},
    "yousef": {"his"},
    "mariam": ALL,
    "omar": ALL,
    "rashid": set(),
    "an agent without a row": set(),
    "reception with a row": set(),
}
GREETED = {"hers", "his"}
VISITS = SEEN | {"rashid": ALL, "reception with a row": ALL}
ASKED_AGAIN = {"rashid": {"nobodys"}}


@pytest.fixture
def cast(aisha, yousef, mariam, rashid, omar):
    found = dict(zip(SEEN, (aisha, yousef, mariam, omar, rashid), strict=False))
    layla = an_agent("Layla Amin", on_duty=False)
    sql("UPDATE users SET role = 'receptionist' WHERE user_id = %s", layla.user_id)
    return found | {
        "an agent without a row": a_user("Nobody Yet", Role.AGENT),
        "reception with a row": replace(layla, role=Role.RECEPTIONIST),
    }


@pytest.fixture
def office(cast):
    """A lead of each kind with an activity, an interest, a follow-up and, but for one, a visit; by the lead's name."""
    hers, his = a_lead(by=cast["aisha"]).lead_id, a_lead(by=cast["yousef"]).lead_id
    sql("UPDATE agents SET on_duty = false")
    leads = {"hers": hers, "his": his, "nobodys": a_lead().lead_id, "receptions": a_lead().lead_id}
    owner = cast["reception with a row"].agent_id
    sql("INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%s, %s)", leads["receptions"], owner)
    for name, lead_id in leads.items():
        agent_id = cast["yousef" if name == "his" else "aisha"].agent_id
        sql("INSERT INTO lead_activities (lead_id, agent_id, type) VALUES (%s, %s, 'call')", lead_id, agent_id)
        sql(
            """INSERT INTO lead_property_interests (lead_id, property_id, interest_level)
               VALUES (%s, gen_random_uuid(), 'high')""",
            lead_id,
        )
        if name not in GREETED:
            sql(
                """INSERT INTO follow_up_tasks (lead_id, agent_id, type, priority, due_date)
                   VALUES (%s, %s, 'call', 'high', now() + %s * interval '1 day')""",
                lead_id,
                agent_id,
                9 + len(name),
            )
            sql(
                """INSERT INTO enquiries (lead_id, source_type, channel, state, taken_by)
                   VALUES (%s, 'bayut', 'by_hand', 'attached', %s)""",
                lead_id,
                cast["rashid"].user_id if name == "nobodys" else None,
            )
        else:
            enquiries.add_visit(lead_id, by=cast["rashid"])
    return leads | {"missing": uuid4()}


def may(load, *args, **kwargs):
    try:
        return bool(load(*args, **kwargs))
    except Missing as refused:
        assert (refused.status, str(refused.message)) == (404, "That is not here, or not yours to see.")
        return False


def leads_on(lead_id, *, by) -> bool:
    """Whether somebody is told where a lead has gone."""
    try:
        return may(access.lead, lead_id, by=by)
    except Moved:
        return True


def listed(lead_id, *, by) -> bool:
    return bool(db.session.scalar(select(Lead.lead_id).where(Lead.lead_id == lead_id, access.leads(by=by))))


def ids(table: str, key: str, office: dict) -> dict:
    """What hangs on each lead of the office, by the lead's name; something that is not there where nothing does."""
    found = {row.lead_id: getattr(row, key) for row in sql(f"SELECT lead_id, {key} FROM {table}")}
    return {name: found.get(lead_id, uuid4()) for name, lead_id in office.items()}


def surprises(cast, office) -> Iterator[tuple]:
    """Who loads what they should not, or not what they should (R14): (way, who, the leads' names)."""
    tasks_, activities_, visits, interests = (
        ids(*table, office)
        for table in (
            ("follow_up_tasks", "task_id"),
            ("lead_activities", "activity_id"),
            ("visits", "visit_id"),
            ("lead_property_interests", "interest_id"),
        )
    )
    greeted = {who: GREETED | ASKED_AGAIN.get(who, set()) for who in SEEN}
    ways = {
        "lead": (access.lead, office, SEEN),
        "lead, locked": (partial(access.lead, lock=True), office, SEEN),
        "lead, with more": (access.lead_with, office, SEEN),
        "list": (listed, office, SEEN),
        "follow-up": (access.task, tasks_, SEEN),
        "interest": (access.interest, interests, SEEN),
        "activity": (access.activity, activities_, SEEN),
        "visit": (access.visit, visits, {who: names & GREETED for who, names in VISITS.items()}),
        "card": (access.greeted_lead, office, greeted),
    }
    yield from misled(cast)
    for way, (load, rows, table) in ways.items():
        for who, actor in cast.items():
            found = {name for name in office if may(load, rows[name], by=actor)}
            if found != table[who]:
                yield way, who, found


def misled(cast) -> Iterator[tuple]:
    """Who sees figures or files that are not theirs, or not theirs: (way, who, the ids)."""
    agents = {row.agent_id for row in sql("SELECT agent_id FROM agents")}
    sql(
        "INSERT INTO exports (user_id, format, query, count, made_at)"
        " SELECT user_id, 'csv', '{}', 1, now() FROM users u"
        " WHERE NOT EXISTS (SELECT FROM exports e WHERE e.user_id = u.user_id)"
    )
    sql(
        "INSERT INTO handovers (user_id, reason) SELECT user_id, '' FROM users u"
        " WHERE NOT EXISTS (SELECT FROM handovers h WHERE h.user_id = u.user_id)"
    )
    handed_over = sql("SELECT handover_id FROM handovers")
    sql(
        "INSERT INTO imports (user_id, name, format, hash, size, headings, sample)"
        " SELECT user_id, 'x', 'csv', user_id::text::bytea, 1, '{}', '[]' FROM users ON CONFLICT DO NOTHING"
    )
    files = {row.import_id for row in sql("SELECT import_id FROM imports")}
    exports = {row.export_id: row.user_id for row in sql("SELECT export_id, user_id FROM exports")}
    for who, actor in cast.items():
        found = {agent_id for agent_id in agents if may(access.measured_agent, agent_id, by=actor)}
        if found != (agents if actor.sees_all_leads else {actor.agent_id} - {None}):
            yield "figures", who, found
        found = {exports[export_id] for export_id in exports if may(access.export, export_id, by=actor)}
        if found != {actor.user_id}:
            yield "files", who, found
        may_see = {row.handover_id for row in handed_over if may(access.handover, row.handover_id, by=actor)}
        if may_see != ({row.handover_id for row in handed_over} if actor.sees_all_leads else set()):
            yield "hand-overs", who, may_see
    for who, actor in cast.items():
        found = {import_id for import_id in files if may(access.import_of_file, import_id, by=actor)}
        if found != (files if actor.sees_all_leads else set()):
            yield "imports", who, found
    sql(
        "INSERT INTO enquiries (source_type, channel, state, portal_lead_id, owner_id)"
        " SELECT 'bayut', 'email', 'needs_review', 'nobody', NULL::uuid"
        " UNION ALL SELECT 'bayut', 'email', 'needs_review', agent_id::text, agent_id FROM agents"
        " ON CONFLICT DO NOTHING"
    )
    sql(
        "INSERT INTO merges (survivor_id, absorbed_id, number, agent_id, phones, source_type, captured_at, kept)"
        " SELECT lead_id, gen_random_uuid(), number, agent_id, '{}', source_type, now(), '{}' FROM leads, agents"
        " WHERE NOT EXISTS (SELECT FROM merges)"
    )
    parts = {row.merge_id: row for row in sql("SELECT m.*, owner_id FROM merges m JOIN leads ON lead_id = survivor_id")}
    for who, actor in cast.items():
        theirs = actor.agent_id if actor.role == Role.AGENT else None
        mine = {one for one, row in parts.items() if actor.sees_all_leads or {row.owner_id, row.agent_id} == {theirs}}
        found = {merge_id for merge_id in parts if may(access.merge, merge_id, by=actor)}
        if found != mine:
            yield "merges", who, found
    yield from misled_to_enquiries(cast)


def misled_to_enquiries(cast) -> Iterator[tuple]:
    """Who sees enquiries that are neither theirs to review nor their lead's, or broker's leads that were not theirs."""
    sql(
        """WITH aside AS (
               INSERT INTO broker_leads (lead_id, number, agent_id, phone, kept)
               SELECT gen_random_uuid(), 1, agent_id, '', '{}' FROM agents WHERE NOT EXISTS (SELECT FROM broker_leads)
               RETURNING *)
           INSERT INTO enquiries (source_type, channel, state, broker_lead_id)
           SELECT 'bayut', 'email', 'ignored', broker_lead_id FROM aside"""
    )
    gone = sql("SELECT lead_id, agent_id FROM broker_leads UNION ALL"
               " SELECT absorbed_id, owner_id FROM merges JOIN leads ON lead_id = survivor_id")  # fmt: skip
    aside = {row.broker_lead_id: row.agent_id for row in sql("SELECT * FROM broker_leads")}
    reviews = {
        row.enquiry_id: {row.owner_id, row.lead_owner, row.agent_id} - {None}
        for row in sql(
            """SELECT e.enquiry_id, e.owner_id, l.owner_id AS lead_owner, b.agent_id
               FROM enquiries e LEFT JOIN leads l USING (lead_id) LEFT JOIN broker_leads b USING (broker_lead_id)"""
        )
    }
    for who, actor in cast.items():
        theirs = actor.agent_id if actor.role == Role.AGENT else None
        mine = {one for one, owners in reviews.items() if actor.sees_all_leads or theirs in owners}
        found = {enquiry_id for enquiry_id in reviews if may(access.enquiry, enquiry_id, by=actor)}
        held = {enquiry_id for enquiry_id in reviews if may(access.enquiry, enquiry_id, by=actor, lock=True)}
        if (found, held) != (mine, mine):
            yield "enquiries", who, found
        was_mine = {one for one, owner in aside.items() if actor.sees_all_leads or (owner == theirs and owner)}
        if {row.lead_id for row in gone if leads_on(row.lead_id, by=actor)} != {
            row.lead_id for row in gone if actor.sees_all_leads or (row.agent_id == theirs and theirs)
        }:
            yield "where a lead has gone", who, set()
        if (found := {one for one in aside if may(access.broker_lead, one, by=actor)}) != was_mine:
            yield "broker leads", who, found


@pytest.mark.row("Z1")
def test_everybody_loads_what_is_theirs_and_nothing_else(cast, office):
    assert [*surprises(cast, office)] == []


SCOPE = ", leads(by=by)"
MUTANTS = [
    ("leads", "if by.sees_all_leads:", "if True:"),
    ("leads", "if by.role == Role.AGENT and by.agent_id:", "if by.agent_id:"),
    ("leads", "return Lead.owner_id == by.agent_id", "return Lead.owner_id.is_not(None)"),
    ("leads", "return Lead.owner_id == by.agent_id", "return Lead.owner_id.is_distinct_from(by.agent_id)"),
    ("leads", "return false()", "return true()"),
    ("lead", SCOPE, ""),
    ("lead_with", SCOPE, ""),
    ("agents", "if by.sees_all_leads:", "if True:"),
    ("measured_agent", ", agents(by=by)", ""),
    ("export", ", Export.user_id == by.user_id", ""),
    ("enquiries", "if by.sees_all_leads:", "if True:"),
    ("enquiries", "if by.role == Role.AGENT and by.agent_id:", "if by.agent_id:"),
    ("enquiries", "return Enquiry.owner_id == by.agent_id", "return Enquiry.owner_id.is_not(None)"),
    ("enquiries", "return false()", "return true()"),
    ("enquiry", ", theirs)", ")"),
    ("enquiry", "or_(enquiries(by=by), own, aside)", "or_(own, aside)"),
    ("enquiry", ", own, aside", ", aside"),
    ("enquiry", ", own, aside", ", own"),
    ("enquiry", ", leads(by=by)", ""),
    ("enquiry", ", broker_leads(by=by)", ""),
    ("_elsewhere", ", broker_leads(by=by)", ""),
    ("_elsewhere", "seen=leads(by=by)", "seen=true()"),
    ("broker_leads", "if by.sees_all_leads:", "if True:"),
    ("broker_leads", "if by.role == Role.AGENT and by.agent_id:", "if by.agent_id:"),
    ("broker_leads", "return BrokerLead.agent_id == by.agent_id", "return BrokerLead.agent_id.is_not(None)"),
    ("broker_leads", "return false()", "return true()"),
    ("broker_lead", ", broker_leads(by=by)", ","),
    ("handover", " if by.sees_all_leads else false()", ""),
    ("import_of_file", " if by.sees_all_leads else false()", ""),
    ("merge", SCOPE, ""),
    ("merge", ", mine)", ")"),
    ("merge", "true() if by.sees_all_leads else Merge.agent_id == by.agent_id", "Merge.agent_id == by.agent_id"),
    ("interest", SCOPE, ""),
    ("interest", "join(Lead, Lead.lead_id == LeadPropertyInterest.lead_id)", "join(Lead, true())"),
    ("task", SCOPE, ""),
    ("task", "join(Lead, Lead.lead_id == FollowUpTask.lead_id)", "join(Lead, true())"),
    ("activity", SCOPE, ""),
    ("activity", "join(Lead, Lead.lead_id == LeadActivity.lead_id)", "join(Lead, true())"),
    ("visit", "if by.role != Role.RECEPTIONIST:", "if False:"),
    ("visit", "if by.role != Role.RECEPTIONIST:", "if True:"),
    ("visit", "query.where(leads(by=by))", "query"),
    ("greeted_lead", ", visited | asked", ""),
    ("greeted_lead", "visited | asked", "visited"),
    ("greeted_lead", "Visit.lead_id == Lead.lead_id", "Visit.lead_id.is_not(None)"),
    ("greeted_lead", ", Enquiry.taken_by == by.user_id", ""),
    ("greeted_lead", "Enquiry.lead_id == Lead.lead_id, ", ""),
]


@pytest.mark.row("Z10")
class TestDoesItBite:
    def test_every_filter_that_is_taken_out_is_noticed(self, cast, office, monkeypatch, figure):
        survivors = []
        for name, filter_, without in MUTANTS:
            source = inspect.getsource(getattr(access, name))
            assert filter_ in source, (name, filter_)
            namespace = dict(vars(access))
            exec(source.replace(filter_, without), namespace)
            with monkeypatch.context() as patched:
                patched.setattr(access, name, namespace[name])
                if next(surprises(cast, office), None) is None:
                    survivors.append((name, filter_))

        figure("Z10", "filters of the access to rows taken out", len(MUTANTS))
        figure("Z10", "of them unnoticed at the access to rows", len(survivors))
        assert survivors == []

    def test_every_function_that_filters_by_somebody_has_its_mutant(self):
        filtering = {
            name
            for name, function in inspect.getmembers(access, inspect.isfunction)
            if function.__module__ == access.__name__ and "by" in inspect.signature(function).parameters
        }

        assert filtering == {name for name, _filter, _without in MUTANTS}


class TestGreeted:
    def test_only_who_stood_at_the_front_desk_has_a_card(self, cast, office):
        assert not may(access.greeted_lead, office["nobodys"], by=cast["reception with a row"])

        enquiries.add_visit(office["nobodys"], by=cast["rashid"])

        assert may(access.greeted_lead, office["nobodys"], by=cast["reception with a row"])


class TestChangesTakeEffectAtOnce:
    def test_who_loses_a_lead_no_longer_sees_it(self, cast, office):
        sql(
            "UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s",
            cast["yousef"].agent_id,
            office["hers"],
        )

        assert not may(access.lead, office["hers"], by=cast["aisha"])
        assert may(access.lead, office["hers"], by=cast["yousef"])

    def test_the_system_sees_all(self, office):
        assert {name for name, lead_id in office.items() if may(access.lead, lead_id, by=SYSTEM)} == ALL


def test_a_task_moves_out_of_sight_with_its_lead(cast, office):
    task_id = value("SELECT task_id FROM follow_up_tasks WHERE lead_id = %s", office["hers"])
    sql("UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s", cast["yousef"].agent_id, office["hers"])

    with pytest.raises(Missing):
        tasks.complete(task_id, by=cast["aisha"])
    assert tasks.find(task_id, by=cast["yousef"]).is_open
