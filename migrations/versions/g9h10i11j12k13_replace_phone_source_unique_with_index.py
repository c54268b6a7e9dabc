"""Take the same caller from the same source again after 24 hours."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "g9h10i11j12k13"
down_revision = "f8g9h10i11j12"
branch_labels = None
depends_on = None

REPEATED = """
    SELECT lead_id FROM leads AS later
    WHERE EXISTS (
        SELECT FROM leads AS other
        WHERE other.phone = later.phone AND other.source_type = later.source_type
            AND (other.created_at, other.lead_id) < (later.created_at, later.lead_id)
    )
    ORDER BY created_at, lead_id LIMIT 20
"""


def upgrade():
    op.drop_constraint("leads_phone_source_type_key", "leads", type_="unique")
    op.create_index("idx_leads_phone_source_created", "leads", ["phone", "source_type", "created_at"])


def downgrade():
    if rows := op.get_bind().scalars(sa.text(REPEATED)).all():
        raise CommandError(
            "These leads repeat an earlier one's phone and source, which the older schema forbids "
            f"(lead_id, the first 20): {', '.join(map(str, rows))}."
        )
    op.drop_index("idx_leads_phone_source_created", "leads")
    op.create_unique_constraint("leads_phone_source_type_key", "leads", ["phone", "source_type"])
