"""Properties get names, and interests carry the wish of their lead, for suggestions."""

from alembic import op

from webapp.database import scripts

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
        ALTER TABLE lead_property_interests ADD wish TEXT[], ADD budget NUMRANGE;
    """)
    scripts.run(f"{revision}/wish_keys")
    op.execute("""
        UPDATE lead_property_interests i
        SET wish = wish_keys(property_type, purpose, preferred_areas), budget = numrange(budget_min, budget_max, '[]')
        FROM leads l
        WHERE l.lead_id = i.lead_id AND status IN ('qualified', 'negotiation', 'converted')
    """)
    for function in ("take_wish_of_lead", "hand_wish_to_interests"):
        scripts.run(f"{revision}/{function}")
    op.execute("""
        CREATE INDEX ix_property_interests_wish ON lead_property_interests USING gin (wish)
            WHERE wish IS NOT NULL
    """)


def downgrade():
    op.execute("""
        DROP TRIGGER trg_hand_wish_to_interests ON leads;
        DROP TRIGGER trg_take_wish_of_lead ON lead_property_interests;
        DROP FUNCTION hand_wish_to_interests, take_wish_of_lead, wish_keys;
        ALTER TABLE lead_property_interests DROP wish, DROP budget;
        DROP TABLE listings;
    """)
