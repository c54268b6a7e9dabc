from datetime import datetime

import pytest

from tests.factories import sql as rows
from tests.factories import tally, value
from webapp import demo
from webapp.demo.tables import COLUMNS
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import LeadAssignment, ScoreLine
from webapp.services import leads
from webapp.services.access import SYSTEM
from webapp.services.leads import Details, Origin
from webapp.vocabulary import AssignmentKind, Source

DAY = datetime(2026, 3, 5)
NOW = "timestamptz '2026-03-05 11:45+04'"
TODAY = "timestamptz '2026-03-05 00:00+04'"
ACTIVE = "status NOT IN ('converted', 'lost')"
OPEN = "status IN ('pending', 'overdue')"

# What must be true of every office: each query finds the rows that break a rule.
BROKEN = {
    "the score is the sum of its lines": """
        SELECT lead_id FROM leads LEFT JOIN score_lines USING (lead_id) GROUP BY lead_id
        HAVING leads.score <> coalesce(sum(counted), 0)""",
    "a struck activity counts nothing": """
        SELECT activity_id FROM lead_activities JOIN score_lines USING (activity_id) WHERE struck_at IS NOT NULL
        GROUP BY activity_id HAVING sum(counted) <> 0""",
    "only a first contact earns the response tier": """
        SELECT lead_id FROM score_lines WHERE rule_name LIKE 'Answered%' GROUP BY lead_id HAVING count(*) > 1""",
    "the workload is counted": f"""
        SELECT agent_id FROM agents g WHERE active_leads_count <> (
            SELECT count(*) FROM lead_assignments a JOIN leads l USING (lead_id)
            WHERE a.agent_id = g.agent_id AND l.{ACTIVE})""",
    "an assignment knows whether its lead is active": f"""
        SELECT assignment_id FROM lead_assignments a JOIN leads l USING (lead_id) WHERE a.is_active <> (l.{ACTIVE})""",
    "nobody holds more than fifty": "SELECT agent_id FROM agents WHERE active_leads_count > 50",
    "the history chains from new to the lead's status": """
        WITH moves AS (
            SELECT *, lag(status_to, 1, 'new') OVER path AS before, lead(status_to) OVER path AS after
            FROM lead_conversion_history WINDOW path AS (PARTITION BY lead_id ORDER BY changed_at))
        SELECT lead_id FROM leads l LEFT JOIN moves m USING (lead_id)
        WHERE m.status_from <> m.before OR (m.after IS NULL AND coalesce(m.status_to, 'new') <> l.status)""",
    "only moves of the path": """
        SELECT history_id FROM lead_conversion_history WHERE (status_from, status_to) NOT IN (
            ('new', 'contacted'), ('new', 'lost'), ('contacted', 'qualified'), ('contacted', 'lost'),
            ('qualified', 'viewing_scheduled'), ('qualified', 'lost'), ('viewing_scheduled', 'negotiation'),
            ('viewing_scheduled', 'qualified'), ('viewing_scheduled', 'lost'), ('negotiation', 'converted'),
            ('negotiation', 'lost'))""",
    "a final move brings its facts": """
        SELECT history_id FROM lead_conversion_history
        WHERE (status_to = 'converted') <> (deal_value IS NOT NULL AND conversion_type IN ('sale', 'rental'))
           OR (status_to = 'lost') <> (lost_reason IS NOT NULL AND notes IS NOT NULL)
           OR (status_to = 'lost') <> (conversion_type IS NOT DISTINCT FROM 'lost')""",
    "moves, contacts and owners come after the capture and before now": f"""
        SELECT lead_id FROM leads l JOIN (
            SELECT lead_id, changed_at AS at FROM lead_conversion_history
            UNION ALL SELECT lead_id, activity_at FROM lead_activities
            UNION ALL SELECT lead_id, logged_at FROM lead_activities
            UNION ALL SELECT lead_id, moved_at FROM assignment_history
            UNION ALL SELECT lead_id, received_at FROM enquiries
            UNION ALL SELECT lead_id, left_at FROM visits WHERE left_at IS NOT NULL
            UNION ALL SELECT lead_id, created_at FROM follow_up_tasks
            UNION ALL SELECT lead_id, created_at FROM score_lines
            UNION ALL SELECT lead_id, created_at FROM notices
        ) event USING (lead_id) WHERE at < l.created_at OR at > {NOW}""",
    "nothing happens to a closed lead": """
        SELECT lead_id FROM lead_conversion_history h JOIN lead_activities a USING (lead_id)
        WHERE h.status_to IN ('converted', 'lost') AND a.logged_at > h.changed_at""",
    "a contacted lead has a contact": f"""
        SELECT lead_id FROM leads l WHERE (status = 'new') = EXISTS (
            SELECT FROM lead_activities a WHERE a.lead_id = l.lead_id) AND {ACTIVE}""",
    "contacts and moves belong to an owner of the lead": """
        SELECT lead_id FROM (SELECT lead_id, agent_id FROM lead_activities
            UNION SELECT lead_id, agent_id FROM lead_conversion_history) deed
        WHERE NOT EXISTS (SELECT FROM assignment_history h
            WHERE h.lead_id = deed.lead_id AND h.agent_id = deed.agent_id)""",
    "the history of owners ends with the owner": """
        SELECT lead_id FROM lead_assignments a WHERE agent_id IS DISTINCT FROM (
            SELECT agent_id FROM assignment_history h WHERE h.lead_id = a.lead_id ORDER BY move_id DESC LIMIT 1)""",
    "the best match is the best one": """
        SELECT move_id FROM assignment_history WHERE kind = 'best_match'
          AND explanation #>> '{candidates,0,agent_id}' IS DISTINCT FROM agent_id::text""",
    "the same person's agent owned a lead that was open": """
        SELECT lead_id FROM lead_assignments a JOIN leads l USING (lead_id) WHERE kind = 'same_person'
          AND NOT EXISTS (SELECT FROM leads o JOIN assignment_history h USING (lead_id)
            WHERE o.phone = l.phone AND o.created_at < l.created_at AND h.agent_id = a.agent_id
              AND NOT EXISTS (SELECT FROM lead_conversion_history c WHERE c.lead_id = o.lead_id
                AND c.status_to IN ('converted', 'lost') AND c.changed_at < l.created_at))""",
    "the last turn is remembered": """
        SELECT agent_id FROM agents g WHERE last_assigned_at IS DISTINCT FROM (
            SELECT max(moved_at) FROM assignment_history h WHERE h.agent_id = g.agent_id)""",
    "who is off duty gets nothing new": f"""
        SELECT move_id FROM assignment_history JOIN agents USING (agent_id)
        WHERE NOT on_duty AND moved_at > {NOW} - interval '6 days'""",
    "open follow-ups keep thirty minutes apart": f"""
        SELECT a.task_id FROM follow_up_tasks a JOIN follow_up_tasks b USING (agent_id)
        WHERE a.{OPEN} AND b.{OPEN} AND a.task_id <> b.task_id AND a.due_date > b.due_date - interval '30 minutes'
          AND a.due_date < b.due_date + interval '30 minutes'""",
    "open follow-ups are their owner's and late when they are": f"""
        SELECT task_id FROM follow_up_tasks t JOIN leads l USING (lead_id) LEFT JOIN lead_assignments a USING (lead_id)
        WHERE t.{OPEN} AND (a.agent_id IS DISTINCT FROM t.agent_id OR l.status IN ('converted', 'lost')
            OR (t.status = 'overdue') <> (t.due_date < {NOW})
            OR (t.escalated_at IS NOT NULL) <> (t.due_date <= {NOW} - interval '30 days'))""",
    "no follow-up is born late": """
        SELECT task_id FROM follow_up_tasks WHERE due_date < created_at""",
    "no equal lead within a day": """
        SELECT a.lead_id FROM leads a JOIN leads b USING (phone, source_type)
        WHERE b.created_at > a.created_at AND b.created_at < a.created_at + interval '24 hours'""",
    "one first enquiry and one source a lead": """
        SELECT lead_id FROM leads l WHERE 1 <> (SELECT count(*) FROM lead_sources s WHERE s.lead_id = l.lead_id)
            OR 1 <> (SELECT count(*) FROM enquiries e WHERE e.lead_id = l.lead_id AND state = 'captured')""",
    "leads are numbered as they came": """
        SELECT number FROM (SELECT number, created_at < lag(created_at) OVER (ORDER BY number) AS before FROM leads) n
        WHERE before""",
    "every guard stands": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'O'",
}

