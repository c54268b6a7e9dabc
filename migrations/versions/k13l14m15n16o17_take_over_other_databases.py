"""Take over databases that another implementation of the thirteen revisions made, with their data."""

from alembic import op

from webapp.database import scripts

revision = "k13l14m15n16o17"
down_revision = "j12k13l14m15n16"
branch_labels = None
depends_on = None

FUNCTIONS = (
    "enforce_status_transition",
    "block_overdue_follow_up",
    "set_updated_at",
    "refresh_active_leads_count",
    "log_status_transition",
    "enforce_agent_max_workload",
)


def upgrade():
    scripts.run(f"{revision}/take_over")
    for function in FUNCTIONS:
        scripts.run(f"e7f8g9h10i11/{function}", replace=True)


def downgrade():
    """Nothing to undo: on a database of our own nothing was changed."""
    op.execute("SELECT 1")
