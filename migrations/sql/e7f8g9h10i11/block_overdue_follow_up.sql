create function block_overdue_follow_up() returns trigger language plpgsql as $$
begin
    if new.due_date < now() - interval '30 days' then
        raise 'A follow-up cannot be due more than 30 days ago.'
            using errcode = '23Z02', constraint = 'overdue_task', column = 'due_date';
    end if;
    return new;
end
$$;

create trigger trg_block_overdue_follow_up before insert on follow_up_tasks
    for each row execute function block_overdue_follow_up();
