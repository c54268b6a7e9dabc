create function enforce_status_transition() returns trigger language plpgsql as $$
begin
    if (old.status, new.status) not in (
        ('new', 'contacted'), ('new', 'lost'),
        ('contacted', 'qualified'), ('contacted', 'lost'),
        ('qualified', 'viewing_scheduled'), ('qualified', 'lost'),
        ('viewing_scheduled', 'negotiation'), ('viewing_scheduled', 'qualified'),
        ('viewing_scheduled', 'lost'),
        ('negotiation', 'converted'), ('negotiation', 'lost')
    ) then
        raise 'A lead cannot go from % to %.', replace(old.status, '_', ' '), replace(new.status, '_', ' ')
            using errcode = '23Z01', constraint = 'invalid_status_transition', column = 'status';
    end if;
    return new;
end
$$;

create trigger trg_enforce_status_transition before update on leads
    for each row when (old.status is distinct from new.status)
    execute function enforce_status_transition();
