"""Leads: the hand-over card, amending, opening again, and what strangers are told."""

from decimal import Decimal
from uuid import uuid4

import pytest

from tests.factories import a_lead, brought_to, sql, value
from webapp.vocabulary import Language, Source, Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@PAGE_AND_FRAGMENT
class TestHandOver:
    SECRETS = ("7,654,321", "7654321", "Lebanon", "secret@client.example", "Bargain hard", "Score")

    @pytest.fixture
    def greeted(self, browser, rashid, aisha):
        """Somebody who was registered at the desk and of whom much is known since."""
        browser.sign_in(rashid).post("leads.capture", {"phone": "0507654321", "first_name": "Layla"})
        lead_id = value("SELECT lead_id FROM leads")
        sql("UPDATE leads SET budget_max = 7654321, nationality = 'Lebanon', email = 'secret@client.example'")
        sql(
            "INSERT INTO lead_activities (lead_id, agent_id, type, notes) VALUES (%s, %s, 'call', 'Bargain hard')",
            lead_id,
            aisha.agent_id,
        )
        return lead_id

    def test_reception_sees_the_card_and_nothing_else(self, browser, greeted, htmx):
        answer = browser.get("leads.show", lead_id=greeted, htmx=htmx)

        assert answer.page.h1.get_text() == "Aisha Rahman takes Layla."
        assert answer.page.select_one(".handover [lang=ar][dir=rtl]")
        assert not [secret for secret in self.SECRETS if secret in answer.text]
        assert {form["action"].rpartition("/")[2] for form in answer.page.select("main form")} == {"status"}

    def test_who_never_came_to_the_desk_is_missing_there(self, browser, greeted, htmx):
        other = a_lead("+971521112233")

        assert browser.get("leads.show", lead_id=other.lead_id, htmx=htmx).status_code == 404

    def test_its_queries(self, browser, greeted, htmx):
        assert browser.get("leads.show", lead_id=greeted, htmx=htmx).queries == (7 if htmx else 8)

    def test_everything_else_of_a_lead_is_not_for_reception(self, browser, greeted, unchanged, htmx):
        unchanged.from_now()
        for endpoint in ("leads.edit", "pipeline.ask"):
            assert browser.get(endpoint, lead_id=greeted, htmx=htmx).status_code == 403
        for endpoint in ("leads.amend", "activities.log", "tasks.schedule", "pipeline.move", "assignments.assign"):
            assert browser.post(endpoint, {"reason": "x"}, lead_id=greeted, htmx=htmx).status_code == 403
        assert unchanged

    def test_without_an_agent_the_visitor_is_asked_to_wait(self, browser, rashid, htmx):
        answer = browser.sign_in(rashid).post("leads.capture", {"phone": "0507654321"}, htmx=htmx)

        assert "Nobody has room yet" in answer.page.h1.get_text()


