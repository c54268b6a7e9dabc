-- Whether a scoring rule asks something that there is, of the form that it is read in.
create function is_scoring_condition(condition jsonb) returns boolean language sql immutable as $$
    select coalesce(case condition ->> 'type'
        when 'source' then
            lower(btrim(condition ->> 'value')) in (
                'bayut', 'propertyfinder', 'dubizzle', 'website', 'walk_in', 'referral')
        when 'budget_min' then
            case when jsonb_typeof(condition -> 'threshold') = 'number'
                then (condition ->> 'threshold')::numeric between 0 and 500000000 end
        when 'nationality' then
            case when jsonb_typeof(condition -> 'values') = 'array'
                then jsonb_array_length(condition -> 'values') > 0
                    and not jsonb_path_exists(condition, '$.values[*] ? (@.type() != "string" || @ == "")') end
        when 'property_type' then true
        when 'preferred_areas' then true
        when 'referral' then true
        when 'activity_outcome' then
            lower(btrim(condition ->> 'value')) in ('positive', 'negative', 'neutral')
        when 'activity_type' then
            lower(btrim(condition ->> 'value')) in ('call', 'email', 'whatsapp', 'viewing', 'meeting', 'offer_made')
        when 'inactivity_days' then
            case when jsonb_typeof(condition -> 'threshold') = 'number'
                then (condition ->> 'threshold')::numeric between 1 and 365
                    and (condition ->> 'threshold')::numeric % 1 = 0 end
        when 'response_time' then
            case when condition ? 'max_hours' and not condition ? 'min_hours'
                    and jsonb_typeof(condition -> 'max_hours') = 'number'
                then (condition ->> 'max_hours')::numeric between 0 and 8760
                when condition ? 'min_hours' and not condition ? 'max_hours'
                    and jsonb_typeof(condition -> 'min_hours') = 'number'
                then (condition ->> 'min_hours')::numeric between 0 and 8760 end
    end, false)
$$;
