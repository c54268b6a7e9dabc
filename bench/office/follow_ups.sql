-- The first call of each lead, done or cancelled; of each open one the next step: every 75 minutes from nine, from the
-- day before yesterday on, a week later where that would be before the lead came.
INSERT INTO follow_up_tasks (
    lead_id, agent_id, type, due_date, priority, status, created_at, updated_at, cancelled_at, cancel_reason)
SELECT lead_id, agent_id, 'call', created_at + interval '1 day', 'high', 'completed', created_at,
       coalesce(done_at, closed_at), CASE WHEN done_at IS NULL THEN closed_at END,
       CASE WHEN done_at IS NULL THEN 'lost' END
FROM (SELECT *, CASE WHEN contacts > 0 THEN first_at END AS done_at FROM cases) called
JOIN brokers ON number = owner WHERE contacts > 0 OR NOT is_active;

INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date, priority, status, created_at, updated_at)
SELECT lead_id, agent_id, (ARRAY['call', 'call', 'whatsapp', 'viewing'])[1 + (i % 4)::int], due_date, 'medium',
       CASE WHEN due_date < moment THEN 'overdue' ELSE 'pending' END, agreed_at, agreed_at
FROM (
    SELECT *, CASE WHEN day < agreed_at THEN day + interval '7 days' ELSE day END AS due_date
    FROM (
        SELECT *, CASE WHEN contacts > 0 THEN last_at ELSE created_at END AS agreed_at,
               date_trunc('day', moment, 'Asia/Dubai') + (place / 8 - 2) * interval '1 day' + interval '9 hours'
               + place % 8 * interval '75 minutes' AS day
        FROM (SELECT *, row_number() OVER (PARTITION BY owner ORDER BY i) - 1 AS place
              FROM cases WHERE is_active AND NOT is_nobodys) held
    ) wished
) agreed JOIN brokers ON number = owner;
