-- Looks after the whole statement, so that a day may be moved in one; under the calendar's lock, so that two
-- sessions cannot both find the slot free. Only what a statement wrote is judged, never an old clash.
create function keep_follow_ups_apart() returns trigger language plpgsql as $$
begin
    if new.status = 'completed' or (tg_op = 'UPDATE' and old.due_date = new.due_date
            and old.agent_id = new.agent_id and old.status <> 'completed') then
        return null;
    end if;
    perform refuse_isolation('follow_up_conflict');
    perform pg_advisory_xact_lock(hashtextextended('calendar:' || new.agent_id, 0));
    if exists (
        select from follow_up_tasks mine
        join follow_up_tasks other on other.agent_id = mine.agent_id and other.task_id <> mine.task_id
        where mine.task_id = new.task_id
          and mine.status in ('pending', 'overdue') and other.status in ('pending', 'overdue')
          and other.due_date > mine.due_date - interval '30 minutes'
          and other.due_date < mine.due_date + interval '30 minutes'
    ) then
        raise 'Follow-ups of one agent need 30 minutes between them.'
            using errcode = '23Z04', constraint = 'follow_up_conflict', column = 'due_date';
    end if;
    return null;
end
$$;

create constraint trigger trg_keep_follow_ups_apart after insert or update on follow_up_tasks
    deferrable initially immediate
    for each row execute function keep_follow_ups_apart();
