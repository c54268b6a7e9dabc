-- JSON with the same keys in which a text is null where it holds one of these: `digits` however they are written,
-- `words` in either case. Without either every text is, but for ids and moments: they say of nobody who they are.
create function blanked(told jsonb, digits text[], words text[]) returns jsonb
    language plpgsql immutable parallel safe as $$
declare
    said text;
begin
    case jsonb_typeof(told)
    when 'object' then
        return (select coalesce(jsonb_object_agg(key, blanked(one, digits, words)), '{}')
                from jsonb_each(told) part (key, one));
    when 'array' then
        return (select coalesce(jsonb_agg(blanked(one, digits, words) order by place), '[]')
                from jsonb_array_elements(told) with ordinality part (one, place));
    when 'string' then
        said := told #>> '{}';
        if digits is null and words is null then
            return case when said ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                          or said ~ '^\d{4}-\d\d-\d\d[T ][0-9:.]+([+-]\d\d(:\d\d)?|Z)?$' then told else 'null' end;
        end if;
        return case when names_one(said, digits, words) then 'null' else told end;
    else
        return told;
    end case;
end
$$;
