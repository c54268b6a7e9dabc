"""Every revision goes up, down and up again, and the schema is what the golden file says (row G1)."""

import difflib

import flask_migrate
import pytest
from sqlalchemy import make_url, text

from tests.conftest import connection
from tests.database import catalogue
from tests.database.migrator import LAST_OF_THE_SEED, REVISIONS, migrating
from tests.database.test_seed_schema import COLUMNS
from webapp import demo
from webapp.database import embedded
from webapp.extensions import db

pytestmark = pytest.mark.row("G1")

OURS = REVISIONS[REVISIONS.index(LAST_OF_THE_SEED) + 1 :]
SEED_ROWS = " UNION ALL ".join(
    f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(row({', '.join(names)})::text, 0)::numeric), 0)"
    f" FROM {table}"
    for table, names in {
        table: [column.split()[0] for column in columns.split(";")] for table, columns in COLUMNS.items()
    }.items()
)


def seed_rows(url: str) -> dict[str, tuple]:
    """How many rows each of the seed's tables holds, and the sum of their seed columns' hashes."""
    with connection(url) as owner:
        owner.execute("SET TimeZone = 'UTC'")
        return {table: (rows, sums) for table, rows, sums in owner.execute(SEED_ROWS)}


class TestSchema:
    def test_it_is_the_golden_one_whatever_the_server(self, template, figure):
        """`python -m tests.database.catalogue` writes the golden file anew after a migration."""
        found = list(difflib.unified_diff(catalogue.golden(), catalogue.read(template), "golden", "here", "", "", 0))

        figure("G1", "lines of the golden schema", len(catalogue.golden()))
        figure("G1", "lines that differ from the golden schema", len(found))
        assert not found, "\n".join(found)


class TestOrdinaryOwner:
    def test_who_may_only_make_roles_gets_the_same_and_the_app_takes_on_its_own_role(self):
        """On a server that has never seen the lead desk, as docs/operations.md asks for."""
        with embedded.throwaway() as server:
            with connection(server.url("postgres")) as administrator:
                administrator.execute("CREATE ROLE desk LOGIN CREATEROLE PASSWORD 'desk'")
                administrator.execute("CREATE DATABASE desk OWNER desk")
            url = make_url(server.url("desk")).set(username="desk", password="desk").render_as_string(False)
            with migrating(url):
                flask_migrate.upgrade()
                db.engine.dispose()
                works_as = db.session.scalar(text("SELECT current_user"))
            found = catalogue.read(url)

        assert works_as == "lead_desk_app"
        assert found == catalogue.golden()


class TestEmpty:
    def test_each_revision_goes_up_down_and_up_again(self, empty_database, figure):
        with migrating(empty_database):
            # Alembic's own table comes with the first step and stays.
            flask_migrate.upgrade(revision=REVISIONS[0])
            flask_migrate.downgrade(revision="base")
            for number, revision in enumerate(REVISIONS):
                before = catalogue.read(empty_database)
                flask_migrate.upgrade(revision=revision)
                after = catalogue.read(empty_database)
                flask_migrate.downgrade(revision=REVISIONS[number - 1] if number else "base")
                assert catalogue.read(empty_database) == before, revision
                flask_migrate.upgrade(revision=revision)
                assert catalogue.read(empty_database) == after, revision

        figure("G1", "revisions that went up, down and up again on an empty schema", len(REVISIONS))


class TestDemo:
    @pytest.fixture
    def demo_database(self, empty_database, full):
        """A year of the demo at head."""
        with migrating(empty_database):
            flask_migrate.upgrade()
            demo.seed(leads=10_000 if full else 300, agents=12, seed=42, as_of=None)
            yield empty_database

    def test_it_goes_down_to_the_seed_and_up_again_with_every_row_as_it_was(self, demo_database, figure):
        before, schema = seed_rows(demo_database), catalogue.read(demo_database)
        assert all(rows for rows, _sum in before.values()), before

        for step in [LAST_OF_THE_SEED, *OURS][-2::-1]:
            flask_migrate.downgrade(revision=step)
            assert seed_rows(demo_database) == before, step
        for step in OURS:
            flask_migrate.upgrade(revision=step)
            assert seed_rows(demo_database) == before, step

        assert catalogue.read(demo_database) == schema
        figure("G1", "revisions that went down and up again under a demo", len(OURS))
        figure("G1", "rows of the demo that came through unchanged", sum(rows for rows, _sum in before.values()))

    def test_further_down_it_stops_at_the_first_step_that_the_rows_forbid_and_names_them(self, demo_database, caplog):
        flask_migrate.downgrade(revision=LAST_OF_THE_SEED)
        before = seed_rows(demo_database)

        with pytest.raises(SystemExit):
            flask_migrate.downgrade(revision="base")

        with connection(demo_database) as owner:
            ((stopped_at,),) = owner.execute("SELECT version_num FROM alembic_version")
            repeated = owner.execute("SELECT phone FROM leads GROUP BY phone, source_type HAVING count(*) > 1")
            named = [
                str(lead_id)
                for (lead_id,) in owner.execute(
                    "SELECT lead_id FROM leads WHERE phone = ANY (%s)", [[phone for (phone,) in repeated]]
                )
            ]
        assert stopped_at == "g9h10i11j12k13"
        assert "the older schema forbids" in caplog.text
        assert any(lead_id in caplog.text for lead_id in named)
        assert seed_rows(demo_database) == before
