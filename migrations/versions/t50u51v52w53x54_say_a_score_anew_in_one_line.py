"""A score that is counted anew is one line with all its parts, instead of two lines for each of them.

So an office of a million leads follows changed rules in minutes.
"""

from alembic import op

from webapp.database import scripts

revision = "t50u51v52w53x54"
down_revision = "p46q47r48s49t50"
branch_labels = None
depends_on = None

WRITTEN = "lead_id, rule_id, rule_name, reason, points, counted, activity_id"


def upgrade():
    op.execute("""
        ALTER TABLE score_lines ADD parts JSONB, ADD part SMALLINT;
        ALTER TABLE score_lines
            ADD CONSTRAINT ck_score_line_parts CHECK (
                parts IS NULL OR jsonb_typeof(parts) = 'array' AND reverses IS NULL AND reason IN ('merge', 'rules')
            ) NOT VALID,
            ADD CONSTRAINT ck_score_line_part CHECK (part IS NULL OR reverses IS NOT NULL) NOT VALID;
        ALTER TABLE score_lines VALIDATE CONSTRAINT ck_score_line_parts, VALIDATE CONSTRAINT ck_score_line_part;
    """)
    scripts.run(f"{revision}/standing_lines")


def downgrade():
    # What stands becomes lines of its own, and what was history is taken back line by line.
    op.execute(f"""
        ALTER TABLE score_lines DISABLE TRIGGER USER;
        CREATE TEMPORARY TABLE told ON COMMIT DROP AS
            SELECT * FROM standing_lines WHERE part IS NOT NULL ORDER BY line_id, part;
        INSERT INTO score_lines ({WRITTEN}, reverses)
            SELECT lead_id, rule_id, rule_name, 'rules', -counted, -counted, activity_id, line_id
            FROM score_lines s
            WHERE parts IS NULL AND reverses IS NULL
              AND NOT EXISTS (SELECT FROM score_lines back WHERE back.reverses = s.line_id)
              AND EXISTS (SELECT FROM score_lines anew WHERE anew.lead_id = s.lead_id
                            AND anew.line_id > s.line_id AND anew.parts IS NOT NULL)
            ORDER BY line_id;
        DELETE FROM score_lines WHERE parts IS NOT NULL;
        INSERT INTO score_lines ({WRITTEN}, created_at)
            SELECT {WRITTEN}, created_at FROM told ORDER BY line_id, part;
        ALTER TABLE score_lines ENABLE TRIGGER USER;
        DROP VIEW standing_lines;
        ALTER TABLE score_lines DROP COLUMN parts, DROP COLUMN part;
    """)
