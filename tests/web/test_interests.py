"""The properties that a lead likes, on its page."""

from uuid import uuid4

import pytest

from tests.factories import sql, value
from webapp.services import interests, listings
from webapp.services.access import SYSTEM
from webapp.vocabulary import InterestLevel

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
KEPT = "SELECT property_id, interest_level FROM lead_property_interests WHERE lead_id = %s"


@pytest.fixture
def villa(app):
    return listings.add("VL-S-7", by=SYSTEM, title="Villa by the park").property_id


@pytest.fixture
def interest(aisha, lead, villa):
    return interests.add(lead.lead_id, villa, by=aisha, interest_level=InterestLevel.LOW).interest_id


@PAGE_AND_FRAGMENT
class TestAdd:
    @pytest.mark.parametrize("typed", ["vl-s-7", "{id}"])
    def test_a_reference_or_an_id_lands_on_the_lead(self, browser, aisha, lead, villa, htmx, typed):
        sent = {"property_id": typed.format(id=villa), "interest_level": "high"}
        answer = browser.sign_in(aisha).post("interests.add", sent, lead_id=lead.lead_id, htmx=htmx)

        assert answer.path == f"/leads/{lead.lead_id}"
        assert answer.fills == ("#main" if htmx else None)
        assert "Interest noted." in answer.said("#toasts")
        assert answer.said("section[aria-labelledby=interests] li :is(.property, summary)") == (
            "Villa by the park VL-S-7 High"
        )
        assert sql(KEPT, lead.lead_id) == [(villa, "high")]

    @pytest.mark.parametrize(
        "typed, said, status",
        [
            ("", "Type the reference", 422),
            ("AP-404", "No property has this reference.", 422),
            ("x" * 51, "At most 50", 422),
            ("VL-S-7", "already has an interest", 409),
        ],
    )
    def test_a_refusal_is_said_at_its_field(self, browser, aisha, lead, interest, unchanged, htmx, typed, said, status):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("interests.add", {"property_id": typed}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == status
        assert said in answer.said("#interest-form #interest-property_id-error")
        assert answer.page.select_one("#interest-form [name=property_id]")["value"] == typed
        assert answer.page.select_one("details[open] #interest-form"), "the refusal must not be folded away"
        assert unchanged

    def test_a_suggestion_is_one_click(self, browser, aisha, lead, villa, htmx):
        sql("UPDATE leads SET property_type = 'villa', preferred_areas = '{Mirdif}'")
        sql(
            """WITH other AS (
                   INSERT INTO leads (source_type, first_name, last_name, phone, status, property_type, preferred_areas)
                   VALUES ('bayut', '', '', '+971501112233', 'qualified', 'villa', '{Mirdif}') RETURNING lead_id)
               INSERT INTO lead_property_interests (lead_id, property_id, interest_level)
               SELECT lead_id, %s::uuid, 'high' FROM other""",
            villa,
        )
        page = browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id).page
        form = page.select_one("section[aria-labelledby=suggestions] form")
        sent = {box["name"]: box["value"] for box in form.select("input")}

        answer = browser.open("POST", form["action"], data=sent, htmx=htmx)

        assert "Interest noted." in answer.said("#toasts")
        assert sql(KEPT, lead.lead_id) == [(villa, "medium")]
        assert not answer.page.select("section[aria-labelledby=suggestions] form")

    def test_of_a_colleagues_lead_it_is_missing(self, browser, yousef, lead, unchanged, htmx):
        browser.sign_in(yousef)
        unchanged.from_now()

        assert (
            browser.post("interests.add", {"property_id": str(uuid4())}, lead_id=lead.lead_id, htmx=htmx).status_code
            == 404
        )
        assert unchanged


@PAGE_AND_FRAGMENT
class TestChange:
    def test_it_is_as_strong_as_they_say_now(self, browser, aisha, lead, interest, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)

        answer = browser.post("interests.change", {"interest_level": "high"}, interest_id=interest, htmx=htmx)

        assert "Interest is high now." in answer.said("#toasts")
        assert value("SELECT interest_level FROM lead_property_interests") == "high"

    def test_no_level_of_ours_is_refused_in_words(self, browser, aisha, lead, interest, unchanged, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("interests.change", {"interest_level": "utmost"}, interest_id=interest, htmx=htmx)

        assert answer.status_code == 422
        assert "Choose one of the list" in answer.said("main [role=alert]")
        assert unchanged


@PAGE_AND_FRAGMENT
class TestRemove:
    def test_it_is_gone(self, browser, aisha, lead, interest, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)

        answer = browser.post("interests.remove", interest_id=interest, htmx=htmx)

        assert "Interest removed." in answer.said("#toasts")
        assert sql(KEPT, lead.lead_id) == []
