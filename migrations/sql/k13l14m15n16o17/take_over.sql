-- Other implementations of the seed spell functions, constraints, defaults and indexes their own way, keep arrays as
-- varchar[] and allow empty timestamps. Whatever they may differ in is made anew in one form; no row is lost.

create temporary table seed_tables on commit drop as
select unnest(array[
    'leads', 'agents', 'lead_assignments', 'lead_activities', 'follow_up_tasks', 'lead_property_interests',
    'lead_sources', 'lead_conversion_history', 'agent_performance_metrics', 'lead_scoring_rules'
]::regclass[]) as id;

-- Their triggers, with the functions that nothing else uses; ours are made after this script. Then their constraints
-- and indexes. Keys only get our name: other tables may refer to them.
do $$
declare
    theirs record;
begin
    for theirs in
        select t.tgname, t.tgrelid::regclass as on_table, t.tgfoid
        from pg_trigger t join seed_tables on id = t.tgrelid where not t.tgisinternal
    loop
        execute format('drop trigger %I on %s', theirs.tgname, theirs.on_table);
        if not exists (select from pg_trigger where tgfoid = theirs.tgfoid)
            and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = theirs.tgfoid
                            and deptype = 'e')
        then
            execute format('drop function %s', theirs.tgfoid::regprocedure);
        end if;
    end loop;

    for theirs in
        select c.conname, c.conrelid::regclass as on_table
        from pg_constraint c join seed_tables on id = c.conrelid
        where c.contype in ('f', 'u', 'c', 'x') order by c.contype <> 'f'
    loop
        execute format('alter table %s drop constraint %I', theirs.on_table, theirs.conname);
    end loop;

    for theirs in
        select i.indexrelid::regclass as name
        from pg_index i join seed_tables on id = i.indrelid where not i.indisprimary
    loop
        execute format('drop index %s', theirs.name);
    end loop;

    for theirs in
        select c.conname, c.conrelid::regclass as on_table, r.relname || '_pkey' as ours
        from pg_constraint c join seed_tables on id = c.conrelid join pg_class r on r.oid = id
        where c.contype = 'p' and c.conname <> r.relname || '_pkey'
    loop
        execute format('alter table %s rename constraint %I to %I', theirs.on_table, theirs.conname, theirs.ours);
    end loop;
end
$$;

-- Lists become flat text[] that may be absent; an element that is empty says nothing and goes.
do $$
declare
    list record;
begin
    for list in
        values ('leads', 'preferred_areas'), ('agents', 'specialization_property_type'),
            ('agents', 'specialization_areas'), ('agents', 'language_skills')
    loop
        execute format(
            'alter table %1$I alter %2$I drop default, alter %2$I drop not null, alter %2$I type text[]',
            list.column1, list.column2);
        execute format(
            'update %1$I set %2$I = array(select word from unnest(%2$I) word where word is not null)
            where array_ndims(%2$I) > 1 or exists (select from unnest(%2$I) word where word is null)',
            list.column1, list.column2);
    end loop;
end
$$;

-- Every empty timestamp gets the row's other one, else now.
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
update lead_scoring_rules set created_at = now() where created_at is null;

-- What is no number says nothing, and a row that holds one could never be written again under our checks.
update leads set budget_min = nullif(budget_min, 'NaN'), budget_max = nullif(budget_max, 'NaN')
where budget_min = 'NaN' or budget_max = 'NaN';
update lead_conversion_history set deal_value = null where deal_value = 'NaN';
update agent_performance_metrics
set conversion_rate = nullif(conversion_rate, 'NaN'), average_deal_size = nullif(average_deal_size, 'NaN')
where conversion_rate = 'NaN' or average_deal_size = 'NaN';

alter table leads
    alter lead_id set default gen_random_uuid(), alter status set default 'new', alter score set default 0,
    alter created_at set default now(), alter created_at set not null,
    alter updated_at set default now(), alter updated_at set not null,
    add constraint ck_score_range check (score between 0 and 100),
    add constraint ck_lead_status check (status in (
        'new', 'contacted', 'qualified', 'viewing_scheduled', 'negotiation', 'converted', 'lost')),
    add constraint ck_source_type check (source_type in (
        'bayut', 'propertyFinder', 'dubizzle', 'website', 'walk_in', 'referral')),
    add constraint ck_budget_min_lt_max check (budget_min is null or budget_max is null or budget_min < budget_max);
