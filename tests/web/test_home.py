"""The first page, by role."""

import re

import pytest

from tests.factories import a_lead, busy, sql
from tests.web.browser import controls

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@PAGE_AND_FRAGMENT
class TestHome:
    def test_an_empty_office_shows_three_steps(self, browser, omar, htmx):
        answer = browser.sign_in(omar).get("home.show", htmx=htmx)

        assert "Three steps" in answer.page.h1.get_text()
        assert answer.page.select("ol.steps li")[0]["class"] == ["is-now"]
        assert answer.queries == (2 if htmx else 3)
        assert answer.page.select_one("ol.steps a[href='/agents/new']")

    def test_with_agents_and_users_it_is_the_morning_board(self, browser, omar, aisha, htmx):
        answer = browser.sign_in(omar).get("home.show", htmx=htmx, target="desk")

        assert answer.page.h1.get_text() == "Everybody is looked after."
        assert answer.path == "/desk"
        assert answer.fills == ("#desk" if htmx else None)
        assert bool(answer.page.html) is not htmx

    @pytest.mark.parametrize("who, target, queries", [("aisha", "my-day", 8), ("mariam", "desk", 7)])
    def test_it_takes_as_many_queries_for_25_as_for_1(self, browser, request, aisha, htmx, who, target, queries):
        browser.sign_in(request.getfixturevalue(who))
        a_lead()
        one = browser.get("home.show", htmx=htmx, target=target)
        busy(aisha, 24)
        sql(
            """INSERT INTO follow_up_tasks (lead_id, agent_id, type, priority, due_date)
               SELECT lead_id, %s, 'call', 'low', now() - row_number() OVER () * interval '1 day' FROM leads""",
            aisha.agent_id,
        )
        sql("INSERT INTO visits (enquiry_id, lead_id) SELECT enquiry_id, lead_id FROM enquiries")
        sql(
            "INSERT INTO lead_activities (lead_id, agent_id, type) SELECT lead_id, %s, 'call' FROM leads",
            aisha.agent_id,
        )

        many = browser.get("home.show", htmx=htmx, target=target)

        assert many.fills == (f"#{target}" if htmx else None)
        assert one.queries == many.queries == (queries if htmx else queries + 1)

    def test_the_figures_open_as_many_rows_as_they_say(self, browser, mariam, aisha, htmx):
        busy(aisha, 3)
        a_lead()
        page = browser.sign_in(mariam).get("home.show", htmx=htmx, target="desk").page
        for link in page.select("ul.stats a, #unowned + a"):
            rows = browser.open("GET", link["href"]).page.select("#lead-list tbody tr")
            assert len(rows) == int(re.search(r"\d+", link.get_text()).group()), link


class TestEverythingInArabic:
    def test_every_page_is_whole(self, browser, mariam, aisha, rashid, lead):
        sql("UPDATE users SET language = 'ar'")
        for who, endpoints in ((mariam, ("home.show", "leads.index", "leads.new")), (rashid, ("front_desk.show",))):
            browser.sign_in(who)
            for endpoint in (*endpoints, "notifications.index", "users.account"):
                assert browser.get(endpoint).page.html["dir"] == "rtl"
            assert browser.get("leads.show", lead_id=lead.lead_id).status_code == (200 if who is mariam else 404)
            browser.client.delete_cookie("desk")


class TestMyDay:
    def test_a_call_is_planned_with_one_press_and_the_row_is_gone(self, browser, aisha, lead):
        browser.sign_in(aisha).post("activities.log", {"type": "call"}, lead_id=lead.lead_id)
        sql("UPDATE follow_up_tasks SET status = 'completed'")
        day = browser.get("home.show")
        form = day.page.select_one("[aria-labelledby=unplanned] form")

        after = browser.open("POST", form["action"], data=controls(form))

        assert after.path == "/"
        assert not after.page.select("[aria-labelledby=unplanned]")
        assert sql("SELECT next_step_type FROM leads") == [("call",)]
