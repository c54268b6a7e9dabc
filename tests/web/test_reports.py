"""The reports: who sees them, that each number opens the rows it counts, and that the files say what the page says."""

import csv
import io
from datetime import timedelta
from importlib import import_module
from itertools import product
from types import SimpleNamespace

import pytest

from tests.factories import PATH, a_phone, busy, prompt, sql, value
from webapp import clock
from webapp.services.reports import BY_SLUG, REPORTS
from webapp.vocabulary import PropertyType, Source, Status

SLUGS = (
    "conversion-rates",
    "avg-conversion-time",
    "monthly-trends",
    "agent-rankings",
    "revenue-attribution",
    "high-score-not-converted",
    "low-score-converted",
    "source-quality",
    "follow-up-timing",
    "workload-distribution",
    "approaching-capacity",
    "specialized-vs-general",
    "response-time-correlation",
)
EVERY = pytest.mark.parametrize("slug", ("pipeline", "response-times", *SLUGS))
PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
DAY = timedelta(days=1)


@pytest.fixture
def year(aisha, yousef):
    """A year of two agents' leads of all sources, types and fates, answered sooner or later or not at all."""
    sql("UPDATE agents SET specialization_property_type = '{villa}' WHERE full_name = 'Aisha Rahman'")
    ends = (Status.CONVERTED, Status.LOST, Status.NEW, Status.NEGOTIATION, Status.CONVERTED, Status.CONTACTED)
    with prompt() as connection, connection.transaction():
        for number in range(24):
            came_in = clock.now() - number * 15 * DAY - timedelta(minutes=5)
            (lead_id,) = connection.execute(
                "INSERT INTO leads (source_type, first_name, last_name, phone, score, created_at, property_type)"
                " VALUES (%s, '', '', %s, %s, %s, %s) RETURNING lead_id",
                ([*Source][number % 6], a_phone(), number * 9 % 101, came_in, (None, *PropertyType)[number % 5]),
            ).fetchone()
            if number < 21:
                connection.execute(
                    "INSERT INTO lead_assignments (lead_id, agent_id, assigned_at) VALUES (%s, %s, %s)",
                    (lead_id, (aisha, yousef)[number % 2].agent_id, came_in),
                )
            for minutes in (10, 60, 300, 3000, 6000, 6000)[number % 6 : number % 6 + 2][: number % 4]:
                at = min(came_in + timedelta(minutes=minutes), clock.now())
                connection.execute(
                    "INSERT INTO lead_activities (lead_id, agent_id, type, outcome, activity_at, logged_at)"
                    " VALUES (%s, %s, 'call', 'positive', %s, %s)",
                    (lead_id, aisha.agent_id, at, at),
                )
            end = ends[(number * 7 + number // 6) % 6]
            for status in [Status.LOST] if end == Status.LOST else PATH[1 : PATH.index(end) + 1]:
                connection.execute("UPDATE leads SET status = %s WHERE lead_id = %s", (status.value, lead_id))
            connection.execute(
                "UPDATE lead_conversion_history SET deal_value = 1500000, changed_at = %s"
                " WHERE lead_id = %s AND status_to = 'converted'",
                (min(came_in + 9 * DAY, clock.now()), lead_id),
            )


def tables(answer) -> list[list[list[str]]]:
    """The tables of a report as rows of texts, without their headings."""
    return [
        [[" ".join(cell.get_text().split()) for cell in row.select("td")] for row in table.select("tbody tr, tfoot tr")]
        for table in answer.page.select("#report table.data")
    ]


def test_they_stand_in_the_order_of_the_rule():
    assert tuple(report.slug for report in REPORTS) == SLUGS


class TestIndex:
    @pytest.mark.parametrize("who, status", [("mariam", 200), ("omar", 200), ("aisha", 403), ("rashid", 403)])
    def test_who_sees_the_office_finds_all_thirteen(self, another, request, who, status):
        answer = another(request.getfixturevalue(who)).get("reports.index")

        assert answer.status_code == status
        links = [link["href"] for link in answer.page.select("main .report-list a")]
        assert answer.queries <= 4
        assert links == ([f"/reports/{slug}" for slug in SLUGS] if status == 200 else [])

    def test_it_is_in_the_menu_of_managers_only(self, another, aisha, mariam):
        assert another(mariam).get("reports.index").said("nav.side [aria-current=page]") == "Reports"
        assert not another(aisha).get("home.show").page.select("nav.side a[href='/reports']")


@EVERY
class TestShow:
    @PAGE_AND_FRAGMENT
    def test_it_takes_as_many_queries_for_many_leads_as_for_few(self, browser, mariam, aisha, yousef, slug, htmx):
        browser.sign_in(mariam)
        busy(aisha, 1)
        few = browser.get("reports.show", slug=slug, htmx=htmx, target="report")
        busy(aisha, 30)
        busy(yousef, 30)

        many = browser.get("reports.show", slug=slug, htmx=htmx, target="report")

        assert few.queries == many.queries <= 8
        assert many.fills == ("#report" if htmx else None)
        assert bool(many.page.html) is not htmx

    def test_without_anything_to_count_it_says_so(self, browser, mariam, slug):
        page = browser.sign_in(mariam).get("reports.show", slug=slug)

        assert "There is nothing to count here yet." in page.said("#report")
        assert "%" not in page.said("#report")

    def test_agents_and_reception_do_not_see_it(self, another, aisha, rashid, slug):
        for who in (aisha, rashid):
            browser = another(who)
            assert browser.get("reports.show", slug=slug).status_code == 403
            assert browser.get("reports.fetch", slug=slug, kind="csv").status_code == 403
            assert browser.get("reports.fetch", slug=slug, kind="xlsx").status_code == 403


QUERIES = (
    {"date_range": "custom"},
    {"date_range": "12m", "source": "bayut", "at_least": "1"},
    {"date_range": "90d", "property_type": "villa", "agent": "{agent}"},
    {"date_range": "custom", "from": str((clock.today() - 80 * DAY).date()), "to": str(clock.today().date())},
)


def test_each_asks_a_question_and_says_how_it_counts(browser, mariam, year):
    browser.sign_in(mariam)
    for report in BY_SLUG.values():
        page = browser.get("reports.show", slug=report.slug, date_range="custom", at_least="1")

        assert page.page.h1.get_text() == str(report.title)
        assert page.said("#report .lede").endswith("?")
        assert page.page.select("[aria-labelledby=counted] li")
        assert len(page.page.select("#report table.data")) == len(report.tables)


def test_every_number_opens_as_many_leads_as_it_says(browser, mariam, aisha, year):
    browser.sign_in(mariam)
    counted, opening = {}, set()
    for report, asked in product(BY_SLUG.values(), QUERIES):
        query = {name: text.format(agent=aisha.agent_id) for name, text in asked.items()}
        page = browser.get("reports.show", slug=report.slug, **query)
        for link in page.page.select("#report table a"):
            address, number = link["href"], link.get_text(strip=True)
            if address not in counted:
                counted[address] = browser.open("GET", address).counted
            assert counted[address] > 0
            assert number.endswith("%") or int(number) == counted[address], (report.slug, query, link)
            opening.add(report.slug)

    assert opening == {"pipeline", "response-times", *SLUGS}


def read_csv(answer) -> list[list[str]]:
    return [*csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))]


