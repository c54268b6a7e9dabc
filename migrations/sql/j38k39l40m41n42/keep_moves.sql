-- A move knows the day its lead came in (none: the move is from before), how long the lead had been where it was, and
-- whether it is the first to where it went. The lead is held: two that change its moves do so one after the other.
create function keep_moves(of_leads uuid[]) returns void language plpgsql as $$
begin
    perform from leads where lead_id = any (of_leads) order by lead_id for no key update;
    update lead_conversion_history h
    set came_on = told.came_on, stayed = told.stayed, is_first = told.is_first
    from (
        select history_id, case when since then (created_at at time zone 'Asia/Dubai')::date end as came_on,
               case when since then changed_at - lag(changed_at, 1, created_at) over (
                   partition by lead_id, since order by changed_at, history_id) end as stayed,
               since and row_number() over (
                   partition by lead_id, since, status_to order by changed_at, history_id) = 1 as is_first
        from (select *, coalesce(changed_at >= created_at, false) as since
              from lead_conversion_history join leads using (lead_id) where lead_id = any (of_leads)) moves) told
    where h.history_id = told.history_id
      and (h.came_on, h.stayed, h.is_first) is distinct from (told.came_on, told.stayed, told.is_first);
end
$$;

create function keep_moves_of_lead() returns trigger language plpgsql as $$
declare
    touched uuid[];
begin
    if tg_op = 'INSERT' then
        touched := array(select distinct lead_id from after);
    elsif tg_op = 'DELETE' then
        touched := array(select distinct lead_id from before);
    else
        touched := array(
            select unnest(array[before.lead_id, after.lead_id]) from before join after using (history_id)
            where (before.lead_id, before.changed_at, before.status_from, before.status_to)
                  is distinct from (after.lead_id, after.changed_at, after.status_from, after.status_to)
            group by 1);
    end if;
    if cardinality(touched) > 0 then
        perform keep_moves(touched);
    end if;
    return null;
end
$$;

create trigger trg_keep_moves_on_insert after insert on lead_conversion_history
    referencing new table as after for each statement execute function keep_moves_of_lead();
create trigger trg_keep_moves_on_update after update on lead_conversion_history
    referencing old table as before new table as after for each statement execute function keep_moves_of_lead();
create trigger trg_keep_moves_on_delete after delete on lead_conversion_history
    referencing old table as before for each statement execute function keep_moves_of_lead();

-- When a lead came in changes at a prompt only.
create function keep_moves_of_arrival() returns trigger language plpgsql as $$
begin
    perform keep_moves(array[new.lead_id]);
    return null;
end
$$;

create trigger trg_keep_moves_of_arrival after update of created_at on leads
    for each row when (old.created_at is distinct from new.created_at) execute function keep_moves_of_arrival();
