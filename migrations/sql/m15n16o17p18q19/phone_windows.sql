-- Every run of four digits in a number: what an index needs to find any fragment of four digits and more.
create function phone_windows(phone text) returns text[] language sql immutable strict parallel safe as $$
    select coalesce(array_agg(distinct substr(digits, start, 4)), '{}')
    from (select regexp_replace(phone, '\D', '', 'g') as digits) cleaned,
         generate_series(1, length(digits) - 3) as start
$$;
