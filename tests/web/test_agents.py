"""An agent's figures: who sees whose, what they say, and that each number opens the rows it counts."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.factories import a_lead, backdated, brought_to, busy, sql
from webapp import clock
from webapp.vocabulary import Source, Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
DAY = timedelta(days=1)


def tile(answer, label: str):
    """The tile with this label."""
    (found,) = [tile for tile in answer.page.select(".tiles > li") if tile.select_one(".l").get_text() == label]
    return found


def n(answer, label: str) -> str:
    return tile(answer, label).select_one(".n").get_text(strip=True)


@pytest.fixture
def year(aisha, yousef):
    """Aisha's year: leads of many ages, sources and fates, and one that Yousef has now."""
    ages = iter((0, 3, 12, 40, 41, 75, 160, 300))
    for status in (Status.CONTACTED, Status.LOST, Status.CONVERTED, Status.CONVERTED, Status.NEW, Status.NEGOTIATION):
        source = Source.BAYUT if status.is_closed else Source.REFERRAL
        lead = backdated(brought_to(a_lead(source=source), status), days=next(ages), minutes=5)
        if status != Status.NEW:
            sql(
                "INSERT INTO lead_activities (lead_id, agent_id, type, activity_at, logged_at)"
                " VALUES (%s, %s, 'call', %s, %s)",
                lead.lead_id,
                aisha.agent_id,
                *[lead.created_at + timedelta(hours=1)] * 2,
            )
    sql("UPDATE lead_conversion_history SET deal_value = 1500000 WHERE status_to = 'converted'")
    gone = a_lead()
    sql(
        "UPDATE lead_assignments SET agent_id = %s, reassigned_at = now() WHERE lead_id = %s",
        yousef.agent_id,
        gone.lead_id,
    )
    sql("UPDATE follow_up_tasks SET due_date = due_date - interval '3 days' WHERE lead_id = ANY(%s)", late_leads())


def late_leads() -> list:
    return [row.lead_id for row in sql("SELECT lead_id FROM leads WHERE status = 'contacted'")]


@PAGE_AND_FRAGMENT
class TestShow:
    def test_the_figures_of_a_year(self, browser, aisha, year, htmx):
        answer = browser.sign_in(aisha).get("agents.show", agent_id=aisha.agent_id, htmx=htmx, target="figures")

        assert answer.page.h1.get_text() == "One follow-up is overdue."
        assert {label: n(answer, label) for label in ("active leads", "overdue follow-ups", "average score")} == {
            "active leads": "3",
            "overdue follow-ups": "1",
            "average score": str(round(sum(row.score for row in own_leads(aisha)) / 6)),
        }
        assert n(answer, "conversions this month") == "2"
        assert n(answer, "conversion rate") == "28.6%"
        assert "2 of 7 leads, one of them given away" in tile(answer, "conversion rate").get_text()
        assert n(answer, "median first answer") == "1 h"
        assert "mean 1 h, 5 of 6 leads answered" in " ".join(tile(answer, "median first answer").get_text().split())
        assert n(answer, "average deal") == "AED 1.5M"
        assert "2 conversions, AED 3M" in tile(answer, "average deal").get_text()
        assert n(answer, "place in response time") == "–"
        assert answer.fills == ("#figures" if htmx else None)
        assert bool(answer.page.html) is not htmx

    @pytest.mark.parametrize("who", ["aisha", "mariam"])
    def test_it_takes_as_many_queries_for_many_leads_as_for_none(self, browser, request, aisha, htmx, who):
        browser.sign_in(request.getfixturevalue(who))
        none = browser.get("agents.show", agent_id=aisha.agent_id, htmx=htmx, target="figures")
        busy(aisha, 30)

        many = browser.get("agents.show", agent_id=aisha.agent_id, htmx=htmx, target="figures")

        assert (n(none, "active leads"), n(many, "active leads")) == ("0", "30")
        assert none.queries == many.queries == 7 + (not htmx)

    def test_an_agent_without_leads_has_dashes_and_no_naught_per_cent(self, browser, aisha, htmx):
        answer = browser.sign_in(aisha).get("agents.show", agent_id=aisha.agent_id, htmx=htmx, target="figures")

        assert answer.page.h1.get_text() == "No active leads."
        for label in ("conversion rate", "median first answer", "average deal", "average score"):
            assert n(answer, label) == "–"
        assert "No leads yet." in answer.said("#figures")
        assert "%" not in answer.said("#figures")

    def test_the_place_among_peers_names_nobody_else(self, browser, aisha, yousef, htmx):
        for who, hours in ((aisha, 3), (yousef, 1)):
            sql(
                "INSERT INTO agent_performance_metrics (agent_id, average_response_time) VALUES (%s, %s)",
                who.agent_id,
                timedelta(hours=hours),
            )

        answer = browser.sign_in(aisha).get("agents.show", agent_id=aisha.agent_id, htmx=htmx, target="figures")

        assert n(answer, "place in response time") == "2nd of 2"
        assert "Yousef" not in answer.text

    @pytest.mark.parametrize("whose", ["a colleague's", "nobody's"])
    def test_anybody_elses_are_missing(self, browser, aisha, yousef, htmx, whose):
        agent_id = yousef.agent_id if whose == "a colleague's" else uuid4()

        answer = browser.sign_in(aisha).get("agents.show", agent_id=agent_id, htmx=htmx)

        assert answer.status_code == 404

    @pytest.mark.parametrize("who, status", [("mariam", 200), ("omar", 200), ("rashid", 403)])
    def test_who_sees_all_leads_sees_all_figures_and_reception_none(self, request, another, aisha, htmx, who, status):
        answer = another(request.getfixturevalue(who)).get("agents.show", agent_id=aisha.agent_id, htmx=htmx)

        assert answer.status_code == status
        if status == 200:
            assert "Aisha Rahman" in answer.said("#figures .eyebrow")

    def test_a_period_that_ends_before_it_begins_says_so(self, browser, aisha, lead, htmx):
        query = {"date_range": "custom", "from": "2026-02-01", "to": "2026-01-01"}

        answer = browser.sign_in(aisha).get(
            "agents.show", agent_id=aisha.agent_id, htmx=htmx, target="figures", **query
        )

        assert "The period ends before it begins." in answer.said("#figures [role=alert]")
        assert n(answer, "active leads") == "0"


