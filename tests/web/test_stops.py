"""How a person may be contacted: what the lead's page and My day offer, who is not to be contacted, who lifts it."""

from datetime import UTC, datetime, time

import pytest

from tests.factories import a_lead, backdated, sql, value
from webapp.clock import DUBAI
from webapp.services import activities, notifications, office, stops
from webapp.vocabulary import ActivityType, CallResult, StopChannel, StopReason

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
ALL, ASKED = StopChannel.ALL, StopReason.ASKED
WAYS = ("a[href^='tel:']", "a[href^='https://wa.me/']", "a[href^='mailto:']")


def ways(answer) -> list[bool]:
    """Whether the page offers to call, to send a message and to write."""
    return [bool(answer.page.select_one(f"main {way}, #main {way}, #my-day {way}")) for way in WAYS]


@pytest.fixture
def lead(aisha, omar):
    """Layla, whom Aisha has called, in an office that is always open."""
    office.limit_calls(by=omar, **office.CALLS | {"calls_from": time(0), "calls_until": time(23, 59, 59)})
    made = a_lead("+971501234567", first_name="Layla", last_name="Haddad", email="layla@example.com", consent=True)
    backdated(made, days=9)
    activities.log(made.lead_id, by=aisha, type=ActivityType.CALL, call_result=CallResult.ANSWERED)
    return made


def closed_now(omar, *, blocks: bool = True) -> tuple[str, str]:
    """The office does not call now; from when to when it does."""
    local = datetime.now(UTC).astimezone(DUBAI)
    opens, closes = (time(1), time(2)) if local.hour >= 3 else (time(10), time(11))
    office.limit_calls(by=omar, **office.CALLS | {"calls_from": opens, "calls_until": closes, "guard_blocks": blocks})
    return f"{opens:%H:%M}", f"{closes:%H:%M}"


@PAGE_AND_FRAGMENT
class TestShow:
    def test_it_says_what_holds_of_every_way(self, browser, aisha, lead, htmx):
        stops.add(lead.lead_id, by=aisha, channel=StopChannel.WHATSAPP, reason=ASKED, note="Writes e-mails")

        answer = browser.sign_in(aisha).get("stops.show", lead_id=lead.lead_id, htmx=htmx)

        assert answer.queries <= 5
        said = answer.said("[aria-labelledby=ways]")
        assert "Calls Free" in said and "WhatsApp Not now Do not contact: asked not to be contacted." in said
        assert "Writes e-mails" in answer.said("[aria-labelledby=stops]")
        assert "1 call in 24 h, 1 in 7 days" in answer.said(".page-head")
        assert not answer.page.select("form[action$=lifting]")

    def test_who_does_not_see_the_lead_does_not_see_it_here(self, browser, yousef, lead, htmx):
        assert browser.sign_in(yousef).get("stops.show", lead_id=lead.lead_id, htmx=htmx).status_code == 404


