-- What was delivered is never changed; only what became of it is told.
do $$
begin
    if exists (select from pg_roles where rolname = 'lead_desk_app') then
        revoke update, delete on deliveries from lead_desk_app;
        grant update (state, note, enquiry_id) on deliveries to lead_desk_app;
    end if;
exception
    when insufficient_privilege then
        raise warning 'The rights on deliveries could not be narrowed: %', sqlerrm;
end
$$;
