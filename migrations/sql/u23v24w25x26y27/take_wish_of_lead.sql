-- An interest carries its lead's wish and budget while the lead is serious, so that suggestions read one small index
-- instead of every lead alike. The lead is held: its next change must see this row.
create function take_wish_of_lead() returns trigger language plpgsql as $$
begin
    select wish_keys(property_type, purpose, preferred_areas), numrange(budget_min, budget_max, '[]')
    into new.wish, new.budget
    from leads
    where lead_id = new.lead_id and status in ('qualified', 'negotiation', 'converted')
    for no key update;
    return new;
end
$$;

create trigger trg_take_wish_of_lead before insert or update of lead_id on lead_property_interests
    for each row execute function take_wish_of_lead();
