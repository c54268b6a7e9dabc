-- Lead before agents, as everywhere, and agents in one order; locked before the look, so that two cannot both
-- see 49, and nobody leaves between the look and the move.
-- Whether the lead takes room is kept on the assignment: in a cascaded delete the lead is no longer there to ask.
create or replace function enforce_agent_max_workload() returns trigger language plpgsql as $$
begin
    perform refuse_isolation('agent_overload');
    select status not in ('converted', 'lost') into new.is_active
    from leads where lead_id = new.lead_id for no key update;
    new.is_active := coalesce(new.is_active, true);

    perform from agents
    where agent_id in (old.agent_id, new.agent_id)
    order by agent_id
    for no key update;
    if new.is_active and exists (select from agents where agent_id = new.agent_id and left_at is not null) then
        raise 'This agent has left the office.'
            using errcode = '23Z06', constraint = 'agent_left', column = 'agent_id';
    end if;
    if new.is_active and 50 <= (
        select count(*) from lead_assignments
        where agent_id = new.agent_id and is_active and lead_id <> new.lead_id
    ) then
        raise 'This agent already has 50 active leads.'
            using errcode = '23Z03', constraint = 'agent_overload', column = 'agent_id';
    end if;
    return new;
end
$$;
