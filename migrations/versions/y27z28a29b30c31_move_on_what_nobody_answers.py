"""Leads that nobody answers move on by themselves; what is asked all day is read from indexes."""

from alembic import op

revision = "y27z28a29b30c31"
down_revision = "x26y27z28a29b30"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        ALTER TABLE lead_assignments
            ADD escalated_at TIMESTAMPTZ,
            DROP CONSTRAINT ck_lead_assignment_kind,
            ADD CONSTRAINT ck_lead_assignment_kind CHECK (kind IN (
                'same_person', 'own', 'best_match', 'by_hand', 'stale'));
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind, ADD CONSTRAINT ck_notice_kind CHECK (kind IN (
            'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned',
            'follow_up_escalated', 'leads_exported', 'export_made', 'export_failed', 'lead_escalated'));
        CREATE INDEX ix_assignment_history_agent_id ON assignment_history (agent_id, lead_id);
        DROP INDEX ix_lead_assignments_agent_id, ix_leads_owner_newest;
        CREATE INDEX ix_lead_assignments_agent_id ON lead_assignments (agent_id, is_active)
            INCLUDE (lead_id, assigned_at, reassigned_at);
        CREATE INDEX ix_leads_owner_newest ON leads (owner_id, created_at DESC, lead_id DESC)
            INCLUDE (status, source_type, score, property_type, last_contact_at, next_step_at, budget_max,
                     first_contact_at);
        DROP INDEX ix_leads_words;
        ALTER TABLE leads ADD words TSVECTOR GENERATED ALWAYS AS (lead_words(first_name, last_name, email)) STORED;
        CREATE INDEX ix_leads_words ON leads USING gin (words);
        CREATE INDEX ix_leads_closed_newest ON leads (status, created_at DESC, lead_id DESC)
            INCLUDE (source_type, property_type) WHERE status IN ('converted', 'lost');
        CREATE INDEX ix_lead_assignments_escalated ON lead_assignments (escalated_at) WHERE escalated_at IS NOT NULL;
    """)


def downgrade():
    op.execute("""
        DROP INDEX ix_assignment_history_agent_id, ix_lead_assignments_escalated, ix_lead_assignments_agent_id,
            ix_leads_owner_newest, ix_leads_closed_newest;
        CREATE INDEX ix_lead_assignments_agent_id ON lead_assignments (agent_id, is_active);
        CREATE INDEX ix_leads_owner_newest ON leads (owner_id, created_at DESC, lead_id DESC)
            INCLUDE (status, source_type, score, property_type, last_contact_at, next_step_at, budget_max);
        ALTER TABLE leads DROP words;
        CREATE INDEX ix_leads_words ON leads USING gin (lead_words(first_name, last_name, email));
        DELETE FROM notices WHERE kind = 'lead_escalated';
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind, ADD CONSTRAINT ck_notice_kind CHECK (kind IN (
            'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned',
            'follow_up_escalated', 'leads_exported', 'export_made', 'export_failed'));
        ALTER TABLE lead_assignments DISABLE TRIGGER USER;
        UPDATE lead_assignments SET kind = 'best_match' WHERE kind = 'stale';
        ALTER TABLE lead_assignments ENABLE TRIGGER USER;
        ALTER TABLE lead_assignments
            DROP escalated_at,
            DROP CONSTRAINT ck_lead_assignment_kind,
            ADD CONSTRAINT ck_lead_assignment_kind CHECK (kind IN ('same_person', 'own', 'best_match', 'by_hand'));
    """)
