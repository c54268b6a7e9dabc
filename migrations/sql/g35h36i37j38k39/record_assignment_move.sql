-- Every owner a lead ever had, with the explanation, whoever moved it. Bare ids and names: it outlives its rows.
-- A lead that is merged away, or comes back, does not change hands: its history goes on where it was.
create or replace function record_assignment_move() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.agent_id = new.agent_id or current_setting('app.merging', true) = 'on' then
        return null;
    end if;
    insert into assignment_history (
        lead_id, from_agent_id, from_agent_name, agent_id, agent_name, kind, reason, explanation, moved_by)
    values (
        coalesce(new.lead_id, old.lead_id),
        old.agent_id,
        -- When the agent is deleted, this fires after they are gone; the history still knows their name.
        coalesce(
            (select full_name from agents where agent_id = old.agent_id),
            (
                select agent_name from assignment_history
                where lead_id = old.lead_id and agent_id = old.agent_id
                order by move_id desc
                limit 1
            )
        ),
        new.agent_id, (select full_name from agents where agent_id = new.agent_id),
        new.kind, new.reason, new.explanation,
        nullif(current_setting('app.actor', true), '')::uuid
    );
    return null;
end
$$;
