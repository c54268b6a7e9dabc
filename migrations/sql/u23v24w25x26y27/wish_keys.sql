-- What somebody looks for, as words that two wishes share when they are alike: type, purpose and area. Who did not
-- say whether to buy or to rent shares both; without a type or an area there are none.
create function wish_keys(property_type text, purpose text, areas text[]) returns text[]
    immutable parallel safe language sql as $$
    select array_agg(concat_ws('/', property_type, possible, area))
    from unnest(areas) area, unnest(array['buy', 'rent']) possible
    where property_type is not null and coalesce(purpose, possible) = possible
$$;
