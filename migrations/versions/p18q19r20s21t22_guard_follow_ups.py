"""Thirty minutes between follow-ups, and follow-ups that were cancelled."""

from alembic import op

from webapp.database import scripts

revision = "p18q19r20s21t22"
down_revision = "o17p18q19r20s21"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        ALTER TABLE follow_up_tasks
            ADD notes TEXT,
            ADD cancelled_at TIMESTAMPTZ,
            ADD cancel_reason VARCHAR(200),
            ADD escalated_at TIMESTAMPTZ,
            ADD CONSTRAINT ck_task_cancelled_is_closed CHECK (cancelled_at IS NULL OR status = 'completed');
        CREATE INDEX ix_follow_up_tasks_lead_id ON follow_up_tasks (lead_id);
        CREATE INDEX ix_follow_up_tasks_open ON follow_up_tasks (agent_id, due_date)
            WHERE status IN ('pending', 'overdue');
    """)
    scripts.run(f"{revision}/keep_follow_ups_apart")


def downgrade():
    op.execute("DROP TRIGGER trg_keep_follow_ups_apart ON follow_up_tasks")
    op.execute("DROP FUNCTION keep_follow_ups_apart()")
    op.execute("DROP INDEX ix_follow_up_tasks_open, ix_follow_up_tasks_lead_id")
    op.execute("""
        ALTER TABLE follow_up_tasks
            DROP CONSTRAINT ck_task_cancelled_is_closed,
            DROP notes, DROP cancelled_at, DROP cancel_reason, DROP escalated_at
    """)
