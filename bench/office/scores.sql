-- The lines behind each score, as the product counts them: the details, then each contact, then a silence.
-- Nothing but the silence takes points away, and it comes last, so that the clamp is a running sum's.
WITH rules AS MATERIALIZED (
    SELECT rule_id, rule_name, score_adjustment AS points, condition ->> 'type' AS type, condition ->> 'value' AS value,
           lag(up_to, 1, interval '0') OVER (ORDER BY up_to) AS above, up_to
    FROM lead_scoring_rules, LATERAL (SELECT (condition ->> 'max_hours')::float * interval '1 hour' AS up_to) tier
    WHERE enabled AND condition ->> 'type' IN ('activity_outcome', 'activity_type', 'response_time')
)
INSERT INTO score_lines (lead_id, rule_id, rule_name, reason, points, counted, activity_id, created_at)
SELECT lead_id, rule_id, rule_name, reason, points,
       CASE WHEN points < 0 THEN points ELSE least(100, total) - least(100, total - points) END, activity_id, at
FROM (
    SELECT *, sum(points) FILTER (WHERE points >= 0) OVER way AS total, row_number() OVER way
    FROM (
        SELECT i, lead_id, rule_id, rule_name, 'details' AS reason, points, NULL::uuid AS activity_id,
               created_at AS at, place
        FROM cases JOIN kind_points USING (kind)
        UNION ALL
        SELECT i, lead_id, rule_id, rule_name, 'activity', points, activity_id, logged_at, 10 + array_position(
                   ARRAY['activity_outcome', 'activity_type', 'response_time'], rules.type)
        FROM cases JOIN lead_activities a USING (lead_id) JOIN rules
          ON rules.value IN (a.outcome, a.type) OR (activity_at = first_at AND wait > above AND wait <= up_to)
        UNION ALL
        SELECT i, lead_id, rule_id, rule_name, 'silence', score_adjustment, NULL, silent_from + interval '169 hours', 20
        FROM (SELECT *, CASE WHEN contacts > 0 THEN last_at ELSE created_at END AS silent_from FROM cases) silent
        JOIN lead_scoring_rules ON enabled AND condition ->> 'type' = 'inactivity_days'
        WHERE is_active AND silent_from < moment - interval '169 hours'
    ) lines
    WINDOW way AS (PARTITION BY i ORDER BY at, place)
) counted
ORDER BY i, row_number;
