"""Scoring rules are switched on and off and have an order; sets of them are kept, with how far their rescore is.

What a rule asks is checked from here on; rows that are there already stay as they are.
"""

from alembic import op

from webapp.database import scripts

revision = "p46q47r48s49t50"
down_revision = "q47r48s49t50u51"
branch_labels = None
depends_on = None

MERGING = "current_setting('app.merging', true) IS DISTINCT FROM 'on'"


def upgrade():
    scripts.run(f"{revision}/is_scoring_condition")
    op.execute("""
        ALTER TABLE lead_scoring_rules ADD place INTEGER, ADD enabled BOOLEAN NOT NULL DEFAULT true;
        ALTER TABLE lead_scoring_rules
            ADD CONSTRAINT ck_scoring_rule_condition CHECK (is_scoring_condition(condition)) NOT VALID,
            ADD CONSTRAINT ck_scoring_rule_points CHECK (score_adjustment BETWEEN -100 AND 100) NOT VALID;
        CREATE TABLE scoring_sets (
            set_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            number INTEGER UNIQUE,
            name VARCHAR(100) NOT NULL DEFAULT '',
            rules JSONB NOT NULL,
            version INTEGER NOT NULL DEFAULT 1,
            state VARCHAR(20) NOT NULL DEFAULT 'draft',
            made_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            made_by UUID REFERENCES users ON DELETE SET NULL,
            applied_at TIMESTAMPTZ,
            applied_by UUID REFERENCES users ON DELETE SET NULL,
            applied_xid BIGINT,
            ended_at TIMESTAMPTZ,
            total INTEGER NOT NULL DEFAULT 0,
            done INTEGER NOT NULL DEFAULT 0,
            changed INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0,
            last_at TIMESTAMPTZ,
            last_id UUID,
            CONSTRAINT ck_scoring_set_state CHECK (state IN ('draft', 'rescoring', 'done', 'replaced')),
            CONSTRAINT ck_scoring_set_number CHECK ((state = 'draft') = (number IS NULL)),
            CONSTRAINT ck_scoring_set_rules CHECK (jsonb_typeof(rules) = 'array'),
            CONSTRAINT ck_scoring_set_progress CHECK (total >= 0 AND done >= 0 AND changed >= 0 AND failed >= 0)
        );
        CREATE UNIQUE INDEX ux_scoring_sets_draft ON scoring_sets (state) WHERE state = 'draft';
        CREATE INDEX ix_scoring_sets_made_by ON scoring_sets (made_by);
        CREATE INDEX ix_scoring_sets_applied_by ON scoring_sets (applied_by);
        ALTER TABLE score_lines
            DROP CONSTRAINT ck_score_line_reason,
            ADD CONSTRAINT ck_score_line_reason
                CHECK (reason IN ('details', 'activity', 'silence', 'merge', 'rules')) NOT VALID;
        ALTER TABLE score_lines VALIDATE CONSTRAINT ck_score_line_reason;
    """)
    # Rules that change are nothing that happened with a lead.
    _stamp(f"{MERGING} AND current_setting('app.rescoring', true) IS DISTINCT FROM 'on'")


def downgrade():
    _stamp(MERGING)
    op.execute("""
        UPDATE score_lines SET reason = 'merge' WHERE reason = 'rules';
        ALTER TABLE score_lines
            DROP CONSTRAINT ck_score_line_reason,
            ADD CONSTRAINT ck_score_line_reason CHECK (reason IN ('details', 'activity', 'silence', 'merge'));
        DROP TABLE scoring_sets;
        DELETE FROM lead_scoring_rules WHERE NOT enabled;
        ALTER TABLE lead_scoring_rules
            DROP CONSTRAINT ck_scoring_rule_condition,
            DROP CONSTRAINT ck_scoring_rule_points,
            DROP COLUMN place,
            DROP COLUMN enabled;
        DROP FUNCTION is_scoring_condition(jsonb);
    """)


def _stamp(when: str) -> None:
    """Every change of a lead is stamped, but for those that this leaves out."""
    op.execute(f"""
        DROP TRIGGER trg_leads_updated_at ON leads;
        CREATE TRIGGER trg_leads_updated_at BEFORE UPDATE ON leads
            FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION set_updated_at();
    """)
