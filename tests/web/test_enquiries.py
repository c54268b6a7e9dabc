"""Enquiries that wait for somebody, and visits: adding one for somebody we know, and what became of a visitor."""

import pytest

from tests.factories import a_lead, busy, sql, value
from tests.portals import FOLDER, an_event
from webapp.services import activities, enquiries
from webapp.services.access import SYSTEM
from webapp.vocabulary import ActivityType, Source

PHONE = "+971501234567"
PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@pytest.fixture
def desk(browser, rashid, aisha):
    """Rashid's browser; Aisha is on duty."""
    return browser.sign_in(rashid)


@PAGE_AND_FRAGMENT
class TestAddVisit:
    def test_the_owner_is_told_and_the_card_is_shown(self, desk, lead, aisha, htmx):
        desk.get("front_desk.show", phone=lead.phone)
        answer = desk.post("enquiries.add_visit", lead_id=lead.lead_id, htmx=htmx)

        assert answer.path == f"/leads/{lead.lead_id}"
        assert answer.page.h1.get_text() == "Aisha Rahman takes Layla."
        assert "Aisha has been told." in answer.said()
        assert value("SELECT status FROM visits") == "waiting"
        assert [row.kind for row in sql("SELECT kind FROM notices")] == ["lead_assigned", "visitor_waiting"]

    def test_who_waits_already_is_not_added_twice(self, desk, lead, unchanged, htmx):
        desk.get("front_desk.show", phone=lead.phone)
        desk.post("enquiries.add_visit", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = desk.post("enquiries.add_visit", lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert "Layla Haddad is already waiting." in answer.text
        assert answer.fills == ("#toasts" if htmx else None)
        assert unchanged

    def test_the_desk_says_who_already_waits(self, desk, lead, htmx):
        desk.get("front_desk.show", phone=lead.phone)
        desk.post("enquiries.add_visit", lead_id=lead.lead_id)

        answer = desk.get("front_desk.show", phone=lead.phone, htmx=htmx, target="visitor")

        assert "Already waiting" in answer.said("#visitor")
        assert not answer.page.select("#visitor form")

    @pytest.mark.parametrize("enquiry_id", ["", "x", "0" * 36, "----" + "z" * 32, "{" + "0" * 34 + "}"])
    def test_an_enquiry_that_is_none_makes_a_visit_of_its_own(self, desk, lead, htmx, enquiry_id):
        desk.get("front_desk.show", phone=lead.phone)

        answer = desk.post("enquiries.add_visit", {"enquiry_id": enquiry_id}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 200
        assert value("SELECT count(*) FROM visits") == 1

    def test_an_enquiry_of_another_lead_is_not_taken(self, desk, lead, htmx):
        other = a_lead("+971521112233")
        foreign = value("SELECT enquiry_id FROM enquiries WHERE lead_id = %s", other.lead_id)
        desk.get("front_desk.show", phone=lead.phone)

        desk.post("enquiries.add_visit", {"enquiry_id": str(foreign)}, lead_id=lead.lead_id, htmx=htmx)

        assert sql("SELECT lead_id FROM visits") == [(lead.lead_id,)]
        assert value("SELECT enquiry_id <> %s FROM visits", foreign)


@PAGE_AND_FRAGMENT
class TestMarkVisit:
    @pytest.fixture
    def visit_id(self, desk):
        desk.post("leads.capture", {"phone": "0507654321", "first_name": "Layla"})
        return value("SELECT visit_id FROM visits")

    @pytest.mark.parametrize("status", ["received", "left", "no_show"])
    def test_reception_says_what_became_of_a_visitor(self, desk, visit_id, htmx, status):
        answer = desk.post("enquiries.mark_visit", {"status": status}, visit_id=visit_id, htmx=htmx)

        assert answer.path == "/front-desk"
        assert value("SELECT status FROM visits") == status

    def test_the_agent_says_they_come_and_lands_on_the_lead(self, desk, another, aisha, visit_id, htmx):
        agents_browser = another(aisha)
        assert "is at reception" in agents_browser.get("home.show").said()

        answer = agents_browser.post("enquiries.mark_visit", {"status": "received"}, visit_id=visit_id, htmx=htmx)

        assert answer.path == f"/leads/{value('SELECT lead_id FROM leads')}"
        assert "Reception knows" in answer.said("#toasts")

    def test_a_visitor_is_marked_once(self, desk, visit_id, unchanged, htmx):
        desk.get("front_desk.show")
        stale = desk.last, desk.at
        desk.post("enquiries.mark_visit", {"status": "no_show"}, visit_id=visit_id)
        unchanged.from_now()
        desk.last, desk.at = stale

        answer = desk.post("enquiries.mark_visit", {"status": "received"}, visit_id=visit_id, htmx=htmx)

        assert answer.status_code == 409
        assert "is marked No-show already" in answer.text
        assert unchanged

    def test_a_status_that_is_none_changes_nothing(self, desk, visit_id, unchanged, htmx):
        unchanged.from_now()

        desk.post("enquiries.mark_visit", {"status": "gone"}, visit_id=visit_id, htmx=htmx)

        assert unchanged


@pytest.fixture
def enquiry_id(app):
    """An enquiry without a phone, as Property Finder sent it."""
    contacts = [{"type": "email", "value": "b@example.invalid"}]
    raw = an_event(
        1, 1, at="2026-03-04T09:00:00Z", name="<b>Layla</b>", contacts=contacts, listing={"reference": "TST-S-1001"}
    )
    return enquiries.take(enquiries.keep(Source.PROPERTY_FINDER, raw, by=SYSTEM), by=SYSTEM).enquiry_id


@pytest.fixture
def manager(browser, mariam):
    return browser.sign_in(mariam)


def state() -> str:
    return value("SELECT state FROM enquiries WHERE portal_lead_id IS NOT NULL")


class TestIndex:
    @pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
    def test_everything_that_came_is_there_with_what_became_of_it(self, manager, lead, enquiry_id, htmx):
        answer = manager.get("enquiries.index", htmx=htmx, target="enquiry-list" if htmx else None)

        assert answer.queries == (2 if htmx else 3)
        rows = [" ".join(row.get_text(" ").split()) for row in answer.page.select("tbody tr")]
        assert "Layla Haddad Website Entered by hand Became a lead" in rows[0]
        assert (
            "<b>Layla</b> Property Finder WhatsApp Needs review No phone number, with the managers TST-S-1001"
            in rows[1]
        )

    @pytest.mark.parametrize(
        "query, count", [({"state": "needs_review"}, 1), ({"source": "bayut"}, 0), ({"state": "x"}, 2)]
    )
    def test_it_is_narrowed(self, manager, lead, enquiry_id, query, count):
        assert len(manager.get("enquiries.index", **query).page.select("tbody tr")) == count

    def test_more_than_fifty_come_in_pages_that_keep_the_filter(self, manager):
        sql("""INSERT INTO enquiries (source_type, channel, state, received_at)
               SELECT 'bayut', 'call', 'needs_review', now() - n * interval '1 minute' FROM generate_series(1, 60) n""")
        first = manager.get("enquiries.index", source="bayut")
        second = manager.open("GET", first.page.select_one("a[rel=next]")["href"])

        assert "source=bayut" in first.page.select_one("a[rel=next]")["href"]
        assert [len(page.page.select("tbody tr")) for page in (first, second)] == [50, 10]
        assert (first.queries, second.queries) == (3, 3)

    def test_an_agent_sees_what_is_theirs_to_review(self, browser, aisha, enquiry_id):
        browser.sign_in(aisha)
        assert "Nothing has come in yet" in browser.get("enquiries.index").said()
        sql("UPDATE enquiries SET owner_id = %s", aisha.agent_id)

        assert len(browser.get("enquiries.index").page.select("tbody tr")) == 1


class TestShow:
    def test_what_was_sent_is_shown_as_text(self, manager, enquiry_id):
        answer = manager.get("enquiries.show", enquiry_id=enquiry_id)

        assert answer.queries <= 8
        assert '"reference": "TST-S-1001"' in answer.page.select_one("pre").get_text()
        assert "<b>Layla</b>" in answer.page.h1.get_text() and not answer.page.select("h1 b, pre b")
        assert "Needs review , no phone number" in answer.said() and "with the managers" in answer.said()

    @pytest.mark.parametrize("raw", [b"\x00\xff\xfe", b"[" * 100_000, b'{"id":"\\ud800"}', b"x" * 1_000_000])
    def test_whatever_was_sent_has_its_page(self, manager, raw):
        enquiry = enquiries.take(enquiries.keep(Source.BAYUT, raw, by=SYSTEM), by=SYSTEM)
        answer = manager.get("enquiries.show", enquiry_id=enquiry.enquiry_id)

        assert answer.status_code == 200 and "nobody could read it" in answer.said()
        assert len(answer.text) < 60_000

    def test_one_that_somebody_typed_says_so(self, manager, lead):
        answer = manager.get("enquiries.show", enquiry_id=value("SELECT enquiry_id FROM enquiries"))

        assert "No machine sent it" in answer.said() and "Add the phone" not in answer.said()

    def test_an_agent_s_is_missing_to_another(self, browser, yousef, aisha, enquiry_id):
        sql("UPDATE enquiries SET owner_id = %s", aisha.agent_id)

        assert browser.sign_in(yousef).get("enquiries.show", enquiry_id=enquiry_id).status_code == 404


@PAGE_AND_FRAGMENT
class TestReview:
    def test_a_phone_makes_it_a_lead(self, manager, aisha, enquiry_id, htmx):
        manager.get("enquiries.show", enquiry_id=enquiry_id)
        answer = manager.post("enquiries.add_phone", {"phone": "050 123 4567"}, enquiry_id=enquiry_id, htmx=htmx)

        assert "It is a lead now." in answer.text and state() == "captured"
        assert answer.page.select_one("#enquiry a.btn-primary")["href"].startswith("/leads/")

    def test_a_phone_that_is_none_is_refused_at_its_field(self, manager, enquiry_id, unchanged, htmx):
        manager.get("enquiries.show", enquiry_id=enquiry_id)
        unchanged.from_now()
        answer = manager.post("enquiries.add_phone", {"phone": "80012345"}, enquiry_id=enquiry_id, htmx=htmx)

        assert answer.status_code == 422 and "call centres" in answer.said("#phone-error")
        assert answer.page.select_one("#phone")["value"] == "80012345" and unchanged

    def test_it_is_added_to_a_lead(self, manager, lead, enquiry_id, htmx):
        manager.get("enquiries.show", enquiry_id=enquiry_id)
        answer = manager.post("enquiries.attach", {"number": str(lead.number)}, enquiry_id=enquiry_id, htmx=htmx)

        assert answer.path == f"/leads/{lead.lead_id}" and "The enquiry is on this lead." in answer.text
        assert "about TST-S-1001" in answer.said() and state() == "attached"

    @pytest.mark.parametrize(
        "number, said", [("99999", "no lead #99999"), ("", "Type the number"), ("x", "whole number")]
    )
    def test_a_number_of_no_lead_is_refused_at_its_field(self, manager, enquiry_id, number, said, htmx):
        manager.get("enquiries.show", enquiry_id=enquiry_id)
        answer = manager.post("enquiries.attach", {"number": number}, enquiry_id=enquiry_id, htmx=htmx)

        assert answer.status_code == 422 and said in answer.said("#number-error")

    def test_a_broker_s_is_set_aside_and_comes_back(self, manager, enquiry_id, htmx):
        manager.get("enquiries.show", enquiry_id=enquiry_id)
        answer = manager.post("enquiries.mark_broker", enquiry_id=enquiry_id, htmx=htmx)
        assert "from a broker" in answer.said() and state() == "ignored"

        answer = manager.post("enquiries.bring_back", enquiry_id=enquiry_id, htmx=htmx)
        assert "Needs review" in answer.said() and state() == "needs_review"

    def test_it_is_closed_with_a_reason(self, manager, enquiry_id, htmx):
        manager.get("enquiries.show", enquiry_id=enquiry_id)
        refused = manager.post("enquiries.close", {"note": ""}, enquiry_id=enquiry_id, htmx=htmx)
        assert refused.status_code == 422 and "Say why" in refused.said("#note-error")

        answer = manager.post("enquiries.close", {"note": "Spam"}, enquiry_id=enquiry_id, htmx=htmx)
        assert "closed without a lead" in answer.said() and "Spam" in answer.said() and state() == "ignored"

    def test_tried_again_it_says_that_it_still_waits(self, manager, enquiry_id, htmx):
        manager.get("enquiries.show", enquiry_id=enquiry_id)
        answer = manager.post("enquiries.retry", enquiry_id=enquiry_id, htmx=htmx)

        assert "It still waits for somebody: No phone number." in answer.text

    def test_two_people_at_once_and_the_second_is_told(self, manager, another, omar, enquiry_id, aisha, htmx):
        manager.get("enquiries.show", enquiry_id=enquiry_id)
        enquiries.close(enquiry_id, by=SYSTEM, note="x")
        answer = manager.post("enquiries.add_phone", {"phone": "0501234567"}, enquiry_id=enquiry_id, htmx=htmx)

        assert answer.status_code == 409 and value("SELECT count(*) FROM leads") == 0


class TestWhereItShows:
    def test_the_morning_board_has_it_until_it_is_done(self, manager, aisha, enquiry_id):
        said = manager.get("desk.show").said("[aria-labelledby=enquiries]")
        assert said.startswith("Enquiries to review 1 <b>Layla</b> Property Finder No phone number waiting for")
        enquiries.close(enquiry_id, by=SYSTEM, note="x")

        assert not manager.get("desk.show").page.select("[aria-labelledby=enquiries]")

    def test_so_has_the_day_of_the_agent_whom_the_portal_means(self, browser, aisha, enquiry_id):
        sql("UPDATE enquiries SET owner_id = %s", aisha.agent_id)
        answer = browser.sign_in(aisha).get("home.show")

        assert "<b>Layla</b>" in answer.said("[aria-labelledby=enquiries]") and answer.queries <= 8

    def test_the_bell_leads_to_it(self, manager, enquiry_id):
        link = manager.get("notifications.index").page.select_one(".queue a.name")

        assert link.get_text(strip=True) == "An enquiry waits for you"
        assert manager.open("GET", link["href"]).path == f"/enquiries/{enquiry_id}"

    def test_a_lead_is_answered_by_the_portal_s_link(self, manager, aisha):
        raw = (FOLDER / "bayut_push_whatsapp.json").read_bytes()
        lead_id = enquiries.take(enquiries.keep(Source.BAYUT, raw, by=SYSTEM), by=SYSTEM).lead_id
        answer = manager.get("leads.show", lead_id=lead_id)

        (reply,) = [link for link in answer.page.select("a") if link.get_text(strip=True) == "Reply on WhatsApp"]
        assert reply["href"] == "https://www.bayut.com/whatsapp/lead?payload=deadbeef"
        assert not answer.page.select("a[href^='https://wa.me']")
        assert "Enquiry from Bayut about TST-S-1001 As it was sent Hi, I am interested" in answer.said()


@pytest.fixture
def worked(aisha):
    """A lead of Aisha's that a portal's enquiry made and that she has spoken with; its id and the enquiry's."""
    raw = an_event(2, 2, at="2026-03-04T09:00:00Z", name="Hana Aziz", contacts=[{"type": "phone", "value": PHONE}])
    enquiry = enquiries.take(enquiries.keep(Source.PROPERTY_FINDER, raw, by=SYSTEM), by=SYSTEM)
    activities.log(enquiry.lead_id, by=aisha, type=ActivityType.CALL)
    return enquiry.lead_id, enquiry.enquiry_id


class TestABrokersLead:
    @pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
    def test_it_is_said_before_done_and_taken_back(self, manager, worked, htmx):
        lead_id, enquiry_id = worked
        number = value("SELECT number FROM leads")
        page = manager.get("enquiries.show", enquiry_id=enquiry_id)
        assert f"#{number} goes out of all lists and figures with all that was done" in page.said()

        answer = manager.post("enquiries.mark_broker", enquiry_id=enquiry_id, htmx=htmx)
        assert f"#{number} is out of all lists and figures" in answer.said("#enquiry")
        assert "Set aside by Mariam Saleh" in answer.said("#enquiry")
        assert manager.get("leads.show", lead_id=lead_id).path == f"/enquiries/{enquiry_id}"
        assert manager.get("enquiries.show", enquiry_id=enquiry_id).queries <= 8

        answer = manager.post("enquiries.bring_back", enquiry_id=enquiry_id, htmx=htmx)
        assert "The lead is back. All of it is as it was." in answer.text
        assert manager.get("leads.show", lead_id=lead_id).path == f"/leads/{lead_id}"

    def test_what_is_not_as_it_was_is_said(self, manager, worked, aisha):
        enquiry_id = worked[1]
        manager.get("enquiries.show", enquiry_id=enquiry_id)
        manager.post("enquiries.mark_broker", enquiry_id=enquiry_id)
        busy(aisha, 50)

        answer = manager.post("enquiries.bring_back", enquiry_id=enquiry_id)

        assert "The lead is back. Nobody owns #" in answer.text and "Aisha Rahman has no room." in answer.text

    def test_its_agent_finds_the_enquiry_from_the_lead_and_hears_what_became_of_it(self, browser, another, worked,
                                                                                   aisha, mariam):  # fmt: skip
        lead_id, enquiry_id = worked
        agents_browser = another(aisha)
        links = agents_browser.get("leads.show", lead_id=lead_id).page.select(f"a[href='/enquiries/{enquiry_id}']")
        assert [link.get_text(strip=True) for link in links] == ["As it was sent"]
        assert agents_browser.get("enquiries.show", enquiry_id=enquiry_id).page.select_one("form[action$=broker]")
        enquiries.mark_broker(enquiry_id, by=mariam)

        link = agents_browser.get("notifications.index").page.select_one(".queue a.name")
        assert "was set aside as a broker's" in link.get_text()
        assert agents_browser.open("GET", link["href"]).path == f"/enquiries/{enquiry_id}"
        agents_browser.post("enquiries.bring_back", enquiry_id=enquiry_id)
        assert value("SELECT owner_id FROM leads WHERE lead_id = %s", lead_id) == aisha.agent_id

    def test_nothing_of_it_is_another_agent_s(self, browser, worked, mariam, yousef):
        lead_id, enquiry_id = worked
        enquiries.mark_broker(enquiry_id, by=mariam)
        browser.sign_in(yousef)

        assert browser.get("leads.show", lead_id=lead_id).status_code == 404
        assert browser.get("enquiries.show", enquiry_id=enquiry_id).status_code == 404

    def test_who_still_has_its_page_open_is_told(self, manager, worked):
        lead_id, enquiry_id = worked
        manager.get("leads.show", lead_id=lead_id)
        enquiries.mark_broker(enquiry_id, by=SYSTEM)

        answer = manager.post("activities.log", {"type": "call"}, lead_id=lead_id)

        assert answer.status_code == 409 and "This lead was set aside as a broker's." in answer.said()

    def test_a_lead_that_nobody_has_worked_with_goes_without_a_word(self, manager, aisha):
        raw = an_event(2, 2, at="2026-03-04T09:00:00Z", contacts=[{"type": "phone", "value": PHONE}])
        enquiry = enquiries.take(enquiries.keep(Source.PROPERTY_FINDER, raw, by=SYSTEM), by=SYSTEM)

        answer = manager.get("enquiries.show", enquiry_id=enquiry.enquiry_id)

        assert "goes out of all lists" not in answer.said() and answer.page.select_one("form[action$=broker]")
