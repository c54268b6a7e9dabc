"""A transaction that lost against another is tried again, three times in all, and nothing is written twice (D7)."""

import pytest

from tests.conftest import WRITTEN_TABLES
from tests.factories import a_phone, an_agent, sql, tally, value

STUMBLE = """
    CREATE SEQUENCE tries;
    CREATE FUNCTION stumble() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('tries') <= {times} THEN RAISE 'stumbled' USING ERRCODE = '{state}'; END IF;
            RETURN new;
        END $$;
"""
# The audit's entry is the last thing that a service writes.
MOMENTS = {
    "statement": "CREATE TRIGGER stumble AFTER INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION stumble()",
    "commit": """CREATE CONSTRAINT TRIGGER stumble AFTER INSERT ON audit_entries
                 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stumble()""",
}


def rows() -> dict[str, int]:
    """How many rows there are, table by table."""
    return tally(*(row.tablename for row in sql(WRITTEN_TABLES)))


@pytest.mark.row("D7")
class TestALostRace:
    @pytest.fixture
    def stumbles(self):
        def stumbles(times: int, state: str, moment: str) -> None:
            sql(STUMBLE.format(times=times, state=state))
            sql(MOMENTS[moment])

        yield stumbles
        sql("DROP FUNCTION IF EXISTS stumble CASCADE")
        sql("DROP SEQUENCE IF EXISTS tries")

    @pytest.fixture
    def capture(self, browser):
        """Capture a new lead for an agent who is told; the answer, and how many rows it added."""
        an_agent("Aisha Khan")

        def capture():
            form = {"phone": a_phone(), "source_type": "website"}
            browser.get("leads.new")
            before = rows()
            answer = browser.post("leads.capture", form)
            return answer, {table: count - before[table] for table, count in rows().items()}

        return capture

    @pytest.mark.parametrize(
        ("times", "state", "moment"),
        [(1, "40001", "statement"), (1, "40P01", "commit"), (2, "40001", "commit"), (2, "40P01", "statement")],
    )
    def test_twice_lost_is_not_seen_and_leaves_what_one_capture_leaves(
        self, capture, stumbles, times, state, moment, figure
    ):
        _, once = capture()
        stumbles(times, state, moment)
        answer, added = capture()

        assert answer.hops and answer.status_code == 200
        assert added == once
        assert once["audit_entries"] and once["notices"] and once["enquiries"]
        assert value("SELECT last_value FROM tries") == times + once["audit_entries"]
        figure("D7", f"duplicate side rows after {times} x {state}", sum(added.values()) - sum(once.values()))

    @pytest.mark.parametrize(("state", "moment"), [("40001", "statement"), ("40P01", "commit")])
    def test_lost_again_and_again_is_said_and_leaves_nothing(self, capture, stumbles, state, moment, figure):
        stumbles(9, state, moment)
        answer, added = capture()

        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "The office is busy right now. Nothing was saved; try again." in answer.said()
        assert not any(added.values())
        assert value("SELECT last_value FROM tries") == 3
        figure("D7", "tries", value("SELECT last_value FROM tries"))
