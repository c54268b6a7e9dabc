"""Private addresses at which calendar programs read a user's follow-ups."""

from alembic import op

revision = "u51v52w53x54y55"
down_revision = "s49t50u51v52w53"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        CREATE TABLE feeds (
            user_id UUID PRIMARY KEY REFERENCES users ON DELETE CASCADE,
            token_hash BYTEA NOT NULL CONSTRAINT feeds_token_hash_key UNIQUE,
            created_at TIMESTAMPTZ NOT NULL DEFAULT now()
        )
    """)


def downgrade():
    op.execute("DROP TABLE feeds")
