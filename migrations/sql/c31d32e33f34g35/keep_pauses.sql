-- An activity knows how long after the one before it came, of those with its lead that are not struck out. By then
-- the lead is held: trg_keep_contacts... comes first, in the order of their names.
create function keep_pauses_of_lead() returns trigger language plpgsql as $$
declare
    touched uuid[];
begin
    if tg_op = 'INSERT' then
        touched := array(select distinct lead_id from after);
    elsif tg_op = 'DELETE' then
        touched := array(select distinct lead_id from before);
    else
        touched := array(
            select unnest(array[before.lead_id, after.lead_id]) from before join after using (activity_id)
            where (before.lead_id, before.activity_at, before.struck_at, before.pause)
                  is distinct from (after.lead_id, after.activity_at, after.struck_at, after.pause)
            group by 1);
    end if;
    -- What is kept here is an update too; it ends where nothing is left to change.
    if cardinality(touched) = 0 then
        return null;
    end if;
    update lead_activities a
    set pause = p.pause
    from (
        select activity_id, case when struck_at is null then activity_at - lag(activity_at) over (
                   partition by lead_id, struck_at is null order by activity_at, activity_id) end as pause
        from lead_activities where lead_id = any (touched)) p
    where a.activity_id = p.activity_id and a.pause is distinct from p.pause;
    return null;
end
$$;

create trigger trg_keep_pauses_on_insert after insert on lead_activities
    referencing new table as after for each statement execute function keep_pauses_of_lead();
create trigger trg_keep_pauses_on_update after update on lead_activities
    referencing old table as before new table as after for each statement execute function keep_pauses_of_lead();
create trigger trg_keep_pauses_on_delete after delete on lead_activities
    referencing old table as before for each statement execute function keep_pauses_of_lead();
