"""Visitors check in by themselves, and reception greets them."""

import pytest

from tests.factories import a_lead, sql, tally, value
from webapp import check_in_address
from webapp.services import check_ins
from webapp.vocabulary import WORDING, Source

TYPED = {"phone": "050 765 4321", "first_name": "Hana", "last_name": "Aziz", "message": "A flat", "consent": "y"}


@pytest.fixture
def visitor(browser):
    """Somebody at the page that the code leads to."""
    browser.get("check_ins.show", seal=check_ins.seal())
    return browser


def arrives(visitor, **typed):
    return visitor.post("check_ins.arrive", TYPED | typed, seal=check_ins.seal())


class TestArrive:
    def test_the_page_speaks_both_languages_and_shows_nothing_back(self, visitor):
        page = visitor.get("check_ins.show", seal=check_ins.seal())
        assert "Phone number رقم الهاتف" in page.said("form") and page.queries <= 8

        answer = arrives(visitor)

        assert answer.hops[0][0] == 303 and "Please take a seat" in answer.said()
        assert not [word for word in TYPED.values() if len(word) > 1 and word in answer.text]
        enquiry = sql("SELECT * FROM enquiries")[0]
        assert (enquiry.source_type, enquiry.channel, enquiry.state, enquiry.why) == (
            "walk_in", "visit", "needs_review", "check_in",
        )  # fmt: skip
        assert (enquiry.name, enquiry.phone_e164, enquiry.message) == ("Hana Aziz", "+971507654321", "A flat")
        assert enquiry.extra["consent_wording"] == WORDING and tally("leads") == {"leads": 0}

    def test_twice_is_one_visitor_as_said_last(self, visitor):
        arrives(visitor)
        arrives(visitor, phone="+971 50 765 4321", first_name="Hanan")

        assert [row.name for row in sql("SELECT name FROM enquiries")] == ["Hanan Aziz"]

    def test_a_number_that_cannot_be_called_comes_back_with_what_was_typed(self, visitor):
        answer = arrives(visitor, phone="057 123")

        assert answer.status_code == 422 and answer.page.select_one("#phone-error")
        assert answer.page.select_one("#first_name")["value"] == "Hana" and tally("enquiries") == {"enquiries": 0}

    def test_who_fills_in_what_nobody_sees_is_thanked_and_forgotten(self, visitor):
        answer = arrives(visitor, nickname="robot")

        assert "Please take a seat" in answer.said() and tally("enquiries") == {"enquiries": 0}

    @pytest.mark.parametrize("seal", ["MQ.x", "1", "MQ"])
    def test_an_address_that_nobody_signed_leads_nowhere(self, browser, seal):
        assert browser.get("check_ins.show", seal=seal).status_code == 404

    def test_too_many_from_one_place_are_asked_to_wait(self, visitor):
        statuses = [arrives(visitor, phone=f"05076543{n:02}").hops[0][0] for n in range(30)]
        assert set(statuses) == {303}

        assert arrives(visitor, phone="0507654399").status_code == 429
        assert tally("enquiries") == {"enquiries": 30}


class TestRenew:
    def test_the_code_so_far_leads_nowhere(self, visitor, rashid, another):
        old = check_ins.seal()
        desk = another(rashid)
        page = desk.get("check_ins.code")
        assert old in page.said() and page.queries <= 8
        drawn = desk.get("check_ins.draw")
        assert drawn.headers["Content-Type"].startswith("image/svg+xml") and "style" not in drawn.text

        desk.post("check_ins.renew", {})

        assert check_ins.seal() != old and check_in_address.turn_of(check_ins.seal()) == 2
        assert visitor.get("check_ins.show", seal=old).status_code == 404
        assert value("SELECT actor_name FROM audit_entries WHERE verb = 'check_ins.renew'") == "Rashid Khan"


class TestGreet:
    @pytest.fixture
    def checked_in(self, visitor):
        arrives(visitor)
        return value("SELECT enquiry_id FROM enquiries")

    def test_one_click_opens_the_form_that_is_filled_in_and_registers_them(self, another, rashid, aisha, checked_in):
        desk = another(rashid)
        front = desk.get("front_desk.show")
        assert "Hana Aziz" in front.said("[aria-labelledby=checked-in]") and front.queries <= 8
        form = desk.get("front_desk.show", check_in=checked_in)
        assert form.page.select_one("#first_name")["value"] == "Hana"
        assert form.page.select_one("#consent").has_attr("checked") and form.queries <= 8

        answer = desk.post("leads.capture", {"first_name": "Hana", "last_name": "Azizi"})

        assert "Aisha Rahman takes Hana." in answer.said("h1")
        lead = sql("SELECT * FROM leads")[0]
        assert (lead.last_name, lead.phone, lead.source_type) == ("Azizi", "+971507654321", "walk_in")
        enquiry = sql("SELECT * FROM enquiries")[0]
        assert (enquiry.enquiry_id, enquiry.lead_id, enquiry.state) == (checked_in, lead.lead_id, "captured")
        assert (enquiry.why, enquiry.taken_by, enquiry.message) == (None, rashid.user_id, "A flat")
        assert tuple(sql("SELECT how, wording FROM consents")[0]) == ("check_in", WORDING)
        assert value("SELECT status FROM visits") == "waiting"
        assert not desk.get("front_desk.show").page.select("[aria-labelledby=checked-in]")

    def test_whom_we_know_is_told_to_their_agent(self, another, rashid, aisha, checked_in):
        known = a_lead("+971507654321", Source.BAYUT, first_name="Hana", by=aisha)
        desk = another(rashid)
        page = desk.get("front_desk.show", check_in=checked_in)
        assert "We know this visitor" in page.said()

        desk.post("enquiries.add_visit", {}, lead_id=known.lead_id)

        enquiry = sql("SELECT * FROM enquiries WHERE enquiry_id = %s", checked_in)[0]
        assert (enquiry.lead_id, enquiry.state, enquiry.why) == (known.lead_id, "attached", None)
        assert value("SELECT enquiry_id FROM visits") == checked_in

    def test_nobody_was_here(self, another, rashid, checked_in):
        desk = another(rashid)
        desk.get("front_desk.show")

        desk.post("check_ins.dismiss", {}, enquiry_id=checked_in)

        assert tuple(sql("SELECT state, why FROM enquiries")[0]) == ("ignored", "closed")
        assert desk.post("check_ins.dismiss", {}, enquiry_id=checked_in).status_code == 404

    def test_an_agent_cannot_greet_by_a_form_of_their_own(self, another, aisha, checked_in):
        hers = another(aisha)
        hers.get("leads.new")

        hers.post("leads.capture", {"phone": "0507654321", "source_type": "referral", "enquiry_id": str(checked_in)})

        assert sql("SELECT lead_id FROM enquiries WHERE enquiry_id = %s", checked_in)[0].lead_id is None


class TestCard:
    def test_it_has_the_visitors_number_the_agent_and_the_offices_phone(self, browser, rashid, aisha):
        sql("INSERT INTO office_settings (phone) VALUES ('800 4567')")
        browser.sign_in(rashid).get("front_desk.show", phone="0507654321")

        card = browser.post("leads.capture", {"first_name": "Hana"})

        told = card.said(".handover")
        number = value("SELECT number FROM leads")
        assert f"Your number #{number}" in told and "800 4567" in told and "Aisha Rahman" in told
        assert "core" not in told
