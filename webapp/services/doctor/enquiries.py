"""What every capture brings, what no two may have in common, and what is copied from a lead (R1, R2, R9, R11)."""

from webapp.services.doctor.check import NAME, NUMBER, Check, taken_over

# The points of our own capture are a moment older than the lead, in the same transaction.
CAPTURED_HERE = """
    EXISTS (SELECT FROM score_lines first
            WHERE first.lead_id = l.lead_id AND first.reason = 'details' AND first.created_at <= l.created_at
              AND first.rule_name <> 'Score brought along')
"""

CHECKS = (
    Check(
        "enquiry",
        "A lead came without its enquiry, or with more than one.",
        f"""
        SELECT {NUMBER}, coalesce(came.enquiries, 0)::text, '1', false
        FROM leads l LEFT JOIN (
            SELECT lead_id, count(*) AS enquiries FROM enquiries WHERE state = 'captured' GROUP BY lead_id
        ) came USING (lead_id)
        WHERE came.enquiries > 1 OR came.enquiries IS NULL AND {CAPTURED_HERE}
        """,
    ),
    Check(
        "source",
        "A lead came without its source.",
        f"""
        SELECT {NUMBER}, 'none', l.source_type, {taken_over()}
        FROM leads l
        WHERE {CAPTURED_HERE} AND NOT EXISTS (
            SELECT FROM lead_sources s WHERE s.lead_id = l.lead_id AND s.source_type = l.source_type)
        """,
    ),
    # An owner that never changed still has every follow-up of the lead.
    Check(
        "first_follow_up",
        "A lead has an owner, but never had the first follow-up.",
        f"""
        SELECT {NUMBER}, 'none', 'a call within a day', false
        FROM leads l JOIN lead_assignments a USING (lead_id)
        WHERE NOT ({taken_over()})
          AND NOT EXISTS (SELECT FROM follow_up_tasks t WHERE t.lead_id = l.lead_id)
          AND NOT EXISTS (SELECT FROM assignment_history h WHERE h.lead_id = l.lead_id AND h.from_agent_id IS NOT NULL)
        """,
    ),
    # Opening again, correcting a number, merging and bringing a lead back are a person's acts, outside R2's window.
    Check(
        "duplicate",
        "A lead repeats another one of the same phone and source within 24 hours.",
        f"""
        SELECT {NUMBER}, 'repeats #' || before, 'one lead', {taken_over()} OR {taken_over("before_id")}
        FROM (SELECT *, lag(number) OVER same AS before, lag(created_at) OVER same AS before_at,
                     lag(lead_id) OVER same AS before_id
              FROM leads WHERE erased_at IS NULL
              WINDOW same AS (PARTITION BY phone, source_type ORDER BY created_at, number)) l
        WHERE l.created_at < before_at + interval '24 hours' AND reopened_from IS NULL
          AND NOT EXISTS (SELECT FROM audit_entries x WHERE x.lead_id IN (l.lead_id, before_id)
                          AND (x.verb = 'leads.amend' AND x.after ? 'phone'
                               OR x.verb IN ('merges.make', 'merges.undo', 'enquiries.bring_lead_back')))
        """,
    ),
    Check(
        "phone",
        "A phone number is not written as E.164.",
        f"""
        SELECT {NUMBER}, l.phone, 'such as +971501234567', {taken_over()}
        FROM leads l WHERE l.phone !~ '^[+][1-9][0-9]{{6,14}}$' AND erased_at IS NULL
        UNION ALL
        SELECT {NAME}, g.phone, 'such as +971501234567', true
        FROM agents g WHERE g.phone !~ '^[+][1-9][0-9]{{6,14}}$'
        """,
    ),
    Check(
        "numbers",
        "An amount is not a number, or not above zero.",
        f"""
        SELECT {NUMBER}, concat_ws(' to ', budget_min, budget_max), 'a budget in AED', {taken_over()}
        FROM leads l WHERE budget_min = 'NaN' OR budget_max = 'NaN'
        UNION ALL
        SELECT {NUMBER}, deal_value::text, 'a value in AED', {taken_over()}
        FROM lead_conversion_history h JOIN leads l USING (lead_id) WHERE deal_value = 'NaN' OR deal_value <= 0
        UNION ALL
        SELECT {NAME}, concat_ws(' and ', conversion_rate, average_deal_size), 'a rate and a mean', true
        FROM agent_performance_metrics m JOIN agents g USING (agent_id)
        WHERE conversion_rate = 'NaN' OR average_deal_size = 'NaN'
        """,
    ),
    Check(
        "activity_moment",
        "An activity lies outside the life of its lead.",
        f"""
        SELECT {NUMBER}, activity_at::text,
               'from ' || l.created_at || ' to ' || coalesce(logged_at, now()), logged_at IS NULL OR {taken_over()}
        FROM lead_activities c JOIN leads l USING (lead_id)
        WHERE activity_at < l.created_at OR activity_at > coalesce(logged_at, now())
        """,
    ),
    Check(
        "visit",
        "A visit belongs to another lead than its enquiry.",
        f"""
        SELECT {NUMBER}, 'visit of #' || l.number, 'enquiry of #' || other.number, false
        FROM visits v JOIN enquiries e USING (enquiry_id)
        JOIN leads l ON l.lead_id = v.lead_id JOIN leads other ON other.lead_id = e.lead_id
        WHERE v.lead_id <> e.lead_id
        """,
    ),
    Check(
        "interest_wish",
        "An interest does not carry the wish of its lead.",
        f"""
        SELECT {NUMBER}, concat_ws(' for ', coalesce(i.wish::text, 'none'), i.budget),
               concat_ws(' for ', coalesce(own.wish::text, 'none'), own.budget), false
        FROM lead_property_interests i
        JOIN leads l USING (lead_id)
        LEFT JOIN LATERAL (
            SELECT wish_keys(l.property_type, l.purpose, l.preferred_areas) AS wish,
                   numrange(l.budget_min, l.budget_max, '[]') AS budget
            WHERE l.status IN ('qualified', 'negotiation', 'converted')) own ON true
        WHERE (i.wish, i.budget) IS DISTINCT FROM (own.wish, own.budget)
        """,
    ),
)
