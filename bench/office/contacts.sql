-- What was done with each lead and where it led: a move follows each of the first contacts, the last one closes.
INSERT INTO lead_activities (
    lead_id, agent_id, type, outcome, notes, activity_at, logged_by, logged_at, pause)
SELECT lead_id, agent_id,
       CASE WHEN k = 4 AND reached >= 3 THEN 'viewing' WHEN k = 5 AND reached >= 4 THEN 'offer_made'
            ELSE (ARRAY['call', 'call', 'whatsapp', 'whatsapp', 'email', 'meeting'])[1 + floor(random() * 6)] END,
       (ARRAY['positive', 'neutral', 'negative', NULL])[1 + floor(random() * 3.4)],
       CASE WHEN random() < 0.7 THEN 'Spoke about the area, the budget and when a viewing would suit.' END,
       first_at + (k - 1) * gap, user_id, first_at + (k - 1) * gap + least(gap / 60, interval '5 minutes'),
       CASE WHEN k > 1 THEN gap END
FROM cases JOIN brokers ON number = owner, generate_series(1, contacts) k;

INSERT INTO lead_conversion_history (lead_id, status_from, status_to, changed_at, agent_id, changed_by)
SELECT lead_id, path[k], path[k + 1], first_at + (k - 1) * gap + least(gap / 30, interval '10 minutes'),
       agent_id, user_id
FROM cases JOIN brokers ON number = owner,
     (VALUES (ARRAY['new', 'contacted', 'qualified', 'viewing_scheduled', 'negotiation'])) AS way (path),
     generate_series(1, reached) k;

INSERT INTO lead_conversion_history (
    lead_id, status_from, status_to, changed_at, agent_id, changed_by, conversion_type, deal_value, property_id,
    lost_reason, notes)
SELECT lead_id, (ARRAY['new', 'contacted', 'qualified', 'viewing_scheduled', 'negotiation'])[reached + 1],
       status, closed_at, agent_id, user_id, CASE WHEN status = 'lost' THEN 'lost' ELSE deal END,
       CASE WHEN status = 'converted' THEN price END,
       CASE WHEN status = 'converted' THEN properties[1 + floor(cardinality(properties) * random() ^ 2)] END,
       CASE WHEN status = 'lost' THEN reason END, CASE WHEN status = 'lost' THEN reason END
FROM (SELECT *, (ARRAY['price', 'area', 'bought_elsewhere', 'no_answer', 'not_serious', 'other'])[
                    1 + floor(random() * 6)] AS reason
      FROM cases WHERE NOT is_active OFFSET 0) closed
JOIN kinds USING (kind) JOIN brokers ON number = owner;
