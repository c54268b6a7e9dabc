"""The server's own role: no DDL, and an audit that can only grow."""

from webapp.database import scripts

revision = "t22u23v24w25x26"
down_revision = "s21t22u23v24w25"
branch_labels = None
depends_on = None


def upgrade():
    scripts.run(f"{revision}/app_role")


def downgrade():
    scripts.run(f"{revision}/revoke_app_role")
