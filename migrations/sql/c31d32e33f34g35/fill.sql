-- What the triggers keep from now on, for the activities that are there.
update lead_activities a
set pause = p.pause
from (
    select activity_id,
           activity_at - lag(activity_at) over (partition by lead_id order by activity_at, activity_id) as pause
    from lead_activities where struck_at is null) p
where a.activity_id = p.activity_id and a.pause is distinct from p.pause;
