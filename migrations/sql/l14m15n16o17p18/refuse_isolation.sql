-- The guards look again after a lock was waited for; only READ COMMITTED shows them what was committed meanwhile.
create function refuse_isolation(guard text) returns void language plpgsql as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise 'This rule is only sure under READ COMMITTED.' using errcode = '23Z09', constraint = guard;
    end if;
end
$$;
