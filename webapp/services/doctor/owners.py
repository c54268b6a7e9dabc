"""Who owns which lead, how many each agent holds, and whose turn it was (R4 to R6)."""

from webapp.services.doctor.check import ACTIVE, NAME, NUMBER, Check
from webapp.vocabulary import CAP

HELD = f"""
    SELECT a.agent_id, count(*) AS leads FROM lead_assignments a JOIN leads l USING (lead_id)
    WHERE {ACTIVE} GROUP BY a.agent_id
"""
LAST_MOVE = "SELECT DISTINCT ON (lead_id) * FROM assignment_history ORDER BY lead_id, move_id DESC"

CHECKS = (
    Check(
        "active_leads_count",
        "An agent's counter is not the number of their active leads.",
        f"""
        SELECT {NAME}, g.active_leads_count::text, coalesce(held.leads, 0)::text, false
        FROM agents g LEFT JOIN ({HELD}) held USING (agent_id)
        WHERE g.active_leads_count <> coalesce(held.leads, 0)
        """,
    ),
    Check(
        "cap",
        f"An agent holds more than {CAP} active leads.",
        f"""
        SELECT {NAME}, held.leads::text, 'at most {CAP}', false
        FROM agents g JOIN ({HELD}) held USING (agent_id) WHERE held.leads > {CAP}
        """,
    ),
    Check(
        "agent_left",
        "An agent who has left still holds active leads.",
        f"""
        SELECT {NAME}, held.leads::text, 'none', false
        FROM agents g JOIN ({HELD}) held USING (agent_id) WHERE g.left_at IS NOT NULL
        """,
    ),
    # The guard lets none come; those that another product brought are kept.
    Check(
        "agent_email",
        "Two agents have one e-mail address, in other capitals.",
        f"""
        SELECT lower(g.email), string_agg({NAME}, ', ' ORDER BY g.full_name), 'one agent', true
        FROM agents g GROUP BY lower(g.email) HAVING count(*) > 1
        """,
    ),
    Check(
        "assignment_is_active",
        "An assignment does not know whether its lead is active.",
        f"""
        SELECT {NUMBER}, CASE WHEN a.is_active THEN 'active' ELSE 'closed' END, l.status, false
        FROM lead_assignments a JOIN leads l USING (lead_id) WHERE a.is_active <> ({ACTIVE})
        """,
    ),
    Check(
        "lead_owner",
        "A lead does not know its owner.",
        f"""
        SELECT {NUMBER}, coalesce(l.owner_id::text, 'nobody'), coalesce(a.agent_id::text, 'nobody'), false
        FROM leads l LEFT JOIN lead_assignments a USING (lead_id) WHERE l.owner_id IS DISTINCT FROM a.agent_id
        """,
    ),
    # What was taken over brought its turns along without a kind. A minute, for the lock between move and turn.
    Check(
        "last_assigned_at",
        "An agent's last turn is not their latest assignment.",
        f"""
        SELECT {NAME}, coalesce(g.last_assigned_at::text, 'never'), coalesce(turns.ours, turns.any)::text, false
        FROM agents g JOIN (
            SELECT agent_id, max(moved_at) AS any, max(moved_at) FILTER (WHERE kind IS NOT NULL) AS ours
            FROM assignment_history GROUP BY agent_id) turns USING (agent_id)
        WHERE coalesce(g.last_assigned_at, '-infinity') < turns.ours
           OR g.last_assigned_at > turns.any + interval '1 minute'
        """,
    ),
    Check(
        "owner",
        "A lead's owner is not who the history of its owners ends with.",
        f"""
        SELECT {NUMBER}, coalesce(g.full_name, 'nobody'), coalesce(last.agent_name, 'nobody'), false
        FROM leads l
        LEFT JOIN lead_assignments a USING (lead_id)
        LEFT JOIN agents g USING (agent_id)
        LEFT JOIN ({LAST_MOVE}) last USING (lead_id)
        WHERE a.agent_id IS DISTINCT FROM last.agent_id
        """,
    ),
    Check(
        "owners_chain",
        "The history of a lead's owners has a gap.",
        f"""
        SELECT {NUMBER}, 'from ' || coalesce(from_agent_name, 'nobody'), 'from ' || coalesce(before_name, 'nobody'),
               false
        FROM (SELECT *, lag(agent_id) OVER path AS before, lag(agent_name) OVER path AS before_name
              FROM assignment_history WINDOW path AS (PARTITION BY lead_id ORDER BY move_id)) moves
        JOIN leads l USING (lead_id)
        WHERE from_agent_id IS DISTINCT FROM before
        """,
    ),
)
