"""An ordinary owner, too, works as the app's role and not as the owner of the tables."""

from alembic import op

from webapp.database import scripts

revision = "v24w25x26y27z28"
down_revision = "u23v24w25x26y27"
branch_labels = None
depends_on = None


def upgrade():
    scripts.run(f"{revision}/take_on_app_role")


def downgrade():
    """Nothing to undo: the role goes with the revision that made it."""
    op.execute("SELECT 1")
