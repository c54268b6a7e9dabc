"""Users who sign in, their sessions, the forms they sent and the login counters."""

from alembic import op

from webapp.database import scripts

revision = "l14m15n16o17p18"
down_revision = "k13l14m15n16o17"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        CREATE TABLE users (
            user_id UUID NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
            email VARCHAR(255) NOT NULL,
            name VARCHAR(200) NOT NULL,
            password_hash VARCHAR(255) NOT NULL,
            role VARCHAR(20) NOT NULL,
            agent_id UUID UNIQUE REFERENCES agents ON DELETE SET NULL,
            language VARCHAR(5) NOT NULL DEFAULT 'en',
            theme VARCHAR(10) NOT NULL DEFAULT 'system',
            is_active BOOLEAN NOT NULL DEFAULT true,
            is_demo BOOLEAN NOT NULL DEFAULT false,
            created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            CONSTRAINT ck_user_role CHECK (role IN ('admin', 'manager', 'agent', 'receptionist')),
            CONSTRAINT ck_user_language CHECK (language IN ('en', 'ar')),
            CONSTRAINT ck_user_theme CHECK (theme IN ('light', 'dark', 'system'))
        );
        CREATE UNIQUE INDEX users_email_key ON users (lower(email));

        CREATE TABLE sessions (
            session_id UUID NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
            token_hash BYTEA NOT NULL UNIQUE,
            user_id UUID NOT NULL REFERENCES users ON DELETE CASCADE,
            created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            last_seen_at TIMESTAMPTZ NOT NULL DEFAULT now()
        );
        CREATE INDEX ix_sessions_user_id ON sessions (user_id);

        CREATE TABLE submissions (
            nonce UUID NOT NULL PRIMARY KEY,
            user_id UUID NOT NULL REFERENCES users ON DELETE CASCADE,
            fingerprint BYTEA NOT NULL,
            result JSONB,
            created_at TIMESTAMPTZ NOT NULL DEFAULT now()
        );
        CREATE INDEX ix_submissions_user_id ON submissions (user_id);
        CREATE INDEX ix_submissions_created_at ON submissions (created_at);

        CREATE UNLOGGED TABLE rate_counters (
            key VARCHAR(300) NOT NULL PRIMARY KEY,
            hits INTEGER NOT NULL,
            expires_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX ix_rate_counters_expires_at ON rate_counters (expires_at);
    """)
    scripts.run(f"{revision}/refuse_isolation")
    scripts.run(f"{revision}/keep_last_admin")


def downgrade():
    op.execute("DROP TABLE rate_counters, submissions, sessions, users")
    op.execute("DROP FUNCTION keep_last_admin(), refuse_isolation(text)")
