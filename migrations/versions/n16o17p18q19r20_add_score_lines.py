"""The lines behind every score."""

from alembic import op

revision = "n16o17p18q19r20"
down_revision = "m15n16o17p18q19"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        CREATE TABLE score_lines (
            line_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            lead_id UUID NOT NULL REFERENCES leads ON DELETE CASCADE,
            rule_id UUID,
            rule_name VARCHAR(100) NOT NULL,
            reason VARCHAR(20) NOT NULL,
            points INTEGER NOT NULL,
            counted INTEGER NOT NULL,
            activity_id UUID REFERENCES lead_activities ON DELETE CASCADE,
            reverses BIGINT REFERENCES score_lines ON DELETE CASCADE,
            created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            CONSTRAINT ck_score_line_reason CHECK (reason IN ('details', 'activity', 'silence'))
        );
        INSERT INTO score_lines (lead_id, rule_name, reason, points, counted)
        SELECT lead_id, 'Score brought along', 'details', score, score FROM leads WHERE score <> 0;
        CREATE INDEX ix_score_lines_lead_id_line_id ON score_lines (lead_id, line_id);
        CREATE INDEX ix_score_lines_activity_id ON score_lines (activity_id);
        CREATE INDEX ix_score_lines_reverses ON score_lines (reverses);
    """)


def downgrade():
    op.execute("DROP TABLE score_lines")