def read_xlsx(answer) -> list[list[str]]:
    sheet = import_module("openpyxl").load_workbook(io.BytesIO(answer.data)).active
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]


class TestHeadline:
    def test_every_report_answers_in_a_sentence_of_its_own_numbers(self, browser, mariam, year):
        browser.sign_in(mariam)
        for slug in BY_SLUG:
            said = browser.get("reports.show", slug=slug, date_range="custom", at_least="1").said("#report .says")
            assert said.endswith("."), slug

    def test_the_first_page_says_them_all_in_few_queries(self, browser, mariam, aisha, year):
        browser.sign_in(mariam)
        asked = {"htmx": True, "target": "report-answers"}
        few = browser.get("reports.index", **asked)
        busy(aisha, 20)

        many, without_scripts = browser.get("reports.index", **asked), browser.get("reports.index", said=1)

        assert few.queries == many.queries <= 9
        assert many.fills == "#report-answers"
        says = [says.get_text() for says in many.page.select(".says")]
        assert [says.get_text() for says in without_scripts.page.select(".says")] == says
        assert len(many.page.select(".says")) == len(BY_SLUG)
        assert not many.page.select(".says .faint, [hx-trigger=load]")
        came = value("SELECT count(*) FROM leads WHERE created_at >= %s", clock.today() - 30 * DAY)
        assert all(f" of {came} leads" in says for says in says[:2])

    def test_without_anything_to_count_it_says_so(self, browser, mariam):
        said = {p.get_text() for p in browser.sign_in(mariam).get("reports.index", said=1).page.select(".says")}

        assert said == {"Nothing to count in the last 30 days."}

    def test_of_equals_it_names_nobody(self, browser, mariam, aisha, yousef):
        for who, source in ((aisha, "bayut"), (yousef, "website")):
            a_closed_lead(who, source, Status.CONVERTED)
            a_closed_lead(who, source, Status.LOST)

        said = browser.sign_in(mariam).get("reports.show", slug="conversion-rates").said("#report .says")

        assert said == "2 are equal at the top: 50% each."


