"""Portals are asked for what they hold, and the website's forms have keys of their own."""

from alembic import op

revision = "i37j38k39l40m41"
down_revision = "g35h36i37j38k39"
branch_labels = None
depends_on = None

NOTICES = """'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned',
    'follow_up_escalated', 'leads_exported', 'export_made', 'export_failed', 'lead_escalated', 'handover_ended',
    'handover_undone', 'enquiry_waiting', 'import_checked', 'import_ended', 'import_undone', 'import_brought'"""
OURS = "'portal_trouble', 'portal_quiet'"
WHYS = "'no_phone', 'bad_phone', 'unreadable', 'refused', 'broke', 'broker', 'closed'"
FAILURES = """'no_key', 'key_refused', 'not_json', 'too_many', 'broken', 'unreachable', 'unknown_answer',
    'not_taken', 'too_old'"""


def upgrade():
    op.execute(f"""
        ALTER TABLE deliveries ADD is_pulled BOOLEAN NOT NULL DEFAULT false;

        ALTER TABLE enquiries ADD other_lead_id TEXT,
            DROP CONSTRAINT ck_enquiry_why,
            ADD CONSTRAINT ck_enquiry_why CHECK (why IN ({WHYS}, 'suspicious', 'spam'));
        CREATE UNIQUE INDEX ux_enquiries_other_lead_id ON enquiries (source_type, other_lead_id)
            WHERE other_lead_id IS NOT NULL;

        ALTER TABLE connections
            ADD api_key BYTEA,
            ADD api_secret BYTEA,
            ADD is_pulled BOOLEAN NOT NULL DEFAULT false,
            ADD key_saved_at TIMESTAMPTZ,
            ADD CONSTRAINT ck_connection_pulled CHECK (NOT is_pulled OR api_key IS NOT NULL);

        CREATE TABLE pulls (
            source VARCHAR(50) PRIMARY KEY,
            cursors JSONB NOT NULL DEFAULT '{{}}',
            read_at TIMESTAMPTZ,
            failed_at TIMESTAMPTZ,
            failure VARCHAR(20),
            failures INTEGER NOT NULL DEFAULT 0,
            not_before TIMESTAMPTZ,
            is_told BOOLEAN NOT NULL DEFAULT false,
            quiet_since TIMESTAMPTZ,
            CONSTRAINT ck_pull_source CHECK (source IN ('propertyFinder', 'bayut', 'dubizzle', 'website')),
            CONSTRAINT ck_pull_failure CHECK (failure IN ({FAILURES})),
            CONSTRAINT ck_pull_failures CHECK (failures >= 0)
        );

        CREATE TABLE sites (
            site_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            name VARCHAR(100) NOT NULL,
            key VARCHAR(43) NOT NULL UNIQUE,
            return_to TEXT[] NOT NULL DEFAULT '{{}}',
            created_by UUID REFERENCES users ON DELETE SET NULL,
            created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            revoked_at TIMESTAMPTZ
        );
        CREATE INDEX ix_sites_created_by ON sites (created_by);

        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind,
            ADD CONSTRAINT ck_notice_kind CHECK (kind IN ({NOTICES}, {OURS}));
    """)


def downgrade():
    op.execute(f"""
        DELETE FROM notices WHERE kind IN ({OURS});
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind, ADD CONSTRAINT ck_notice_kind CHECK (kind IN ({NOTICES}));
        DROP TABLE sites, pulls;
        ALTER TABLE connections DROP CONSTRAINT ck_connection_pulled,
            DROP api_key, DROP api_secret, DROP is_pulled, DROP key_saved_at;
        UPDATE enquiries SET why = 'closed' WHERE why IN ('suspicious', 'spam');
        DROP INDEX ux_enquiries_other_lead_id;
        ALTER TABLE enquiries DROP CONSTRAINT ck_enquiry_why, DROP other_lead_id,
            ADD CONSTRAINT ck_enquiry_why CHECK (why IN ({WHYS}));
        ALTER TABLE deliveries DROP is_pulled;
    """)
