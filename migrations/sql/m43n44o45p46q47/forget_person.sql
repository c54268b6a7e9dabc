-- As before: of a person whose leads are erased already, what the app's role may only add to. A lead that waits as
-- another broker's is erased where it waits. How many entries of the audit were blanked.
create function forget_person(
    whose uuid[], asked uuid[], digits text[], words text[], doer uuid, doer_name text) returns integer
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    blank integer;
begin
    if exists (
        select from unnest(whose) mine (lead_id)
        where not exists (select from leads l where l.lead_id = mine.lead_id and l.erased_at is not null)
          and not exists (select from merges m where m.absorbed_id = mine.lead_id
                          and exists (select from leads l where l.lead_id = m.survivor_id and l.erased_at is not null))
          and not exists (select from broker_leads b where b.lead_id = mine.lead_id
                          and b.kept #>> '{rows,leads,0,erased_at}' is not null))
       or exists (select from enquiries e where e.enquiry_id = any (asked) and e.erased_at is null)
    then
        raise 'Only a person whose leads and enquiries are erased is forgotten';
    end if;
    if exists (select from unnest(digits) number where length(number) < 7)
       or exists (select from unnest(words) word where length(word) < 4)
    then
        raise 'That would name too many';
    end if;
    update deliveries set payload = '', note = null where enquiry_id = any (asked) and payload <> '';
    update assignment_history set reason = null where lead_id = any (whose) and reason is distinct from kind;
    with mine as (
        update audit_entries
        set before = blanked(before, null, null), after = blanked(after, null, null)
        where lead_id = any (whose)
          and (before, after) is distinct from (blanked(before, null, null), blanked(after, null, null))
        returning 1),
    named as (
        -- What somebody looked for when they took a list away, and a number that was another lead's by mistake.
        update audit_entries
        set before = blanked(before, digits, words), after = blanked(after, digits, words)
        where not coalesce(lead_id = any (whose), false) and (lead_id is null or verb = 'leads.amend')
          and verb <> 'denied' and names_one(concat(before, ' ', after), digits, words)
          and (before, after) is distinct from (blanked(before, digits, words), blanked(after, digits, words))
        returning 1)
    select (select count(*) from mine) + (select count(*) from named) into blank;
    insert into audit_entries (verb, actor_id, actor_name, after)
    values ('audit.blank', doer, doer_name, jsonb_build_object('entries', blank));
    return blank;
end
$$;
