-- What the triggers keep from now on, for the moves that are there: found by their place, without their key.
update lead_conversion_history h
set came_on = told.came_on, stayed = told.stayed, is_first = told.is_first
from (
    select place, case when since then (created_at at time zone 'Asia/Dubai')::date end as came_on,
           case when since then changed_at - lag(changed_at, 1, created_at) over (
               partition by lead_id, since order by changed_at, history_id) end as stayed,
           since and row_number() over (
               partition by lead_id, since, status_to order by changed_at, history_id) = 1 as is_first
    from (select h.ctid as place, h.*, l.created_at, coalesce(h.changed_at >= l.created_at, false) as since
          from lead_conversion_history h join leads l using (lead_id)) moves) told
where h.ctid = told.place
  and (h.came_on, h.stayed, h.is_first) is distinct from (told.came_on, told.stayed, told.is_first);

delete from move_days;
insert into move_days (day, status_from, status_to, lost_reason, stay, moves, firsts)
select came_on, status_from, status_to, lost_reason, stay, count(*),
       case when stay is null then count(*) filter (where is_first) else 0 end
from (select *, stay_step(stayed) as stay from lead_conversion_history where came_on is not null) moved
group by grouping sets ((came_on, status_from, status_to, lost_reason), (came_on, status_from, stay));

delete from deal_days;
insert into deal_days (day, deals, valued, value)
select (changed_at at time zone 'Asia/Dubai')::date, count(*), count(deal_value), coalesce(sum(deal_value), 0)
from lead_conversion_history where status_to = 'converted' group by 1;
