"""Create the ten core tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

revision = "7762ee95a04c"
down_revision = None
branch_labels = None
depends_on = None

SOURCES = "'bayut', 'propertyFinder', 'dubizzle', 'website', 'walk_in', 'referral'"
STATUSES = "'new', 'contacted', 'qualified', 'viewing_scheduled', 'negotiation', 'converted', 'lost'"


def key(name):
    return sa.Column(name, UUID(), primary_key=True, server_default=sa.text("gen_random_uuid()"))


def reference(target, name=None, nullable=False):
    column = {"leads": "lead_id", "agents": "agent_id"}[target]
    return sa.Column(name or column, UUID(), sa.ForeignKey(f"{target}.{column}"), nullable=nullable)


def required(name, kind, default=None):
    return sa.Column(name, kind, nullable=False, server_default=default)


def moment(name):
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.func.now())


def upgrade():
    op.create_table(
        "leads",
        key("lead_id"),
        required("source_type", sa.String(50)),
        required("first_name", sa.String(100)),
        required("last_name", sa.String(100)),
        sa.Column("email", sa.String(255)),
        required("phone", sa.String(20)),
        sa.Column("nationality", sa.String(50)),
        sa.Column("language_preference", sa.String(20)),
        sa.Column("budget_min", sa.Numeric(15, 2)),
        sa.Column("budget_max", sa.Numeric(15, 2)),
        sa.Column("property_type", sa.String(50)),
        sa.Column("preferred_areas", ARRAY(sa.Text())),
        required("status", sa.String(50), "new"),
        required("score", sa.Integer(), sa.text("0")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name="ck_score_range"),
        sa.CheckConstraint(f"status IN ({STATUSES})", name="ck_status"),
        sa.CheckConstraint(f"source_type IN ({SOURCES})", name="ck_source_type"),
        sa.UniqueConstraint("phone", "source_type", name="leads_phone_source_type_key"),
    )
    op.create_table(
        "agents",
        key("agent_id"),
        required("full_name", sa.String(200)),
        required("email", sa.String(255)),
        required("phone", sa.String(20)),
        sa.Column("specialization_property_type", ARRAY(sa.Text())),
        sa.Column("specialization_areas", ARRAY(sa.Text())),
        sa.Column("language_skills", ARRAY(sa.Text())),
        required("active_leads_count", sa.Integer(), sa.text("0")),
        sa.UniqueConstraint("email", name="agents_email_key"),
        sa.UniqueConstraint("phone", name="agents_phone_key"),
        sa.CheckConstraint("active_leads_count BETWEEN 0 AND 50", name="ck_active_leads"),
    )
    op.create_table(
        "lead_assignments",
        key("assignment_id"),
        reference("leads"),
        reference("agents"),
        moment("assigned_at"),
        sa.Column("reassigned_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text()),
    )
    op.create_table(
        "lead_activities",
        key("activity_id"),
        reference("leads"),
        reference("agents"),
        required("type", sa.String(50)),
        sa.Column("notes", sa.Text()),
        sa.Column("outcome", sa.String(20)),
        moment("activity_at"),
        sa.CheckConstraint(
            "type IN ('call', 'email', 'whatsapp', 'viewing', 'meeting', 'offer_made')",
            name="ck_activity_type",
        ),
        sa.CheckConstraint("outcome IN ('positive', 'negative', 'neutral')", name="ck_activity_outcome"),
    )
    op.create_table(
        "follow_up_tasks",
        key("task_id"),
        reference("leads"),
        reference("agents"),
        required("type", sa.String(50)),
        required("due_date", sa.DateTime(timezone=True)),
        required("priority", sa.String(20), "medium"),
        required("status", sa.String(20), "pending"),
        moment("created_at"),
        moment("updated_at"),
        sa.CheckConstraint("type IN ('call', 'email', 'whatsapp', 'viewing')", name="ck_follow_up_type"),
        sa.CheckConstraint("priority IN ('high', 'medium', 'low')", name="ck_follow_up_priority"),
        sa.CheckConstraint("status IN ('pending', 'completed', 'overdue')", name="ck_follow_up_status"),
    )
    op.create_table(
        "lead_property_interests",
        key("interest_id"),
        reference("leads"),
        required("property_id", UUID()),
        required("interest_level", sa.String(20)),
        moment("created_at"),
        sa.CheckConstraint("interest_level IN ('high', 'medium', 'low')", name="ck_interest_level"),
    )
    op.create_table(
        "lead_sources",
        key("source_id"),
        reference("leads"),
        required("source_type", sa.String(50)),
        sa.Column("campaign_id", sa.String(100)),
        reference("agents", "referrer_agent_id", nullable=True),
        sa.Column("property_id", UUID()),
        sa.Column("utm_source", sa.String(100)),
        moment("created_at"),
        sa.CheckConstraint("source_type <> ''", name="ck_lead_sources_source_type"),
    )
    op.create_table(
        "lead_conversion_history",
        key("history_id"),
        reference("leads"),
        sa.Column("status_from", sa.String(50)),
        sa.Column("status_to", sa.String(50)),
        moment("changed_at"),
        reference("agents", nullable=True),
        sa.Column("notes", sa.Text()),
    )
    op.create_table(
        "agent_performance_metrics",
        key("metric_id"),
        reference("agents"),
        sa.Column("conversion_rate", sa.Numeric(5, 2)),
        sa.Column("average_deal_size", sa.Numeric(15, 2)),
        sa.Column("average_response_time", sa.Interval()),
        sa.Column("leads_handled", sa.Integer()),
        moment("updated_at"),
    )
    op.create_table(
        "lead_scoring_rules",
        key("rule_id"),
        required("rule_name", sa.String(100)),
        required("score_adjustment", sa.Integer()),
        required("condition", JSONB()),
        moment("created_at"),
    )


def downgrade():
    for table in (
        "lead_scoring_rules",
        "agent_performance_metrics",
        "lead_conversion_history",
        "lead_sources",
        "lead_property_interests",
        "follow_up_tasks",
        "lead_activities",
        "lead_assignments",
        "agents",
        "leads",
    ):
        op.drop_table(table)
