"""Keep one assignment a lead and one interest a property, and say what a deletion takes with it."""

from alembic import op

revision = "h10i11j12k13l14"
down_revision = "g9h10i11j12k13"
branch_labels = None
depends_on = None

FOREIGN_KEYS = (
    ("lead_assignments", "lead_id", "leads", "CASCADE"),
    ("lead_assignments", "agent_id", "agents", "CASCADE"),
    ("lead_activities", "lead_id", "leads", "CASCADE"),
    ("lead_activities", "agent_id", "agents", "CASCADE"),
    ("follow_up_tasks", "lead_id", "leads", "CASCADE"),
    ("follow_up_tasks", "agent_id", "agents", "CASCADE"),
    ("lead_property_interests", "lead_id", "leads", "CASCADE"),
    ("lead_sources", "lead_id", "leads", "CASCADE"),
    ("lead_sources", "referrer_agent_id", "agents", "SET NULL"),
    ("lead_conversion_history", "lead_id", "leads", "CASCADE"),
    ("lead_conversion_history", "agent_id", "agents", "SET NULL"),
    ("agent_performance_metrics", "agent_id", "agents", "CASCADE"),
)


def replace_foreign_key(table, column, target, ondelete=None):
    name = f"{table}_{column}_fkey"
    target_column = {"leads": "lead_id", "agents": "agent_id"}[target]
    op.drop_constraint(name, table, type_="foreignkey")
    op.create_foreign_key(name, table, target, [column], [target_column], ondelete=ondelete)


def upgrade():
    op.create_unique_constraint("uq_lead_assignment", "lead_assignments", ["lead_id"])
    op.create_unique_constraint("uq_lead_property_interest", "lead_property_interests", ["lead_id", "property_id"])
    for foreign_key in FOREIGN_KEYS:
        replace_foreign_key(*foreign_key)


def downgrade():
    for table, column, target, _ondelete in FOREIGN_KEYS:
        replace_foreign_key(table, column, target)
    op.drop_constraint("uq_lead_property_interest", "lead_property_interests", type_="unique")
    op.drop_constraint("uq_lead_assignment", "lead_assignments", type_="unique")
