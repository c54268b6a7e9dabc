"""What runs by itself is on record: each turn of a job once, what it did and how it ended."""

from alembic import op

revision = "a29b30c31d32e33"
down_revision = "z28a29b30c31d32"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        CREATE TABLE job_turns (
            turn_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            job VARCHAR(30) NOT NULL,
            due_at TIMESTAMPTZ NOT NULL,
            asked_by UUID REFERENCES users ON DELETE SET NULL,
            attempt INTEGER NOT NULL DEFAULT 0,
            state VARCHAR(20) NOT NULL,
            started_at TIMESTAMPTZ,
            ended_at TIMESTAMPTZ,
            done INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0,
            error VARCHAR(100) NOT NULL DEFAULT '',
            CONSTRAINT uq_job_turns_job_due_at UNIQUE (job, due_at),
            CONSTRAINT ck_job_turns_state CHECK (state IN ('asked', 'running', 'done', 'broken', 'stopped')),
            CONSTRAINT ck_job_turns_counts CHECK (attempt >= 0 AND done >= 0 AND failed >= 0)
        );
        CREATE INDEX ix_job_turns_asked_by ON job_turns (asked_by);
        CREATE INDEX ix_job_turns_failed ON job_turns (job, due_at) WHERE failed > 0 OR state = 'broken';
        CREATE INDEX ix_job_turns_told ON job_turns (due_at)
            WHERE done > 0 OR failed > 0 OR asked_by IS NOT NULL OR state <> 'done'
    """)


def downgrade():
    op.execute("DROP TABLE job_turns")
