"""Hold the office's rules in the database, whoever writes."""

from pathlib import Path

from alembic import op

revision = "e7f8g9h10i11"
down_revision = "e7f5g8h96d32"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql" / revision

FUNCTIONS = {
    "enforce_status_transition": [("trg_enforce_status_transition", "leads")],
    "block_overdue_follow_up": [("trg_block_overdue_follow_up", "follow_up_tasks")],
    "set_updated_at": [
        ("trg_leads_updated_at", "leads"),
        ("trg_follow_up_tasks_updated_at", "follow_up_tasks"),
    ],
    "refresh_active_leads_count": [("trg_refresh_active_leads_on_assignment", "lead_assignments")],
    "log_status_transition": [("trg_log_status_transition", "leads")],
    "enforce_agent_max_workload": [("trg_enforce_agent_max_workload", "lead_assignments")],
}


def upgrade():
    for function in FUNCTIONS:
        body = (SQL / f"{function}.sql").read_text(encoding="utf-8")
        # Without this option the driver takes the per cent signs of RAISE for parameters.
        op.get_bind().exec_driver_sql(body, execution_options={"no_parameters": True})


def downgrade():
    for function, triggers in reversed(FUNCTIONS.items()):
        for trigger, table in triggers:
            op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.execute(f"DROP FUNCTION {function}()")
