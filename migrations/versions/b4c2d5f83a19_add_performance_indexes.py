"""Index what lists, timelines, task boards and metrics sort by."""

from alembic import op

revision = "b4c2d5f83a19"
down_revision = "a3f1c8e92b10"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_leads_status_created_at", "leads", ["status", "created_at"]),
    ("ix_leads_score", "leads", ["score"]),
    ("ix_lead_activities_lead_id_activity_at", "lead_activities", ["lead_id", "activity_at"]),
    ("ix_follow_up_tasks_agent_id_due_date", "follow_up_tasks", ["agent_id", "due_date"]),
    (
        "ix_agent_performance_metrics_agent_id_updated_at",
        "agent_performance_metrics",
        ["agent_id", "updated_at"],
    ),
)


def upgrade():
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade():
    for name, table, _columns in reversed(INDEXES):
        op.drop_index(name, table)
