-- A row that does not exist (old on insert, new on delete) reads as NULL here and matches no agent.
-- Agents are locked first and in one order, so that opposite moves cannot deadlock; the count is a
-- statement of its own, so that it sees what was committed while the lock was waited for. An agent who is
-- being deleted is no longer there to lock or update.
create function refresh_active_leads_count() returns trigger language plpgsql as $$
begin
    perform from agents
    where agent_id in (old.agent_id, new.agent_id)
    order by agent_id
    for no key update;

    update agents
    set active_leads_count = (
        select count(*)
        from lead_assignments
        join leads using (lead_id)
        where lead_assignments.agent_id = agents.agent_id and leads.status not in ('converted', 'lost')
    )
    where agent_id in (old.agent_id, new.agent_id);
    return null;
end
$$;

create trigger trg_refresh_active_leads_on_assignment after insert or update or delete on lead_assignments
    for each row execute function refresh_active_leads_count();
