-- A role belongs to the whole server and may exist already. Where the owner may not create one, the app goes on
-- as the owner; `doctor --deploy` says so.
do $$
begin
    if not exists (select from pg_roles where rolname = 'lead_desk_app') then
        create role lead_desk_app nologin;
    end if;
    if not pg_has_role(current_user, 'lead_desk_app', 'MEMBER') then
        execute format('grant lead_desk_app to %I', current_user);
    end if;
    grant usage on schema public to lead_desk_app;
    grant select, insert, update, delete on all tables in schema public to lead_desk_app;
    grant usage, select on all sequences in schema public to lead_desk_app;
    grant execute on all functions in schema public to lead_desk_app;
    revoke update, delete on audit_entries, assignment_history, score_lines from lead_desk_app;
    revoke insert, update, delete on alembic_version from lead_desk_app;
    alter default privileges in schema public grant select, insert, update, delete on tables to lead_desk_app;
    alter default privileges in schema public grant usage, select on sequences to lead_desk_app;
exception
    when insufficient_privilege or duplicate_object or unique_violation then
        raise warning 'The role lead_desk_app could not be set up: %', sqlerrm;
end
$$;
