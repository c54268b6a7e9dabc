"""Defects that somebody plants who goes round every guard, by the check that finds them."""

from tests.factories import prompt
from webapp.database.scripts import SQL
from webapp.services import doctor

LAYLA = "lead_id = (SELECT lead_id FROM leads WHERE number = 10001)"
OMAR = "lead_id = (SELECT lead_id FROM leads WHERE number = 10002)"
FOREIGN = """
    WITH made AS (
        INSERT INTO leads (source_type, first_name, last_name, phone, status)
        VALUES ('bayut', 'Old', 'One', '+971521111111', 'new'), ('dubizzle', 'Old', 'Two', '+971522222222', 'new')
        RETURNING lead_id),
    owned AS (
        INSERT INTO lead_assignments (lead_id, agent_id)
        SELECT lead_id, agent_id FROM made, agents WHERE full_name = 'Yousef Haddad')
    INSERT INTO assignment_history (lead_id, agent_id, agent_name)
    SELECT lead_id, agent_id, full_name FROM made, agents WHERE full_name = 'Yousef Haddad';
    UPDATE agents SET active_leads_count = 2 WHERE full_name = 'Yousef Haddad'
"""
FILL = ";".join(
    (SQL / revision / "fill.sql").read_text()
    for revision in ("w25x26y27z28a29", "c31d32e33f34g35", "d32e33f34g35h36", "j38k39l40m41n42")
)
OLD = "lead_id = (SELECT lead_id FROM leads WHERE number = 10003)"
OTHER_OLD = "lead_id = (SELECT lead_id FROM leads WHERE number = 10004)"

