-- The wall clock, because two moves in one transaction have equal now() and would lose their order.
-- The actor is set by the app for its transaction; at an SQL prompt there is none.
create or replace function log_status_transition() returns trigger language plpgsql as $$
begin
    insert into lead_conversion_history (
        lead_id, status_from, status_to, changed_at, agent_id, conversion_type, changed_by)
    values (
        new.lead_id, old.status, new.status, clock_timestamp(),
        (select agent_id from lead_assignments where lead_id = new.lead_id),
        case when new.status = 'lost' then 'lost' end,
        (select user_id from users where user_id = nullif(current_setting('app.actor', true), '')::uuid)
    );
    return null;
end
$$;
