"""The office's working hours: a week, the days that are different, and the calendar that follows from them."""

from alembic import op

from webapp.database import scripts

revision = "r48s49t50u51v52"
down_revision = "n44o45p46q47r48"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("""
        CREATE TABLE working_hours (
            weekday SMALLINT PRIMARY KEY,
            opens TIME NOT NULL,
            closes TIME NOT NULL,
            CONSTRAINT ck_working_hours_weekday CHECK (weekday BETWEEN 1 AND 7),
            CONSTRAINT ck_working_hours_span CHECK (opens < closes)
        );
        CREATE TABLE special_hours (
            special_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            name VARCHAR(80) NOT NULL,
            begins DATE NOT NULL,
            ends DATE NOT NULL,
            opens TIME,
            closes TIME,
            CONSTRAINT ck_special_hours_days CHECK (begins <= ends),
            CONSTRAINT ck_special_hours_span CHECK (num_nulls(opens, closes) = 2 OR opens < closes)
        );
        CREATE UNIQUE INDEX ux_special_hours_begins_name ON special_hours (begins, name);
        CREATE TABLE working_days (
            day DATE PRIMARY KEY,
            opens TIME NOT NULL,
            closes TIME NOT NULL,
            worked_before INTERVAL NOT NULL
        )
    """)
    scripts.run(f"{revision}/keep_working_days")
    # What the office changes as it likes. The days that follow the moon are as they are expected.
    op.execute("""
        INSERT INTO special_hours (name, begins, ends, opens, closes) VALUES
            ('Ramadan 2026', '2026-02-18', '2026-03-18', '09:00', '16:00'),
            ('Ramadan 2027', '2027-02-08', '2027-03-08', '09:00', '16:00'),
            ('New Year', '2026-01-01', '2026-01-01', NULL, NULL),
            ('Eid al-Fitr', '2026-03-19', '2026-03-22', NULL, NULL),
            ('Arafat Day and Eid al-Adha', '2026-05-26', '2026-05-29', NULL, NULL),
            ('Islamic New Year', '2026-06-15', '2026-06-15', NULL, NULL),
            ('Birthday of the Prophet', '2026-08-28', '2026-08-28', NULL, NULL),
            ('National Day', '2026-12-02', '2026-12-03', NULL, NULL),
            ('New Year', '2027-01-01', '2027-01-01', NULL, NULL),
            ('Eid al-Fitr', '2027-03-09', '2027-03-11', NULL, NULL),
            ('Arafat Day and Eid al-Adha', '2027-05-15', '2027-05-18', NULL, NULL),
            ('Islamic New Year', '2027-06-06', '2027-06-06', NULL, NULL),
            ('Birthday of the Prophet', '2027-08-14', '2027-08-14', NULL, NULL),
            ('National Day', '2027-12-02', '2027-12-03', NULL, NULL);
        INSERT INTO working_hours (weekday, opens, closes) SELECT n, '09:00', '18:00' FROM generate_series(1, 6) n
    """)


def downgrade():
    op.execute("""
        DROP TABLE working_days, special_hours, working_hours;
        DROP FUNCTION keep_working_days
    """)
