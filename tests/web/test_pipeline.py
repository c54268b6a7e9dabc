"""Moving a lead along the status path."""

import pytest

from tests.factories import brought_to, sql, value
from webapp.services import listings
from webapp.services.access import SYSTEM
from webapp.vocabulary import Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@PAGE_AND_FRAGMENT
class TestMove:
    def test_the_next_step_is_one_press(self, browser, aisha, lead, htmx):
        answer = browser.sign_in(aisha).post("pipeline.move", lead_id=lead.lead_id, htmx=htmx)

        assert answer.path == f"/leads/{lead.lead_id}"
        assert answer.fills == ("#main" if htmx else None)
        assert answer.said(".stepper [aria-current=step]").startswith("Contacted")
        assert "Now Contacted." in answer.said("#toasts")

    def test_whoever_was_slower_is_told_what_it_is_now(self, browser, another, aisha, mariam, lead, unchanged, htmx):
        mine, theirs = browser.sign_in(aisha), another(mariam)
        mine.get("leads.show", lead_id=lead.lead_id)
        theirs.post("pipeline.move", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = mine.post("pipeline.move", lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert "Somebody was faster: this lead is Contacted now." in answer.said("main [role=alert]")
        assert answer.said(".stepper [aria-current=step]").startswith("Contacted")
        assert answer.fills == ("#main" if htmx else None)
        assert unchanged

    @pytest.mark.parametrize("status", ["qualified", "viewing_scheduled", "negotiation", "new"])
    def test_a_step_that_the_path_does_not_have_is_refused(self, browser, aisha, lead, unchanged, htmx, status):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("pipeline.move", {"status": status}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert "A lead cannot go from New to" in answer.said("main [role=alert]")
        assert unchanged

    @pytest.mark.parametrize(
        "sent", [{"status": "gone"}, {"status_from": "gone"}, {"status": None}, {"status_from": None}]
    )
    def test_a_status_that_is_none_is_refused_in_words(self, browser, aisha, lead, unchanged, htmx, sent):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("pipeline.move", sent, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 422
        assert "Choose one" in answer.said("main [role=alert]")
        assert unchanged

    def test_a_viewing_may_go_back(self, browser, aisha, lead, htmx):
        brought_to(lead, Status.VIEWING_SCHEDULED)

        answer = browser.sign_in(aisha).post("pipeline.move", {"status": "qualified"}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.said(".stepper [aria-current=step]").startswith("Qualified")


@PAGE_AND_FRAGMENT
class TestConverted:
    DEAL = {"conversion_type": "sale", "deal_value": "2.5M", "notes": "Signed today"}

    @pytest.fixture
    def asked(self, browser, aisha, lead):
        """Aisha's browser, before the question."""
        brought_to(lead, Status.NEGOTIATION)
        return browser.sign_in(aisha)

    def test_the_page_is_the_question_and_says_that_it_is_final(self, asked, lead, htmx):
        answer = asked.get("pipeline.ask", lead_id=lead.lead_id, status="converted", htmx=htmx)

        assert answer.page.h1.get_text() == "What was agreed?"
        assert "This is final" in answer.said()
        assert answer.fills == ("#main" if htmx else None)
        assert answer.queries == (3 if htmx else 4)

    def test_it_closes_the_lead_and_cancels_what_is_open(self, asked, lead, htmx):
        asked.get("pipeline.ask", lead_id=lead.lead_id, status="converted")

        answer = asked.post("pipeline.move", self.DEAL, lead_id=lead.lead_id, htmx=htmx)

        assert answer.said(".stepper [aria-current=step]").startswith("Converted")
        assert "AED 2,500,000" in answer.said(".story")
        assert "This lead is closed." in answer.said()
        assert not answer.page.select("#activity-form, #task-form, #assignment-form")
        assert "Closed: nothing is left to do." in answer.said("section[aria-labelledby=steps]")

    def test_the_property_is_found_by_its_reference_and_named_in_the_history(self, asked, lead, htmx):
        listing = listings.add("AP-S-7", by=SYSTEM, title="Studio with a view")
        sql("UPDATE lead_sources SET property_id = %s", listing.property_id)
        question = asked.get("pipeline.ask", lead_id=lead.lead_id, status="converted", htmx=htmx)
        assert question.page.select_one("datalist option")["value"] == "AP-S-7"

        answer = asked.post("pipeline.move", self.DEAL | {"property_id": "ap-s-7"}, lead_id=lead.lead_id, htmx=htmx)

        assert "Studio with a view AP-S-7" in answer.said(".story")
        assert value("SELECT property_id FROM lead_conversion_history WHERE status_to = 'converted'") == (
            listing.property_id
        )

    @pytest.mark.parametrize(
        "sent, field, said",
        [
            ({"property_id": "AP-404"}, "property_id", "No property has this reference."),
            ({"conversion_type": None}, "conversion_type", "Sale or rental?"),
            ({"conversion_type": "lost"}, "conversion_type", "Choose one of the list"),
            ({"deal_value": ""}, "deal_value", "Say for how much"),
            ({"deal_value": "much"}, "deal_value", "Write the amount"),
            ({"deal_value": "0"}, "deal_value", "above zero"),
            ({"notes": "x" * 2001}, "notes", "At most 2000"),
        ],
    )
    def test_a_refusal_is_said_at_its_field(self, asked, lead, unchanged, htmx, sent, field, said):
        asked.get("pipeline.ask", lead_id=lead.lead_id, status="converted")
        unchanged.from_now()

        answer = asked.post("pipeline.move", self.DEAL | sent, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 422
        assert answer.page.h1.get_text() == "What was agreed?"
        assert said in answer.said(f"main [id={field}-error]")
        if "deal_value" not in sent:
            assert answer.page.select_one("[name=deal_value]")["value"] in ("2.5M", "2500000")
        if "notes" not in sent:
            assert answer.page.select_one("[name=notes]").get_text(strip=True) == "Signed today"
        assert unchanged

    def test_without_the_question_before_it_is_asked(self, asked, lead, unchanged, htmx):
        asked.get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = asked.post(
            "pipeline.move",
            {"status_from": "negotiation", "status": "converted", **asked.tokens()},
            lead_id=lead.lead_id,
            htmx=htmx,
        )

        assert answer.status_code == 422
        assert answer.page.h1.get_text() == "What was agreed?"
        assert unchanged


@PAGE_AND_FRAGMENT
class TestLost:
    def test_it_asks_for_the_reason_and_keeps_it(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).get("pipeline.ask", lead_id=lead.lead_id, status="lost")
        assert browser.last.h1.get_text() == "Why was it lost?"

        answer = browser.post(
            "pipeline.move", {"lost_reason": "price", "notes": "Too dear"}, lead_id=lead.lead_id, htmx=htmx
        )

        assert "Lost" in answer.said(".stepper [aria-current=step]")
        assert sql("SELECT lost_reason, notes, conversion_type FROM lead_conversion_history") == [
            ("price", "Too dear", "lost")
        ]

    def test_without_a_reason_it_is_asked_again(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).get("pipeline.ask", lead_id=lead.lead_id, status="lost")
        unchanged.from_now()

        answer = browser.post("pipeline.move", {"notes": "Kept"}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 422
        assert "Choose the reason" in answer.said("[id=lost_reason-error]")
        assert answer.page.select_one("[name=notes]").get_text(strip=True) == "Kept"
        assert unchanged

    @pytest.mark.parametrize("status", ["converted", "qualified", "nonsense", "", "\x00"])
    def test_asking_for_what_cannot_come_next_shows_the_lead(self, browser, aisha, lead, htmx, status):
        answer = browser.sign_in(aisha).get("pipeline.ask", lead_id=lead.lead_id, status=status, htmx=htmx)

        assert answer.status_code == 200
        assert answer.page.h1.get_text() == "Layla Haddad"

    def test_a_closed_lead_stays_closed(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).get("pipeline.ask", lead_id=lead.lead_id, status="lost")
        brought_to(lead, Status.LOST)
        unchanged.from_now()

        answer = browser.post("pipeline.move", {"lost_reason": "price"}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert "this lead is Lost now" in answer.said("main [role=alert]")
        assert "Open again" in answer.said("main form button")
        assert unchanged
        assert value("SELECT count(*) FROM lead_conversion_history") == 1
