"""Refuse a budget whose lower end is not below its upper end."""

from alembic import op

revision = "f8g9h10i11j12"
down_revision = "e7f8g9h10i11"
branch_labels = None
depends_on = None


def upgrade():
    op.create_check_constraint(
        "ck_budget_min_lt_max",
        "leads",
        "budget_min IS NULL OR budget_max IS NULL OR budget_min < budget_max",
    )


def downgrade():
    op.drop_constraint("ck_budget_min_lt_max", "leads", type_="check")
