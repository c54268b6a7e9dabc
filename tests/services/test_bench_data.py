"""The office that the benchmarks are made on is one that could have grown by itself."""

import pytest

from bench import lists, naive, office, queries
from tests.factories import sql, tally, value
from tests.races.bursts import broken_rules
from webapp.areas import AREAS
from webapp.services import doctor, leads

pytestmark = pytest.mark.usefixtures("app")

INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"


@pytest.fixture
def size(full):
    return 10_000 if full else 2_000


class TestGenerate:
    def test_every_rule_holds_for_every_row(self, size):
        office.generate(size)

        assert tally("leads") == {"leads": size}
        assert not broken_rules()
        assert doctor.examine() == []

    def test_indexes_and_foreign_keys_are_as_before(self):
        before = sql(INDEXES)
        office.generate(200)

        assert sql(INDEXES) == before
        assert not sql("SELECT nspname FROM pg_namespace WHERE nspname = 'drawn'")

    def test_it_is_spread_as_an_office_is(self, size):
        office.generate(size)

        assert 4 < value("SELECT count(*) FROM lead_activities") / size < 6
        assert value("SELECT count(DISTINCT area) FROM leads, unnest(preferred_areas) area") > len(AREAS) / 2
        assert value("SELECT count(*) - count(DISTINCT phone) FROM leads") / size == pytest.approx(0.025, abs=0.015)
        assert value("SELECT count(DISTINCT lead_id) FROM lead_property_interests") / size > 0.1
        assert value("SELECT count(*) FROM leads WHERE first_name ~ '[\u0621-\u064a]'") > 0
        assert value("SELECT max(active_leads_count) FROM agents") <= 50
        for column, kinds in (("status", 7), ("source_type", 6), ("property_type", 4)):
            assert value(f"SELECT count(DISTINCT {column}) FROM leads") == kinds


class TestQuestions:
    def test_every_question_of_the_bench_can_be_asked(self):
        office.generate(200)

        for ask in queries.questions().values():
            ask()

    def test_the_naive_queries_can_be_asked(self):
        office.generate(200)

        assert all(found["naive ms"] >= 0 for found in naive.measure()["reports"].values())

    def test_the_same_rows_by_key_are_the_same_rows(self):
        office.generate(200)
        by = lists.busiest_agent()

        for filters in lists.singles(by).values():
            page = leads.page(filters, by=by)
            assert lists.compared(filters, by)["rows"] == len(page.rows)
