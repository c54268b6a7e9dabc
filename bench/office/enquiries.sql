-- What reached us: where each lead came from, the visits, who asked again, and what people liked.
INSERT INTO lead_sources (lead_id, source_type, referrer_agent_id, property_id, created_at)
SELECT lead_id, source_type, CASE WHEN is_referred THEN agent_id END,
       CASE WHEN source_type IN ('bayut', 'propertyFinder', 'dubizzle') AND random() < 0.7
            THEN properties[1 + floor(cardinality(properties) * random() ^ 2)] END, created_at
FROM cases JOIN kinds USING (kind) JOIN brokers ON number = (owner + 2) % (SELECT brokers FROM size);

INSERT INTO enquiries (enquiry_id, lead_id, source_type, channel, state, message, received_at)
SELECT md5('enquiry ' || i)::uuid, lead_id, source_type, channel, 'captured',
       CASE WHEN channel IN ('whatsapp', 'email', 'web_form') THEN 'Hello, is this still available? Please call me.' END,
       created_at
FROM cases JOIN kinds USING (kind);

INSERT INTO enquiries (lead_id, source_type, channel, state, received_at)
SELECT lead_id, source_type, channel, 'attached', created_at + least(interval '3 hours', (moment - created_at) / 2)
FROM cases JOIN kinds USING (kind) WHERE channel <> 'visit' AND i % 25 = 0;

INSERT INTO visits (enquiry_id, lead_id, status, arrived_at, received_at, left_at)
SELECT md5('enquiry ' || i)::uuid, lead_id, 'left', created_at,
       created_at + least(interval '9 minutes', (moment - created_at) / 3),
       created_at + least(interval '50 minutes', (moment - created_at) / 2)
FROM cases JOIN kinds USING (kind) WHERE channel = 'visit';

INSERT INTO lead_property_interests (lead_id, property_id, interest_level, created_at, wish, budget)
SELECT lead_id, properties[1 + floor(cardinality(properties) * random() ^ 2)],
       (ARRAY['high', 'medium', 'low'])[1 + floor(random() * 3)], first_at,
       CASE WHEN is_serious THEN wish_keys(property_type, purpose, preferred_areas) END,
       CASE WHEN is_serious THEN numrange(budget_min, budget_max, '[]') END
FROM (SELECT *, status IN ('qualified', 'negotiation', 'converted') AS is_serious
      FROM cases WHERE contacts > 0 AND i % 4 = 0 OFFSET 0) liking
JOIN kinds USING (kind), generate_series(1, 1 + (i / 4 % 2)::int)
WHERE properties IS NOT NULL
ON CONFLICT DO NOTHING;
