"""Every score, replayed line by line (R3)."""

from webapp.services.doctor.check import NUMBER, Check, taken_over

CHECKS = (
    # Nothing is known of points that came along without a line.
    Check(
        "score",
        "A score is not the sum of its lines.",
        f"""
        SELECT {NUMBER}, l.score::text, coalesce(lines.total, 0)::text, false
        FROM leads l LEFT JOIN (SELECT lead_id, sum(counted) AS total FROM score_lines GROUP BY lead_id) lines
            USING (lead_id)
        WHERE l.score <> coalesce(lines.total, 0) AND (lines.total IS NOT NULL OR NOT ({taken_over()}))
        """,
    ),
    # Lines that were written together are one change, and the score is clamped once after it.
    Check(
        "score_replay",
        "A change of a score did not count what the clamp leaves of it.",
        f"""
        SELECT {NUMBER}, counted::text, (least(100, greatest(0, before + asked)) - before)::text, false
        FROM (SELECT *, sum(counted) OVER (PARTITION BY lead_id ORDER BY line_id) - counted AS before
              FROM (SELECT lead_id, min(line_id) AS line_id, sum(points) AS asked, sum(counted) AS counted
                    FROM score_lines GROUP BY lead_id, reason, activity_id, created_at) changes) replayed
        JOIN leads l USING (lead_id)
        WHERE counted <> least(100, greatest(0, before + asked)) - before
        """,
    ),
    Check(
        "score_line",
        "A score line counts more than its points, or against them.",
        f"""
        SELECT {NUMBER}, s.counted::text, 'from 0 to ' || s.points, false
        FROM (SELECT lead_id, points, counted FROM score_lines UNION ALL
              SELECT lead_id, points, counted FROM standing_lines WHERE part IS NOT NULL) s JOIN leads l USING (lead_id)
        WHERE s.counted NOT BETWEEN least(0, s.points) AND greatest(0, s.points)
        """,
    ),
    Check(
        "score_parts",
        "The parts of a score that was counted anew are not what it came to.",
        f"""
        SELECT {NUMBER}, s.parts::text, s.total::text, false
        FROM (SELECT lead_id, line_id, total, coalesce(sum((one ->> 'counted')::int), 0) AS parts
              FROM (SELECT *, sum(counted) OVER (PARTITION BY lead_id ORDER BY line_id) AS total FROM score_lines) s
              LEFT JOIN LATERAL jsonb_array_elements(s.parts) one ON true
              WHERE s.parts IS NOT NULL GROUP BY lead_id, line_id, total) s
        JOIN leads l USING (lead_id)
        WHERE s.parts <> s.total
        """,
    ),
    # What a merge brought and its undo took back stays behind.
    Check(
        "score_line_place",
        "A score line belongs to the activity of another lead.",
        f"""
        SELECT {NUMBER}, s.rule_name, 'an activity of #' || other.number, false
        FROM standing_lines s JOIN lead_activities c USING (activity_id)
        JOIN leads l ON l.lead_id = s.lead_id JOIN leads other ON other.lead_id = c.lead_id
        WHERE c.lead_id <> s.lead_id
        """,
    ),
    Check(
        "score_reversal",
        "A score line was not taken back as it was counted, or twice.",
        f"""
        SELECT {NUMBER}, back.rule_name || ' ' || back.points, 'once ' || -s.counted, false
        FROM (SELECT *, row_number() OVER (PARTITION BY reverses, part ORDER BY line_id) AS time FROM score_lines
              WHERE reverses IS NOT NULL) back
        JOIN LATERAL (
            SELECT lead_id, CASE WHEN parts IS NULL THEN counted
                                 ELSE (parts -> back.part - 1 ->> 'counted')::int END AS counted
            FROM score_lines s WHERE s.line_id = back.reverses) s ON true
        JOIN leads l ON l.lead_id = s.lead_id
        WHERE back.points IS DISTINCT FROM -s.counted OR back.lead_id <> s.lead_id OR back.time > 1
        """,
    ),
    Check(
        "score_struck",
        "An activity was struck out, but its points still stand.",
        f"""
        SELECT {NUMBER}, s.rule_name || ' ' || s.counted, 'taken back', false
        FROM lead_activities c JOIN standing_lines s USING (activity_id) JOIN leads l ON l.lead_id = s.lead_id
        WHERE c.struck_at IS NOT NULL AND s.reason <> 'silence'
        """,
    ),
    Check(
        "score_response",
        "The first response was counted more than once.",
        f"""
        SELECT {NUMBER}, times::text, '1', false
        FROM (SELECT s.lead_id, count(*) AS times
              FROM standing_lines s JOIN lead_scoring_rules r USING (rule_id)
              WHERE r.condition ->> 'type' = 'response_time'
              GROUP BY s.lead_id HAVING count(*) > 1) counted
        JOIN leads l USING (lead_id)
        """,
    ),
    # An activity counts from at most 15 minutes before it was logged; struck out later, it ended the silence still.
    # A merge charges anew with the activity that ended the silence.
    Check(
        "score_silence",
        "One silence was charged more than once.",
        f"""
        SELECT {NUMBER}, 'again at ' || charged_at, 'once', false
        FROM (SELECT lead_id, created_at AS charged_at,
                     lag(created_at) OVER (PARTITION BY lead_id ORDER BY created_at) AS before
              FROM standing_lines WHERE reason = 'silence' AND activity_id IS NULL
              GROUP BY lead_id, created_at) charges
        JOIN leads l USING (lead_id)
        WHERE before IS NOT NULL AND NOT EXISTS (
            SELECT FROM lead_activities c WHERE c.lead_id = l.lead_id
              AND greatest(c.activity_at, c.logged_at - interval '15 minutes')
                  BETWEEN before - interval '15 minutes' AND charged_at)
        """,
    ),
)
