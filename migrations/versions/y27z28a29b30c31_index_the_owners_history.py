"""An agent's leads of all time are found by the agent."""

from alembic import op

revision = "y27z28a29b30c31"
down_revision = "x26y27z28a29b30"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CREATE INDEX ix_assignment_history_agent_id ON assignment_history (agent_id, lead_id)")


def downgrade():
    op.execute("DROP INDEX ix_assignment_history_agent_id")
