"""Leads of one person become one, and can become two again.

A lead that is merged away leaves `leads`: nothing that reads leads has to know of it. Its row, and those that belong to
nobody else, wait in the merge.
"""

from alembic import op

from webapp.database import scripts

revision = "g35h36i37j38k39"
down_revision = "h36i37j38k39l40"
branch_labels = None
depends_on = None

REASONS = "'details', 'activity', 'silence'"
BEFORE = "o17p18q19r20s21"
CHANGED = ("record_assignment_move", "refresh_active_leads_count")


def upgrade():
    op.execute(f"""
        CREATE TABLE merges (
            merge_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            survivor_id UUID NOT NULL REFERENCES leads ON DELETE CASCADE,
            absorbed_id UUID NOT NULL,
            number BIGINT NOT NULL,
            agent_id UUID REFERENCES agents ON DELETE SET NULL,
            phones TEXT[] NOT NULL,
            source_type VARCHAR(50) NOT NULL,
            captured_at TIMESTAMPTZ NOT NULL,
            kept JSONB NOT NULL,
            merged_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
            merged_by UUID REFERENCES users ON DELETE SET NULL,
            undone_at TIMESTAMPTZ,
            undone_by UUID REFERENCES users ON DELETE SET NULL
        );
        CREATE INDEX ix_merges_survivor_id ON merges (survivor_id, merged_at);
        CREATE UNIQUE INDEX ux_merges_absorbed_id ON merges (absorbed_id) WHERE undone_at IS NULL;
        CREATE INDEX ix_merges_phones ON merges USING gin (phones) WHERE undone_at IS NULL;
        CREATE INDEX ix_merges_agent_id ON merges (agent_id);
        CREATE INDEX ix_merges_merged_by ON merges (merged_by);
        CREATE INDEX ix_merges_undone_by ON merges (undone_by);

        CREATE TABLE distinctions (
            lead_id UUID NOT NULL REFERENCES leads ON DELETE CASCADE,
            other_id UUID NOT NULL REFERENCES leads ON DELETE CASCADE,
            decided_by UUID REFERENCES users ON DELETE SET NULL,
            decided_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            PRIMARY KEY (lead_id, other_id),
            CONSTRAINT ck_distinction_order CHECK (lead_id < other_id)
        );
        CREATE INDEX ix_distinctions_other_id ON distinctions (other_id);
        CREATE INDEX ix_distinctions_decided_by ON distinctions (decided_by);

        ALTER TABLE score_lines DROP CONSTRAINT ck_score_line_reason,
            ADD CONSTRAINT ck_score_line_reason CHECK (reason IN ({REASONS}, 'merge'));
    """)
    _stamp("WHEN (current_setting('app.merging', true) IS DISTINCT FROM 'on')")
    for script in CHANGED:
        scripts.run(f"{revision}/{script}")
    scripts.run(f"{revision}/name_key")


def downgrade():
    op.execute("""
        DO $$
        DECLARE
            merged text;
        BEGIN
            SELECT string_agg('#' || number, ', ' ORDER BY number) INTO merged FROM merges WHERE undone_at IS NULL;
            IF merged IS NOT NULL THEN
                RAISE 'These leads are merged into others and would be lost: %. Undo their merges first.', merged;
            END IF;
        END
        $$;
        DROP INDEX ix_leads_name_key;
        DROP FUNCTION name_key;
    """)
    for script in CHANGED:
        scripts.run_again(f"{BEFORE}/{script}")
    _stamp("")
    op.execute(f"""
        ALTER TABLE score_lines DISABLE TRIGGER USER;
        UPDATE score_lines SET reason = 'details' WHERE reason = 'merge';
        ALTER TABLE score_lines ENABLE TRIGGER USER;
        ALTER TABLE score_lines DROP CONSTRAINT ck_score_line_reason,
            ADD CONSTRAINT ck_score_line_reason CHECK (reason IN ({REASONS}));
        DROP TABLE distinctions, merges
    """)


def _stamp(when: str):
    """What only follows a merged lead, or comes back with it, has not changed."""
    for table in ("leads", "follow_up_tasks"):
        op.execute(f"""
            DROP TRIGGER trg_{table}_updated_at ON {table};
            CREATE TRIGGER trg_{table}_updated_at BEFORE UPDATE ON {table}
                FOR EACH ROW {when} EXECUTE FUNCTION set_updated_at()
        """)
