-- A stay as reports count it: in minutes up to an hour, in hours up to two days, then in days.
create function stay_step(stayed interval) returns interval language sql immutable parallel safe
return date_trunc(
    case when stayed < interval '1 hour' then 'minute' when stayed < interval '2 days' then 'hour' else 'day' end, stayed);
