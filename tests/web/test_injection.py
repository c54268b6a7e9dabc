"""Fields that nobody asked for have no effect, and what people type is shown as text wherever it is shown."""

import pytest

from tests.factories import a_lead, brought_to, sql, value
from tests.web.checks import shape
from webapp.vocabulary import Status

SPOOFED = {
    "user_id": "00000000-0000-0000-0000-000000000001",
    "role": "admin",
    "score": "100",
    "number": "1",
    "created_at": "2001-01-01",
    "updated_at": "2001-01-01",
    "logged_by": "00000000-0000-0000-0000-000000000001",
    "logged_at": "2001-01-01",
    "is_active": "false",
    "password_hash": "x",
    "is_demo": "true",
    "by": "omar",
    "kind": "own",
    "explanation": "{}",
    "reopened_from": "00000000-0000-0000-0000-000000000001",
    "escalated_at": "2001-01-01",
    "cancelled_at": "2001-01-01",
}

PAYLOADS = [
    "<script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    '" style="background:red',
    "<img src=//evil.example/x>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    '" hx-get="/leads" hx-trigger="load',
    "<div hx-post=/logout hx-trigger=load>",
    "<div data-hx-on:click=alert(1)>",
    "<form action=//evil.example method=post>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0>",
    "{% print(7 * 7) %}{# x #}",
    "${7*7}#{7*7}%s%d{0}",
    "--><!--<b>x",
    "<template><b>x</b></template>",
    "\\u003cscript\\u003e",
    "&lt;script&gt;&#x3c;b&#x3e;",
]


class TestSpoofedFields:
    def test_a_new_lead_takes_only_what_the_form_asks(self, browser, aisha, yousef):
        other = a_lead()
        spoofed = SPOOFED | {"agent_id": str(yousef.agent_id), "lead_id": str(other.lead_id), "status": "converted"}
        answer = browser.sign_in(aisha).post(
            "leads.capture", {"phone": "0507654321", "source_type": "dubizzle", **spoofed}
        )

        assert answer.hops
        (row,) = sql(
            """SELECT lead_id, status, score, reopened_from, number > 100 AS own_number,
                      created_at > now() - interval '1 minute' AS is_new,
                      (SELECT agent_id FROM lead_assignments a WHERE a.lead_id = l.lead_id) AS agent_id,
                      (SELECT taken_by FROM enquiries e WHERE e.lead_id = l.lead_id) AS taken_by
               FROM leads l WHERE phone = '+971507654321'"""
        )
        assert row.lead_id != other.lead_id
        assert (row.status, row.score, row.reopened_from, row.own_number, row.is_new) == ("new", 75, None, True, True)
        assert (row.agent_id, row.taken_by) == (aisha.agent_id, aisha.user_id)

    def test_reception_registers_walk_ins_whatever_is_sent(self, browser, rashid, aisha):
        browser.sign_in(rashid).post("leads.capture", {"phone": "0507654321", "source_type": "referral", **SPOOFED})

        assert sql("SELECT source_type, score FROM leads") == [("walk_in", 70)]

    def test_amending_moves_nothing_but_the_details(self, browser, aisha, yousef, lead):
        spoofed = SPOOFED | {"agent_id": str(yousef.agent_id), "status": "lost", "source_type": "referral"}
        before = sql("SELECT status, score, number, created_at, source_type FROM leads")

        assert browser.sign_in(aisha).post("leads.amend", spoofed, lead_id=lead.lead_id).hops

        assert sql("SELECT status, score, number, created_at, source_type FROM leads") == before
        assert value("SELECT agent_id FROM lead_assignments") == aisha.agent_id

    def test_an_activity_is_logged_by_who_logs_it_and_now(self, browser, aisha, yousef, lead):
        other = a_lead()
        spoofed = SPOOFED | {"agent_id": str(yousef.agent_id), "lead_id": str(other.lead_id)}

        assert browser.sign_in(aisha).post("activities.log", {"type": "call", **spoofed}, lead_id=lead.lead_id).hops

        assert sql(
            "SELECT lead_id, agent_id, logged_by, activity_at > now() - interval '1 minute' FROM lead_activities"
        ) == [(lead.lead_id, aisha.agent_id, aisha.user_id, True)]

    def test_a_follow_up_is_the_owners(self, browser, aisha, yousef, lead):
        sql("DELETE FROM follow_up_tasks")
        sent = {"type": "call", "due_date": "2030-01-01", "due_date_time": "10:00", "status": "completed"}

        browser.sign_in(aisha).post(
            "tasks.schedule", sent | SPOOFED | {"agent_id": str(yousef.agent_id)}, lead_id=lead.lead_id
        )

        assert sql("SELECT agent_id, status, escalated_at, cancelled_at FROM follow_up_tasks") == [
            (aisha.agent_id, "pending", None, None)
        ]

    def test_preferences_change_nothing_else_of_a_user(self, browser, aisha, yousef):
        facts = "SELECT user_id, email, name, role, agent_id, is_active, is_demo, password_hash FROM users ORDER BY 1"
        before = sql(facts)

        spoofed = SPOOFED | {"agent_id": str(yousef.agent_id), "email": "x@y.example", "name": "Somebody"}
        assert browser.sign_in(aisha).post("users.prefer", {"theme": "dark", **spoofed}).hops

        assert sql(facts) == before

    def test_a_move_is_made_by_who_makes_it(self, browser, aisha, mariam, lead):
        sent = SPOOFED | {"changed_by": str(mariam.user_id), "changed_at": "2001-01-01", "agent_id": "x"}

        browser.sign_in(aisha).post("pipeline.move", sent, lead_id=lead.lead_id)

        assert sql(
            "SELECT agent_id, changed_by, changed_at > now() - interval '1 minute' FROM lead_conversion_history"
        ) == [(aisha.agent_id, aisha.user_id, True)]


