"""Programs bring leads: by a key, once per Idempotency-Key, and refused in problem+json (R13)."""

import json

import pytest

from tests.factories import a_phone, an_agent, sql, tally, value
from webapp.services import api_keys
from webapp.services.access import SYSTEM
from webapp.vocabulary import Source

LEAD = {
    "first_name": "Ahmed",
    "last_name": "Al Mansouri",
    "email": "ahmed@example.com",
    "phone": "050 123 4567",
    "nationality": "UAE",
    "language_preference": "arabic",
    "budget_min": 800_000,
    "budget_max": 1_500_000,
    "property_type": "apartment",
    "preferred_areas": ["Downtown", "Business Bay"],
}
CAMPAIGN = {"campaign_id": "summer", "referrer_agent_id": None, "property_id": None, "utm_source": "google_ads"}
ENQUIRY = {"source_type": "bayut", "lead_data": LEAD, "source_details": CAMPAIGN}


class Program:
    """A program with its key."""

    def __init__(self, app, token: str):
        self.client, self.token = app.test_client(), token

    def send(self, body, *, once: str | None = None, **headers):
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent |= {"Idempotency-Key": once} if once else {}
        data = body if isinstance(body, bytes) else json.dumps(body)
        return self.client.post("/api/v1/leads/capture", data=data, headers=sent | headers)


@pytest.fixture
def program(app):
    return Program(app, api_keys.add("Website", by=SYSTEM).token)


def refused(answer, status: int, code: str) -> dict:
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert (answer.json["status"], answer.json["type"]) == (status, code)
    assert answer.json["title"] and answer.json["detail"]
    return answer.json.get("errors", {})


class TestCapture:
    def test_a_lead_is_captured_scored_and_given_to_somebody(self, program):
        aisha = an_agent("Aisha Rahman")

        answer = program.send(ENQUIRY)

        assert answer.status_code == 201
        lead = sql("SELECT lead_id, score, phone, preferred_areas FROM leads")[0]
        assert lead.phone == "+971501234567" and lead.preferred_areas == ["Downtown Dubai", "Business Bay"]
        due = value("SELECT due_date FROM follow_up_tasks")
        assert answer.json == {
            "success": True,
            "lead_id": str(lead.lead_id),
            "assigned_agent": {
                "agent_id": str(aisha.agent_id),
                "name": "Aisha Rahman",
                "phone": value("SELECT phone FROM agents"),
            },
            "lead_score": lead.score,
            "next_follow_up": due.isoformat(),
            "suggested_properties": [],
        }
        assert sql("SELECT campaign_id, utm_source FROM lead_sources") == [("summer", "google_ads")]
        assert value("SELECT channel FROM enquiries") == "api"
        assert value("SELECT actor_name FROM audit_entries WHERE verb = 'leads.capture'") == "API: Website"

    def test_where_nobody_has_room_it_is_nobodys(self, program):
        answer = program.send(ENQUIRY)

        assert answer.status_code == 201
        assert (answer.json["assigned_agent"], answer.json["next_follow_up"]) == (None, None)

    def test_only_phone_and_source_are_needed(self, program):
        assert program.send({"source_type": "website", "lead_data": {"phone": a_phone()}}).status_code == 201

    def test_a_repeat_names_the_lead_and_is_kept(self, program):
        lead_id = program.send(ENQUIRY).json["lead_id"]

        answer = program.send(ENQUIRY)

        assert refused(answer, 409, "duplicate_lead") == {}
        assert answer.json["lead_id"] == lead_id
        assert tally("leads", "enquiries") == {"leads": 1, "enquiries": 2}


class TestOnce:
    def test_sent_again_it_is_answered_the_same_and_nothing_is_done(self, program):
        first = program.send(ENQUIRY, once="order-1")
        again = program.send(ENQUIRY, once="order-1")

        assert (again.status_code, again.json) == (201, first.json)
        assert tally("leads", "enquiries") == {"leads": 1, "enquiries": 1}

    def test_a_duplicate_is_answered_as_one_again(self, program):
        program.send(ENQUIRY)
        answers = [program.send(ENQUIRY, once="order-1") for _time in range(2)]

        assert [answer.status_code for answer in answers] == [409, 409]
        assert tally("enquiries") == {"enquiries": 2}

    def test_another_body_under_it_is_refused(self, program):
        program.send(ENQUIRY, once="order-1")

        refused(program.send(ENQUIRY | {"source_type": "referral"}, once="order-1"), 422, "idempotency_key_reused")

    def test_what_was_refused_leaves_it_unused(self, program):
        refused(
            program.send({"source_type": "bayut", "lead_data": {"phone": "12"}}, once="a"), 422, "invalid_lead_data"
        )

        assert program.send(ENQUIRY, once="a").status_code == 201

    def test_keys_of_different_programs_are_their_own(self, app, program):
        other = Program(app, api_keys.add("Another", by=SYSTEM).token)
        program.send(ENQUIRY, once="order-1")

        assert other.send(ENQUIRY | {"source_type": "referral"}, once="order-1").status_code == 201

    @pytest.mark.parametrize("key", ["", "x" * 256, "é"])
    def test_one_that_cannot_be_is_refused(self, program, key):
        refused(program.send(ENQUIRY, **{"Idempotency-Key": key}), 422, "validation_error")

    def test_it_is_forgotten_after_three_days(self, program):
        program.send(ENQUIRY, once="order-1")
        sql("UPDATE api_answers SET created_at = now() - interval '73 hours'")

        assert api_keys.forget() == 1


