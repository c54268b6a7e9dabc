"""Who did what, who must know, and who logged and moved."""

from alembic import op

from webapp.database import scripts

revision = "q19r20s21t22u23"
down_revision = "p18q19r20s21t22"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        ALTER TABLE lead_activities
            ADD logged_by UUID REFERENCES users ON DELETE SET NULL,
            ADD logged_at TIMESTAMPTZ,
            ADD struck_at TIMESTAMPTZ,
            ADD struck_by UUID REFERENCES users ON DELETE SET NULL;
        -- Only rows to come: nobody knows when the old ones were logged.
        ALTER TABLE lead_activities ALTER logged_at SET DEFAULT now();
        CREATE INDEX ix_lead_activities_latest ON lead_activities (activity_at DESC) WHERE struck_at IS NULL;
        CREATE INDEX ix_lead_activities_agent_id ON lead_activities (agent_id);
        CREATE INDEX ix_lead_activities_logged_by ON lead_activities (logged_by);
        CREATE INDEX ix_lead_activities_struck_by ON lead_activities (struck_by);

        ALTER TABLE lead_conversion_history
            ADD lost_reason VARCHAR(20),
            ADD changed_by UUID REFERENCES users ON DELETE SET NULL;
        ALTER TABLE lead_conversion_history
            ADD CONSTRAINT ck_history_deal_value CHECK (deal_value <> 'NaN' AND deal_value > 0) NOT VALID,
            ADD CONSTRAINT ck_history_lost_reason CHECK (
                lost_reason IN ('price', 'area', 'bought_elsewhere', 'no_answer', 'not_serious', 'other'));
        CREATE INDEX ix_lead_conversion_history_lead_id_changed_at
            ON lead_conversion_history (lead_id, changed_at);
        CREATE INDEX ix_lead_conversion_history_agent_id ON lead_conversion_history (agent_id);
        CREATE INDEX ix_lead_conversion_history_changed_by ON lead_conversion_history (changed_by);

        CREATE TABLE notices (
            notice_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            user_id UUID NOT NULL REFERENCES users ON DELETE CASCADE,
            kind VARCHAR(30) NOT NULL,
            lead_id UUID REFERENCES leads ON DELETE CASCADE,
            facts JSONB NOT NULL DEFAULT '{}',
            created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            read_at TIMESTAMPTZ,
            CONSTRAINT ck_notice_kind CHECK (kind IN (
                'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned',
                'follow_up_escalated'))
        );
        CREATE INDEX ix_notices_lead_id ON notices (lead_id);
        CREATE INDEX ix_notices_user_id_notice_id ON notices (user_id, notice_id);
        CREATE INDEX ix_notices_unread ON notices (user_id, notice_id) WHERE read_at IS NULL;

        CREATE TABLE audit_entries (
            entry_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            happened_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            verb VARCHAR(60) NOT NULL,
            actor_id UUID,
            actor_name VARCHAR(200),
            lead_id UUID,
            subject_id UUID,
            before JSONB,
            after JSONB
        );
        CREATE INDEX ix_audit_entries_lead_id_happened_at ON audit_entries (lead_id, happened_at);
        CREATE INDEX ix_audit_entries_actor_id_happened_at ON audit_entries (actor_id, happened_at);
    """)
    scripts.run(f"{revision}/log_status_transition")


def downgrade():
    scripts.run_again("e7f8g9h10i11/log_status_transition")
    op.execute("DROP TABLE audit_entries, notices")
    op.execute("DROP INDEX ix_lead_conversion_history_lead_id_changed_at, ix_lead_conversion_history_agent_id")
    op.execute("""
        ALTER TABLE lead_conversion_history
            DROP CONSTRAINT ck_history_deal_value, DROP lost_reason, DROP changed_by;
        DROP INDEX ix_lead_activities_agent_id;
        ALTER TABLE lead_activities DROP logged_by, DROP logged_at, DROP struck_at, DROP struck_by;
    """)
