"""Lists too long to be sent at once are made by the worker and kept for a day."""

from alembic import op

revision = "x26y27z28a29b30"
down_revision = "w25x26y27z28a29"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        CREATE TABLE exports (
            export_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            user_id UUID NOT NULL REFERENCES users ON DELETE CASCADE,
            format VARCHAR(10) NOT NULL,
            query JSONB NOT NULL,
            count INTEGER NOT NULL,
            asked_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            made_at TIMESTAMPTZ,
            failed_at TIMESTAMPTZ,
            CONSTRAINT ck_export_format CHECK (format IN ('csv', 'xlsx')),
            CONSTRAINT ck_export_count CHECK (count >= 0),
            CONSTRAINT ck_export_ended CHECK (made_at IS NULL OR failed_at IS NULL)
        );
        CREATE UNIQUE INDEX ux_exports_waiting ON exports (user_id) WHERE made_at IS NULL AND failed_at IS NULL;
        CREATE INDEX ix_exports_user_id ON exports (user_id);
        CREATE TABLE export_parts (
            export_id UUID NOT NULL REFERENCES exports ON DELETE CASCADE,
            number INTEGER NOT NULL,
            bytes BYTEA NOT NULL,
            PRIMARY KEY (export_id, number)
        );
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind, ADD CONSTRAINT ck_notice_kind CHECK (kind IN (
            'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned',
            'follow_up_escalated', 'leads_exported', 'export_made', 'export_failed'))
    """)


def downgrade():
    op.execute("""
        DELETE FROM notices WHERE kind IN ('export_made', 'export_failed');
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind, ADD CONSTRAINT ck_notice_kind CHECK (kind IN (
            'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned',
            'follow_up_escalated', 'leads_exported'));
        DROP TABLE export_parts, exports;
    """)
