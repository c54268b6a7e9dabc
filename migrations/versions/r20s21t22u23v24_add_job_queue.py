"""The job queue's tables (Procrastinate 3.10.0)."""

from alembic import op

from webapp.database import scripts

revision = "r20s21t22u23v24"
down_revision = "q19r20s21t22u23"
branch_labels = None
depends_on = None


def upgrade():
    scripts.run(f"{revision}/procrastinate_3_10_0")


def downgrade():
    op.execute("""
        DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers
            CASCADE
    """)
    op.execute("""
        DO $$
        DECLARE leftover record;
        BEGIN
            FOR leftover IN SELECT oid::regprocedure AS signature FROM pg_proc
                WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'procrastinate%'
            LOOP EXECUTE format('DROP FUNCTION %s CASCADE', leftover.signature); END LOOP;
            FOR leftover IN SELECT oid::regtype AS signature FROM pg_type
                WHERE typnamespace = current_schema()::regnamespace AND typname LIKE 'procrastinate%'
                  AND typtype IN ('e', 'c')
            LOOP EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', leftover.signature); END LOOP;
        END $$
    """)
