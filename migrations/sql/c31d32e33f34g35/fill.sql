-- What the triggers keep from now on, for the activities that are there: found by their place, without their key.
update lead_activities a
set pause = p.pause
from (
    select ctid as place,
           activity_at - lag(activity_at) over (partition by lead_id order by activity_at, activity_id) as pause
    from lead_activities where struck_at is null) p
where a.ctid = p.place and a.pause is distinct from p.pause;
