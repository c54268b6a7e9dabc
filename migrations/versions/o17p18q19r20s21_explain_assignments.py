"""Why an agent owns a lead, who is on duty, whose turn it is, and a cap that follows status changes."""

from alembic import op

from webapp.database import scripts

revision = "o17p18q19r20s21"
down_revision = "n16o17p18q19r20"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        ALTER TABLE agents
            ADD on_duty BOOLEAN NOT NULL DEFAULT true,
            ADD last_assigned_at TIMESTAMPTZ,
            ADD arabic_name VARCHAR(200),
            ADD broker_number VARCHAR(20),
            ADD broker_number_expires_on DATE;
        ALTER TABLE lead_assignments
            ADD kind VARCHAR(20),
            ADD explanation JSONB,
            ADD is_active BOOLEAN NOT NULL DEFAULT true,
            ADD lead_created_at TIMESTAMPTZ,
            ADD CONSTRAINT ck_lead_assignment_kind
                CHECK (kind IN ('same_person', 'own', 'best_match', 'by_hand'));
        CREATE INDEX ix_lead_assignments_active ON lead_assignments (agent_id) WHERE is_active;

        CREATE TABLE assignment_history (
            move_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            lead_id UUID NOT NULL,
            from_agent_id UUID,
            from_agent_name VARCHAR(200),
            agent_id UUID,
            agent_name VARCHAR(200),
            kind VARCHAR(20),
            reason TEXT,
            explanation JSONB,
            moved_by UUID,
            moved_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX ix_assignment_history_lead_id_moved_at ON assignment_history (lead_id, moved_at);
    """)
    scripts.run(f"{revision}/take_over_workload")
    for function in (
        "enforce_agent_max_workload",
        "refresh_active_leads_count",
        "follow_status",
        "record_assignment_move",
    ):
        scripts.run(f"{revision}/{function}")
    op.execute("ALTER TABLE lead_assignments ALTER lead_created_at SET NOT NULL")
    op.execute("""
        CREATE INDEX ix_lead_assignments_agent_newest
            ON lead_assignments (agent_id, lead_created_at DESC, lead_id DESC)
    """)
    op.execute(
        "CREATE TRIGGER trg_agents_updated_at BEFORE UPDATE ON agents FOR EACH ROW EXECUTE FUNCTION set_updated_at()"
    )


def downgrade():
    op.execute("DROP TRIGGER trg_agents_updated_at ON agents")
    op.execute("DROP TRIGGER trg_record_assignment_move ON lead_assignments")
    op.execute("DROP TRIGGER trg_follow_status_on_assignment ON leads")
    op.execute("DROP TRIGGER trg_enforce_agent_max_workload_on_move ON lead_assignments")
    op.execute("DROP FUNCTION record_assignment_move(), follow_status_on_assignment()")
    scripts.run_again("e7f8g9h10i11/enforce_agent_max_workload")
    scripts.run_again("e7f8g9h10i11/refresh_active_leads_count")
    op.execute("DROP TABLE assignment_history")
    op.execute("DROP INDEX ix_lead_assignments_active")
    op.execute("ALTER TABLE lead_assignments DROP kind, DROP explanation, DROP is_active, DROP lead_created_at")
    op.execute(
        "ALTER TABLE agents DROP on_duty, DROP last_assigned_at, DROP arabic_name, DROP broker_number,"
        " DROP broker_number_expires_on"
    )
