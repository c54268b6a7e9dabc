"""Reports are read from the server of READ_DATABASE_URL, everything else from the primary; over real HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import make_url

from tests.conftest import connection, new_database
from tests.factories import a_lead, value
from tests.production import Office, Visitor, free_port, somebody, started
from webapp.extensions import db
from webapp.vocabulary import Role

REPORT = "/reports/workload-distribution"


@contextmanager
def beside(office: Office, replica: str, folder) -> Iterator[Office]:
    """Another server of the same desk, which reads its reports from there."""
    other = Office(free_port(), office.app, folder / "replica.log")
    with (
        other.log.open("wb") as log,
        started(other, other.database, folder, log, READ_DATABASE_URL=replica, WORKERS="1"),
    ):
        yield other


@pytest.fixture
def mariam(office):
    return somebody("Mariam Saleh", Role.MANAGER)


def test_reports_are_the_replicas_and_everything_else_is_the_primarys(office, mariam, server_url, template, tmp_path):
    a_lead(phone="+971501234567")
    db.session.remove()
    with new_database(server_url, template=make_url(template).database) as replica:
        with connection(replica) as owner:
            owner.execute(
                "INSERT INTO leads (source_type, first_name, last_name, phone)"
                " SELECT 'bayut', '', '', '+9715' || n FROM generate_series(10000001, 10000003) n"
            )
        with beside(office, replica, tmp_path) as other:
            visitor = Visitor(other).sign_in(mariam)

            report, leads = visitor.get(REPORT), visitor.get("/leads?all=1")
            file = visitor.get(f"{REPORT}.csv")

            assert report.status == leads.status == file.status == 200
            assert [cell.get_text() for cell in report.soup.select("#report tfoot td")][:2] == ["All", "3"]
            assert "All,3," in file.text
            assert "1 lead" in leads.soup.select_one("#lead-list [role=status]").get_text()
            assert value("SELECT count(*) FROM audit_entries WHERE verb = 'reports.export'") == 1
            with connection(replica) as owner:
                assert owner.execute("SELECT count(*) FROM audit_entries").fetchone() == (0,)


def test_where_the_replica_is_away_the_reports_say_so_and_the_rest_works(office, mariam, tmp_path):
    nowhere = make_url(office.database).set(database="there_is_none").render_as_string(hide_password=False)
    with beside(office, nowhere, tmp_path) as other:
        visitor = Visitor(other).sign_in(mariam)

        report, board = visitor.get(REPORT), visitor.get("/desk")

        assert (report.status, board.status) == (503, 200)
        assert report.headers["Retry-After"]
