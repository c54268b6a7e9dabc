-- Lead before calendar, as everywhere, whoever writes: so that a whole day that is moved at a prompt and people who
-- plan meanwhile do not wait for each other.
create function hold_lead_of_follow_up() returns trigger language plpgsql as $$
begin
    perform from leads where lead_id = new.lead_id for no key update;
    return new;
end
$$;

create trigger trg_hold_lead_of_new_follow_up before insert on follow_up_tasks
    for each row execute function hold_lead_of_follow_up();
create trigger trg_hold_lead_of_follow_up before update on follow_up_tasks
    for each row when ((old.lead_id, old.due_date, old.type, old.status = 'completed')
                       is distinct from (new.lead_id, new.due_date, new.type, new.status = 'completed'))
    execute function hold_lead_of_follow_up();

-- A lead knows its next step: its earliest open follow-up. The leads are held before the look, so that of two
-- sessions the second sees what the first one wrote. Becoming overdue changes nothing here.
create function keep_next_step_of(touched uuid[]) returns void language plpgsql as $$
begin
    perform from leads where lead_id = any (touched) order by lead_id for no key update;
    update leads
    set next_step_at = next.due_date, next_step_type = next.type
    from unnest(touched) held
    left join lateral (
        select due_date, type from follow_up_tasks
        where follow_up_tasks.lead_id = held and status in ('pending', 'overdue')
        order by due_date, task_id
        limit 1
    ) next on true
    where leads.lead_id = held and (next_step_at, next_step_type) is distinct from (next.due_date, next.type);
end
$$;

create function keep_next_step_of_lead() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        perform keep_next_step_of(array(select distinct lead_id from after));
    elsif tg_op = 'DELETE' then
        perform keep_next_step_of(array(select distinct lead_id from before));
    else
        perform keep_next_step_of(array(
            select unnest(array[before.lead_id, after.lead_id]) from before join after using (task_id)
            where (before.lead_id, before.due_date, before.type, before.status = 'completed')
                  is distinct from (after.lead_id, after.due_date, after.type, after.status = 'completed')
            group by 1));
    end if;
    return null;
end
$$;

create trigger trg_keep_next_step_on_insert after insert on follow_up_tasks
    referencing new table as after for each statement execute function keep_next_step_of_lead();
create trigger trg_keep_next_step_on_update after update on follow_up_tasks
    referencing old table as before new table as after for each statement execute function keep_next_step_of_lead();
create trigger trg_keep_next_step_on_delete after delete on follow_up_tasks
    referencing old table as before for each statement execute function keep_next_step_of_lead();