# What a lead knows of its owner, contacts and next step, forgotten.
FORGOTTEN = {
    "lead_owner": (f"UPDATE leads SET owner_id = NULL WHERE {LAYLA}", ("#10001", "nobody", None)),
    "contacts": (f"UPDATE leads SET last_contact_at = NULL WHERE {LAYLA}", ("#10001", None, None)),
    "pauses": (f"UPDATE lead_activities SET pause = '1 hour' WHERE {LAYLA}", ("#10001", "01:00:00", "nothing")),
    "stays": (
        f"UPDATE lead_conversion_history SET stayed = stayed + interval '1 microsecond' WHERE {LAYLA}",
        ("#10001: contacted", None, None),
    ),
    "move_days": ("DELETE FROM move_days WHERE stay IS NULL", ("new to contacted - -", None, None)),
    "deal_days": (
        "INSERT INTO deal_days (day, deals, valued, value) VALUES ('2026-01-01', 1, 0, 0)",
        ("2026-01-01", "1, 0, 0", "none"),
    ),
    "lead_days": ("DELETE FROM lead_days WHERE source_type IS NOT NULL", ("website", None, None)),
    "next_step": (f"UPDATE leads SET next_step_type = 'viewing' WHERE {OMAR}", ("#10002", None, None)),
}
# By check: how the defect comes about at the prompt, with no guard looking, and what is found: whom it is about,
# what is stored and what is right (None: a moment, not compared).
PLANTS = {
    "active_leads_count": (
        "UPDATE agents SET active_leads_count = 7 WHERE full_name = 'Aisha Rahman'",
        ("Aisha Rahman", "7", "2"),
    ),
    "assignment_is_active": (
        f"UPDATE lead_assignments SET is_active = false WHERE {LAYLA}",
        ("#10001", "closed", "contacted"),
    ),
    "agent_left": (
        "UPDATE agents SET left_at = now() WHERE full_name = 'Aisha Rahman'",
        ("Aisha Rahman", "2", "none"),
    ),
    "agent_email": (
        "UPDATE agents SET email = CASE full_name WHEN 'Aisha Rahman' THEN 'One@a.example' ELSE 'one@a.example' END",
        ("one@a.example", "Aisha Rahman, Yousef Haddad", "one agent"),
    ),
    "last_assigned_at": (
        "UPDATE agents SET last_assigned_at = NULL WHERE full_name = 'Aisha Rahman'",
        ("Aisha Rahman", "never", None),
    ),
    "owner": (
        f"""UPDATE lead_assignments SET agent_id = (SELECT agent_id FROM agents WHERE full_name = 'Yousef Haddad')
            WHERE {LAYLA};
            UPDATE follow_up_tasks SET agent_id = (SELECT agent_id FROM agents WHERE full_name = 'Yousef Haddad')
            WHERE {LAYLA};
            UPDATE agents SET active_leads_count = 1""",
        ("#10001", "Yousef Haddad", "Aisha Rahman"),
    ),
    "owners_chain": (
        f"""UPDATE assignment_history SET from_agent_name = 'Yousef Haddad',
                from_agent_id = (SELECT agent_id FROM agents WHERE full_name = 'Yousef Haddad') WHERE {LAYLA}""",
        ("#10001", "from Yousef Haddad", "from nobody"),
    ),
    "status_chain": (
        f"""INSERT INTO lead_conversion_history (lead_id, status_from, status_to, changed_at)
            SELECT lead_id, 'qualified', 'viewing_scheduled', now() FROM leads WHERE {LAYLA};
            UPDATE leads SET status = 'viewing_scheduled' WHERE {LAYLA}""",
        ("#10001", "from qualified", "from contacted"),
    ),
    "status_path": (
        f"UPDATE lead_conversion_history SET status_to = 'negotiation' WHERE {LAYLA};"
        f"UPDATE leads SET status = 'negotiation' WHERE {LAYLA}",
        ("#10001", "new to negotiation", "no such move"),
    ),
    "status": (
        f"UPDATE leads SET status = 'qualified' WHERE {LAYLA}",
        ("#10001", "qualified", "contacted"),
    ),
    "enquiry": (f"DELETE FROM enquiries WHERE {LAYLA}", ("#10001", "0", "1")),
    "source": (f"DELETE FROM lead_sources WHERE {LAYLA}", ("#10001", "none", "website")),
    "first_follow_up": (f"DELETE FROM follow_up_tasks WHERE {LAYLA}", ("#10001", "none", "a call within a day")),
    "duplicate": (
        f"UPDATE leads SET phone = (SELECT phone FROM leads WHERE number = 10001) WHERE {OMAR}",
        ("#10002", "repeats #10001", "one lead"),
    ),
    "phone": (f"UPDATE leads SET phone = '050 123' WHERE {LAYLA}", ("#10001", "050 123", "such as +971501234567")),
    "activity_moment": (
        f"UPDATE lead_activities SET activity_at = activity_at + interval '1 hour' WHERE {LAYLA}",
        ("#10001", None, None),
    ),
    "visit": (
        f"""INSERT INTO visits (enquiry_id, lead_id)
            SELECT enquiry_id, (SELECT lead_id FROM leads WHERE number = 10002) FROM enquiries WHERE {LAYLA}""",
        ("#10002", "visit of #10002", "enquiry of #10001"),
    ),
    "interest_wish": (
        f"""INSERT INTO lead_property_interests (lead_id, property_id, interest_level, wish)
            SELECT lead_id, gen_random_uuid(), 'high', '{{villa/buy/JVC}}' FROM leads WHERE {LAYLA}""",
        ("#10001", "{villa/buy/JVC}", "none"),
    ),
    "score": (f"UPDATE leads SET score = 12 WHERE {OMAR}", ("#10002", "12", "80")),
    "score_replay": (
        f"UPDATE score_lines SET counted = 70 WHERE {OMAR}; UPDATE leads SET score = 70 WHERE {OMAR}",
        ("#10002", "70", "80"),
    ),
    "score_line": (
        # Together the two lines still count what the clamp leaves of them.
        f"""UPDATE score_lines SET points = 75 WHERE {OMAR};
            INSERT INTO score_lines (lead_id, rule_name, reason, points, counted, created_at)
            SELECT lead_id, 'Nothing', 'details', 5, 0, created_at FROM score_lines WHERE {OMAR}""",
        ("#10002", "80", "from 0 to 75"),
    ),
    "score_parts": (
        f"""INSERT INTO score_lines (lead_id, rule_name, reason, points, counted, parts)
            SELECT lead_id, 'Counted anew', 'rules', -5, -5, '[{{"reason": "details", "points": 70, "counted": 70}}]'
            FROM leads WHERE {OMAR};
            UPDATE leads SET score = 75 WHERE {OMAR}""",
        ("#10002", "70", "75"),
    ),
    "score_line_place": (
        f"""UPDATE score_lines SET activity_id = (SELECT activity_id FROM lead_activities WHERE {LAYLA})
            WHERE {OMAR}""",
        ("#10002", "Source: website", "an activity of #10001"),
    ),
    "score_reversal": (
        f"""INSERT INTO score_lines (lead_id, rule_name, reason, points, counted, reverses)
            SELECT lead_id, rule_name, reason, -70, -70, line_id FROM score_lines WHERE {OMAR};
            UPDATE leads SET score = 10 WHERE {OMAR}""",
        ("#10002", "Source: website -70", "once -80"),
    ),
    "score_struck": (
        f"""UPDATE lead_activities SET struck_at = now() WHERE {LAYLA};
            INSERT INTO score_lines (lead_id, rule_name, reason, points, counted, activity_id, reverses)
            SELECT lead_id, rule_name, reason, -counted, -counted, activity_id, line_id FROM score_lines
            WHERE {LAYLA} AND activity_id IS NOT NULL AND rule_name LIKE 'Answered%';
            UPDATE leads SET score = 85 WHERE {LAYLA}""",
        ("#10001", "Positive outcome 5", "taken back"),
    ),
    "score_response": (
        f"""INSERT INTO score_lines (lead_id, rule_id, rule_name, reason, points, counted, created_at)
            SELECT lead_id, rule_id, rule_name, reason, points, 0, now() FROM score_lines
            WHERE {LAYLA} AND rule_name LIKE 'Answered%'""",
        ("#10001", "2", "1"),
    ),
    "score_silence": (
        f"""INSERT INTO score_lines (lead_id, rule_name, reason, points, counted, created_at)
            SELECT lead_id, 'Silence', 'silence', -10, -10, now() + n * interval '1 hour'
            FROM leads, generate_series(1, 2) n WHERE {OMAR};
            UPDATE leads SET score = 60 WHERE {OMAR}""",
        ("#10002", None, "once"),
    ),
    "follow_up_owner": (
        f"""UPDATE follow_up_tasks SET agent_id = (SELECT agent_id FROM agents WHERE full_name = 'Yousef Haddad')
            WHERE {LAYLA}""",
        ("#10001", "with Yousef Haddad", "with Aisha Rahman"),
    ),
    "follow_up_clash": (
        f"""UPDATE follow_up_tasks
            SET due_date = (SELECT due_date FROM follow_up_tasks WHERE {LAYLA}) + interval '29 min 59 s'
            WHERE {OMAR}""",
        ("Aisha Rahman", None, "30 minutes apart"),
    ),
    "final_move": (
        f"""INSERT INTO lead_conversion_history (lead_id, status_from, status_to, changed_at, conversion_type)
            SELECT lead_id, 'contacted', 'lost', now(), 'lost' FROM leads WHERE {LAYLA};
            UPDATE leads SET status = 'lost' WHERE {LAYLA};
            UPDATE lead_assignments SET is_active = false WHERE {LAYLA};
            UPDATE follow_up_tasks SET status = 'completed' WHERE {LAYLA};
            UPDATE agents SET active_leads_count = 1 WHERE full_name = 'Aisha Rahman'""",
        ("#10001", "lost", "with a reason"),
    ),
    "numbers": (
        """INSERT INTO agent_performance_metrics (agent_id, conversion_rate)
           SELECT agent_id, 'NaN' FROM agents WHERE full_name = 'Aisha Rahman'""",
        ("Aisha Rahman", "NaN", "a rate and a mean"),
    ),
    "counter": (
        "ALTER SEQUENCE leads_number_seq RESTART WITH 10002",
        ("leads.number", "next is 10002", "above 10002"),
    ),
}
PLANTED_BY_THEMSELVES = {"cap", "guard", "index"}