class TestRefusals:
    @pytest.mark.parametrize("token", ["", "ld_wrong", "\N{BULLET}"])
    def test_without_a_key_that_works(self, app, token):
        answer = Program(app, token.encode().decode("latin-1")).send(ENQUIRY)

        refused(answer, 401, "unauthorized")
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_a_revoked_key_works_no_more(self, program):
        api_keys.revoke(value("SELECT key_id FROM api_keys"), by=SYSTEM)

        refused(program.send(ENQUIRY), 401, "unauthorized")

    def test_a_signed_in_browser_is_nobody_here(self, browser, omar, app):
        browser.sign_in(omar)
        answer = browser.client.post("/api/v1/leads/capture", json=ENQUIRY)

        refused(answer, 401, "unauthorized")

    def test_another_type_than_json(self, program):
        refused(program.send(ENQUIRY, **{"Content-Type": "text/plain"}), 415, "unsupported_media_type")

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a": NaN}', b"[" * 100_000])
    def test_what_is_not_json(self, program, body):
        refused(program.send(body), 400, "malformed")

    @pytest.mark.parametrize("body", [[], "x", 1, None])
    def test_what_is_no_object(self, program, body):
        refused(program.send(body), 422, "validation_error")

    @pytest.mark.parametrize(
        "lead, place",
        [
            ({"phone": 501234567}, "lead_data.phone"),
            ({"first_name": ["A"]}, "lead_data.first_name"),
            ({"first_name": "x" * 101}, "lead_data.first_name"),
            ({"first_name": "a\x00b"}, "lead_data.first_name"),
            ({"email": "nobody"}, "lead_data.email"),
            ({"budget_max": "a lot"}, "lead_data.budget_max"),
            ({"budget_max": True}, "lead_data.budget_max"),
            ({"budget_max": 10**400}, "lead_data.budget_max"),
            ({"budget_max": 0.001}, "lead_data.budget_max"),
            ({"bedrooms": 21}, "lead_data.bedrooms"),
            ({"property_type": "castle"}, "lead_data.property_type"),
            ({"preferred_areas": "Marina"}, "lead_data.preferred_areas"),
            ({"consent": "yes"}, "lead_data.consent"),
        ],
    )
    def test_a_field_that_cannot_be_right_is_named(self, program, lead, place):
        answer = program.send({"source_type": "bayut", "lead_data": {"phone": a_phone()} | lead})

        assert set(refused(answer, 422, "validation_error")) == {place}
        assert tally("leads") == {"leads": 0}

    def test_what_the_rules_refuse_is_named_too(self, program):
        answer = program.send(ENQUIRY | {"lead_data": LEAD | {"phone": "800 5000"}})
        assert set(refused(answer, 422, "invalid_lead_data")) == {"lead_data.phone"}

        stranger = ENQUIRY | {"source_details": {"referrer_agent_id": "7c2c3a6c-4a37-4e7e-9f6c-2f4f3f6c8d11"}}
        assert set(refused(program.send(stranger), 422, "invalid_lead_data")) == {"source_details.referrer_agent_id"}

    def test_several_are_all_named(self, program):
        answer = program.send({"source_type": "pigeon", "lead_data": {"email": "x"}})

        assert set(refused(answer, 422, "validation_error")) >= {"source_type", "lead_data.email"}

    def test_without_the_lead(self, program):
        assert "lead_data" in refused(program.send({"source_type": "bayut"}), 422, "validation_error")

    def test_addresses_that_are_none_are_problems_too(self, program):
        refused(program.client.get("/api/v1/nothing"), 404, "not_found")
        refused(program.client.get("/api/v1/leads/capture"), 405, "method_not_allowed")

    def test_too_many_requests_are_told_when_to_come_back(self, program):
        program.send(ENQUIRY)
        sql("UPDATE rate_counters SET hits = 600 WHERE key LIKE '%api%'")

        answer = program.send(ENQUIRY)

        refused(answer, 429, "too_many_tries")
        assert 0 < int(answer.headers["Retry-After"]) <= 60


class TestDescribe:
    def test_it_names_every_word_that_is_taken(self, browser):
        found = browser.client.get("/api/v1/openapi.json").json

        enquiry = found["components"]["schemas"]["Enquiry"]["properties"]
        assert found["openapi"] == "3.1.0"
        assert enquiry["source_type"]["enum"] == [source.value for source in Source]
        assert set(enquiry["lead_data"]["properties"]) >= set(LEAD)