NOT_UNDERSTOOD = (
    ({"date_range": "1y"}, ""),
    ({"date_range": "custom", "from": "nonsense", "to": "2026-13-01"}, "date_range=custom"),
    ({"status": "x", "source": "\x00", "unknown": "1"}, ""),
    ({"from": "2026-01-01"}, ""),
    ({"date_range": "custom", "from": "0001-01-01", "to": "9999-12-31"}, "date_range=custom"),
    ({"date_range": "7d", "status": "active", "source": "bayut"}, "date_range=7d&status=active&source=bayut"),
    (
        {"date_range": "custom", "from": "0002-01-01", "to": "9998-01-01"},
        "date_range=custom&from=0002-01-01&to=9998-01-01",
    ),
)


def test_what_is_not_understood_is_ignored_and_left_out_of_the_address(browser, aisha, lead):
    browser.sign_in(aisha)
    for query, kept in NOT_UNDERSTOOD:
        answer = browser.get("agents.show", agent_id=aisha.agent_id, htmx=True, target="figures", **query)

        assert answer.status_code == 200
        assert answer.headers["HX-Push-Url"].partition("?")[2] == kept


def own_leads(who) -> list:
    return sql("SELECT * FROM leads WHERE owner_id = %s", who.agent_id)


QUERIES = (
    {},
    {"date_range": "7d"},
    {"date_range": "30d", "status": "active"},
    {"date_range": "90d", "source": "bayut"},
    {"status": "lost", "source": "bayut"},
    {
        "date_range": "custom",
        "from": str((clock.today() - 80 * DAY).date()),
        "to": str((clock.today() - 10 * DAY).date()),
    },
)


class TestDrillThrough:
    @pytest.mark.parametrize("who, queries", [("aisha", QUERIES), ("mariam", QUERIES[:2])], ids=["aisha", "mariam"])
    def test_every_number_opens_as_many_rows_as_it_says(self, browser, request, aisha, year, who, queries):
        browser.sign_in(request.getfixturevalue(who))
        for query in queries:
            page = browser.get("agents.show", agent_id=aisha.agent_id, **query)
            said = {(link["href"], self.said(link)) for link in page.page.select("#figures a[href^='/leads?']")}
            assert len(said) >= 2

            found = {address: browser.open("GET", address).counted for address, _number in said}

            assert said == set(found.items()), query
            for name in ("overdue", "pending"):
                section = page.page.select_one(f"[aria-labelledby={name}]")
                assert len(section.select("ol > li")) == int(section.select_one(".count").get_text())
            assert n(page, "overdue follow-ups") == page.page.select_one("[aria-labelledby=overdue] .count").get_text()

    def said(self, link) -> int:
        """The number that a link counts: its own, or where it is a rate or an average, that of the words beside it."""
        number = link.select_one(".n")
        words = (link if number is None else link.parent.p if self.is_mean(number) else number).get_text().split()
        found = [word for word in words if word.isdigit()]
        return int(found[0]) if found else 1

    def is_mean(self, number) -> bool:
        label = number.parent.select_one(".l").get_text()
        return label in ("conversion rate", "average deal", "average score")


class TestMenu:
    def test_agents_find_their_figures_in_it(self, browser, another, aisha, mariam):
        here = browser.sign_in(aisha).get("agents.show", agent_id=aisha.agent_id)

        assert here.said("nav.side [aria-current=page]") == "My figures"
        assert not another(mariam).get("home.show").page.select("nav.side a[href^='/agents/']")

    def test_without_a_row_of_agents_there_is_no_line(self, browser, aisha):
        sql("UPDATE users SET agent_id = NULL WHERE user_id = %s", aisha.user_id)

        assert not browser.sign_in(aisha).get("home.show").page.select("nav.side a[href^='/agents/']")
