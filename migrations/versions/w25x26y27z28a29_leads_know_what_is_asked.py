"""What is asked of leads all day stands on them: owner, first and last contact, next step; names can be searched."""

from alembic import op

from webapp.database import scripts

revision = "w25x26y27z28a29"
down_revision = "v24w25x26y27z28"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        ALTER TABLE leads
            ADD owner_id UUID,
            ADD first_contact_at TIMESTAMPTZ,
            ADD last_contact_at TIMESTAMPTZ,
            ADD next_step_at TIMESTAMPTZ,
            ADD next_step_type VARCHAR(50);
        ALTER TABLE leads DISABLE TRIGGER USER;
    """)
    scripts.run(f"{revision}/fill")
    op.execute("ALTER TABLE leads ENABLE TRIGGER USER")
    for script in ("enforce_agent_max_workload", "keep_owner", "keep_contacts", "keep_next_step", "name_words"):
        scripts.run(f"{revision}/{script}")
    op.execute("""
        ALTER TABLE lead_assignments DROP lead_created_at;
        DROP INDEX ix_lead_assignments_active;
        CREATE INDEX ix_lead_assignments_agent_id ON lead_assignments (agent_id, is_active)
    """)
    op.execute("""
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind, ADD CONSTRAINT ck_notice_kind CHECK (kind IN (
            'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned',
            'follow_up_escalated', 'leads_exported'))
    """)
    op.execute("""
        DROP INDEX ix_leads_created_at_lead_id;
        CREATE INDEX ix_leads_newest ON leads (created_at DESC, lead_id DESC)
            INCLUDE (status, source_type, score, property_type, last_contact_at, next_step_at, budget_max, owner_id);
        CREATE INDEX ix_leads_owner_newest ON leads (owner_id, created_at DESC, lead_id DESC)
            INCLUDE (status, source_type, score, property_type, last_contact_at, next_step_at, budget_max);
        CREATE INDEX ix_leads_open ON leads (owner_id, created_at DESC, lead_id DESC)
            INCLUDE (status, source_type, score, property_type, last_contact_at, next_step_at, budget_max)
            WHERE status NOT IN ('converted', 'lost');
        CREATE INDEX ix_leads_closed ON leads (owner_id, updated_at DESC) INCLUDE (status, budget_max)
            WHERE status IN ('converted', 'lost');
        CREATE INDEX ix_leads_closed_latest ON leads (updated_at DESC) INCLUDE (status, budget_max)
            WHERE status IN ('converted', 'lost');
        CREATE INDEX ix_leads_score_newest ON leads (score DESC, created_at DESC, lead_id DESC);
        CREATE INDEX ix_leads_next_step ON leads (coalesce(next_step_at, 'infinity'), lead_id);
        CREATE INDEX ix_leads_last_contact_at ON leads (last_contact_at);
        CREATE INDEX ix_leads_silence ON leads (coalesce(last_contact_at, created_at), lead_id);
        CREATE INDEX ix_leads_areas ON leads USING gin (preferred_areas);
        CREATE INDEX ix_leads_words ON leads USING gin (lead_words(first_name, last_name, email));
    """)


def downgrade():
    op.execute("""
        DELETE FROM notices WHERE kind = 'leads_exported';
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind, ADD CONSTRAINT ck_notice_kind CHECK (kind IN (
            'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned',
            'follow_up_escalated'));
        DROP TRIGGER trg_keep_owner_on_insert ON lead_assignments;
        DROP TRIGGER trg_keep_owner_on_update ON lead_assignments;
        DROP TRIGGER trg_keep_owner_on_delete ON lead_assignments;
        DROP TRIGGER trg_keep_contacts_on_insert ON lead_activities;
        DROP TRIGGER trg_keep_contacts_on_update ON lead_activities;
        DROP TRIGGER trg_keep_contacts_on_delete ON lead_activities;
        DROP TRIGGER trg_hold_lead_of_new_follow_up ON follow_up_tasks;
        DROP TRIGGER trg_hold_lead_of_follow_up ON follow_up_tasks;
        DROP TRIGGER trg_keep_next_step_on_insert ON follow_up_tasks;
        DROP TRIGGER trg_keep_next_step_on_update ON follow_up_tasks;
        DROP TRIGGER trg_keep_next_step_on_delete ON follow_up_tasks;
        DROP FUNCTION hold_lead_of_follow_up, keep_owner_of_lead, keep_contacts_of_lead, keep_contacts_of,
            keep_next_step_of_lead, keep_next_step_of;
        DROP INDEX ix_leads_words, ix_leads_areas, ix_leads_silence, ix_leads_last_contact_at, ix_leads_next_step,
            ix_leads_score_newest, ix_leads_closed_latest, ix_leads_closed, ix_leads_open, ix_leads_owner_newest,
            ix_leads_newest;
        DROP FUNCTION words_typed, lead_words, name_words;
        ALTER TABLE leads DROP owner_id, DROP first_contact_at, DROP last_contact_at, DROP next_step_at,
            DROP next_step_type;
        CREATE INDEX ix_leads_created_at_lead_id ON leads (created_at DESC, lead_id DESC);
        ALTER TABLE lead_assignments ADD lead_created_at TIMESTAMPTZ;
        ALTER TABLE lead_assignments DISABLE TRIGGER USER;
        UPDATE lead_assignments a SET lead_created_at = l.created_at FROM leads l WHERE l.lead_id = a.lead_id;
        ALTER TABLE lead_assignments ENABLE TRIGGER USER;
        ALTER TABLE lead_assignments ALTER lead_created_at SET NOT NULL;
        CREATE INDEX ix_lead_assignments_agent_newest
            ON lead_assignments (agent_id, lead_created_at DESC, lead_id DESC);
        DROP INDEX ix_lead_assignments_agent_id;
        CREATE INDEX ix_lead_assignments_active ON lead_assignments (agent_id) WHERE is_active;
    """)
    scripts.run_again("o17p18q19r20s21/enforce_agent_max_workload")
