-- The wall clock, because two moves in one transaction have equal now() and would lose their order.
create function log_status_transition() returns trigger language plpgsql as $$
begin
    insert into lead_conversion_history (lead_id, status_from, status_to, changed_at, agent_id)
    values (
        new.lead_id, old.status, new.status, clock_timestamp(),
        (
            select agent_id from lead_assignments
            where lead_id = new.lead_id
            order by coalesce(reassigned_at, assigned_at) desc nulls last
            limit 1
        )
    );
    return null;
end
$$;

create trigger trg_log_status_transition after update on leads
    for each row when (old.status is distinct from new.status)
    execute function log_status_transition();
