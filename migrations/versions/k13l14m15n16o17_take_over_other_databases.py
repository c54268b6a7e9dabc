"""Take over databases that another implementation of the thirteen revisions made, with their data."""

from alembic import op

from webapp.database import scripts

revision = "k13l14m15n16o17"
down_revision = "j12k13l14m15n16"
branch_labels = None
depends_on = None


def upgrade():
    scripts.run(f"{revision}/take_over")


def downgrade():
    """Nothing to undo: on a database of our own nothing was changed."""
    op.execute("SELECT 1")
