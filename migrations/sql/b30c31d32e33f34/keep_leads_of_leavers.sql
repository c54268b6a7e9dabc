-- Whoever holds active leads does not leave. The agent's row is locked before this looks, as an assignment locks it.
create function keep_leads_of_leavers() returns trigger language plpgsql as $$
begin
    perform refuse_isolation('agent_holds_leads');
    if exists (select from lead_assignments where agent_id = new.agent_id and is_active) then
        raise 'This agent still has active leads.'
            using errcode = '23Z07', constraint = 'agent_holds_leads', column = 'left_at';
    end if;
    return new;
end
$$;

create trigger trg_keep_leads_of_leavers before update of left_at on agents
    for each row when (old.left_at is null and new.left_at is not null)
    execute function keep_leads_of_leavers();