def a_closed_lead(who, source: str, status: Status) -> None:
    with prompt() as connection:
        (lead_id,) = connection.execute(
            "INSERT INTO leads (source_type, first_name, last_name, phone) VALUES (%s, '', '', %s) RETURNING lead_id",
            (source, a_phone()),
        ).fetchone()
        connection.execute("INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%s, %s)", (lead_id, who.agent_id))
        for step in [Status.LOST] if status == Status.LOST else PATH[1:]:
            connection.execute("UPDATE leads SET status = %s WHERE lead_id = %s", (step.value, lead_id))


class TestPages:
    def test_its_bars_are_as_long_as_their_numbers_on_a_phone_too(self, browser, mariam, year):
        page = browser.sign_in(mariam).get("reports.show", slug="pipeline", date_range="custom").page
        (stages, *_rest) = page.select("#report figure")
        (reached, *_rest) = page.select("#report table")
        lines = [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in reached.select("tbody tr")]
        counts = {name: int(count) for name, count, *_numbers in lines}
        drawn = {bar.span.get_text(strip=True): bar.select("rect") for bar in stages.select(".lying li")}

        assert {name: float(bars[0]["width"]) for name, bars in drawn.items()} == {
            name: round(100 * count / max(counts.values()), 1) for name, count in counts.items()
        }
        assert all(float(bars[1]["width"]) <= float(bars[0]["width"]) for bars in drawn.values() if len(bars) > 1)
        assert "only-phone" in stages.select_one(".lying")["class"] and "not-phone" in stages.svg["class"]

    def test_an_office_of_many_agents_comes_in_pages_with_the_whole_in_each_total(self, browser, mariam):
        sql(
            "INSERT INTO agents (full_name, email, phone) SELECT 'Agent ' || lpad(n::text, 3, '0'),"
            " n || '@desk.example', '+97150' || (1000000 + n) FROM generate_series(1, 120) n"
        )
        busy(SimpleNamespace(agent_id=value("SELECT agent_id FROM agents WHERE full_name = 'Agent 120'")), 3)
        browser.sign_in(mariam)
        seen, address = [], "/reports/workload-distribution"
        while address:
            page = browser.open("GET", address)
            (rows,) = tables(page)
            seen += [row[0] for row in rows[:-1]]
            assert len(rows) <= 51
            assert rows[-1][:2] == ["All", "3"]
            assert "16 of 120 are drawn" in page.said("#report figcaption")
            assert len(page.page.select("#report .lying li")) == 16
            following = page.page.select_one("#report a[rel=next]")
            address = following and following["href"]

        assert seen[0] == "Agent 120"
        assert len(seen) == len({*seen}) == 120

    def test_a_page_that_is_not_there_still_says_the_whole(self, browser, mariam, aisha):
        busy(aisha, 2)

        page = browser.sign_in(mariam).get("reports.show", slug="workload-distribution", start=500)

        assert tables(page) == [[["All", "2", "2", "0", "0", "0", "0"]]]


