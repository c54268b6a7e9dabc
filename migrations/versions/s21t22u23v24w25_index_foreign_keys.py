"""An index under every foreign key that lacked one."""

from alembic import op

revision = "s21t22u23v24w25"
down_revision = "r20s21t22u23v24"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("CREATE INDEX ix_lead_sources_lead_id ON lead_sources (lead_id)")
    op.execute("CREATE INDEX ix_lead_sources_referrer_agent_id ON lead_sources (referrer_agent_id)")


def downgrade():
    op.execute("DROP INDEX ix_lead_sources_lead_id, ix_lead_sources_referrer_agent_id")
