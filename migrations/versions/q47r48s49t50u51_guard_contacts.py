"""Calls have a result, people who are not to be contacted are on record, and the office says when it calls."""

from alembic import op

revision = "q47r48s49t50u51"
down_revision = "r48s49t50u51v52"
branch_labels = None
depends_on = None

NOTICES = """'lead_assigned', 'lead_taken', 'visitor_waiting', 'repeat_enquiry', 'lead_unassigned',
    'follow_up_escalated', 'leads_exported', 'export_made', 'export_failed', 'lead_escalated', 'handover_ended',
    'handover_undone', 'enquiry_waiting', 'import_checked', 'import_ended', 'import_undone', 'import_brought',
    'portal_trouble', 'portal_quiet'"""
RESULTS = "'answered', 'no_answer', 'busy', 'wrong_number', 'refused', 'callback_requested'"


def upgrade():
    op.execute(f"""
        ALTER TABLE lead_activities
            ADD call_result VARCHAR(20),
            ADD CONSTRAINT ck_activity_call_result
                CHECK (call_result IS NULL OR (type = 'call' AND call_result IN ({RESULTS})));
        CREATE INDEX ix_lead_activities_calls ON lead_activities (activity_at DESC, activity_id DESC)
            WHERE type = 'call';

        CREATE TABLE contact_stops (
            stop_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            phone VARCHAR(20) NOT NULL,
            channel VARCHAR(20) NOT NULL,
            reason VARCHAR(20) NOT NULL,
            note VARCHAR(200),
            stopped_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            stopped_by UUID REFERENCES users ON DELETE SET NULL,
            lifted_at TIMESTAMPTZ,
            lifted_by UUID REFERENCES users ON DELETE SET NULL,
            lift_reason VARCHAR(200),
            CONSTRAINT ck_contact_stop_channel CHECK (channel IN ('call', 'whatsapp', 'email', 'sms', 'all')),
            CONSTRAINT ck_contact_stop_reason
                CHECK (reason IN ('asked', 'refused', 'dnc_register', 'wrong_number', 'other')),
            CONSTRAINT ck_contact_stop_words CHECK (reason <> 'other' OR note IS NOT NULL OR phone = '')
        );
        CREATE UNIQUE INDEX ux_contact_stops_standing ON contact_stops (phone, channel)
            WHERE lifted_at IS NULL AND phone <> '';
        CREATE INDEX ix_contact_stops_phone ON contact_stops (phone, stopped_at);
        CREATE INDEX ix_contact_stops_stopped_by ON contact_stops (stopped_by);
        CREATE INDEX ix_contact_stops_lifted_by ON contact_stops (lifted_by);

        ALTER TABLE office_settings
            ADD calls_from TIME NOT NULL DEFAULT '09:00',
            ADD calls_until TIME NOT NULL DEFAULT '18:00',
            ADD unanswered_a_day SMALLINT NOT NULL DEFAULT 1,
            ADD unanswered_a_week SMALLINT NOT NULL DEFAULT 2,
            ADD guard_blocks BOOLEAN NOT NULL DEFAULT false,
            ADD CONSTRAINT ck_office_settings_hours CHECK (calls_from < calls_until),
            ADD CONSTRAINT ck_office_settings_calls
                CHECK (unanswered_a_day BETWEEN 1 AND 20 AND unanswered_a_week BETWEEN unanswered_a_day AND 50);

        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind,
            ADD CONSTRAINT ck_notice_kind CHECK (kind IN ({NOTICES}, 'contact_blocked'));
    """)


def downgrade():
    op.execute(f"""
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM contact_stops) THEN
                RAISE 'Who asked not to be contacted is on record in contact_stops; it would be lost.';
            END IF;
        END
        $$;
        DELETE FROM notices WHERE kind = 'contact_blocked';
        ALTER TABLE notices DROP CONSTRAINT ck_notice_kind, ADD CONSTRAINT ck_notice_kind CHECK (kind IN ({NOTICES}));
        ALTER TABLE office_settings
            DROP COLUMN calls_from, DROP COLUMN calls_until, DROP COLUMN unanswered_a_day,
            DROP COLUMN unanswered_a_week, DROP COLUMN guard_blocks;
        DROP TABLE contact_stops;
        DROP INDEX ix_lead_activities_calls;
        ALTER TABLE lead_activities DROP COLUMN call_result;
    """)
