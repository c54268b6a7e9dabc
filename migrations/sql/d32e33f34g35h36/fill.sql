-- What the triggers keep from now on, for the leads that are there.
delete from lead_days;
insert into lead_days (day, source_type, owner_id, leads, converted, lost, score)
select day, source_type, owner_id, count(*), count(*) filter (where status = 'converted'),
       count(*) filter (where status = 'lost'), sum(score)
from (select *, (created_at at time zone 'Asia/Dubai')::date as day from leads) came
group by grouping sets ((day, source_type), (day, owner_id));
