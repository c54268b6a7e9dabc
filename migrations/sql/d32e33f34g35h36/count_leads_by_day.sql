-- How many leads came in on each day, by source and by owner, and what has become of them. What changes is appended,
-- plus and minus, so that no two who write wait for each other: a number is the sum of its rows.
create function count_leads_by_day() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into lead_days (day, source_type, owner_id, leads, converted, lost, score)
        select day, source_type, owner_id, count(*), count(*) filter (where status = 'converted'),
               count(*) filter (where status = 'lost'), sum(score)
        from (select *, (created_at at time zone 'Asia/Dubai')::date as day from after) came
        group by grouping sets ((day, source_type), (day, owner_id));
    elsif tg_op = 'DELETE' then
        insert into lead_days (day, source_type, owner_id, leads, converted, lost, score)
        select day, source_type, owner_id, -count(*), -count(*) filter (where status = 'converted'),
               -count(*) filter (where status = 'lost'), -sum(score)
        from (select *, (created_at at time zone 'Asia/Dubai')::date as day from before) went
        group by grouping sets ((day, source_type), (day, owner_id));
    elsif exists (
        select from before join after using (lead_id)
        where (before.created_at, before.source_type, before.owner_id, before.status, before.score)
              is distinct from (after.created_at, after.source_type, after.owner_id, after.status, after.score)
    ) then
        insert into lead_days (day, source_type, owner_id, leads, converted, lost, score)
        select day, source_type, owner_id, sum(n), coalesce(sum(n) filter (where status = 'converted'), 0),
               coalesce(sum(n) filter (where status = 'lost'), 0), sum(n * score)
        from (select n, (created_at at time zone 'Asia/Dubai')::date as day, source_type, owner_id, status, score
              from (select -1 as n, * from before union all select 1, * from after) both_of_them) changed
        group by grouping sets ((day, source_type), (day, owner_id))
        having (sum(n), coalesce(sum(n) filter (where status = 'converted'), 0),
                coalesce(sum(n) filter (where status = 'lost'), 0), sum(n * score)) <> (0, 0, 0, 0);
    end if;
    return null;
end
$$;

create trigger trg_count_leads_on_insert after insert on leads
    referencing new table as after for each statement execute function count_leads_by_day();
create trigger trg_count_leads_on_update after update on leads
    referencing old table as before new table as after for each statement execute function count_leads_by_day();
create trigger trg_count_leads_on_delete after delete on leads
    referencing old table as before for each statement execute function count_leads_by_day();
