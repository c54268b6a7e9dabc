-- A lead knows its first and last contact. The leads are held before the look, so that of two sessions the second
-- sees what the first one wrote. The first counts no earlier than 15 minutes before it was logged.
create function keep_contacts_of(touched uuid[]) returns void language plpgsql as $$
begin
    perform from leads where lead_id = any (touched) order by lead_id for no key update;
    update leads
    set first_contact_at = contacts.first_at, last_contact_at = contacts.last_at
    from (
        select held, min(greatest(activity_at, logged_at - interval '15 minutes')) as first_at,
               max(activity_at) as last_at
        from unnest(touched) held
        left join lead_activities on lead_activities.lead_id = held and struck_at is null
        group by held
    ) contacts
    where leads.lead_id = contacts.held
      and (first_contact_at, last_contact_at) is distinct from (contacts.first_at, contacts.last_at);
end
$$;

create function keep_contacts_of_lead() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        perform keep_contacts_of(array(select distinct lead_id from after));
    elsif tg_op = 'DELETE' then
        perform keep_contacts_of(array(select distinct lead_id from before));
    else
        perform keep_contacts_of(array(
            select unnest(array[before.lead_id, after.lead_id]) from before join after using (activity_id)
            where (before.lead_id, before.activity_at, before.logged_at, before.struck_at)
                  is distinct from (after.lead_id, after.activity_at, after.logged_at, after.struck_at)
            group by 1));
    end if;
    return null;
end
$$;

create trigger trg_keep_contacts_on_insert after insert on lead_activities
    referencing new table as after for each statement execute function keep_contacts_of_lead();
create trigger trg_keep_contacts_on_update after update on lead_activities
    referencing old table as before new table as after for each statement execute function keep_contacts_of_lead();
create trigger trg_keep_contacts_on_delete after delete on lead_activities
    referencing old table as before for each statement execute function keep_contacts_of_lead();