@PAGE_AND_FRAGMENT
class TestAdd:
    def test_the_links_are_gone_from_the_lead_and_from_my_day_and_the_reason_is_there(self, browser, aisha, lead, htmx):
        sql("UPDATE follow_up_tasks SET due_date = now() - interval '1 hour'")
        before = browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id, htmx=htmx)
        assert ways(before) == [True, True, True]
        assert ways(browser.get("home.show", htmx=htmx, target="my-day"))[0]

        answer = browser.post(
            "stops.add", {"channel": "all", "reason": "other", "note": "Bought it"}, lead_id=lead.lead_id, htmx=htmx
        )

        assert answer.path == f"/leads/{lead.lead_id}"
        assert ways(answer) == [False, False, False]
        assert "Calls, WhatsApp, E-mail: Do not contact: another reason." in answer.said(".notice.is-late")
        assert "Bought it" in answer.said(".story")
        day = browser.get("home.show", htmx=htmx, target="my-day")
        assert ways(day) == [False, False, False]
        assert "Do not contact" in day.said(".queue .late")

    def test_another_reason_asks_for_words_at_its_field(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).get("stops.show", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("stops.add", {"channel": "sms", "reason": "other"}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 422 and "Say in words why" in answer.said("#stop-form #stop-note-error")
        assert answer.page.select_one("#stop-channel option[selected]")["value"] == "sms"
        assert unchanged

    def test_twice_is_told(self, browser, aisha, mariam, lead, htmx):
        browser.sign_in(aisha).get("stops.show", lead_id=lead.lead_id)
        stops.add(lead.lead_id, by=mariam, channel=ALL, reason=ASKED)

        answer = browser.post("stops.add", {"channel": "all"}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409 and "on record already" in answer.said("#stop-form")

    def test_reception_sees_it_where_they_find_the_person(self, browser, rashid, aisha, lead, htmx):
        stops.add(lead.lead_id, by=aisha, channel=ALL, reason=ASKED, note="Private")

        answer = browser.sign_in(rashid).get("front_desk.show", phone="0501234567", htmx=htmx)

        assert "Do not contact: every way" in answer.said("#visitor") and "Private" not in answer.text


@PAGE_AND_FRAGMENT
class TestLift:
    def test_a_manager_lifts_it_with_a_reason(self, browser, mariam, aisha, lead, htmx):
        stop_id = stops.add(lead.lead_id, by=aisha, channel=ALL, reason=ASKED)
        page = browser.sign_in(mariam).get("leads.show", lead_id=lead.lead_id, htmx=htmx)
        assert page.said(".notice.is-late a") == "Lift"
        browser.get("stops.show", lead_id=lead.lead_id)
        values = {"lead_id": lead.lead_id, "stop_id": stop_id}

        refused = browser.post("stops.lift", {"reason": " "}, htmx=htmx, **values)
        assert refused.status_code == 422 and "Say why" in refused.said("form[action$=lifting]")
        answer = browser.post("stops.lift", {"reason": "They wrote to us"}, htmx=htmx, **values)

        assert answer.path == f"/leads/{lead.lead_id}/stops"
        assert "They wrote to us" in answer.said("[aria-labelledby=stops]")
        assert ways(browser.get("leads.show", lead_id=lead.lead_id, htmx=htmx)) == [True, True, True]

    def test_an_agent_does_not(self, browser, aisha, lead, unchanged, htmx):
        stop_id = stops.add(lead.lead_id, by=aisha, channel=ALL, reason=ASKED)
        page = browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        assert page.said(".notice.is-late a") == "Why"
        unchanged.from_now()

        answer = browser.post("stops.lift", {"reason": "Mine"}, lead_id=lead.lead_id, stop_id=stop_id, htmx=htmx)

        assert answer.status_code == 403 and unchanged


@PAGE_AND_FRAGMENT
class TestHours:
    def test_an_answer_to_an_enquiry_is_warned_of_and_marketing_is_not_offered(self, browser, aisha, omar, lead, htmx):
        fresh = a_lead("+971507654321", first_name="Noor", email="noor@example.com", by=aisha)
        opens, closes = closed_now(omar)

        new = browser.sign_in(aisha).get("leads.show", lead_id=fresh.lead_id, htmx=htmx)
        assert ways(new) == [True, True, True]
        warning = new.said(".notice.is-soon")
        assert f"Outside {opens} to {closes}: write instead, or call" in warning and opens in warning
        known = browser.get("leads.show", lead_id=lead.lead_id, htmx=htmx)

        assert ways(known) == [False, True, True]
        assert f"Outside {opens} to {closes}: wait until" in known.said(".notice.is-late")

    def test_an_office_that_only_warns_still_offers_it(self, browser, aisha, omar, lead, htmx):
        closed_now(omar, blocks=False)

        answer = browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id, htmx=htmx)

        assert ways(answer) == [True, True, True] and answer.page.select(".notice.is-soon")


@PAGE_AND_FRAGMENT
class TestResult:
    """What came of a call is logged with it."""

    def test_it_is_told_in_the_story_and_counts(self, browser, aisha, lead, htmx):
        sent = {"type": "call", "call_result": "no_answer"}
        answer = browser.sign_in(aisha).post("activities.log", sent, lead_id=lead.lead_id, htmx=htmx)

        assert "by you, no answer" in answer.said(".story .is-person")
        assert "2 calls in 24 h, 2 in 7 days" in answer.said(".page-head")
        assert ways(answer) == [True, True, True]
        assert "No answer in the last 24 hours: call again" in answer.said(".notice.is-soon")

    def test_who_refuses_is_not_offered_again_and_a_call_all_the_same_is_told(
        self, browser, another, aisha, mariam, lead, htmx
    ):
        browser.sign_in(aisha).post(
            "activities.log", {"type": "call", "call_result": "refused"}, lead_id=lead.lead_id, htmx=htmx
        )
        assert tuple(sql("SELECT channel, reason FROM contact_stops")[0]) == ("call", "refused")

        browser.post("activities.log", {"type": "call"}, lead_id=lead.lead_id, htmx=htmx)

        assert value("SELECT count(*) FROM lead_activities") == 3
        told = another(mariam).get("notifications.index")
        assert "Aisha Rahman contacted Layla Haddad in spite of the guard: do not contact" in told.said("main")
        assert len(notifications.latest(by=mariam)) == 1

    def test_only_a_call_has_one(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()

        sent = {"type": "email", "call_result": "busy"}
        answer = browser.post("activities.log", sent, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 422
        assert "Only a call has a result" in answer.said("#activity-form #log-call_result-error")
        assert unchanged

    def test_a_follow_up_asks_for_it_too(self, browser, aisha, lead, htmx):
        task_id = value("SELECT task_id FROM follow_up_tasks WHERE lead_id = %s", lead.lead_id)
        page = browser.sign_in(aisha).get("tasks.ask", task_id=task_id)
        assert page.page.select_one("a[href^='tel:']")

        browser.post("tasks.complete", {"type": "call", "call_result": "wrong_number"}, task_id=task_id, htmx=htmx)

        assert sql("SELECT call_result FROM lead_activities ORDER BY logged_at DESC LIMIT 1") == [("wrong_number",)]
        assert not browser.get("tasks.ask", task_id=task_id).page.select("a[href^='tel:']")


def test_another_number_of_theirs_that_is_wrong_is_no_link(browser, aisha, mariam, lead):
    sql(
        """INSERT INTO merges (survivor_id, absorbed_id, number, phones, source_type, captured_at, kept)
           VALUES (%s, gen_random_uuid(), 1, %s, 'bayut', now(),
                   '{"drawer": {"rows": {"leads": [{"first_name": "", "last_name": ""}]}}}')""",
        lead.lead_id,
        [lead.phone, "+971507654321"],
    )
    browser.sign_in(mariam)
    assert browser.get("leads.show", lead_id=lead.lead_id).page.select("a[href='tel:+971507654321']")
    sql("INSERT INTO contact_stops (phone, channel, reason) VALUES ('+971507654321', 'call', 'wrong_number')")

    page = browser.get("leads.show", lead_id=lead.lead_id)

    assert not page.page.select("a[href='tel:+971507654321']") and page.page.select("a[href='tel:+971501234567']")
