"""Reports are read from indexes: deals by their day, leads with their first contact, activities with their pause."""

from alembic import op

from webapp.database import scripts

revision = "c31d32e33f34g35"
down_revision = "b30c31d32e33f34"
branch_labels = None
depends_on = None

NEWEST = "status, source_type, score, property_type, last_contact_at, next_step_at, budget_max, owner_id"


# Every row is written anew: its indexes and its key are faster made again than carried along.
MADE_AGAIN = {
    "ix_lead_activities_lead_id_activity_at": "lead_id, activity_at",
    "ix_lead_activities_agent_id": "agent_id",
    "ix_lead_activities_logged_by": "logged_by",
    "ix_lead_activities_struck_by": "struck_by",
}


def upgrade():
    op.execute(f"""
        ALTER TABLE score_lines DROP CONSTRAINT score_lines_activity_id_fkey;
        ALTER TABLE lead_activities ADD pause INTERVAL, DISABLE TRIGGER USER, DROP CONSTRAINT lead_activities_pkey;
        DROP INDEX {", ".join(MADE_AGAIN)}, ix_lead_activities_latest;
        SET LOCAL work_mem = '128MB';
    """)
    scripts.run(f"{revision}/fill")
    op.execute("""
        ALTER TABLE lead_activities ENABLE TRIGGER USER, ADD PRIMARY KEY (activity_id);
        ALTER TABLE score_lines ADD FOREIGN KEY (activity_id) REFERENCES lead_activities ON DELETE CASCADE;
    """)
    for name, columns in MADE_AGAIN.items():
        op.execute(f"CREATE INDEX {name} ON lead_activities ({columns})")
    scripts.run(f"{revision}/keep_pauses")
    op.execute(f"""
        DROP INDEX ix_leads_newest, ix_leads_closed_newest, ix_lead_conversion_history_lead_id_changed_at;
        CREATE INDEX ix_lead_conversion_history_lead_id_changed_at ON lead_conversion_history (lead_id, changed_at)
            INCLUDE (status_from, status_to, lost_reason);
        CREATE INDEX ix_lead_activities_latest ON lead_activities (activity_at DESC)
            INCLUDE (lead_id, agent_id, outcome, pause) WHERE struck_at IS NULL;
        CREATE INDEX ix_leads_newest ON leads (created_at DESC, lead_id DESC) INCLUDE ({NEWEST}, first_contact_at);
        CREATE INDEX ix_leads_closed_newest ON leads (status, created_at DESC, lead_id DESC)
            INCLUDE (source_type, property_type, owner_id) WHERE status IN ('converted', 'lost');
        CREATE INDEX ix_lead_conversion_history_deals ON lead_conversion_history (changed_at)
            INCLUDE (lead_id, deal_value) WHERE status_to = 'converted';
    """)


def downgrade():
    op.execute(f"""
        DROP INDEX ix_lead_activities_latest, ix_leads_newest, ix_leads_closed_newest, ix_lead_conversion_history_deals,
            ix_lead_conversion_history_lead_id_changed_at;
        CREATE INDEX ix_lead_conversion_history_lead_id_changed_at ON lead_conversion_history (lead_id, changed_at);
        CREATE INDEX ix_lead_activities_latest ON lead_activities (activity_at DESC) WHERE struck_at IS NULL;
        CREATE INDEX ix_leads_newest ON leads (created_at DESC, lead_id DESC) INCLUDE ({NEWEST});
        CREATE INDEX ix_leads_closed_newest ON leads (status, created_at DESC, lead_id DESC)
            INCLUDE (source_type, property_type) WHERE status IN ('converted', 'lost');
        DROP TRIGGER trg_keep_pauses_on_insert ON lead_activities;
        DROP TRIGGER trg_keep_pauses_on_update ON lead_activities;
        DROP TRIGGER trg_keep_pauses_on_delete ON lead_activities;
        DROP FUNCTION keep_pauses_of_lead;
        ALTER TABLE lead_activities DROP pause;
    """)
