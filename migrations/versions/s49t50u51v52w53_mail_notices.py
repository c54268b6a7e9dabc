"""Notices go out by e-mail to whoever chose it; mails wait, are tried again and say why they did not arrive."""

from alembic import op

revision = "s49t50u51v52w53"
down_revision = "t50u51v52w53x54"
branch_labels = None
depends_on = None

GROUPS = "'leads', 'visitors', 'enquiries', 'unanswered', 'files', 'watch', 'portals'"


def upgrade():
    op.execute(f"""
        ALTER TABLE users
            ADD mail_groups TEXT[] NOT NULL DEFAULT '{{}}',
            ADD quiet_from TIME,
            ADD quiet_until TIME,
            ADD CONSTRAINT ck_user_mail_groups CHECK (mail_groups <@ ARRAY[{GROUPS}]),
            ADD CONSTRAINT ck_user_quiet_hours
                CHECK (num_nulls(quiet_from, quiet_until) = 2
                       OR num_nulls(quiet_from, quiet_until) = 0 AND quiet_from <> quiet_until);

        CREATE TABLE mails (
            mail_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            user_id UUID NOT NULL REFERENCES users ON DELETE CASCADE,
            state VARCHAR(20) NOT NULL DEFAULT 'waiting',
            attempt INTEGER NOT NULL DEFAULT 0,
            made_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            not_before TIMESTAMPTZ NOT NULL DEFAULT now(),
            claimed_at TIMESTAMPTZ,
            ended_at TIMESTAMPTZ,
            failure VARCHAR(20),
            code SMALLINT,
            CONSTRAINT ck_mail_state CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'dropped')),
            CONSTRAINT ck_mail_failure
                CHECK (failure IN ('address_refused', 'refused', 'put_off', 'cut_off', 'given_up', 'broken')),
            CONSTRAINT ck_mail_attempt CHECK (attempt >= 0)
        );
        CREATE UNIQUE INDEX ux_mails_open ON mails (user_id) WHERE state IN ('waiting', 'sending');
        CREATE INDEX ix_mails_user_id ON mails (user_id);
        CREATE INDEX ix_mails_failed ON mails (made_at) WHERE failure IS NOT NULL;

        ALTER TABLE notices
            ADD waits_for_mail BOOLEAN NOT NULL DEFAULT false,
            ADD mail_id UUID REFERENCES mails ON DELETE SET NULL;
        CREATE INDEX ix_notices_waits_for_mail ON notices (user_id) WHERE waits_for_mail;
        CREATE INDEX ix_notices_mail_id ON notices (mail_id);
    """)


def downgrade():
    op.execute("""
        ALTER TABLE notices DROP COLUMN mail_id, DROP COLUMN waits_for_mail;
        DROP TABLE mails;
        ALTER TABLE users DROP COLUMN mail_groups, DROP COLUMN quiet_from, DROP COLUMN quiet_until;
    """)
