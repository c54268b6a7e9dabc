-- The agent is locked before the count, so that two simultaneous assignments cannot both see 49.
-- A closed lead takes no room.
create function enforce_agent_max_workload() returns trigger language plpgsql as $$
declare
    lead_is_active boolean;
    active_leads integer;
begin
    perform from agents where agent_id = new.agent_id for no key update;

    select status not in ('converted', 'lost') into lead_is_active from leads where lead_id = new.lead_id;
    select count(*) into active_leads
    from lead_assignments
    join leads using (lead_id)
    where lead_assignments.agent_id = new.agent_id and leads.status not in ('converted', 'lost');

    if lead_is_active and active_leads >= 50 then
        raise 'This agent already has 50 active leads.'
            using errcode = '23Z03', constraint = 'agent_overload', column = 'agent_id';
    end if;
    return new;
end
$$;

create trigger trg_enforce_agent_max_workload before insert on lead_assignments
    for each row execute function enforce_agent_max_workload();