alter table agents
    alter agent_id set default gen_random_uuid(), alter active_leads_count set default 0,
    alter created_at set default now(), alter created_at set not null,
    alter updated_at set default now(), alter updated_at set not null,
    add constraint agents_email_key unique (email),
    add constraint agents_phone_key unique (phone),
    add constraint ck_active_leads_max check (active_leads_count <= 50),
    add constraint ck_active_leads_nonneg check (active_leads_count >= 0);
alter table lead_assignments
    alter assignment_id set default gen_random_uuid(), alter assigned_at set default now(),
    alter assigned_at drop not null,
    add constraint uq_lead_assignment unique (lead_id),
    add constraint lead_assignments_lead_id_fkey foreign key (lead_id) references leads on delete cascade,
    add constraint lead_assignments_agent_id_fkey foreign key (agent_id) references agents on delete cascade;
alter table lead_activities
    alter activity_id set default gen_random_uuid(), alter activity_at set default now(),
    alter activity_at drop not null,
    add constraint lead_activities_lead_id_fkey foreign key (lead_id) references leads on delete cascade,
    add constraint lead_activities_agent_id_fkey foreign key (agent_id) references agents on delete cascade,
    add constraint ck_activity_type check (type in ('call', 'email', 'whatsapp', 'viewing', 'meeting', 'offer_made')),
    add constraint ck_activity_outcome check (outcome in ('positive', 'negative', 'neutral') or outcome is null);
alter table follow_up_tasks
    alter task_id set default gen_random_uuid(), alter priority set default 'medium', alter status set default 'pending',
    alter created_at set default now(), alter created_at drop not null,
    alter updated_at set default now(), alter updated_at drop not null,
    add constraint follow_up_tasks_lead_id_fkey foreign key (lead_id) references leads on delete cascade,
    add constraint follow_up_tasks_agent_id_fkey foreign key (agent_id) references agents on delete cascade,
    add constraint ck_task_type check (type in ('call', 'email', 'whatsapp', 'viewing')),
    add constraint ck_task_priority check (priority in ('high', 'medium', 'low')),
    add constraint ck_task_status check (status in ('pending', 'completed', 'overdue'));
alter table lead_property_interests
    alter interest_id set default gen_random_uuid(), alter created_at set default now(), alter created_at drop not null,
    add constraint uq_lead_property_interest unique (lead_id, property_id),
    add constraint lead_property_interests_lead_id_fkey foreign key (lead_id) references leads on delete cascade,
    add constraint ck_interest_level check (interest_level in ('high', 'medium', 'low'));
alter table lead_sources
    alter source_id set default gen_random_uuid(), alter created_at set default now(), alter created_at drop not null,
    add constraint lead_sources_lead_id_fkey foreign key (lead_id) references leads on delete cascade,
    add constraint lead_sources_referrer_agent_id_fkey
        foreign key (referrer_agent_id) references agents on delete set null,
    add constraint ck_lead_source_source_type check (source_type in (
        'bayut', 'propertyFinder', 'dubizzle', 'website', 'walk_in', 'referral'));
alter table lead_conversion_history
    alter history_id set default gen_random_uuid(), alter changed_at set default now(), alter changed_at drop not null,
    add constraint lead_conversion_history_lead_id_fkey foreign key (lead_id) references leads on delete cascade,
    add constraint lead_conversion_history_agent_id_fkey foreign key (agent_id) references agents on delete set null;
alter table agent_performance_metrics
    alter metric_id set default gen_random_uuid(), alter updated_at set default now(), alter updated_at drop not null,
    add constraint agent_performance_metrics_agent_id_fkey foreign key (agent_id) references agents on delete cascade;
alter table lead_scoring_rules
    alter rule_id set default gen_random_uuid(), alter created_at set default now(), alter created_at drop not null;

create index idx_leads_phone_source_created on leads (phone, source_type, created_at);
create index ix_leads_status_created_at on leads (status, created_at);
create index ix_leads_score on leads (score);
create index ix_leads_active on leads (created_at) where status not in ('converted', 'lost');
create index ix_lead_activities_lead_id_activity_at on lead_activities (lead_id, activity_at);
create index ix_follow_up_tasks_agent_id_due_date on follow_up_tasks (agent_id, due_date);
create index ix_follow_up_tasks_pending on follow_up_tasks (due_date) where status = 'pending';
create index ix_agent_performance_metrics_agent_id_updated_at on agent_performance_metrics (agent_id, updated_at);
create index ix_property_interests_property_id on lead_property_interests (property_id);
create index ix_lead_sources_source_type on lead_sources (source_type);