# The same defects where another product left them: they are listed, and break no rule of ours.
KEPT = {
    "phone": f"UPDATE leads SET phone = '050 123' WHERE {OLD}",
    "duplicate": f"UPDATE leads SET phone = (SELECT phone FROM leads WHERE {OLD}), source_type = 'bayut' "
    f"WHERE {OTHER_OLD}",
    "status": f"UPDATE leads SET status = 'negotiation' WHERE {OLD}",
    "status_chain": f"""
        INSERT INTO lead_conversion_history (lead_id, status_from, status_to)
        SELECT lead_id, 'contacted', 'qualified' FROM leads WHERE {OLD};
        UPDATE leads SET status = 'qualified' WHERE {OLD}""",
    "status_path": f"""
        INSERT INTO lead_conversion_history (lead_id, status_from, status_to)
        SELECT lead_id, 'new', 'qualified' FROM leads WHERE {OLD};
        UPDATE leads SET status = 'qualified' WHERE {OLD}""",
    "final_move": f"""
        INSERT INTO lead_conversion_history (lead_id, status_from, status_to, changed_at)
        SELECT lead_id, path[n], path[n + 1], now() + n * interval '1 hour'
        FROM leads, generate_series(1, 5) n,
             (VALUES (ARRAY['new', 'contacted', 'qualified', 'viewing_scheduled', 'negotiation', 'converted'])) p (path)
        WHERE {OLD};
        UPDATE leads SET status = 'converted' WHERE {OLD};
        UPDATE lead_assignments SET is_active = false WHERE {OLD};
        UPDATE agents SET active_leads_count = 1 WHERE full_name = 'Yousef Haddad'""",
    "numbers": f"""
        ALTER TABLE leads DROP CONSTRAINT ck_lead_budget_is_number;
        UPDATE leads SET budget_max = 'NaN' WHERE {OLD};
        ALTER TABLE leads ADD CONSTRAINT ck_lead_budget_is_number
            CHECK (budget_min <> 'NaN' AND budget_max <> 'NaN') NOT VALID""",
    "activity_moment": f"""
        INSERT INTO lead_activities (lead_id, agent_id, type, activity_at, logged_at)
        SELECT lead_id, agent_id, 'call', now() - interval '1 day', NULL FROM lead_assignments WHERE {OLD}""",
    "follow_up_owner": f"""
        INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date)
        SELECT lead_id, agent_id, 'call', now() + interval '9 days' FROM leads, agents
        WHERE {OLD} AND full_name = 'Aisha Rahman'""",
    "follow_up_clash": f"""
        INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date)
        SELECT lead_id, agent_id, 'call', now() + n * interval '10 min'
        FROM lead_assignments, generate_series(1, 2) n WHERE {OLD}""",
}


def found() -> dict[str, doctor.Finding]:
    """What the doctor finds, by the check's name."""
    return {finding.check.name: finding for finding in doctor.examine()}


def planted(script: str, and_then: str = FILL) -> None:
    """What somebody does who goes round every guard; what the leads know of it follows."""
    with prompt() as hand:
        hand.execute(f"SET session_replication_role = replica; {script}; {and_then}")
