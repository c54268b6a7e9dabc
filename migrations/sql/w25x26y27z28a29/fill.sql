-- What the triggers keep from now on, for the leads that are there.
update leads l
set owner_id = a.agent_id, first_contact_at = c.first_at, last_contact_at = c.last_at,
    next_step_at = n.due_date, next_step_type = n.type
from leads old
left join lead_assignments a using (lead_id)
left join (
    select lead_id, min(greatest(activity_at, logged_at - interval '15 minutes')) as first_at,
           max(activity_at) as last_at
    from lead_activities where struck_at is null group by lead_id) c using (lead_id)
left join (
    select distinct on (lead_id) lead_id, due_date, type from follow_up_tasks
    where status in ('pending', 'overdue') order by lead_id, due_date, task_id) n using (lead_id)
where old.lead_id = l.lead_id
  and (l.owner_id, l.first_contact_at, l.last_contact_at, l.next_step_at, l.next_step_type)
      is distinct from (a.agent_id, c.first_at, c.last_at, n.due_date, n.type);
