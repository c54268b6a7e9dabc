-- Since PostgreSQL 16 an ordinary owner who has made a role is its member, yet may not take it on before a grant.
do $$
begin
    if current_setting('server_version_num')::int >= 160000
       and exists (select from pg_roles where rolname = 'lead_desk_app')
       and not pg_has_role(current_user, 'lead_desk_app', 'SET')
    then
        execute format('grant lead_desk_app to %I', current_user);
    end if;
exception
    when insufficient_privilege then
        raise warning 'The role lead_desk_app could not be taken on: %', sqlerrm;
end
$$;
