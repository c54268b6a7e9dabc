"""Whose every open follow-up is, and how far apart they are (R7)."""

from webapp.services.doctor.check import NAME, NUMBER, Check, taken_over

OPEN = "status IN ('pending', 'overdue')"

CHECKS = (
    Check(
        "follow_up_owner",
        "An open follow-up is not in the calendar of an active lead's owner.",
        f"""
        SELECT {NUMBER}, 'with ' || theirs.full_name,
               CASE WHEN l.status IN ('converted', 'lost') THEN 'closed, as the lead is ' || l.status
                    ELSE 'with ' || coalesce(owner.full_name, 'nobody') END,
               {taken_over()}
        FROM follow_up_tasks t JOIN leads l USING (lead_id) JOIN agents theirs ON theirs.agent_id = t.agent_id
        LEFT JOIN lead_assignments a USING (lead_id) LEFT JOIN agents owner ON owner.agent_id = a.agent_id
        WHERE t.{OPEN} AND (l.status IN ('converted', 'lost') OR a.agent_id IS DISTINCT FROM t.agent_id)
        """,
    ),
    Check(
        "follow_up_clash",
        "Two open follow-ups of one agent are less than 30 minutes apart.",
        f"""
        SELECT {NAME}, '#' || other.number || ' at ' || before || ', #' || l.number || ' at ' || due_date,
               '30 minutes apart', {taken_over()} OR {taken_over("other.lead_id")}
        FROM (SELECT agent_id, lead_id, due_date, lag(due_date) OVER calendar AS before,
                     lag(lead_id) OVER calendar AS before_id
              FROM follow_up_tasks WHERE {OPEN}
              WINDOW calendar AS (PARTITION BY agent_id ORDER BY due_date)) tasks
        JOIN agents g USING (agent_id) JOIN leads l USING (lead_id) JOIN leads other ON other.lead_id = before_id
        WHERE due_date < before + interval '30 minutes'
        """,
    ),
    Check(
        "next_step",
        "A lead does not know its next step.",
        f"""
        SELECT {NUMBER}, coalesce(l.next_step_type || ' at ' || l.next_step_at, 'none'),
               coalesce(next.type || ' at ' || next.due_date, 'none'), false
        FROM leads l LEFT JOIN (
            SELECT DISTINCT ON (lead_id) lead_id, due_date, type FROM follow_up_tasks WHERE {OPEN}
            ORDER BY lead_id, due_date, task_id) next USING (lead_id)
        WHERE (l.next_step_at, l.next_step_type) IS DISTINCT FROM (next.due_date, next.type)
        """,
    ),
)
