"""The agents to choose one of, as pages fetch them that htmx asked for."""

import pytest

from tests.factories import an_agent, sql


@pytest.fixture
def many(app, aisha, mariam):
    """Two hundred and five agents, Aisha the first by name."""
    sql("""INSERT INTO agents (full_name, email, phone)
           SELECT 'B' || lpad(n::text, 3, '0'), n || '@agents.example', '+97156' || lpad(n::text, 7, '0')
           FROM generate_series(1, 204) n""")


class TestChoices:
    def test_everybody_comes_once_a_hundred_at_a_time(self, browser, mariam, many):
        browser.sign_in(mariam)
        url, seen, answers = "/agents/choices", [], 0
        while url:
            answer = browser.open("GET", url, htmx=True, target="whose")
            seen += [option["value"] for option in answer.page.select("option[value]")]
            to_come = answer.page.select_one("option[hx-get]")
            url, answers = to_come and to_come["hx-get"], answers + 1
            assert answer.queries == 2

        assert answers == 3
        assert len(seen) == len(set(seen)) == 205

    def test_who_is_chosen_already_is_left_out(self, browser, mariam, aisha, many):
        answer = browser.sign_in(mariam).get("agents.choices", but=aisha.agent_id)

        assert "Aisha Rahman" not in answer.text
        assert len(answer.page.select("option[value]")) == 99

    def test_how_many_leads_they_hold_is_told_to_managers_alone(self, browser, another, aisha, mariam):
        assert "Aisha Rahman · 0/50" in browser.sign_in(mariam).get("agents.choices", load=1).text
        assert another(aisha).get("agents.choices", load=1).text.count("/50") == 0

    @pytest.mark.parametrize("query", [{"start": "x"}, {"start": "-1"}, {"start": "\x00"}, {"but": "nobody"}])
    def test_what_is_not_understood_is_ignored(self, browser, mariam, aisha, query):
        assert "Aisha Rahman" in browser.sign_in(mariam).get("agents.choices", **query).text

    @pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
    def test_a_long_list_is_on_a_page_and_fetched_by_a_fragment(self, browser, mariam, many, htmx):
        an_agent("Chosen One")

        select = browser.sign_in(mariam).get("leads.index", htmx=htmx, all="1").page.select_one("#filter-owner")

        assert len(select.select("option")) == (2 if htmx else 208)
        assert select.has_attr("hx-get") is htmx
