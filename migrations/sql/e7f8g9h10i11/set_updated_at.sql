create function set_updated_at() returns trigger language plpgsql as $$
begin
    new.updated_at := now();
    return new;
end
$$;

create trigger trg_leads_updated_at before update on leads
    for each row execute function set_updated_at();

create trigger trg_follow_up_tasks_updated_at before update on follow_up_tasks
    for each row execute function set_updated_at();
