"""Two leads side by side, made one, and two again."""

import pytest

from tests.factories import a_lead, brought_to, sql, tally, value
from webapp.services import merges
from webapp.services.merges import Wish
from webapp.vocabulary import Side, Source, Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@pytest.fixture
def two(aisha, yousef):
    """Two leads of Aisha's who may be one person; Yousef is there too."""
    sql("UPDATE agents SET on_duty = true")
    first = a_lead(source=Source.BAYUT, by=aisha, first_name="Layla", last_name="Haddad", nationality="UAE")
    return first, a_lead(source=Source.REFERRAL, by=aisha, first_name="ليلى", last_name="حداد", email="l@example.com")


def form(first, other, **more) -> dict:
    return {"survivor": "lead", "version": "1", "other_version": "1"} | more


class TestCompare:
    @PAGE_AND_FRAGMENT
    def test_both_stand_side_by_side_and_what_differs_is_asked(self, browser, mariam, two, htmx):
        first, other = two
        answer = browser.sign_in(mariam).get(
            "merges.compare", lead_id=first.lead_id, other_id=other.lead_id, htmx=htmx, target="main"
        )

        assert answer.status_code == 200
        asked = {radio["name"] for radio in answer.page.select("#merge-form input[type=radio]")}
        assert asked == {"survivor", "keep_name", "keep_phone", "keep_email", "keep_nationality"}
        chosen = {radio["name"]: radio["value"] for radio in answer.page.select("#merge-form input[checked]")}
        assert chosen.pop("keep_email") == "other" and {*chosen.values()} == {"lead"}
        assert answer.queries <= 8

    def test_the_open_one_stays_without_a_question_and_a_deal_is_warned_of(self, browser, mariam, two):
        first, other = two
        brought_to(first, Status.CONVERTED)
        sql("UPDATE lead_conversion_history SET deal_value = 1250000 WHERE status_to = 'converted'")
        answer = browser.sign_in(mariam).get("merges.compare", lead_id=first.lead_id, other_id=other.lead_id)

        assert answer.page.select_one("#merge-form input[type=hidden][name=survivor]")["value"] == "other"
        assert "stays: it is open" in answer.said("#merge-form")
        assert "1,250,000" in answer.said("#merge-form") and "counts in no figure" in answer.said("#merge-form")

    @pytest.mark.row("Z6")
    def test_whoever_may_not_see_one_of_them_finds_nothing(self, browser, aisha, yousef, two):
        his = a_lead(by=yousef)
        browser.sign_in(aisha)
        for pair in ((two[0], his), (his, two[0])):
            ids = {"lead_id": pair[0].lead_id, "other_id": pair[1].lead_id}
            assert browser.get("merges.compare", **ids).status_code == 404
            assert browser.post("merges.make", form(*pair), **ids).status_code == 404
        assert tally("leads", "merges") == {"leads": 3, "merges": 0}


class TestMake:
    @PAGE_AND_FRAGMENT
    def test_it_ends_on_the_lead_that_stays_which_tells_of_it(self, browser, mariam, two, htmx):
        first, other = two
        ids = {"lead_id": first.lead_id, "other_id": other.lead_id}
        browser.sign_in(mariam)
        page = browser.post("merges.make", form(first, other, keep_name="other"), htmx=htmx, target="main", **ids)

        assert (page.hops[0][0], page.path) == (303, f"/leads/{first.lead_id}")
        assert page.said("h1") == "ليلى حداد"
        assert f"#{other.number} is part of this lead." in page.said(".merged")
        assert other.phone in str(page.page.select_one(".merged"))
        assert f"Merged with #{other.number} by you" in page.said("#story")
        assert f"Merged with #{other.number}. For 30 days this can be undone." in page.text

    def test_the_others_address_leads_there_and_writing_to_it_is_told(self, browser, mariam, two):
        first, other = two
        made(first, other, mariam)
        browser.sign_in(mariam)

        answer = browser.get("leads.show", lead_id=other.lead_id)
        assert (answer.hops[0][0], answer.path) == (302, f"/leads/{first.lead_id}")
        late = browser.post("activities.log", {"type": "call"}, lead_id=other.lead_id)
        assert late.status_code == 409 and f"merged into #{first.number}" in late.text

    def test_who_is_second_is_told(self, browser, mariam, two):
        first, other = two
        sql("UPDATE leads SET version = 2 WHERE lead_id = %s", first.lead_id)
        ids = {"lead_id": first.lead_id, "other_id": other.lead_id}
        browser.sign_in(mariam)
        stale = browser.post("merges.make", form(first, other), **ids)
        assert stale.status_code == 409 and "Compare them again" in stale.said("#merge-form")

        made(first, other, mariam)
        again = browser.post("merges.make", form(first, other), **ids)
        assert again.status_code == 409 and f"merged into #{first.number}" in again.text

    def test_nothing_but_the_two_sides_can_be_chosen(self, browser, mariam, two):
        ids = {"lead_id": two[0].lead_id, "other_id": two[1].lead_id}
        answer = browser.sign_in(mariam).post("merges.make", form(*two, survivor="third", keep_name="neither"), **ids)

        assert answer.status_code == 422 and value("SELECT count(*) FROM leads") == 2


class TestUndo:
    def test_it_says_that_both_are_back(self, browser, mariam, two):
        first, other = two
        merge_id = made(first, other, mariam)
        browser.sign_in(mariam)
        shown = browser.get("leads.show", lead_id=first.lead_id)
        assert shown.page.select_one(f"form[action='/merges/{merge_id}/undo']")

        assert "Two leads again. Both are as they were." in browser.post("merges.undo", {}, merge_id=merge_id).text
        assert browser.get("leads.show", lead_id=other.lead_id).status_code == 200

    def test_whoever_cannot_undo_it_is_not_offered_to(self, browser, mariam, aisha, yousef, two):
        his = a_lead(by=yousef)
        made(two[0], his, mariam)

        shown = browser.sign_in(aisha).get("leads.show", lead_id=two[0].lead_id)
        assert shown.queries <= 8
        assert "is part of this lead" in shown.said(".merged") and not shown.page.select(".merged form")


def made(first, other, by):
    versions = tuple(value("SELECT version FROM leads WHERE lead_id = %s", one.lead_id) for one in (first, other))
    return merges.make(first.lead_id, other.lead_id, Wish(Side.LEAD, versions), by=by).merge_id
