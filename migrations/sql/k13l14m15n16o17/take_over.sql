-- Other implementations spell functions, extra checks and indexes their own way, keep arrays as varchar[] and
-- allow empty timestamps. Everything they may differ in is brought to one form; no row is refused or lost.

alter table leads alter preferred_areas type text[];
alter table agents
    alter specialization_property_type type text[],
    alter specialization_areas type text[],
    alter language_skills type text[];

alter table leads disable trigger user;
alter table follow_up_tasks disable trigger user;
alter table lead_assignments disable trigger user;

update leads set created_at = coalesce(created_at, updated_at, now()), updated_at = coalesce(updated_at, created_at, now())
where created_at is null or updated_at is null;
update agents set created_at = coalesce(created_at, updated_at, now()), updated_at = coalesce(updated_at, created_at, now())
where created_at is null or updated_at is null;
update follow_up_tasks
set created_at = coalesce(created_at, updated_at, now()), updated_at = coalesce(updated_at, created_at, now())
where created_at is null or updated_at is null;
update lead_assignments set assigned_at = coalesce(reassigned_at, now()) where assigned_at is null;
update lead_activities set activity_at = now() where activity_at is null;
update lead_conversion_history set changed_at = now() where changed_at is null;
update agent_performance_metrics set updated_at = now() where updated_at is null;
update lead_sources set created_at = now() where created_at is null;
update lead_property_interests set created_at = now() where created_at is null;

alter table leads alter created_at set not null, alter updated_at set not null;
alter table agents alter created_at set not null, alter updated_at set not null;

alter table leads enable trigger user;
alter table follow_up_tasks enable trigger user;
alter table lead_assignments enable trigger user;

alter table lead_conversion_history
    drop constraint if exists ck_conversion_type,
    drop constraint if exists ck_conversion_status_from,
    drop constraint if exists ck_conversion_status_to;

-- The seven triggers are made anew with our functions, whatever theirs were called.
do $$
declare
    old_trigger record;
begin
    for old_trigger in
        select t.tgname, t.tgrelid::regclass as on_table, t.tgfoid::regprocedure as function
        from pg_trigger t
        where not t.tgisinternal and t.tgname in (
            'trg_enforce_status_transition', 'trg_block_overdue_follow_up', 'trg_leads_updated_at',
            'trg_follow_up_tasks_updated_at', 'trg_refresh_active_leads_on_assignment',
            'trg_log_status_transition', 'trg_enforce_agent_max_workload')
    loop
        execute format('drop trigger %I on %s', old_trigger.tgname, old_trigger.on_table);
        if not exists (select from pg_trigger where tgfoid = old_trigger.function::oid) then
            execute format('drop function %s', old_trigger.function);
        end if;
    end loop;
end
$$;

-- Indexes that neither a constraint nor the schema asks for only slow writes down.
do $$
declare
    stray record;
begin
    for stray in
        select i.indexrelid::regclass as name
        from pg_index i join pg_class c on c.oid = i.indexrelid
        where i.indrelid in (
            'leads'::regclass, 'agents'::regclass, 'lead_assignments'::regclass, 'lead_activities'::regclass,
            'follow_up_tasks'::regclass, 'lead_property_interests'::regclass, 'lead_sources'::regclass,
            'lead_conversion_history'::regclass, 'agent_performance_metrics'::regclass,
            'lead_scoring_rules'::regclass)
          and not exists (select from pg_constraint where conindid = i.indexrelid)
          and c.relname not in (
            'idx_leads_phone_source_created', 'ix_property_interests_property_id', 'ix_lead_sources_source_type',
            'ix_leads_status_created_at', 'ix_leads_score', 'ix_leads_active',
            'ix_lead_activities_lead_id_activity_at', 'ix_follow_up_tasks_agent_id_due_date',
            'ix_follow_up_tasks_pending', 'ix_agent_performance_metrics_agent_id_updated_at')
    loop
        execute format('drop index %s', stray.name);
    end loop;
end
$$;
create index if not exists ix_leads_status_created_at on leads (status, created_at);
create index if not exists ix_leads_score on leads (score);
create index if not exists ix_leads_active on leads (created_at) where status not in ('converted', 'lost');
create index if not exists ix_lead_activities_lead_id_activity_at on lead_activities (lead_id, activity_at);
create index if not exists ix_follow_up_tasks_agent_id_due_date on follow_up_tasks (agent_id, due_date);
create index if not exists ix_follow_up_tasks_pending on follow_up_tasks (due_date) where status = 'pending';
create index if not exists ix_agent_performance_metrics_agent_id_updated_at
    on agent_performance_metrics (agent_id, updated_at);
