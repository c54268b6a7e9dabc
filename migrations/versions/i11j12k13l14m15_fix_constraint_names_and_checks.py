"""Call every constraint by its documented name, and let each check say what it means."""

from alembic import op

revision = "i11j12k13l14m15"
down_revision = "h10i11j12k13l14"
branch_labels = None
depends_on = None

RENAMED = (
    ("leads", "ck_status", "ck_lead_status"),
    ("follow_up_tasks", "ck_follow_up_type", "ck_task_type"),
    ("follow_up_tasks", "ck_follow_up_priority", "ck_task_priority"),
    ("follow_up_tasks", "ck_follow_up_status", "ck_task_status"),
)
OUTCOMES = "outcome IN ('positive', 'negative', 'neutral')"
SOURCES = "'bayut', 'propertyFinder', 'dubizzle', 'website', 'walk_in', 'referral'"


def rename(table, old, new):
    op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")


def upgrade():
    for table, old, new in RENAMED:
        rename(table, old, new)
    op.drop_constraint("ck_active_leads", "agents", type_="check")
    op.create_check_constraint("ck_active_leads_max", "agents", "active_leads_count <= 50")
    op.create_check_constraint("ck_active_leads_nonneg", "agents", "active_leads_count >= 0")
    op.drop_constraint("ck_activity_outcome", "lead_activities", type_="check")
    op.create_check_constraint("ck_activity_outcome", "lead_activities", f"{OUTCOMES} OR outcome IS NULL")
    op.drop_constraint("ck_lead_sources_source_type", "lead_sources", type_="check")
    op.create_check_constraint("ck_lead_source_source_type", "lead_sources", f"source_type IN ({SOURCES})")


def downgrade():
    op.drop_constraint("ck_lead_source_source_type", "lead_sources", type_="check")
    op.create_check_constraint("ck_lead_sources_source_type", "lead_sources", "source_type <> ''")
    op.drop_constraint("ck_activity_outcome", "lead_activities", type_="check")
    op.create_check_constraint("ck_activity_outcome", "lead_activities", OUTCOMES)
    op.drop_constraint("ck_active_leads_nonneg", "agents", type_="check")
    op.drop_constraint("ck_active_leads_max", "agents", type_="check")
    op.create_check_constraint("ck_active_leads", "agents", "active_leads_count BETWEEN 0 AND 50")
    for table, old, new in reversed(RENAMED):
        rename(table, new, old)
