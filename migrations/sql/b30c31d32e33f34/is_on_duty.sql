-- The one definition of being on duty: put on, or away until a day that has come in Dubai; and not gone.
create function is_on_duty(on_duty boolean, off_duty_until date, left_at timestamptz) returns boolean
language sql stable as $$
    select left_at is null and (on_duty or coalesce(off_duty_until <= (now() at time zone 'Asia/Dubai')::date, false))
$$;
