"""Index what suggestions and the source reports look up."""

from alembic import op

revision = "j12k13l14m15n16"
down_revision = "i11j12k13l14m15"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_property_interests_property_id", "lead_property_interests", ["property_id"])
    op.create_index("ix_lead_sources_source_type", "lead_sources", ["source_type"])


def downgrade():
    op.drop_index("ix_lead_sources_source_type", "lead_sources")
    op.drop_index("ix_property_interests_property_id", "lead_property_interests")
