-- The role itself may serve other databases of this server and stays.
do $$
begin
    if exists (select from pg_roles where rolname = 'lead_desk_app') then
        alter default privileges in schema public revoke all on tables from lead_desk_app;
        alter default privileges in schema public revoke all on sequences from lead_desk_app;
        revoke all on all tables in schema public from lead_desk_app;
        revoke all on all sequences in schema public from lead_desk_app;
        revoke all on all functions in schema public from lead_desk_app;
        revoke all on schema public from lead_desk_app;
    end if;
end
$$;
