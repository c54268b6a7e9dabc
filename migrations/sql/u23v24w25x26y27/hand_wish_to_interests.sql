-- A lead that becomes serious, stops being so or looks for something else tells its interests.
create function hand_wish_to_interests() returns trigger language plpgsql as $$
begin
    update lead_property_interests set lead_id = new.lead_id where lead_id = new.lead_id;
    return null;
end
$$;

create trigger trg_hand_wish_to_interests
    after update of status, property_type, purpose, preferred_areas, budget_min, budget_max on leads
    for each row
    when ((old.status, old.property_type, old.purpose, old.preferred_areas, old.budget_min, old.budget_max)
          is distinct from
          (new.status, new.property_type, new.purpose, new.preferred_areas, new.budget_min, new.budget_max))
    execute function hand_wish_to_interests();
