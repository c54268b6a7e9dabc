"""Links by which somebody chooses a password, once."""

from alembic import op

revision = "z28a29b30c31d32"
down_revision = "y27z28a29b30c31"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        CREATE TABLE one_time_links (
            token_hash BYTEA PRIMARY KEY,
            user_id UUID NOT NULL REFERENCES users ON DELETE CASCADE,
            created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            expires_at TIMESTAMPTZ NOT NULL,
            used_at TIMESTAMPTZ
        );
        CREATE INDEX ix_one_time_links_user_id ON one_time_links (user_id)
    """)


def downgrade():
    op.execute("DROP TABLE one_time_links")
