-- The leads themselves, numbered as they came, each with the score that its lines make, and with its owner, contacts
-- and next step as everything around it was written before.
INSERT INTO leads (
    lead_id, source_type, first_name, last_name, email, phone, nationality, language_preference, spoken_language,
    budget_min, budget_max, property_type, preferred_areas, purpose, bedrooms, status, score, consent_at, created_at,
    updated_at, owner_id, first_contact_at, last_contact_at, next_step_at, next_step_type)
SELECT lead_id, source_type, first_name, last_name, replace(email, '@', person || '@'),
       CASE WHEN person % 12 = 0 THEN '+9198' || lpad((person * 7919 % 100000000)::text, 8, '0')
            ELSE '+9715' || substr('024568', 1 + (person % 6)::int, 1) || lpad((person * 7919 % 10000000)::text, 7, '0')
       END,
       nationality, language_preference, spoken_language, budget_min, budget_max, property_type, preferred_areas,
       purpose, bedrooms, status, score, CASE WHEN kind % 5 < 3 THEN created_at END, created_at,
       coalesce(closed_at, greatest(created_at, last_at)), agent_id, first_contact, last_contact,
       due_date, type
FROM cases JOIN kinds USING (kind)
LEFT JOIN (SELECT lead_id, agent_id FROM lead_assignments) owned USING (lead_id)
LEFT JOIN (
    SELECT lead_id, min(activity_at) AS first_contact, max(activity_at) AS last_contact
    FROM lead_activities GROUP BY lead_id
) made USING (lead_id)
LEFT JOIN (
    SELECT lead_id, due_date, type FROM follow_up_tasks WHERE status IN ('pending', 'overdue')
) next USING (lead_id)
JOIN (SELECT lead_id, sum(counted) AS score FROM score_lines GROUP BY lead_id) counted USING (lead_id)
ORDER BY i;