@PAGE_AND_FRAGMENT
class TestAmend:
    def test_it_lands_on_the_lead_with_the_new_details(self, browser, aisha, lead, htmx):
        answer = browser.sign_in(aisha).post(
            "leads.amend",
            {"first_name": "Leila", "budget_max": "3,000,000", "preferred_areas": "Marina"},
            lead_id=lead.lead_id,
            htmx=htmx,
        )

        assert answer.path == f"/leads/{lead.lead_id}"
        assert answer.page.h1.get_text() == "Leila Haddad"
        assert "Saved." in answer.said("#toasts")
        assert sql("SELECT budget_max, preferred_areas, source_type FROM leads") == [
            (3_000_000, ["Dubai Marina"], "website")
        ]

    def test_saved_untouched_it_changes_nothing_that_is_known(self, browser, aisha, htmx):
        lead = a_lead(
            "+966501234567",
            first_name="Sara",
            email="sara@client.example",
            budget_min=Decimal(1_000_000),
            budget_max=Decimal(2_500_000),
            preferred_areas=("Dubai Marina", "Al Warqa"),
            language_preference=Language.ARABIC,
            bedrooms=0,
            nationality="Saudi",
            consent=True,
        )
        facts = """SELECT first_name, last_name, phone, email, budget_min, budget_max, preferred_areas, bedrooms,
                   language_preference, nationality, spoken_language, consent_at, score FROM leads"""
        before = sql(facts)

        answer = browser.sign_in(aisha).post("leads.amend", lead_id=lead.lead_id, htmx=htmx)

        assert answer.hops
        assert sql(facts) == before

    def test_a_refusal_is_said_at_its_field(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).get("leads.edit", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("leads.amend", {"phone": "123", "first_name": "Kept"}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 422
        assert "not a phone number" in answer.said("#amend-form #phone-error")
        assert answer.page.select_one("[name=phone]")["value"] == "123"
        assert answer.page.select_one("[name=first_name]")["value"] == "Kept"
        assert unchanged

    def test_whoever_was_slower_sees_both_and_decides(self, browser, another, aisha, mariam, lead, htmx):
        mine, theirs = browser.sign_in(aisha), another(mariam)
        for one in (mine, theirs):
            one.get("leads.edit", lead_id=lead.lead_id)
        theirs.post("leads.amend", {"first_name": "Theirs", "email": "t@client.example"}, lead_id=lead.lead_id)

        answer = mine.post("leads.amend", {"first_name": "Mine"}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert "Theirs" in answer.said("#amend-form .notice")
        assert "t@client.example" in answer.said("#amend-form .notice")
        assert answer.page.select_one("[name=first_name]")["value"] == "Mine"
        assert value("SELECT first_name FROM leads") == "Theirs"

    def test_the_compared_form_may_be_saved_over_theirs(self, browser, another, aisha, mariam, lead, htmx):
        mine, theirs = browser.sign_in(aisha), another(mariam)
        mine.get("leads.edit", lead_id=lead.lead_id)
        theirs.post("leads.amend", {"first_name": "Theirs"}, lead_id=lead.lead_id)
        assert mine.post("leads.amend", {"first_name": "Mine"}, lead_id=lead.lead_id, htmx=htmx).status_code == 409

        answer = mine.post("leads.amend", {"first_name": "Mine"}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.page.h1.get_text() == "Mine Haddad"

    @pytest.mark.parametrize("version", [None, "", "x", "٢", "-1", "9" * 30])
    def test_a_version_that_is_none_is_stale_and_never_an_error(self, browser, aisha, lead, unchanged, htmx, version):
        browser.sign_in(aisha).get("leads.edit", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post(
            "leads.amend", {"version": version, "first_name": "Mine"}, lead_id=lead.lead_id, htmx=htmx
        )

        assert answer.status_code == 409
        assert unchanged

    def test_its_queries(self, browser, aisha, lead, htmx):
        answer = browser.sign_in(aisha).get("leads.edit", lead_id=lead.lead_id, htmx=htmx)

        assert answer.queries == (2 if htmx else 3)


@PAGE_AND_FRAGMENT
class TestOpenAgain:
    def test_it_lands_on_the_new_lead(self, browser, aisha, lead, htmx):
        closed = brought_to(lead, Status.LOST)

        answer = browser.sign_in(aisha).post("leads.open_again", lead_id=closed.lead_id, htmx=htmx)

        assert answer.path != f"/leads/{closed.lead_id}"
        assert answer.path == f"/leads/{value('SELECT lead_id FROM leads WHERE reopened_from IS NOT NULL')}"
        assert "Opened again as a new lead." in answer.said("#toasts")

    def test_sent_twice_it_opens_once(self, browser, aisha, lead, htmx):
        url = f"/leads/{brought_to(lead, Status.LOST).lead_id}/reopening"
        sent = browser.sign_in(aisha).filled(url, "leads.open_again", {"lead_id": lead.lead_id})

        answers = [browser.open("POST", url, data=sent, htmx=htmx) for _ in range(2)]

        assert answers[0].path == answers[1].path
        assert value("SELECT count(*) FROM leads") == 2

    def test_an_open_lead_is_refused(self, browser, aisha, lead, unchanged, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("leads.open_again", lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert "still open" in answer.text
        assert answer.fills == ("#toasts" if htmx else None)
        assert unchanged


class TestStrangers:
    """What is not there and what is not yours are the same answer."""

    PAGES = ("leads.show", "leads.edit", "pipeline.ask")
    WRITES = (
        "leads.amend",
        "leads.open_again",
        "activities.log",
        "tasks.schedule",
        "pipeline.move",
        "enquiries.add_visit",
    )
    SENT = {
        "phone": "0501234567",
        "type": "call",
        "due_date": "2030-01-01T10:00",
        "status_from": "new",
        "status": "contacted",
        "version": "1",
    }

    @PAGE_AND_FRAGMENT
    def test_a_foreign_lead_is_missing_in_the_same_words(self, browser, yousef, lead, unchanged, htmx):
        browser.sign_in(yousef)
        unchanged.from_now()
        for endpoint in self.PAGES:
            foreign = browser.get(endpoint, lead_id=lead.lead_id, htmx=htmx)
            missing = browser.get(endpoint, lead_id=uuid4(), htmx=htmx)
            assert foreign.status_code == missing.status_code == 404, endpoint
            assert foreign.text == missing.text
        for endpoint in self.WRITES:
            foreign = browser.post(endpoint, self.SENT, lead_id=lead.lead_id, htmx=htmx)
            missing = browser.post(endpoint, self.SENT, lead_id=uuid4(), htmx=htmx)
            assert foreign.status_code == missing.status_code == 404, endpoint
            assert without_tokens(foreign.text) == without_tokens(missing.text)
        assert unchanged

    def test_a_refused_form_says_no_more_of_a_foreign_lead(self, browser, yousef, lead, unchanged):
        browser.sign_in(yousef)
        unchanged.from_now()
        for endpoint in self.WRITES:
            foreign = browser.post(endpoint, {"phone": "x", "type": "x"}, lead_id=lead.lead_id)
            missing = browser.post(endpoint, {"phone": "x", "type": "x"}, lead_id=uuid4())
            assert foreign.status_code == missing.status_code == 404, endpoint
        assert unchanged

    def test_tasks_activities_and_visits_of_others_are_missing(self, browser, yousef, aisha, lead, unchanged):
        sql(
            "INSERT INTO lead_activities (lead_id, agent_id, type) VALUES (%s, %s, 'call')",
            lead.lead_id,
            aisha.agent_id,
        )
        sql("INSERT INTO visits (enquiry_id, lead_id) SELECT enquiry_id, lead_id FROM enquiries")
        browser.sign_in(yousef)
        unchanged.from_now()
        for endpoint, name, table in (
            ("tasks.complete", "task_id", "follow_up_tasks"),
            ("tasks.cancel", "task_id", "follow_up_tasks"),
            ("tasks.reschedule", "task_id", "follow_up_tasks"),
            ("activities.strike", "activity_id", "lead_activities"),
            ("enquiries.mark_visit", "visit_id", "visits"),
        ):
            sent = {"due_date": "2030-01-01T10:00", "status": "received"}
            foreign = browser.post(endpoint, sent, **{name: value(f"SELECT {name} FROM {table}")})
            missing = browser.post(endpoint, sent, **{name: uuid4()})
            assert foreign.status_code == missing.status_code == 404, endpoint
            assert foreign.text == missing.text
        assert unchanged

    @pytest.mark.parametrize(
        "path", ["/leads/1", "/leads/x/edit", "/leads/%00", "/leads/{}/nothing", "/tasks/1/completion"]
    )
    def test_a_malformed_id_is_missing(self, browser, aisha, path):
        assert browser.sign_in(aisha).open("GET", path.format(uuid4())).status_code == 404

    def test_an_agent_user_without_an_agent_sees_no_lead(self, browser, aisha, lead):
        sql("UPDATE users SET agent_id = NULL")

        browser.sign_in(aisha)

        assert browser.get("home.show").status_code == 200
        assert browser.get("leads.show", lead_id=lead.lead_id).status_code == 404
        assert "No leads yet" in browser.get("leads.index").said()

    def test_leaving_the_office_hides_what_was_moved(self, browser, aisha, yousef, lead):
        browser.sign_in(aisha)
        sql("UPDATE lead_assignments SET agent_id = %s, reassigned_at = now()", yousef.agent_id)

        assert browser.get("leads.show", lead_id=lead.lead_id).status_code == 404

    def test_a_source_keeps_its_label(self, browser, mariam):
        for source in Source:
            lead = a_lead(source=source)
            assert str(source.label) in browser.sign_in(mariam).get("leads.show", lead_id=lead.lead_id).said(".eyebrow")
            browser.post("sessions.end")


def without_tokens(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "csrf_token" not in line)
