"""Hand-overs are kept, so that they can be undone; agents are away until a day, and leave.

No unique index on lower(email): a database that was taken over may hold one address twice in other capitals, and what
breaks a rule there is kept. A trigger refuses new doubles under a lock; `doctor` lists the old ones.
"""

from alembic import op

from webapp.database import scripts

revision = "b30c31d32e33f34"
down_revision = "a29b30c31d32e33"
branch_labels = None
depends_on = None

BEFORE = "w25x26y27z28a29"


def upgrade():
    op.execute("""
        ALTER TABLE agents
            ADD off_duty_until DATE,
            ADD left_at TIMESTAMPTZ;
        CREATE TABLE handovers (
            handover_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            user_id UUID NOT NULL REFERENCES users ON DELETE CASCADE,
            agent_id UUID REFERENCES agents ON DELETE SET NULL,
            reason VARCHAR(200) NOT NULL,
            asked_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            ended_at TIMESTAMPTZ,
            undone_at TIMESTAMPTZ,
            undone_by UUID REFERENCES users ON DELETE SET NULL,
            undo_ended_at TIMESTAMPTZ,
            CONSTRAINT ck_handover_order CHECK (
                (undone_at IS NULL OR ended_at IS NOT NULL) AND (undo_ended_at IS NULL OR undone_at IS NOT NULL))
        );
        CREATE INDEX ix_handovers_user_id ON handovers (user_id);
        CREATE INDEX ix_handovers_agent_id ON handovers (agent_id);
        CREATE INDEX ix_handovers_undone_by ON handovers (undone_by);
        CREATE INDEX ix_handovers_waiting ON handovers (asked_at)
            WHERE ended_at IS NULL OR (undone_at IS NOT NULL AND undo_ended_at IS NULL);
        CREATE TABLE handover_leads (
            handover_id UUID NOT NULL REFERENCES handovers ON DELETE CASCADE,
            number INTEGER NOT NULL,
            lead_id UUID NOT NULL REFERENCES leads ON DELETE CASCADE,
            state VARCHAR(20) NOT NULL DEFAULT 'waiting',
            from_agent_id UUID REFERENCES agents ON DELETE SET NULL,
            agent_id UUID REFERENCES agents ON DELETE SET NULL,
            why TEXT,
            before JSONB,
            after JSONB,
            PRIMARY KEY (handover_id, number),
            CONSTRAINT ck_handover_lead_state CHECK (state IN ('waiting', 'moved', 'stayed', 'returned', 'kept'))
        );
        CREATE INDEX ix_handover_leads_state ON handover_leads (handover_id, state, number);
        CREATE INDEX ix_handover_leads_lead_id ON handover_leads (lead_id);
        CREATE INDEX ix_handover_leads_from_agent_id ON handover_leads (from_agent_id);
        CREATE INDEX ix_handover_leads_agent_id ON handover_leads (agent_id);
        ALTER TABLE lead_assignments
            DROP CONSTRAINT ck_lead_assignment_kind,
            ADD CONSTRAINT ck_lead_assignment_kind CHECK (kind IN (
                'same_person', 'own', 'best_match', 'by_hand', 'stale', 'given_back'));
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind, ADD CONSTRAINT ck_notice_kind CHECK (kind IN (
            'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned',
            'follow_up_escalated', 'leads_exported', 'export_made', 'export_failed', 'lead_escalated',
            'handover_ended', 'handover_undone'))
    """)
    for script in ("is_on_duty", "enforce_agent_max_workload", "keep_leads_of_leavers", "keep_agent_emails_apart"):
        scripts.run(f"{revision}/{script}")


def downgrade():
    op.execute("""
        DROP TRIGGER trg_keep_leads_of_leavers ON agents;
        DROP TRIGGER trg_keep_agent_emails_apart ON agents;
        DROP FUNCTION keep_leads_of_leavers();
        DROP FUNCTION keep_agent_emails_apart();
        DROP FUNCTION is_on_duty(boolean, date, timestamptz);
    """)
    scripts.run(f"{BEFORE}/enforce_agent_max_workload")
    op.execute("""
        DELETE FROM notices WHERE kind IN ('handover_ended', 'handover_undone');
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind, ADD CONSTRAINT ck_notice_kind CHECK (kind IN (
            'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned',
            'follow_up_escalated', 'leads_exported', 'export_made', 'export_failed', 'lead_escalated'));
        ALTER TABLE lead_assignments DISABLE TRIGGER USER;
        UPDATE lead_assignments SET kind = 'by_hand' WHERE kind = 'given_back';
        ALTER TABLE lead_assignments ENABLE TRIGGER USER;
        ALTER TABLE lead_assignments
            DROP CONSTRAINT ck_lead_assignment_kind,
            ADD CONSTRAINT ck_lead_assignment_kind CHECK (kind IN (
                'same_person', 'own', 'best_match', 'by_hand', 'stale'));
        DROP TABLE handover_leads, handovers;
        ALTER TABLE agents DROP off_duty_until, DROP left_at;
    """)
