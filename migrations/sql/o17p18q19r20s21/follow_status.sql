-- A lead that closes gives its place back; the assignment's own trigger counts anew.
create function follow_status_on_assignment() returns trigger language plpgsql as $$
begin
    update lead_assignments
    set is_active = new.status not in ('converted', 'lost')
    where lead_id = new.lead_id and is_active is distinct from (new.status not in ('converted', 'lost'));
    return null;
end
$$;

create trigger trg_follow_status_on_assignment after update of status on leads
    for each row when (old.status is distinct from new.status)
    execute function follow_status_on_assignment();
