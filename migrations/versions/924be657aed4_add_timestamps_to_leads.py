"""Remember when a lead came in and when it last changed."""

import sqlalchemy as sa
from alembic import op

revision = "924be657aed4"
down_revision = "7762ee95a04c"
branch_labels = None
depends_on = None


def upgrade():
    for name in ("created_at", "updated_at"):
        moment = sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())
        op.add_column("leads", moment)


def downgrade():
    op.drop_column("leads", "updated_at")
    op.drop_column("leads", "created_at")