class TestFetch:
    def test_both_files_hold_the_tables_of_the_page(self, browser, mariam, year):
        browser.sign_in(mariam)
        query = {"date_range": "custom", "at_least": "1"}
        for slug, (kind, read) in product(BY_SLUG, (("csv", read_csv), ("xlsx", read_xlsx))):
            page = browser.get("reports.show", slug=slug, **query)
            rows = [row for row in read(browser.get("reports.fetch", slug=slug, kind=kind, **query)) if any(row)]
            lengths = [len(table) for table in tables(page)]

            kept = [row for table in self.split(rows, lengths) for row in table]
            shown = [cells for table in tables(page) for cells in table]

            assert len(kept) == len(shown)
            for row, cells in zip(kept, shown, strict=True):
                self.same(row, cells)

    def split(self, rows, lengths):
        """The rows of each table, without its title and headings."""
        for length in lengths:
            yield rows[2 : 2 + length]
            rows = rows[2 + length :]
        assert not rows

    def same(self, row, cells):
        """Names, counts, amounts and rates as the page has them, and nothing for a dash."""
        names = 2 if row[0] == "All" and not row[1] else 1
        row = row[names - 1 :]
        for said, shown in zip(row[1:], cells[1:], strict=False):
            number = shown.removesuffix("%").replace(",", "")
            if shown == "–":
                assert said == "", (row, cells)
            elif number.replace(".", "").isdigit():
                assert float(said) == pytest.approx(float(number), abs=0.5 if "," in shown else 0.001), (row, cells)

    def test_who_took_it_is_kept(self, browser, mariam, year):
        browser.sign_in(mariam)

        answer = browser.get("reports.fetch", slug="conversion-rates", kind="xlsx", source="bayut")

        assert answer.headers["Content-Disposition"].startswith('attachment; filename="conversion-rates-')
        kept = value("SELECT after FROM audit_entries WHERE verb = 'reports.export'")
        assert kept == {"report": "conversion-rates", "format": "xlsx", "filters": {"source": "bayut"}}

    def test_another_kind_or_report_is_not_here(self, browser, mariam):
        browser.sign_in(mariam)
        for url in ("/reports/conversion-rates.pdf", "/reports/nonsense", "/reports/nonsense.csv"):
            assert browser.open("GET", url).status_code == 404


NOT_UNDERSTOOD = (
    ({"date_range": "1y", "agent": "nobody", "property_type": "castle", "source": "\x00"}, ""),
    ({"date_range": "90d"}, ""),
    ({"date_range": "7d", "source": "bayut", "at_least": "30"}, "date_range=7d&source=bayut"),
    ({"date_range": "custom", "from": "0001-01-01", "to": "9999-12-31"}, "date_range=custom"),
    (
        {"date_range": "custom", "from": "0002-01-01", "to": "9998-01-01"},
        "date_range=custom&from=0002-01-01&to=9998-01-01",
    ),
)


def test_what_is_not_understood_is_ignored_and_left_out_of_the_address(browser, mariam, year):
    browser.sign_in(mariam)
    for query, kept in NOT_UNDERSTOOD:
        for slug in ("conversion-rates", "monthly-trends"):
            answer = browser.get("reports.show", slug=slug, htmx=True, target="report", **query)

            assert answer.status_code == 200
            if slug == "conversion-rates":
                assert answer.headers["HX-Push-Url"].partition("?")[2] == kept


def test_a_period_that_ends_before_it_begins_says_so(browser, mariam, year):
    query = {"date_range": "custom", "from": "2026-02-01", "to": "2026-01-01"}

    answer = browser.sign_in(mariam).get("reports.show", slug="monthly-trends", **query)

    assert "The period ends before it begins." in answer.said("#report [role=alert]")
    assert "There is nothing to count here yet." in answer.said("#report")


class TestActivities:
    def test_the_activities_behind_a_number_are_listed_in_few_queries(self, browser, mariam, aisha, year):
        browser.sign_in(mariam)

        every = browser.get("reports.activities", date_range="custom")
        some = browser.get("reports.activities", date_range="custom", wait="3d", outcome="positive")

        assert 0 < len(some.page.select("tbody tr")) < len(every.page.select("tbody tr"))
        assert every.counted == len(every.page.select("tbody tr"))
        assert "Pause: 1 to 3 days, Outcome: Positive, All time" in some.said()
        assert every.queries == some.queries <= 8

    def test_where_there_are_none_it_says_so(self, browser, mariam):
        answer = browser.sign_in(mariam).get("reports.activities", wait="nonsense")

        assert "There is nothing to count here yet." in answer.said()
