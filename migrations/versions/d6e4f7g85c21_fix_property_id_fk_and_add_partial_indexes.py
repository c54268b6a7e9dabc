"""Let a conversion name any property, and index the open leads and tasks."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "d6e4f7g85c21"
down_revision = "c5d3e6f94b20"
branch_labels = None
depends_on = None

WITHOUT_INTEREST = """
    SELECT history_id FROM lead_conversion_history AS history
    WHERE property_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM lead_property_interests WHERE interest_id = history.property_id
    )
    ORDER BY history_id LIMIT 20
"""


def upgrade():
    op.drop_constraint("lead_conversion_history_property_id_fkey", "lead_conversion_history", type_="foreignkey")
    op.create_index(
        "ix_leads_active",
        "leads",
        ["created_at"],
        postgresql_where=sa.text("status NOT IN ('converted', 'lost')"),
    )
    op.create_index(
        "ix_follow_up_tasks_pending",
        "follow_up_tasks",
        ["due_date"],
        postgresql_where=sa.text("status = 'pending'"),
    )


def downgrade():
    if rows := op.get_bind().scalars(sa.text(WITHOUT_INTEREST)).all():
        raise CommandError(
            "These conversions name a property that is no recorded interest, which the older schema "
            f"forbids (history_id, the first 20): {', '.join(map(str, rows))}."
        )
    op.drop_index("ix_follow_up_tasks_pending", "follow_up_tasks")
    op.drop_index("ix_leads_active", "leads")
    op.create_foreign_key(
        "lead_conversion_history_property_id_fkey",
        "lead_conversion_history",
        "lead_property_interests",
        ["property_id"],
        ["interest_id"],
    )
