-- People do not tell capitals apart in an address. Old doubles are left alone: what is written is judged.
create function keep_agent_emails_apart() returns trigger language plpgsql as $$
begin
    perform refuse_isolation('agent_email_taken');
    perform pg_advisory_xact_lock(hashtextextended('agent_email:' || lower(new.email), 0));
    if exists (select from agents where lower(email) = lower(new.email) and agent_id <> new.agent_id) then
        raise 'Another agent has this e-mail address.'
            using errcode = '23Z08', constraint = 'agent_email_taken', column = 'email';
    end if;
    return new;
end
$$;

create trigger trg_keep_agent_emails_apart before insert or update of email on agents
    for each row execute function keep_agent_emails_apart();
