-- A lead knows its owner. Whole statements, so that a thousand assignments cost one look.
create function keep_owner_of_lead() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        update leads set owner_id = null
        from before
        where leads.lead_id = before.lead_id and owner_id is not null
          and not exists (select from lead_assignments a where a.lead_id = leads.lead_id);
    end if;
    if tg_op <> 'DELETE' then
        update leads set owner_id = after.agent_id
        from after
        where leads.lead_id = after.lead_id and owner_id is distinct from after.agent_id;
    end if;
    return null;
end
$$;

create trigger trg_keep_owner_on_insert after insert on lead_assignments
    referencing new table as after for each statement execute function keep_owner_of_lead();
create trigger trg_keep_owner_on_update after update on lead_assignments
    referencing old table as before new table as after for each statement execute function keep_owner_of_lead();
create trigger trg_keep_owner_on_delete after delete on lead_assignments
    referencing old table as before for each statement execute function keep_owner_of_lead();
