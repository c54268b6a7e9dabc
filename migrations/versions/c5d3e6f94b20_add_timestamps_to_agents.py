"""Remember when an agent joined and when the row last changed."""

import sqlalchemy as sa
from alembic import op

revision = "c5d3e6f94b20"
down_revision = "b4c2d5f83a19"
branch_labels = None
depends_on = None


def upgrade():
    for name in ("created_at", "updated_at"):
        moment = sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
        op.add_column("agents", moment)


def downgrade():
    op.drop_column("agents", "updated_at")
    op.drop_column("agents", "created_at")
