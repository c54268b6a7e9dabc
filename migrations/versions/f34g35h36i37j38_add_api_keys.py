"""Keys for programs that bring leads, and the answers they were given."""

from alembic import op

revision = "f34g35h36i37j38"
down_revision = "e33f34g35h36i37"
branch_labels = None
depends_on = None

WITHOUT = "'visit', 'call', 'whatsapp', 'email', 'web_form', 'by_hand', 'unknown'"


def upgrade():
    op.execute(f"""
        CREATE TABLE api_keys (
            key_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            name VARCHAR(100) NOT NULL,
            token_hash BYTEA NOT NULL,
            begins VARCHAR(10) NOT NULL,
            created_by UUID REFERENCES users ON DELETE SET NULL,
            created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            last_used_at TIMESTAMPTZ,
            revoked_at TIMESTAMPTZ,
            CONSTRAINT api_keys_token_hash_key UNIQUE (token_hash)
        );
        CREATE INDEX ix_api_keys_created_by ON api_keys (created_by);
        CREATE TABLE api_answers (
            key_id UUID NOT NULL REFERENCES api_keys ON DELETE CASCADE,
            idempotency_key VARCHAR(255) NOT NULL,
            fingerprint BYTEA NOT NULL,
            status INTEGER,
            body JSONB,
            created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            PRIMARY KEY (key_id, idempotency_key)
        );
        CREATE INDEX ix_api_answers_created_at ON api_answers (created_at);
        ALTER TABLE enquiries DROP CONSTRAINT ck_enquiry_channel,
            ADD CONSTRAINT ck_enquiry_channel CHECK (channel IN ({WITHOUT}, 'api'))
    """)


def downgrade():
    op.execute(f"""
        UPDATE enquiries SET channel = 'by_hand' WHERE channel = 'api';
        ALTER TABLE enquiries DROP CONSTRAINT ck_enquiry_channel,
            ADD CONSTRAINT ck_enquiry_channel CHECK (channel IN ({WITHOUT}));
        DROP TABLE api_answers, api_keys
    """)
