-- Old data may hold agents above the cap: the newest leads beyond it become unassigned, and the history says why.
alter table lead_assignments disable trigger user;
alter table agents disable trigger user;

update lead_assignments a
set is_active = l.status not in ('converted', 'lost'), lead_created_at = l.created_at
from leads l where l.lead_id = a.lead_id;

insert into assignment_history (lead_id, agent_id, agent_name, reason, moved_at)
select a.lead_id, a.agent_id, g.full_name, a.reason, coalesce(a.reassigned_at, a.assigned_at, now())
from lead_assignments a join agents g using (agent_id);

with ranked as (
    select a.assignment_id, a.lead_id, a.agent_id,
           row_number() over (
               partition by a.agent_id order by a.lead_created_at, coalesce(a.reassigned_at, a.assigned_at), a.lead_id
           ) as place
    from lead_assignments a where a.is_active
), beyond as (
    delete from lead_assignments a using ranked r
    where r.assignment_id = a.assignment_id and r.place > 50
    returning a.lead_id, a.agent_id
)
insert into assignment_history (lead_id, from_agent_id, from_agent_name, reason)
select b.lead_id, b.agent_id, g.full_name, 'The agent held more than 50 active leads when the data was taken over.'
from beyond b join agents g using (agent_id);

update agents g
set active_leads_count = (select count(*) from lead_assignments a where a.agent_id = g.agent_id and a.is_active),
    last_assigned_at = (select max(coalesce(a.reassigned_at, a.assigned_at)) from lead_assignments a
                        where a.agent_id = g.agent_id);

alter table lead_assignments enable trigger user;
alter table agents enable trigger user;
