-- How many moves of each kind the leads of a day have made and how long they had stayed, and what deals were made on a
-- day. What changes is appended, plus and minus, so that no two who write wait for each other: a number is the sum of
-- its rows.
create function count_move(move lead_conversion_history, n integer) returns void language plpgsql as $$
begin
    if move.came_on is not null then
        insert into move_days (day, status_from, status_to, lost_reason, stay, moves, firsts)
        values (move.came_on, move.status_from, move.status_to, move.lost_reason, null, n, n * move.is_first::int),
               (move.came_on, move.status_from, null, null, stay_step(move.stayed), n, 0);
    end if;
    if move.status_to = 'converted' then
        insert into deal_days (day, deals, valued, value)
        values ((move.changed_at at time zone 'Asia/Dubai')::date, n, n * num_nonnulls(move.deal_value),
                n * coalesce(move.deal_value, 0));
    end if;
end
$$;

create function count_moves() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        perform count_move(old, -1);
    end if;
    if tg_op <> 'DELETE' then
        perform count_move(new, 1);
    end if;
    return null;
end
$$;

create trigger trg_count_moves after insert or delete on lead_conversion_history
    for each row execute function count_moves();
create trigger trg_count_moves_on_update after update on lead_conversion_history for each row
    when ((old.came_on, old.stayed, old.is_first, old.status_from, old.status_to, old.lost_reason, old.changed_at,
           old.deal_value)
          is distinct from
          (new.came_on, new.stayed, new.is_first, new.status_from, new.status_to, new.lost_reason, new.changed_at,
           new.deal_value))
    execute function count_moves();