# What the demo always shows on its last day, whatever the seed.
SHOWN = {
    "fresh leads of Aisha with the clock running": (
        3,
        f"""SELECT count(*) FROM leads l JOIN lead_assignments USING (lead_id) JOIN agents g USING (agent_id)
        WHERE g.email = 'aisha.khan@example.com' AND status = 'new' AND l.created_at > {NOW} - interval '75 minutes'""",
    ),
    "visitors who wait": (
        2,
        f"SELECT count(*) FROM visits WHERE status = 'waiting' AND arrived_at >= {TODAY}",
    ),
    "visitors with an agent": (1, f"SELECT count(*) FROM visits WHERE status = 'received' AND arrived_at >= {TODAY}"),
    "visitors who have left": (2, f"SELECT count(*) FROM visits WHERE status = 'left' AND arrived_at >= {TODAY}"),
    "nobody's leads": (
        6,
        f"""SELECT count(*) FROM leads l WHERE {ACTIVE}
        AND NOT EXISTS (SELECT FROM lead_assignments a WHERE a.lead_id = l.lead_id)""",
    ),
    "agents off duty": (2, "SELECT count(*) FROM agents WHERE NOT on_duty AND active_leads_count > 0"),
    "follow-ups more than 30 days late": (2, "SELECT count(*) FROM follow_up_tasks WHERE escalated_at IS NOT NULL"),
    "the cast": (4, "SELECT count(*) FROM users WHERE is_demo AND (role <> 'agent' OR name = 'Aisha Khan')"),
}
FOREIGN_KEYS = """
    SELECT conrelid::regclass::text AS name, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' ORDER BY name, conname
"""
SHOWN_SOME = {
    "follow-ups more than 3 days late": f"{OPEN} AND due_date < {NOW} - interval '3 days'",
    "follow-ups of today ahead": f"status = 'pending' AND due_date < {TODAY} + interval '1 day'",
    "cancelled follow-ups": "cancelled_at IS NOT NULL",
}


