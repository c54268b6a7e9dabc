"""A lead that somebody has worked with can be another broker's: it leaves `leads` whole, and comes back as it was."""

from alembic import op

from webapp.database import scripts

revision = "m43n44o45p46q47"
down_revision = "k39l40m41n42o43"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        CREATE TABLE broker_leads (
            broker_lead_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            lead_id UUID NOT NULL,
            number BIGINT NOT NULL,
            agent_id UUID REFERENCES agents ON DELETE SET NULL,
            phone VARCHAR(20) NOT NULL,
            kept JSONB NOT NULL,
            set_aside_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            set_aside_by UUID REFERENCES users ON DELETE SET NULL
        );
        CREATE UNIQUE INDEX ux_broker_leads_lead_id ON broker_leads (lead_id);
        CREATE INDEX ix_broker_leads_agent_id ON broker_leads (agent_id);
        CREATE INDEX ix_broker_leads_phone ON broker_leads (phone);
        CREATE INDEX ix_broker_leads_set_aside_by ON broker_leads (set_aside_by);
        ALTER TABLE enquiries
            ADD broker_lead_id UUID REFERENCES broker_leads ON DELETE SET NULL,
            ADD CONSTRAINT ck_enquiry_broker_lead
                CHECK (broker_lead_id IS NULL OR (lead_id IS NULL AND state = 'ignored'));
        CREATE INDEX ix_enquiries_broker_lead_id ON enquiries (broker_lead_id);
    """)
    _block_overdue("WHEN (current_setting('app.merging', true) IS DISTINCT FROM 'on')")
    scripts.run(f"{revision}/forget_person", replace=True)


def downgrade():
    op.execute("""
        DO $$
        DECLARE
            aside text;
        BEGIN
            SELECT string_agg('#' || number, ', ' ORDER BY number) INTO aside FROM broker_leads;
            IF aside IS NOT NULL THEN
                RAISE 'These leads are set aside as a broker''s and would be lost: %. Bring them back first.', aside;
            END IF;
        END
        $$;
    """)
    scripts.run(f"{down_revision}/forget_person", replace=True)
    _block_overdue("")
    op.execute("""
        ALTER TABLE enquiries DROP COLUMN broker_lead_id;
        DROP TABLE broker_leads
    """)


def _block_overdue(when: str):
    """What comes back as it was may be due long ago."""
    op.execute(f"""
        DROP TRIGGER trg_block_overdue_follow_up ON follow_up_tasks;
        CREATE TRIGGER trg_block_overdue_follow_up BEFORE INSERT ON follow_up_tasks
            FOR EACH ROW {when} EXECUTE FUNCTION block_overdue_follow_up()
    """)
