"""Scores that were counted anew keep adding up where the database goes back to lines for each rule."""

import flask_migrate
import pytest

from tests.conftest import application, connection
from webapp.extensions import db

BEFORE = "p46q47r48s49t50"
HISTORY = """
    INSERT INTO leads (lead_id, source_type, first_name, last_name, phone, score)
    VALUES ('00000000-0000-0000-0000-000000000001', 'bayut', '', '', '+971501234567', 52);
    INSERT INTO score_lines (lead_id, rule_name, reason, points, counted, parts, reverses, part)
    SELECT '00000000-0000-0000-0000-000000000001', rule_name, reason, points, counted, parts::jsonb, reverses, part
    FROM (VALUES
        ('Source: Bayut', 'details', 90, 90, NULL, NULL::bigint, NULL::smallint),
        ('Viewing held', 'activity', 10, 10, NULL, NULL, NULL),
        ('Viewing held', 'activity', -10, -10, NULL, 2, NULL),
        ('Counted anew', 'rules', -50, -50,
         '[{"reason": "details", "rule_name": "Source: Bayut", "points": 21, "counted": 21},
           {"reason": "activity", "rule_name": "Offer made", "points": 14, "counted": 14},
           {"reason": "activity", "rule_name": "Positive outcome", "points": 5, "counted": 5}]', NULL, NULL),
        ('Positive outcome', 'activity', -5, -5, NULL, 4, 3),
        ('Answered within 1 hour', 'activity', 17, 17, NULL, NULL, NULL))
        AS lines (rule_name, reason, points, counted, parts, reverses, part)
"""
STANDING = "SELECT rule_name, counted FROM standing_lines ORDER BY rule_name"
STANDING_BEFORE = """
    SELECT rule_name, counted FROM score_lines s
    WHERE reverses IS NULL AND NOT EXISTS (SELECT FROM score_lines back WHERE back.reverses = s.line_id)
    ORDER BY rule_name
"""
STANDS = [("Answered within 1 hour", 17), ("Offer made", 14), ("Source: Bayut", 21)]


@pytest.fixture
def database(empty_database):
    with application(empty_database).app_context():
        flask_migrate.upgrade()
        yield empty_database
        db.engine.dispose()


def test_what_stands_is_the_same_on_both_sides(database):
    with connection(database) as owner:
        owner.execute(HISTORY)
        assert owner.execute(STANDING).fetchall() == STANDS

    flask_migrate.downgrade(revision=BEFORE)

    with connection(database) as owner:
        assert owner.execute(STANDING_BEFORE).fetchall() == STANDS
        assert owner.execute("SELECT sum(counted) FROM score_lines").fetchall() == [(52,)]

    flask_migrate.upgrade()

    with connection(database) as owner:
        assert owner.execute(STANDING).fetchall() == STANDS
