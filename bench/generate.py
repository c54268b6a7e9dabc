"""An office of any size in minutes: leads with owners, contacts and follow-ups, written as sets.

For measuring only: triggers are off while it writes, the counters are set from the truth at the end.
"""

import psycopg

TABLES = ("leads", "lead_assignments", "lead_activities", "follow_up_tasks", "agents")
AGENTS_PER_ACTIVE = 40

AGENTS = """
    INSERT INTO agents (full_name, email, phone, specialization_property_type, specialization_areas, language_skills)
    SELECT 'Agent ' || i, 'agent' || i || '@example.com', '+9715' || (50000000 + i),
           ARRAY[(ARRAY['apartment', 'villa', 'townhouse', 'commercial'])[1 + i %% 4]],
           ARRAY['Dubai Marina'], ARRAY['english']
    FROM generate_series(1, %(agents)s) i
"""
# One lead in a hundred is active, at least 2,000; they are the newest. The others are won or lost.
LEADS = """
    INSERT INTO leads (source_type, first_name, last_name, phone, status, score, created_at, property_type,
                       preferred_areas, budget_max)
    SELECT (ARRAY['bayut', 'propertyFinder', 'dubizzle', 'website', 'walk_in', 'referral'])[1 + i %% 6],
           'First' || i %% 5000, 'Last' || i %% 7000, '+97150' || lpad((i::bigint * 7919 %% 10000000)::text, 7, '0'),
           CASE WHEN i > %(leads)s - %(active)s
                THEN (ARRAY['new', 'contacted', 'qualified', 'viewing_scheduled', 'negotiation'])[1 + i %% 5]
                WHEN i %% 4 = 0 THEN 'converted' ELSE 'lost' END,
           i %% 101, now() - (%(leads)s - i) * interval '30 seconds',
           (ARRAY['apartment', 'villa', 'townhouse', 'commercial'])[1 + i %% 4], ARRAY['Dubai Marina'], 1500000
    FROM generate_series(1, %(leads)s) i
"""
ASSIGNMENTS = """
    WITH office AS (SELECT array_agg(agent_id ORDER BY agent_id) AS agents FROM agents)
    INSERT INTO lead_assignments (lead_id, agent_id, assigned_at, is_active, lead_created_at)
    SELECT l.lead_id, office.agents[1 + l.number * 31 %% %(agents)s], l.created_at,
           l.status NOT IN ('converted', 'lost'), l.created_at
    FROM leads l, office WHERE l.number %% 50 <> 0
"""
ACTIVITIES = """
    INSERT INTO lead_activities (lead_id, agent_id, type, activity_at)
    SELECT a.lead_id, a.agent_id, (ARRAY['call', 'whatsapp', 'email', 'viewing', 'meeting'])[n],
           l.created_at + n * interval '5 hours'
    FROM leads l JOIN lead_assignments a USING (lead_id), generate_series(1, 5) n WHERE l.status <> 'new'
"""
TASKS = """
    INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date, status)
    SELECT a.lead_id, a.agent_id, 'call', l.created_at + interval '1 day',
           CASE WHEN a.is_active THEN 'pending' ELSE 'completed' END
    FROM leads l JOIN lead_assignments a USING (lead_id)
"""
COUNTERS = """
    UPDATE agents g SET active_leads_count =
        (SELECT count(*) FROM lead_assignments a WHERE a.agent_id = g.agent_id AND a.is_active)
"""


def generate(url: str, leads: int) -> None:
    """Fill an empty, migrated database with this many leads and about five contacts each."""
    active = min(leads, max(2_000, leads // 100))
    sizes = {"leads": leads, "active": active, "agents": -(-active // AGENTS_PER_ACTIVE) + 1}
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as owner:
        for table in TABLES:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for step in (AGENTS, LEADS, ASSIGNMENTS, ACTIVITIES, TASKS, COUNTERS):
            owner.execute(step, sizes if "%(" in step else None)
        for table in TABLES:
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        owner.execute("VACUUM ANALYZE")
