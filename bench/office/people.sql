-- Who works here and what is on offer, from what was drawn. The first kinds of leads are also the properties.
INSERT INTO agents (
    agent_id, full_name, email, phone, specialization_property_type, specialization_areas, language_skills, created_at)
SELECT agent_id, full_name, email, phone, types, areas, languages, opened FROM brokers, size;

INSERT INTO users (user_id, email, name, password_hash, role, agent_id, created_at)
SELECT user_id, email, full_name, '-', 'agent', agent_id, opened FROM brokers, size;

UPDATE brokers b SET explanation = jsonb_build_object(
    'considered', size.brokers, 'lower', size.brokers - 1, 'off_duty', 0, 'full', 0, 'candidates', (
        SELECT jsonb_agg(jsonb_build_object(
                   'agent_id', o.agent_id, 'name', o.full_name, 'points', 7, 'type_points', 3, 'area_points', 2,
                   'language_points', 2, 'last_turn', opened) ORDER BY (o.number - b.number + size.brokers) % size.brokers)
        FROM brokers o WHERE (o.number - b.number + size.brokers) % size.brokers < 5))
FROM size;

INSERT INTO listings (property_id, reference, title, property_type, area, purpose, price, created_at)
SELECT md5('property ' || kind)::uuid, 'REF-' || kind, initcap(property_type) || ' in ' || preferred_areas[1],
       property_type, preferred_areas[1], CASE deal WHEN 'sale' THEN 'buy' ELSE 'rent' END, price, opened
FROM kinds, size WHERE kind <= size.properties AND property_type IS NOT NULL AND preferred_areas IS NOT NULL;

UPDATE kinds SET properties = ids
FROM (SELECT property_type, area, array_agg(property_id) AS ids FROM listings GROUP BY property_type, area) offered
WHERE kinds.property_type = offered.property_type AND preferred_areas[1] = area;

ANALYZE brokers, kinds, kind_points;
