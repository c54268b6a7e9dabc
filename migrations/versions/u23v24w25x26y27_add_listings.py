"""Properties get names, and suggestions find the leads that wanted something alike."""

from alembic import op

revision = "u23v24w25x26y27"
down_revision = "t22u23v24w25x26"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        CREATE TABLE listings (
            property_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            reference VARCHAR(50) NOT NULL UNIQUE,
            title VARCHAR(200) NOT NULL,
            property_type VARCHAR(50),
            area VARCHAR(100),
            purpose VARCHAR(20),
            price NUMERIC(15, 2),
            permit VARCHAR(50),
            url VARCHAR(500),
            created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            CONSTRAINT ck_listing_property_type CHECK (
                property_type IN ('apartment', 'villa', 'townhouse', 'commercial')),
            CONSTRAINT ck_listing_purpose CHECK (purpose IN ('buy', 'rent')),
            CONSTRAINT ck_listing_price CHECK (price <> 'NaN' AND price > 0)
        );
        CREATE INDEX ix_leads_alike ON leads USING gin (preferred_areas)
            WHERE status IN ('qualified', 'negotiation', 'converted');
    """)


def downgrade():
    op.execute("DROP INDEX ix_leads_alike")
    op.execute("DROP TABLE listings")
