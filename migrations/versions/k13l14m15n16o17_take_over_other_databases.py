"""Take over databases that another implementation of the thirteen revisions made, with their data."""

import logging

from alembic import op
from sqlalchemy import text

from webapp.database import scripts

revision = "k13l14m15n16o17"
down_revision = "j12k13l14m15n16"
branch_labels = None
depends_on = None

FUNCTIONS = (
    "enforce_status_transition",
    "block_overdue_follow_up",
    "set_updated_at",
    "refresh_active_leads_count",
    "log_status_transition",
    "enforce_agent_max_workload",
)

NOT_NUMBERS = text("""
    SELECT 'lead ' || lead_id FROM leads WHERE budget_min = 'NaN' OR budget_max = 'NaN'
    UNION ALL SELECT 'conversion ' || history_id FROM lead_conversion_history WHERE deal_value = 'NaN'
    UNION ALL SELECT 'metric ' || metric_id FROM agent_performance_metrics
    WHERE conversion_rate = 'NaN' OR average_deal_size = 'NaN'
""")

logger = logging.getLogger("alembic.take_over")


def upgrade():
    if emptied := op.get_bind().scalars(NOT_NUMBERS).all():
        logger.warning("Sums that were not a number are empty from now on: %s.", ", ".join(emptied))
    scripts.run(f"{revision}/take_over")
    for function in FUNCTIONS:
        scripts.run(f"e7f8g9h10i11/{function}", replace=True)


def downgrade():
    """Nothing to undo: what was made anew is what the seed asks for."""
    op.execute("SELECT 1")