def broken(now=NOW):
    """The rules that are broken, each with its first rows."""
    return {rule: found[:3] for rule, query in BROKEN.items() if (found := rows(query.replace(NOW, now)))}


def seeded(leads=150, agents=12, seed=42, as_of=DAY):
    demo.seed(leads=leads, agents=agents, seed=seed, as_of=as_of)


def contents(leave_out=("password_hash", "updated_at")):
    """Every row of every table that the demo fills, without what a clock or a salt decides."""
    found = {}
    for table, columns in COLUMNS.items():
        kept = ", ".join(column for column in columns.split() if column not in leave_out)
        found[table] = sorted(map(str, rows(f"SELECT {kept} FROM {table}")))
    return found


def emptied():
    rows(f"TRUNCATE {', '.join(COLUMNS)}, audit_entries RESTART IDENTITY CASCADE")


@pytest.mark.usefixtures("app")
class TestSeed:
    def test_every_rule_holds_for_every_row(self):
        seeded(leads=640)
        assert not broken()
        assert tally("leads") == {"leads": 640}
        assert 3 < tally("lead_activities")["lead_activities"] / 640 < 6

    def test_the_default_office_has_full_and_nearly_full_agents(self):
        seeded(leads=640)
        loads = [load for (load,) in rows("SELECT active_leads_count FROM agents ORDER BY 1 DESC")]
        assert loads[0] == 50
        assert 46 <= loads[1] <= 49
        assert 40 <= loads[2] < 46
        assert len(loads) == 12

    def test_some_of_everything_that_can_go_wrong_is_there(self):
        seeded()
        counted = {what: value(query) for what, (_count, query) in SHOWN.items()}
        assert counted == {what: count for what, (count, _query) in SHOWN.items()}
        for condition in SHOWN_SOME.values():
            assert value(f"SELECT count(*) FROM follow_up_tasks WHERE {condition}") > 0, condition
        assert value("SELECT count(*) FROM leads WHERE first_name = '' AND last_name = ''") > 0
        assert value("SELECT count(DISTINCT source_type) FROM leads") == len(Source)
        assert value("SELECT count(*) FROM notices WHERE read_at IS NULL") > 0

    def test_people_come_back(self):
        seeded(leads=640)
        assert value("SELECT count(*) FROM enquiries WHERE state = 'attached'") > 10
        assert value("SELECT count(*) FROM leads WHERE reopened_from IS NOT NULL") > 0
        assert value("SELECT count(*) FROM lead_assignments WHERE kind = 'same_person'") > 0
        early = "SELECT o.lead_id FROM leads o JOIN leads l ON l.reopened_from = o.lead_id WHERE o.status <> 'lost'"
        assert not rows(early)

    def test_the_same_seed_and_day_make_the_same_rows(self):
        seeded()
        first = contents()
        emptied()
        seeded()
        assert contents() == first
        emptied()
        seeded(seed=43)
        assert contents() != first

    def test_every_foreign_key_is_as_it_was(self):
        before = rows(FOREIGN_KEYS)
        seeded(leads=20)
        assert rows(FOREIGN_KEYS) == before

    def test_somebody_lives_here_already(self):
        seeded(leads=20)
        before = contents(leave_out=())
        with pytest.raises(Conflict) as refused:
            seeded(leads=20)
        assert refused.value.code == "not_empty"
        assert contents(leave_out=()) == before

    def test_a_lead_is_enough_to_refuse(self):
        leads.capture(Details(phone="0501234567", source_type=Source.WALK_IN), Origin(), by=SYSTEM)
        with pytest.raises(Conflict):
            seeded()
        assert tally("users") == {"users": 0}

    def test_what_fails_half_way_leaves_nothing(self, monkeypatch):
        def killed(*_what):
            raise KeyboardInterrupt

        before = rows(FOREIGN_KEYS)

        monkeypatch.setattr(demo.figures, "perform", killed)
        with pytest.raises(KeyboardInterrupt):
            seeded()
        assert not any(contents().values())
        assert not rows(BROKEN["every guard stands"])
        assert rows(FOREIGN_KEYS) == before

    @pytest.mark.parametrize(("leads", "agents"), [(0, 1), (7, 3), (60, 30)])
    def test_any_size_at_any_hour_keeps_the_rules(self, leads, agents):
        seeded(leads=leads, agents=agents, as_of=datetime(2026, 3, 5, 0, 3))
        assert not broken(now="timestamptz '2026-03-05 00:03+04'")
        assert tally("leads", "agents") == {"leads": leads, "agents": agents}

    def test_an_office_without_agents_is_refused(self):
        with pytest.raises(Invalid):
            seeded(agents=0)

    def test_the_product_goes_on_from_here(self):
        """What the demo stores looks like what a real capture stores, and the guards and counters work again."""
        seeded()
        details = Details(
            phone="0501234567",
            source_type=Source.BAYUT,
            property_type="apartment",
            preferred_areas=("Dubai Marina",),
        )
        captured = leads.capture(details, Origin(), by=SYSTEM)
        assert captured.lead.number == 10_151
        query = db.select(LeadAssignment.explanation).where(LeadAssignment.kind == AssignmentKind.BEST_MATCH)
        shapes = {
            (*explanation, *(part for part in candidate if not part.endswith("_points")))
            for explanation in db.session.scalars(query)
            for candidate in explanation["candidates"]
        }
        assert len(shapes) == 1
        lines = db.session.scalars(db.select(ScoreLine).where(ScoreLine.lead_id == captured.lead.lead_id)).all()
        assert min(line.line_id for line in lines) > 1
        assert not rows(BROKEN["the workload is counted"])
        assert not rows(BROKEN["the score is the sum of its lines"])


@pytest.mark.usefixtures("app")
class TestLogins:
    def test_the_cast_may_sign_in_and_is_marked_as_made_up(self):
        seeded(leads=0)
        heading, *lines = demo.logins()
        assert "demo" in heading.lower()
        assert [line.split()[0] for line in lines] == ["agent", "manager", "receptionist", "admin"]
        assert "aisha.khan@example.com" in lines[0]
        assert all(line.endswith("lead desk demo") for line in lines)

    def test_without_a_demo_there_is_nothing_to_print(self):
        assert demo.logins() == []
