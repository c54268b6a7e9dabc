-- The calendar of all days follows the week and the days that are different, whoever changes them.
create function keep_working_days() returns trigger language plpgsql as $$
begin
    -- Two changes at once: the later one waits, then sees what the earlier one left.
    perform pg_advisory_xact_lock(hashtextextended('working_days', 0));
    insert into working_days as kept (day, opens, closes, worked_before)
    with special as (
        select d::date as day, bool_or(opens is null) as is_off,
               (array_agg(opens order by begins desc, special_id))[1] as opens,
               (array_agg(closes order by begins desc, special_id))[1] as closes
        from special_hours, generate_series(begins, ends, interval '1 day') d group by 1
    ), days as (
        select d::date as day,
               case when special.is_off then null else coalesce(special.opens, week.opens) end as opens,
               case when special.is_off then null else coalesce(special.closes, week.closes) end as closes
        from generate_series(date '2010-01-01', date '2039-12-31', interval '1 day') d
        left join working_hours week on week.weekday = extract(isodow from d)
        left join special on special.day = d::date and week.weekday is not null
    )
    select day, coalesce(opens, time '00:00'), coalesce(closes, time '00:00'),
           coalesce(sum(closes - opens) over before, interval '0')
    from days window before as (order by day rows between unbounded preceding and 1 preceding)
    on conflict (day) do update
        set opens = excluded.opens, closes = excluded.closes, worked_before = excluded.worked_before
        where (kept.opens, kept.closes, kept.worked_before)
              is distinct from (excluded.opens, excluded.closes, excluded.worked_before);
    return null;
end $$;

create trigger trg_keep_working_days after insert or update or delete on working_hours
    for each statement execute function keep_working_days();
create trigger trg_keep_working_days after insert or update or delete on special_hours
    for each statement execute function keep_working_days();
