-- Who owns each lead and who owned it before, explained; the notices and the audit that this left behind.
INSERT INTO lead_assignments (
    lead_id, agent_id, assigned_at, reassigned_at, reason, kind, explanation, is_active)
SELECT lead_id, agent_id, created_at, CASE WHEN is_handed_over THEN handed_over_at END,
       CASE WHEN is_handed_over THEN 'Nobody had called back.' END,
       CASE WHEN is_handed_over THEN 'by_hand' ELSE 'best_match' END, explanation, is_active
FROM cases JOIN brokers ON number = owner WHERE NOT is_nobodys;

INSERT INTO assignment_history (lead_id, agent_id, agent_name, kind, explanation, moved_at)
SELECT lead_id, agent_id, full_name, 'best_match', explanation, created_at
FROM cases JOIN brokers ON number = first_owner WHERE NOT is_nobodys ORDER BY i;

INSERT INTO assignment_history (
    lead_id, from_agent_id, from_agent_name, agent_id, agent_name, kind, reason, explanation, moved_at)
SELECT lead_id, b.agent_id, b.full_name, a.agent_id, a.full_name, 'by_hand', 'Nobody had called back.',
       a.explanation, handed_over_at
FROM cases JOIN brokers b ON b.number = first_owner JOIN brokers a ON a.number = owner
WHERE is_handed_over AND NOT is_nobodys ORDER BY handed_over_at;

INSERT INTO notices (user_id, kind, lead_id, created_at, read_at)
SELECT user_id, 'lead_assigned', lead_id, created_at, CASE WHEN i % 40 > 0 THEN first_at END
FROM cases JOIN brokers ON number = owner WHERE NOT is_nobodys ORDER BY i;

INSERT INTO audit_entries (happened_at, verb, actor_name, lead_id, after)
SELECT created_at, 'leads.capture', 'Lead desk', lead_id, '{"source_type": "bayut"}' FROM cases ORDER BY i;

UPDATE agents SET active_leads_count = held, last_assigned_at = turn
FROM (SELECT owner, count(*) FILTER (WHERE is_active AND NOT is_nobodys) AS held FROM cases GROUP BY owner) work
JOIN brokers ON number = owner
JOIN (SELECT agent_id, max(moved_at) AS turn FROM assignment_history GROUP BY agent_id) moves USING (agent_id)
WHERE agents.agent_id = brokers.agent_id;
