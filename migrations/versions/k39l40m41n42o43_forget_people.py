"""People can be forgotten: what is held of them is blanked, what the law wants of a sale waits apart.

Also what the admin sets for the whole office, consent as it was given and withdrawn, and visitors who check in by
themselves.
"""

from alembic import op

from webapp.database import scripts

revision = "k39l40m41n42o43"
down_revision = "i37j38k39l40m41"
branch_labels = None
depends_on = None

WHY = "'no_phone', 'bad_phone', 'unreadable', 'refused', 'broke', 'broker', 'closed', 'suspicious', 'spam'"


def upgrade():
    op.execute(f"""
        ALTER TABLE leads ADD erased_at TIMESTAMPTZ;
        ALTER TABLE enquiries
            ADD erased_at TIMESTAMPTZ,
            DROP CONSTRAINT ck_enquiry_why,
            ADD CONSTRAINT ck_enquiry_why CHECK (why IN ({WHY}, 'check_in'));
        CREATE INDEX ix_enquiries_phone_e164 ON enquiries (phone_e164) WHERE phone_e164 IS NOT NULL;
        CREATE INDEX ix_enquiries_check_ins ON enquiries (received_at) WHERE why = 'check_in';

        CREATE TABLE kept_sales (
            kept_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            lead_id UUID NOT NULL REFERENCES leads ON DELETE CASCADE,
            number BIGINT NOT NULL,
            first_name VARCHAR(100) NOT NULL,
            last_name VARCHAR(100) NOT NULL,
            phone VARCHAR(20) NOT NULL,
            email VARCHAR(255),
            nationality VARCHAR(50),
            sold_at TIMESTAMPTZ NOT NULL,
            kept_until TIMESTAMPTZ NOT NULL,
            CONSTRAINT ck_kept_sale_five_years CHECK (kept_until >= sold_at + interval '5 years')
        );
        CREATE INDEX ix_kept_sales_lead_id ON kept_sales (lead_id);
        CREATE INDEX ix_kept_sales_kept_until ON kept_sales (kept_until);

        CREATE TABLE consents (
            consent_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            lead_id UUID NOT NULL REFERENCES leads ON DELETE CASCADE,
            purpose VARCHAR(20) NOT NULL,
            channel VARCHAR(20) NOT NULL,
            is_given BOOLEAN NOT NULL,
            wording TEXT NOT NULL,
            how VARCHAR(20) NOT NULL,
            said_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            taken_by UUID REFERENCES users ON DELETE SET NULL,
            CONSTRAINT ck_consent_purpose CHECK (purpose IN ('search', 'marketing')),
            CONSTRAINT ck_consent_channel CHECK (channel IN ('call', 'whatsapp', 'email', 'any')),
            CONSTRAINT ck_consent_how CHECK (how IN ('front_desk', 'check_in', 'by_phone', 'in_writing', 'website',
                                                     'entered'))
        );
        CREATE INDEX ix_consents_lead_id ON consents (lead_id, said_at);
        CREATE INDEX ix_consents_taken_by ON consents (taken_by);

        CREATE TABLE office_settings (
            is_the_one BOOLEAN PRIMARY KEY DEFAULT true,
            phone VARCHAR(20),
            retention_months SMALLINT,
            check_in_turn INTEGER NOT NULL DEFAULT 1,
            CONSTRAINT ck_office_settings_one CHECK (is_the_one),
            CONSTRAINT ck_office_settings_retention CHECK (retention_months BETWEEN 6 AND 120)
        );
    """)
    for script in ("names_one", "blanked", "forget_person"):
        scripts.run(f"{revision}/{script}")


def downgrade():
    op.execute(f"""
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM kept_sales) THEN
                RAISE 'The law wants what is kept of sales whose buyers were erased; it would be lost.';
            END IF;
        END
        $$;
        DROP FUNCTION forget_person, blanked, names_one;
        DROP TABLE office_settings, consents, kept_sales;
        DROP INDEX ix_enquiries_check_ins, ix_enquiries_phone_e164;
        UPDATE enquiries SET why = 'closed', state = 'ignored' WHERE why = 'check_in';
        ALTER TABLE enquiries
            DROP COLUMN erased_at,
            DROP CONSTRAINT ck_enquiry_why,
            ADD CONSTRAINT ck_enquiry_why CHECK (why IN ({WHY}));
        ALTER TABLE leads DROP COLUMN erased_at;
    """)
