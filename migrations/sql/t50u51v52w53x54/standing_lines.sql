-- What a score is made of today. A line stands until it is taken back, or until a later line with parts says anew
-- what the whole score is made of; then those parts stand, each until it is taken back.
create view standing_lines as
select s.line_id, null::smallint as part, s.lead_id, s.reason, s.activity_id, s.rule_id, s.rule_name, s.points,
       s.counted, s.created_at
from score_lines s
where s.parts is null and s.reverses is null
  and not exists (select from score_lines back where back.reverses = s.line_id)
  and not exists (select from score_lines anew
                  where anew.lead_id = s.lead_id and anew.line_id > s.line_id and anew.parts is not null)
union all
select s.line_id, p.part::smallint, s.lead_id, p.reason, p.activity_id, p.rule_id, p.rule_name, p.points,
       p.counted, s.created_at
from score_lines s
cross join lateral rows from (jsonb_to_recordset(s.parts) as (
    reason varchar, activity_id uuid, rule_id uuid, rule_name varchar, points integer, counted integer
)) with ordinality as p (reason, activity_id, rule_id, rule_name, points, counted, part)
where s.parts is not null
  and not exists (select from score_lines back where back.reverses = s.line_id and back.part = p.part)
  and not exists (select from score_lines anew
                  where anew.lead_id = s.lead_id and anew.line_id > s.line_id and anew.parts is not null);
