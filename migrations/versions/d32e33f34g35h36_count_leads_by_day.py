"""The leads of each day are counted, by source and by owner; deals are found by lead, moves by their moment."""

from alembic import op

from webapp.database import scripts

revision = "d32e33f34g35h36"
down_revision = "c31d32e33f34g35"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        CREATE TABLE lead_days (
            entry_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            day DATE NOT NULL,
            source_type VARCHAR(50),
            owner_id UUID,
            leads INTEGER NOT NULL,
            converted INTEGER NOT NULL,
            lost INTEGER NOT NULL,
            score BIGINT NOT NULL
        );
        CREATE INDEX ix_lead_days_sources ON lead_days (day) INCLUDE (source_type, leads, converted, lost, score)
            WHERE source_type IS NOT NULL;
        CREATE INDEX ix_lead_days_owners ON lead_days (day) INCLUDE (owner_id, leads, converted, lost, score)
            WHERE source_type IS NULL;
        CREATE INDEX ix_lead_conversion_history_deal_of_lead ON lead_conversion_history (lead_id)
            INCLUDE (changed_at, deal_value) WHERE status_to = 'converted';
        CREATE INDEX ix_lead_conversion_history_moves ON lead_conversion_history (changed_at)
            INCLUDE (lead_id, status_from, status_to, lost_reason, history_id);
    """)
    scripts.run(f"{revision}/count_leads_by_day")
    scripts.run(f"{revision}/fill")


def downgrade():
    op.execute("""
        DROP INDEX ix_lead_conversion_history_deal_of_lead, ix_lead_conversion_history_moves;
        DROP TRIGGER trg_count_leads_on_insert ON leads;
        DROP TRIGGER trg_count_leads_on_update ON leads;
        DROP TRIGGER trg_count_leads_on_delete ON leads;
        DROP FUNCTION count_leads_by_day;
        DROP TABLE lead_days
    """)
