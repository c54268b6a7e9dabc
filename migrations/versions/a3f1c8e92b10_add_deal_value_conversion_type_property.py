"""Record what a conversion was worth, of what kind and in which property."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

revision = "a3f1c8e92b10"
down_revision = "924be657aed4"
branch_labels = None
depends_on = None

TABLE = "lead_conversion_history"


def upgrade():
    op.add_column(TABLE, sa.Column("deal_value", sa.Numeric(15, 2)))
    op.add_column(TABLE, sa.Column("conversion_type", sa.String(20)))
    op.add_column(TABLE, sa.Column("property_id", UUID()))
    op.create_foreign_key(
        "lead_conversion_history_property_id_fkey",
        TABLE,
        "lead_property_interests",
        ["property_id"],
        ["interest_id"],
    )


def downgrade():
    op.drop_constraint("lead_conversion_history_property_id_fkey", TABLE, type_="foreignkey")
    for name in ("property_id", "conversion_type", "deal_value"):
        op.drop_column(TABLE, name)
