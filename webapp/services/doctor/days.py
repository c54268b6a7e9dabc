"""What is counted by day against the rows that it counts."""

from webapp.services.doctor.check import Check

CHECKS = (
    # By source and by owner, as one list: what is kept, and what the leads themselves say.
    Check(
        "lead_days",
        "The leads of a day are not counted right.",
        """
        SELECT of, day || ': ' || coalesce(kept.counts, 'none'), day || ': ' || coalesce(own.counts, 'none'), false
        FROM (
            SELECT day, coalesce(source_type, owner_id::text, 'nobody') AS of,
                   concat_ws(', ', sum(leads), sum(converted), sum(lost), sum(score)) AS counts
            FROM lead_days GROUP BY 1, 2
            HAVING (sum(leads), sum(converted), sum(lost), sum(score)) <> (0, 0, 0, 0)) kept
        FULL JOIN (
            SELECT day, coalesce(source_type, owner_id::text, 'nobody') AS of,
                   concat_ws(', ', count(*), count(*) FILTER (WHERE status = 'converted'),
                             count(*) FILTER (WHERE status = 'lost'), sum(score)) AS counts
            FROM (SELECT (l.created_at AT TIME ZONE 'Asia/Dubai')::date AS day, l.source_type, a.agent_id AS owner_id,
                         l.status, l.score
                  FROM leads l LEFT JOIN lead_assignments a USING (lead_id)) came
            GROUP BY GROUPING SETS ((day, source_type), (day, owner_id))) own USING (day, of)
        WHERE kept.counts IS DISTINCT FROM own.counts
        """,
    ),
    # Of each kind, and of each stay before a move, as one list.
    Check(
        "move_days",
        "The moves of a day's leads are not counted right.",
        """
        SELECT concat_ws(' ', status_from, 'to', status_to, lost_reason, stay),
               day || ': ' || coalesce(kept.counts, 'none'), day || ': ' || coalesce(own.counts, 'none'), false
        FROM (
            SELECT day, coalesce(status_from, '-') AS status_from, coalesce(status_to, '-') AS status_to,
                   coalesce(lost_reason, '-') AS lost_reason, coalesce(stay::text, '-') AS stay,
                   concat_ws(', ', sum(moves), sum(firsts)) AS counts
            FROM move_days GROUP BY 1, 2, 3, 4, 5 HAVING (sum(moves), sum(firsts)) <> (0, 0)) kept
        FULL JOIN (
            SELECT came_on AS day, coalesce(status_from, '-') AS status_from, coalesce(status_to, '-') AS status_to,
                   coalesce(lost_reason, '-') AS lost_reason, coalesce(stay::text, '-') AS stay,
                   concat_ws(', ', count(*), count(*) FILTER (WHERE is_first AND stay IS NULL)) AS counts
            FROM (SELECT came_on, status_from, status_to, lost_reason, is_first, NULL::interval AS stay
                  FROM lead_conversion_history
                  UNION ALL SELECT came_on, status_from, NULL, NULL, is_first, stay_step(stayed)
                  FROM lead_conversion_history) moved
            WHERE came_on IS NOT NULL GROUP BY 1, 2, 3, 4, 5) own
        USING (day, status_from, status_to, lost_reason, stay)
        WHERE kept.counts IS DISTINCT FROM own.counts
        """,
    ),
    Check(
        "deal_days",
        "The deals of a day are not counted right.",
        """
        SELECT day::text, coalesce(kept.counts, 'none'), coalesce(own.counts, 'none'), false
        FROM (
            SELECT day, concat_ws(', ', sum(deals), sum(valued), trim_scale(sum(value))) AS counts
            FROM deal_days GROUP BY day
            HAVING (sum(deals), sum(valued), sum(value)) <> (0, 0, 0)) kept
        FULL JOIN (
            SELECT (changed_at AT TIME ZONE 'Asia/Dubai')::date AS day,
                   concat_ws(', ', count(*), count(deal_value), trim_scale(coalesce(sum(deal_value), 0))) AS counts
            FROM lead_conversion_history WHERE status_to = 'converted' GROUP BY 1) own USING (day)
        WHERE kept.counts IS DISTINCT FROM own.counts
        """,
    ),
)