class TestShownAsText:
    """Every page with each payload has the elements and attributes that it has with harmless words."""

    LEAD = "first_name = %s, last_name = %s, nationality = left(%s, 50), preferred_areas = ARRAY[%s, 'x']"

    @pytest.fixture
    def story(self, browser, another, rashid, aisha, mariam):
        """A lead with something typed everywhere, and every page that shows it, by who sees it."""
        browser.sign_in(rashid).post("leads.capture", {"phone": "0507654321", "message": "x", "first_name": "x"})
        lead_id = value("SELECT lead_id FROM leads")
        agent = another(aisha)
        agent.post("activities.log", {"type": "call", "notes": "x", "outcome": "positive"}, lead_id=lead_id)
        agent.post(
            "tasks.schedule",
            {"type": "viewing", "notes": "x", "due_date": "2030-01-01", "due_date_time": "10:00"},
            lead_id=lead_id,
        )
        lost = brought_to(a_lead(first_name="x"), Status.LOST)
        return lead_id, lost.lead_id

    def fill(self, texts) -> None:
        text = iter(texts)
        sql(f"UPDATE leads SET {self.LEAD}", *(next(text) for _ in range(4)))
        sql("UPDATE enquiries SET message = %s", next(text))
        sql("UPDATE lead_activities SET notes = %s", next(text))
        sql("UPDATE follow_up_tasks SET notes = %s", next(text))
        sql("UPDATE lead_conversion_history SET notes = %s", next(text))
        sql("UPDATE agents SET full_name = %s", next(text))
        sql("UPDATE users SET name = %s WHERE role = 'agent'", next(text))
        sql("UPDATE lead_assignments SET kind = 'by_hand', reason = %s", next(text))

    def pages(self, browsers, story):
        lead_id, lost_id = story
        addresses = {
            "rashid": ["/front-desk", "/front-desk?phone=0507654321", f"/leads/{lead_id}", "/notices"],
            "aisha": ["/", "/leads", f"/leads/{lead_id}", f"/leads/{lead_id}/edit", "/notices", "/account"],
            "mariam": ["/", f"/leads/{lead_id}", f"/leads/{lost_id}", f"/leads/{lead_id}/status?status=lost"],
            "omar": [f"/leads/{lost_id}"],
        }
        return {(who, url): browsers[who].open("GET", url) for who, urls in addresses.items() for url in urls}

    def test_no_payload_adds_an_element_or_an_attribute(self, another, rashid, aisha, mariam, omar, story):
        sql("UPDATE visits SET status = 'waiting'")
        browsers = {
            name: another(who)
            for name, who in {"rashid": rashid, "aisha": aisha, "mariam": mariam, "omar": omar}.items()
        }
        self.fill(["harmless words"] * 11)
        expected = {key: shape(answer.page) for key, answer in self.pages(browsers, story).items()}

        for at in range(0, len(PAYLOADS), 4):
            turned = PAYLOADS[at:] + PAYLOADS[:at]
            self.fill(turned[:11])
            for key, answer in self.pages(browsers, story).items():
                assert answer.status_code == 200
                assert shape(answer.page) == expected[key], (key, turned[:11])

    @pytest.mark.parametrize("payload", PAYLOADS[:6])
    def test_what_was_refused_is_shown_as_text_too(self, browser, rashid, aisha, payload):
        browser.sign_in(rashid)
        known = browser.get("front_desk.show", phone="12345").page
        shown = browser.get("front_desk.show", phone=payload)
        assert shape(shown.page.select_one("form.field-lg")) == shape(known.select_one("form.field-lg"))
        assert shown.page.select_one("#phone")["value"] == payload

        other = Refusal(browser, aisha)
        assert other.shape_with("harmless") == other.shape_with(payload)


class Refusal:
    """A registration that comes back, with something typed into each field."""

    def __init__(self, browser, who):
        browser.post("sessions.end")
        self.browser = browser.sign_in(who)

    def shape_with(self, text: str):
        names = ("phone", "first_name", "last_name", "email", "nationality", "message", "preferred_areas", "budget_max")
        answer = self.browser.post("leads.capture", dict.fromkeys(names, text))
        assert answer.status_code == 422
        assert answer.page.select_one("[name=last_name]")["value"] == text
        return shape(answer.page)
