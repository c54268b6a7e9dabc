-- Every lead to be: who asks (by the kind), when, how far it comes, and the pace of its contacts.
-- One in a hundred is open, at least 2,000 of 10,000; they are the newest. Who comes back does so 52 days later.
CREATE UNLOGGED TABLE drawn.cases AS
WITH drawn AS MATERIALIZED (
    SELECT i, opened + (i - random()) * step AS created_at, i > leads - active AS is_active,
           CASE WHEN i > leads / 7 AND random() < 0.03 THEN i - leads / 7 ELSE i END AS person,
           random() AS fate, random() AS depth, random() AS patience, random() AS hurry,
           (2 + random() * 70) * interval '1 hour' AS gap, (1 + random() * 47) * interval '1 hour' AS ending,
           CASE WHEN i > leads - active THEN i % brokers ELSE floor(random() * brokers) END::int AS owner,
           random() < 0.05 AS is_handed_over, moment, brokers, kinds
    FROM size, generate_series(1, leads) i
), fated AS (
    SELECT *, 1 + person * 7919 % kinds AS kind,
           CASE WHEN is_active THEN floor(5 * fate ^ 1.3) WHEN fate < 0.12 THEN 4
                WHEN depth < 0.10 THEN 0 WHEN depth < 0.54 THEN 1 WHEN depth < 0.76 THEN 2 WHEN depth < 0.92 THEN 3
                ELSE 4 END::int AS reached,
           CASE WHEN hurry < 0.40 THEN 0.05 + patience * 0.95 WHEN hurry < 0.66 THEN 1 + patience * 3
                WHEN hurry < 0.90 THEN 4 + patience * 20 ELSE 24 + patience * 48 END * interval '1 hour' AS wait
    FROM drawn
), paced AS (
    SELECT *, CASE WHEN reached > 0 THEN reached + 1 + floor(patience * 5.5) ELSE 0 END::int AS contacts FROM fated
), squeezed AS (
    SELECT *, wait + greatest(contacts - 1, 0) * gap + ending AS span FROM paced
), fitted AS (
    SELECT *, least(1, 0.9 * extract(epoch FROM moment - created_at) / extract(epoch FROM span))::float AS fit
    FROM squeezed
)
SELECT i, md5('lead ' || i)::uuid AS lead_id, person, kind, created_at, is_active, reached, contacts, owner,
       (ARRAY['new', 'contacted', 'qualified', 'viewing_scheduled', 'negotiation', 'converted', 'lost'])[
           CASE WHEN is_active THEN reached + 1 WHEN fate < 0.12 THEN 6 ELSE 7 END] AS status,
       is_active AND reached = 0 AND i % 5 = 0 AS is_nobodys,
       CASE WHEN is_handed_over THEN (owner + 1) % brokers ELSE owner END AS first_owner, is_handed_over,
       created_at + fit * wait / 2 AS handed_over_at,
       fit * wait AS wait, created_at + fit * wait AS first_at, fit * gap AS gap,
       created_at + fit * (wait + (contacts - 1) * gap) AS last_at,
       CASE WHEN NOT is_active THEN created_at + fit * span END AS closed_at, moment
FROM fitted ORDER BY i;

ANALYZE cases;
