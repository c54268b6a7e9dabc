"""What portals and the website send is kept as it came, and an enquiry may wait for a lead."""

from alembic import op

from webapp.database import scripts

revision = "e33f34g35h36i37"
down_revision = "d32e33f34g35h36"
branch_labels = None
depends_on = None

CHANNELS = "'visit', 'call', 'whatsapp', 'email', 'web_form', 'by_hand'"
NOTICES = """'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned',
    'follow_up_escalated', 'leads_exported', 'export_made', 'export_failed', 'lead_escalated',
    'handover_ended', 'handover_undone'"""
ADDED = (
    "portal_lead_id", "told_at", "is_estimated", "origin", "listing_reference", "listing_id", "listing_url",
    "project_id", "reply_link", "name", "phone", "phone_e164", "email", "whatsapp_username", "intent", "agent", "call",
    "extra", "why", "note", "owner_id",
)  # fmt: skip


def upgrade():
    op.execute(f"""
        ALTER TABLE enquiries
            ALTER lead_id DROP NOT NULL,
            ADD portal_lead_id TEXT,
            ADD told_at TIMESTAMPTZ,
            ADD is_estimated BOOLEAN NOT NULL DEFAULT false,
            ADD origin TEXT,
            ADD listing_reference TEXT,
            ADD listing_id TEXT,
            ADD listing_url TEXT,
            ADD project_id TEXT,
            ADD reply_link TEXT,
            ADD name TEXT,
            ADD phone TEXT,
            ADD phone_e164 VARCHAR(20),
            ADD email TEXT,
            ADD whatsapp_username TEXT,
            ADD intent TEXT,
            ADD agent JSONB,
            ADD call JSONB,
            ADD extra JSONB,
            ADD why VARCHAR(20),
            ADD note VARCHAR(200),
            ADD owner_id UUID REFERENCES agents ON DELETE SET NULL,
            DROP CONSTRAINT ck_enquiry_channel,
            DROP CONSTRAINT ck_enquiry_state,
            ADD CONSTRAINT ck_enquiry_channel CHECK (channel IN ({CHANNELS}, 'unknown')),
            ADD CONSTRAINT ck_enquiry_state CHECK (
                state IN ('captured', 'attached', 'needs_review', 'failed', 'ignored')),
            ADD CONSTRAINT ck_enquiry_why CHECK (why IN (
                'no_phone', 'bad_phone', 'unreadable', 'refused', 'broke', 'broker', 'closed')),
            ADD CONSTRAINT ck_enquiry_lead CHECK (state NOT IN ('captured', 'attached') OR lead_id IS NOT NULL);
        CREATE UNIQUE INDEX ux_enquiries_portal_lead_id ON enquiries (source_type, portal_lead_id)
            WHERE portal_lead_id IS NOT NULL;
        CREATE INDEX ix_enquiries_newest ON enquiries (received_at DESC, enquiry_id DESC) INCLUDE (state, source_type);
        CREATE INDEX ix_enquiries_state_newest ON enquiries (state, received_at DESC, enquiry_id DESC)
            INCLUDE (source_type);
        CREATE INDEX ix_enquiries_owner_id ON enquiries (owner_id, received_at DESC, enquiry_id DESC);
        CREATE INDEX ix_enquiries_whatsapp_username ON enquiries (whatsapp_username)
            WHERE whatsapp_username IS NOT NULL;

        CREATE TABLE deliveries (
            delivery_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            source VARCHAR(50) NOT NULL,
            external_id TEXT NOT NULL,
            payload BYTEA NOT NULL,
            received_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            state VARCHAR(20) NOT NULL DEFAULT 'received',
            note VARCHAR(200),
            enquiry_id UUID REFERENCES enquiries ON DELETE SET NULL,
            CONSTRAINT uq_delivery_source_external_id UNIQUE (source, external_id),
            CONSTRAINT ck_delivery_source CHECK (source IN ('propertyFinder', 'bayut', 'dubizzle', 'website')),
            CONSTRAINT ck_delivery_state CHECK (state IN ('received', 'taken', 'failed'))
        );
        CREATE INDEX ix_deliveries_enquiry_id ON deliveries (enquiry_id, received_at);
        CREATE INDEX ix_deliveries_source_received_at ON deliveries (source, received_at DESC);
        CREATE INDEX ix_deliveries_waiting ON deliveries (received_at) WHERE state = 'received';

        CREATE TABLE connections (
            source VARCHAR(50) PRIMARY KEY,
            path VARCHAR(64) NOT NULL UNIQUE,
            secret BYTEA,
            is_enabled BOOLEAN NOT NULL DEFAULT false,
            changed_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            CONSTRAINT ck_connection_source CHECK (source IN ('propertyFinder', 'bayut', 'dubizzle', 'website')),
            CONSTRAINT ck_connection_enabled CHECK (NOT is_enabled OR secret IS NOT NULL)
        );

        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind,
            ADD CONSTRAINT ck_notice_kind CHECK (kind IN ({NOTICES}, 'enquiry_waiting'));
    """)
    scripts.run(f"{revision}/keep_payloads")


def downgrade():
    op.execute(f"""
        DELETE FROM notices WHERE kind = 'enquiry_waiting';
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind, ADD CONSTRAINT ck_notice_kind CHECK (kind IN ({NOTICES}));
        DROP TABLE connections, deliveries;
        DELETE FROM enquiries WHERE lead_id IS NULL;
        UPDATE enquiries SET state = 'attached' WHERE state = 'ignored';
        UPDATE enquiries SET channel = 'by_hand' WHERE channel = 'unknown';
        DROP INDEX ux_enquiries_portal_lead_id, ix_enquiries_newest, ix_enquiries_state_newest, ix_enquiries_owner_id,
            ix_enquiries_whatsapp_username;
        ALTER TABLE enquiries
            DROP CONSTRAINT ck_enquiry_lead,
            DROP CONSTRAINT ck_enquiry_why,
            DROP CONSTRAINT ck_enquiry_channel,
            DROP CONSTRAINT ck_enquiry_state,
            {", ".join(f"DROP {column}" for column in ADDED)},
            ALTER lead_id SET NOT NULL,
            ADD CONSTRAINT ck_enquiry_channel CHECK (channel IN ({CHANNELS})),
            ADD CONSTRAINT ck_enquiry_state CHECK (state IN ('captured', 'attached'));
    """)
