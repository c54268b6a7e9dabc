"""Logging contacts with a lead."""

import pytest

from tests.factories import brought_to, sql, value
from webapp.vocabulary import Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
LATER = {"next_type": "viewing", "next_due_date": "2030-03-01", "next_due_date_time": "12:00"}


@PAGE_AND_FRAGMENT
class TestLog:
    def test_it_lands_on_the_lead(self, browser, aisha, lead, htmx):
        sent = {"type": "call", "notes": "Likes the villa", "outcome": "positive", **LATER}
        answer = browser.sign_in(aisha).post("activities.log", sent, lead_id=lead.lead_id, htmx=htmx)

        assert answer.path == f"/leads/{lead.lead_id}"
        assert answer.fills == ("#main" if htmx else None)
        assert "Likes the villa" in answer.said(".story .is-person blockquote")
        assert answer.said(".stepper [aria-current=step]").startswith("Contacted")
        assert "Call logged." in answer.said("#toasts")
        assert "Viewing" in answer.said("section[aria-labelledby=steps] ol")
        assert not answer.page.select_one("#activity-form [name=notes]").get_text(strip=True)

    def test_a_clash_is_said_at_its_field_and_offers_the_next_free_slot(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).post("activities.log", {"type": "call", **LATER}, lead_id=lead.lead_id)
        unchanged.from_now()

        clash = {"type": "email", "notes": "Kept", **LATER, "next_due_date_time": "12:29"}
        answer = browser.post("activities.log", clash, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert answer.fills == ("#main" if htmx else None)
        said = answer.said("#activity-form #log-next_due_date-error")
        assert "Too close to the viewing with Layla Haddad" in said and "30 minutes" in said
        assert answer.page.select_one("#activity-form [name=notes]").get_text(strip=True) == "Kept"
        assert answer.page.select_one("[name=next_due_date_time]")["value"] == "12:29"
        assert unchanged
        free = answer.page.select_one("[name=next_due_date_offered]")
        assert free["value"] == "2030-03-01T12:30"

        taken = browser.post("activities.log", clash | {free["name"]: free["value"]}, lead_id=lead.lead_id, htmx=htmx)
        assert taken.hops
        assert value("SELECT count(*) FROM follow_up_tasks") == 3

    @pytest.mark.parametrize(
        "sent, field, said",
        [
            ({"type": None}, "type", "Choose one"),
            ({"activity_at": "", "activity_at_time": "09:30"}, "activity_at", "Say when"),
            ({"type": "fax"}, "type", "Choose one of the list"),
            ({"notes": "x" * 2001}, "notes", "At most 2000"),
            ({"next_type": "call", "next_due_date": ""}, "next_due_date", "Say when"),
            (
                {"next_type": "", "next_due_date": "2030-01-01", "next_due_date_time": "10:00"},
                "next_type",
                "to be done",
            ),
            ({"next_type": "call", "next_due_date": "2030-01-01"}, "next_due_date", "at what time"),
            ({**LATER, "next_due_date": "2030-02-31"}, "next_due_date", "such as 15:30"),
            ({**LATER, "next_due_date_time": "25:00"}, "next_due_date", "such as 15:30"),
            ({**LATER, "next_due_date": "2020-01-01"}, "next_due_date", "more than 30 days ago"),
        ],
    )
    def test_a_refusal_is_said_at_its_field(self, browser, aisha, lead, unchanged, htmx, sent, field, said):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post(
            "activities.log", {"type": "call", "notes": "Kept", **sent}, lead_id=lead.lead_id, htmx=htmx
        )

        assert answer.status_code == 422
        assert said in answer.said(f"#activity-form #log-{field}-error")
        kept = answer.page.select_one("#activity-form [name=notes]").get_text(strip=True)
        assert kept == sent.get("notes", "Kept")
        assert unchanged

    @pytest.mark.parametrize("time", ["930", "9:30", "09.30", "0930"])
    def test_times_may_be_written_short(self, browser, aisha, lead, htmx, time):
        sent = {"type": "call", **LATER, "next_due_date_time": time}

        assert browser.sign_in(aisha).post("activities.log", sent, lead_id=lead.lead_id, htmx=htmx).hops
        assert (
            value("SELECT max(due_date AT TIME ZONE 'Asia/Dubai')::text FROM follow_up_tasks") == "2030-03-01 09:30:00"
        )

    def test_sent_twice_it_is_logged_once(self, browser, aisha, lead, htmx):
        url = f"/leads/{lead.lead_id}/activities"
        sent = browser.sign_in(aisha).filled(url, "activities.log", {"lead_id": lead.lead_id}) | {"type": "call"}

        for _ in range(2):
            assert browser.open("POST", url, data=sent, htmx=htmx).hops

        assert value("SELECT count(*) FROM lead_activities") == 1

    def test_notes_with_lines_and_arabic_come_back_as_typed(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).post(
            "activities.log", {"type": "call", "notes": "قال: غداً\r\n\r\n👩‍👧 & <b>"}, lead_id=lead.lead_id, htmx=htmx
        )

        assert value("SELECT notes FROM lead_activities") == "قال: غداً\n\n👩‍👧 & <b>"
        assert "قال: غداً" in browser.last.select_one(".story blockquote[dir=auto]").get_text()


@PAGE_AND_FRAGMENT
class TestStrike:
    def test_it_stays_readable_and_its_points_go_back(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).post("activities.log", {"type": "call", "notes": "Wrong"}, lead_id=lead.lead_id)
        before = value("SELECT score FROM leads")
        activity_id = value("SELECT activity_id FROM lead_activities")

        answer = browser.post("activities.strike", activity_id=activity_id, htmx=htmx)

        assert answer.path == f"/leads/{lead.lead_id}"
        assert "struck out" in answer.said(".story .is-struck") and "Wrong" in answer.said(".story .is-struck")
        assert value("SELECT score FROM leads") < before

    def test_twice_is_refused(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).post("activities.log", {"type": "call"}, lead_id=lead.lead_id)
        activity_id = value("SELECT activity_id FROM lead_activities")
        stale = browser.last, browser.at
        browser.post("activities.strike", activity_id=activity_id)
        unchanged.from_now()
        browser.last, browser.at = stale

        answer = browser.post("activities.strike", activity_id=activity_id, htmx=htmx)

        assert answer.status_code == 409
        assert "struck out already" in answer.text
        assert answer.fills == ("#toasts" if htmx else None)
        assert unchanged


class TestClosed:
    def test_a_closed_lead_shows_no_form_but_a_late_log_is_not_lost_in_silence(self, browser, aisha, lead):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        brought_to(lead, Status.LOST)

        answer = browser.post("activities.log", {"type": "call", "notes": "Too late"}, lead_id=lead.lead_id)

        logged = sql("SELECT notes FROM lead_activities") == [("Too late",)]
        assert logged or "Too late" in answer.text
