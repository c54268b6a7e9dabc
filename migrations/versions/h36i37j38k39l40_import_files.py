"""Files of leads that people upload, row by row, with what became of each."""

from alembic import op

revision = "h36i37j38k39l40"
down_revision = "j38k39l40m41n42"
branch_labels = None
depends_on = None

CHANNELS = "'visit', 'call', 'whatsapp', 'email', 'web_form', 'by_hand', 'unknown', 'api'"
NOTICES = (
    "'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned', 'follow_up_escalated', "
    "'leads_exported', 'export_made', 'export_failed', 'lead_escalated', 'handover_ended', 'handover_undone', "
    "'enquiry_waiting'"
)
OURS = "'import_checked', 'import_ended', 'import_undone', 'import_brought'"
SOURCES = "'bayut', 'propertyFinder', 'dubizzle', 'website', 'walk_in', 'referral'"


def upgrade():
    op.execute(f"""
        CREATE TABLE imports (
            import_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            user_id UUID NOT NULL REFERENCES users ON DELETE CASCADE,
            name VARCHAR(200) NOT NULL,
            format VARCHAR(10) NOT NULL,
            hash BYTEA NOT NULL,
            size INTEGER NOT NULL,
            headings TEXT[] NOT NULL,
            sample JSONB NOT NULL,
            columns JSONB,
            source_type VARCHAR(50),
            state VARCHAR(20) NOT NULL DEFAULT 'uploaded',
            why TEXT,
            uploaded_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            started_at TIMESTAMPTZ,
            ended_at TIMESTAMPTZ,
            undone_at TIMESTAMPTZ,
            undone_by UUID REFERENCES users ON DELETE SET NULL,
            forgotten_at TIMESTAMPTZ,
            CONSTRAINT ck_import_format CHECK (format IN ('csv', 'xlsx')),
            CONSTRAINT ck_import_state CHECK (state IN (
                'uploaded', 'checking', 'unreadable', 'checked', 'running', 'done', 'undoing', 'undone')),
            CONSTRAINT ck_import_source_type CHECK (source_type IN ({SOURCES}))
        );
        CREATE INDEX ix_imports_user_id ON imports (user_id);
        CREATE INDEX ix_imports_undone_by ON imports (undone_by);
        CREATE INDEX ix_imports_newest ON imports (uploaded_at DESC, import_id);
        CREATE INDEX ix_imports_waiting ON imports (uploaded_at) WHERE state IN ('checking', 'running', 'undoing');
        CREATE UNIQUE INDEX ux_imports_hash ON imports (hash) WHERE state NOT IN ('undoing', 'undone');
        CREATE TABLE import_parts (
            import_id UUID NOT NULL REFERENCES imports ON DELETE CASCADE,
            number INTEGER NOT NULL,
            bytes BYTEA NOT NULL,
            PRIMARY KEY (import_id, number)
        );
        CREATE TABLE import_rows (
            import_id UUID NOT NULL REFERENCES imports ON DELETE CASCADE,
            number INTEGER NOT NULL,
            cells TEXT[] NOT NULL,
            state VARCHAR(20) NOT NULL,
            wrong JSONB,
            phone VARCHAR(20),
            source_type VARCHAR(50),
            came_at TIMESTAMPTZ,
            fingerprint BYTEA,
            lead_id UUID REFERENCES leads ON DELETE SET NULL,
            enquiry_id UUID REFERENCES enquiries ON DELETE SET NULL,
            why TEXT,
            done_at TIMESTAMPTZ,
            PRIMARY KEY (import_id, number),
            CONSTRAINT ck_import_row_state CHECK (state IN (
                'new', 'repeat', 'refused', 'created', 'attached', 'removed', 'kept')),
            CONSTRAINT ck_import_row_source_type CHECK (source_type IN ({SOURCES}))
        );
        CREATE INDEX ix_import_rows_state ON import_rows (import_id, state, number);
        CREATE INDEX ix_import_rows_phone ON import_rows (import_id, phone);
        CREATE INDEX ix_import_rows_lead_id ON import_rows (lead_id);
        CREATE INDEX ix_import_rows_enquiry_id ON import_rows (enquiry_id);
        CREATE INDEX ix_import_rows_fingerprint ON import_rows (fingerprint) WHERE state IN ('created', 'attached');
        ALTER TABLE enquiries DROP CONSTRAINT ck_enquiry_channel,
            ADD CONSTRAINT ck_enquiry_channel CHECK (channel IN ({CHANNELS}, 'file'));
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind,
            ADD CONSTRAINT ck_notice_kind CHECK (kind IN ({NOTICES}, {OURS}))
    """)


def downgrade():
    op.execute(f"""
        DELETE FROM notices WHERE kind IN ({OURS});
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind, ADD CONSTRAINT ck_notice_kind CHECK (kind IN ({NOTICES}));
        UPDATE enquiries SET channel = 'by_hand' WHERE channel = 'file';
        ALTER TABLE enquiries DROP CONSTRAINT ck_enquiry_channel,
            ADD CONSTRAINT ck_enquiry_channel CHECK (channel IN ({CHANNELS}));
        DROP TABLE import_rows, import_parts, imports
    """)
