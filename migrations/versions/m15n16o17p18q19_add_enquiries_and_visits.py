"""Enquiries and visits, and what the desk asks of a lead beyond the seed."""

from alembic import op

from webapp.database import scripts

revision = "m15n16o17p18q19"
down_revision = "l14m15n16o17p18"
branch_labels = None
depends_on = None


def upgrade():
    scripts.run(f"{revision}/phone_windows")
    op.execute("""
        ALTER TABLE leads
            ADD number BIGINT GENERATED ALWAYS AS IDENTITY (START 10001) UNIQUE,
            ADD purpose VARCHAR(20),
            ADD bedrooms SMALLINT,
            ADD spoken_language VARCHAR(30),
            ADD consent_at TIMESTAMPTZ,
            ADD version INTEGER NOT NULL DEFAULT 1,
            ADD reopened_from UUID REFERENCES leads ON DELETE SET NULL;
        ALTER TABLE leads
            ADD CONSTRAINT ck_lead_budget_is_number CHECK (budget_min <> 'NaN' AND budget_max <> 'NaN') NOT VALID,
            ADD CONSTRAINT ck_lead_bedrooms CHECK (bedrooms BETWEEN 0 AND 20),
            ADD CONSTRAINT ck_lead_purpose CHECK (purpose IN ('buy', 'rent'));
        CREATE INDEX ix_leads_reopened_from ON leads (reopened_from);
        CREATE INDEX ix_leads_created_at_lead_id ON leads (created_at DESC, lead_id DESC);
        CREATE INDEX ix_leads_phone_windows ON leads USING gin (phone_windows(phone));

        CREATE TABLE enquiries (
            enquiry_id UUID NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
            lead_id UUID NOT NULL REFERENCES leads ON DELETE CASCADE,
            source_type VARCHAR(50) NOT NULL,
            channel VARCHAR(20) NOT NULL,
            state VARCHAR(20) NOT NULL,
            message TEXT,
            received_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            taken_by UUID REFERENCES users ON DELETE SET NULL,
            CONSTRAINT ck_enquiry_source_type
                CHECK (source_type IN ('bayut', 'propertyFinder', 'dubizzle', 'website', 'walk_in', 'referral')),
            CONSTRAINT ck_enquiry_channel
                CHECK (channel IN ('visit', 'call', 'whatsapp', 'email', 'web_form', 'by_hand')),
            CONSTRAINT ck_enquiry_state CHECK (state IN ('captured', 'attached'))
        );
        CREATE INDEX ix_enquiries_lead_id_received_at ON enquiries (lead_id, received_at);
        CREATE INDEX ix_enquiries_taken_by ON enquiries (taken_by);

        CREATE TABLE visits (
            visit_id UUID NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
            enquiry_id UUID NOT NULL UNIQUE REFERENCES enquiries ON DELETE CASCADE,
            lead_id UUID NOT NULL REFERENCES leads ON DELETE CASCADE,
            status VARCHAR(20) NOT NULL DEFAULT 'waiting',
            arrived_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            received_at TIMESTAMPTZ,
            left_at TIMESTAMPTZ,
            CONSTRAINT ck_visit_status CHECK (status IN ('waiting', 'received', 'left', 'no_show'))
        );
        CREATE INDEX ix_visits_lead_id ON visits (lead_id);
        CREATE INDEX ix_visits_arrived_at ON visits (arrived_at);
        CREATE INDEX ix_visits_waiting ON visits (arrived_at) WHERE status = 'waiting';
    """)


def downgrade():
    op.execute("DROP TABLE visits, enquiries")
    op.execute("DROP INDEX ix_leads_phone_windows, ix_leads_created_at_lead_id")
    op.execute("""
        ALTER TABLE leads
            DROP CONSTRAINT ck_lead_budget_is_number,
            DROP number, DROP purpose, DROP bedrooms, DROP spoken_language, DROP consent_at, DROP version,
            DROP reopened_from
    """)
    op.execute("DROP FUNCTION phone_windows(text)")
