"""The office has a name that visitors know it by."""

from alembic import op

revision = "o45p46q47r48s49"
down_revision = "m43n44o45p46q47"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("ALTER TABLE office_settings ADD name VARCHAR(80)")


def downgrade():
    op.execute("ALTER TABLE office_settings DROP name")
