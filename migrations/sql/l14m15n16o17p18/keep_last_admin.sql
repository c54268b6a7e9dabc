-- Two admins who demote each other at once meet at the lock; the second one's look sees the first one's deed.
create function keep_last_admin() returns trigger language plpgsql as $$
begin
    perform refuse_isolation('last_admin');
    perform pg_advisory_xact_lock(hashtextextended('last_admin', 0));
    if not exists (select from users where role = 'admin' and is_active) then
        raise 'The office needs at least one active admin.'
            using errcode = '23Z05', constraint = 'last_admin', column = 'role';
    end if;
    return null;
end
$$;

create trigger trg_keep_last_admin after update of role, is_active on users
    for each row when (old.role = 'admin' and old.is_active and not (new.role = 'admin' and new.is_active))
    execute function keep_last_admin();

create trigger trg_keep_last_admin_on_delete after delete on users
    for each row when (old.role = 'admin' and old.is_active)
    execute function keep_last_admin();
