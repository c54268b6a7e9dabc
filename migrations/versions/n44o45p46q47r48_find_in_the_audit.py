"""The audit is found by its day and by what was done, however long it is."""

from alembic import op

revision = "n44o45p46q47r48"
down_revision = "o45p46q47r48s49"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        CREATE INDEX ix_audit_entries_happened_at ON audit_entries (happened_at, entry_id);
        CREATE INDEX ix_audit_entries_verb_happened_at ON audit_entries (verb, happened_at);
    """)


def downgrade():
    op.execute("DROP INDEX ix_audit_entries_verb_happened_at, ix_audit_entries_happened_at")
