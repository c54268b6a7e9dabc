"""The status of every lead against the moves that led there (R8)."""

from webapp.services.doctor.check import NUMBER, Check, taken_over
from webapp.vocabulary import MOVES

ALLOWED = ", ".join(f"('{before}', '{after}')" for before, moves in MOVES.items() for after in moves)

CHECKS = (
    Check(
        "status_chain",
        "The history of a lead's status has a gap.",
        f"""
        SELECT {NUMBER}, 'from ' || coalesce(status_from, 'nothing'), 'from ' || coalesce(came_to, 'nothing'),
               {taken_over()}
        FROM (SELECT *, lag(status_to, 1, 'new') OVER (PARTITION BY lead_id ORDER BY changed_at) AS came_to
              FROM lead_conversion_history) moves
        JOIN leads l USING (lead_id)
        WHERE status_from IS DISTINCT FROM came_to
        """,
    ),
    Check(
        "status_path",
        "A lead made a move that the path does not have.",
        f"""
        SELECT {NUMBER}, concat_ws(' to ', coalesce(status_from, 'nothing'), coalesce(status_to, 'nothing')),
               'no such move', {taken_over()}
        FROM lead_conversion_history h JOIN leads l USING (lead_id)
        WHERE ((status_from, status_to) IN ({ALLOWED})) IS NOT TRUE
        """,
    ),
    Check(
        "status",
        "A lead's status is not what its history ends with.",
        f"""
        SELECT {NUMBER}, l.status, coalesce(last.status_to, 'new'), {taken_over()}
        FROM leads l LEFT JOIN (
            SELECT DISTINCT ON (lead_id) lead_id, status_to FROM lead_conversion_history
            ORDER BY lead_id, changed_at DESC) last USING (lead_id)
        WHERE l.status <> coalesce(last.status_to, 'new')
        """,
    ),
    # Reasons for losing are ours: what was taken over cannot have any.
    Check(
        "final_move",
        "A lead was closed without what that must bring.",
        f"""
        SELECT {NUMBER}, status_to,
               CASE status_to WHEN 'lost' THEN 'with a reason' ELSE 'with a value, as sale or rental' END,
               {taken_over()}
        FROM lead_conversion_history h JOIN leads l USING (lead_id)
        WHERE status_to = 'converted' AND (deal_value IS NULL OR conversion_type IN ('sale', 'rental') IS NOT TRUE)
           OR status_to = 'lost' AND lost_reason IS NULL AND NOT ({taken_over()})
        """,
    ),
    Check(
        "contacts",
        "A lead does not know its first and last contact.",
        f"""
        SELECT {NUMBER}, concat_ws(' to ', l.first_contact_at, l.last_contact_at), concat_ws(' to ', first_at, last_at),
               false
        FROM leads l LEFT JOIN (
            SELECT lead_id, min(greatest(activity_at, logged_at - interval '15 minutes')) AS first_at,
                   max(activity_at) AS last_at
            FROM lead_activities WHERE struck_at IS NULL GROUP BY lead_id) made USING (lead_id)
        WHERE (l.first_contact_at, l.last_contact_at) IS DISTINCT FROM (first_at, last_at)
        """,
    ),
    Check(
        "pauses",
        "An activity does not know how long after the one before it came.",
        f"""
        SELECT {NUMBER}, coalesce(kept::text, 'nothing'), coalesce(pause::text, 'nothing'), false
        FROM (SELECT lead_id, pause AS kept, CASE WHEN struck_at IS NULL THEN activity_at - lag(activity_at) OVER (
                         PARTITION BY lead_id, struck_at IS NULL ORDER BY activity_at, activity_id) END AS pause
              FROM lead_activities) made
        JOIN leads l USING (lead_id)
        WHERE kept IS DISTINCT FROM pause
        """,
    ),
    Check(
        "stays",
        "A move does not know the day its lead came in, the stay before it, or whether it is the first there.",
        f"""
        SELECT {NUMBER} || ': ' || status_to, concat_ws(', ', kept_on, kept_stay, kept_first),
               concat_ws(', ', came_on, stayed, is_first), false
        FROM (
            SELECT lead_id, status_to, h.came_on AS kept_on, h.stayed AS kept_stay, h.is_first AS kept_first,
                   CASE WHEN since THEN (created_at AT TIME ZONE 'Asia/Dubai')::date END AS came_on,
                   CASE WHEN since THEN changed_at - lag(changed_at, 1, created_at) OVER (
                       PARTITION BY lead_id, since ORDER BY changed_at, history_id) END AS stayed,
                   since AND row_number() OVER (
                       PARTITION BY lead_id, since, status_to ORDER BY changed_at, history_id) = 1 AS is_first
            FROM (SELECT h.*, created_at, coalesce(changed_at >= created_at, false) AS since
                  FROM lead_conversion_history h JOIN leads USING (lead_id)) h) told
        JOIN leads l USING (lead_id)
        WHERE (kept_on, kept_stay, kept_first) IS DISTINCT FROM (came_on, stayed, is_first)
        """,
    ),
)
