-- Agents are locked first and in one order, so that opposite moves cannot deadlock; the count is a statement of
-- its own, so that it sees what was committed while the lock was waited for. An assignment is also a turn, but not
-- one that comes back with its lead when a merge is undone.
create or replace function refresh_active_leads_count() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.agent_id = new.agent_id and old.is_active = new.is_active then
        return null;
    end if;

    perform from agents
    where agent_id in (old.agent_id, new.agent_id)
    order by agent_id
    for no key update;

    update agents
    set active_leads_count = (
            select count(*) from lead_assignments
            where lead_assignments.agent_id = agents.agent_id and is_active
        ),
        last_assigned_at = case
            when agent_id = new.agent_id and new.agent_id is distinct from old.agent_id
                 and current_setting('app.merging', true) is distinct from 'on' then clock_timestamp()
            else last_assigned_at
        end
    where agent_id in (old.agent_id, new.agent_id);
    return null;
end
$$;
