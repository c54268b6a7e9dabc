"""Where portals deliver: what is signed is kept and taken up, and nothing else comes in."""

import hashlib
import hmac
import json

import pytest

from tests.factories import sql, tally, value
from tests.portals import DOORS, FIXTURES, FOLDER, PATH, PUSHED, SECRET, an_event, signed, source_of
from webapp.database import rate_limits
from webapp.services import enquiries, hooks
from webapp.services.access import SYSTEM
from webapp.vocabulary import Portal

KEPT = ("deliveries", "enquiries", "leads", "notices", "audit_entries")
NOTHING = dict.fromkeys(KEPT, 0)


@pytest.fixture
def doors(app):
    """Every portal's door is open, by the environment."""
    before = app.config["DOORS"]
    app.config["DOORS"] = DOORS
    yield
    app.config["DOORS"] = before


def delivered(browser, portal: Portal, raw: bytes, *, path: str = PATH, headers: dict | None = None):
    """The answer to a portal that delivers these bytes."""
    sent = signed(portal, raw) if headers is None else headers
    return browser.ask("POST", f"/hooks/{portal.slug}/{path}", data=raw, headers=sent)


@pytest.mark.usefixtures("doors")
class TestReceive:
    @pytest.mark.parametrize("name", PUSHED)
    def test_a_fixture_with_the_signature_of_the_manifest_is_taken(self, browser, aisha, mariam, name):
        fixture = FIXTURES[name]
        portal = Portal(source_of(name))
        answer = delivered(browser, portal, (FOLDER / name).read_bytes(), headers=fixture["headers"])

        assert (answer.status_code, answer.json) == (200, {"status": "kept"})
        assert value("SELECT portal_lead_id FROM enquiries") == fixture["expected"][0]["portal_lead_id"]
        assert value("SELECT count(*) FROM leads") == (fixture["expected"][0]["phone_e164"] is not None)
        assert value("SELECT state FROM deliveries") == "taken"

    def test_dubizzle_may_sign_in_bayut_s_header(self, browser, aisha):
        raw = (FOLDER / "dubizzle_push_whatsapp.json").read_bytes()
        headers = {"X-Bayut-Signature": signed(Portal.DUBIZZLE, raw)["X-dubizzle-Signature"]}

        assert delivered(browser, Portal.DUBIZZLE, raw, headers=headers).status_code == 200
        assert value("SELECT source_type FROM leads") == "dubizzle"

    def test_a_second_delivery_is_answered_and_changes_nothing(self, browser, aisha):
        raw = (FOLDER / "bayut_push_whatsapp.json").read_bytes()
        delivered(browser, Portal.BAYUT, raw)
        before = tally(*KEPT)
        again = delivered(browser, Portal.BAYUT, raw)

        assert (again.status_code, again.json) == (200, {"status": "known"})
        assert tally(*KEPT) == before

    @pytest.mark.parametrize("portal", Portal)
    @pytest.mark.parametrize("what", ["none", "empty", "another secret", "changed body", "long", "not ascii"])
    def test_without_the_right_signature_nothing_is_stored(self, browser, portal, what):
        raw = b'{"id": "1", "enquirer": {"phone_number": "0501234567"}}'
        (name,) = {*signed(portal, raw)} - {"Content-Type"}
        headers = {
            "none": {},
            "empty": {name: ""},
            "another secret": signed(portal, raw, "another-secret-still"),
            "changed body": signed(portal, raw + b" "),
            "long": {name: "a" * 5000},
            "not ascii": {name: "é"},
        }[what]
        answer = delivered(browser, portal, raw, headers=headers)

        assert answer.status_code == 401 and answer.mimetype == "application/problem+json"
        assert answer.json["title"] == "A valid key or signature is needed" and SECRET not in answer.text
        assert tally(*KEPT) == NOTHING

    def test_the_signature_of_one_portal_is_none_of_another(self, browser):
        raw = b"{}"
        hmac_of = signed(Portal.PROPERTY_FINDER, raw)["X-Signature"]

        assert delivered(browser, Portal.BAYUT, raw, headers={"X-Bayut-Signature": hmac_of}).status_code == 401

    @pytest.mark.parametrize(
        "url", [f"/hooks/bayut/{PATH}x", "/hooks/bayut/x", f"/hooks/nobody/{PATH}", "/hooks/bayut/é"]
    )
    def test_at_another_address_there_is_nothing(self, browser, url):
        answer = browser.ask("POST", url, data=b"{}", headers=signed(Portal.BAYUT, b"{}"))

        assert answer.status_code == 404 and answer.mimetype == "application/problem+json"
        assert tally(*KEPT) == NOTHING

    def test_whatever_is_signed_is_kept_up_to_a_megabyte(self, browser, mariam):
        for raw in (b"", b"\x00\xff not json", b"[" * 1_048_576, b"csrf_token=x&_method=DELETE"):
            assert delivered(browser, Portal.BAYUT, raw).status_code == 200
            assert bytes(value("SELECT payload FROM deliveries ORDER BY received_at DESC LIMIT 1")) == raw
        too_long = delivered(browser, Portal.BAYUT, b"x" * 1_048_577)

        assert too_long.status_code == 413 and too_long.mimetype == "application/problem+json"
        assert value("SELECT count(*) FROM enquiries WHERE why = 'unreadable' AND state = 'needs_review'") == 4

    def test_no_session_and_no_cookie_say_who_it_is(self, browser, omar):
        browser.sign_in(omar)
        seen = sql("SELECT last_seen_at FROM sessions")
        sql("UPDATE sessions SET last_seen_at = now() - interval '20 minutes'")
        answer = delivered(browser, Portal.BAYUT, b"{}", headers={})

        assert answer.status_code == 401 and "Set-Cookie" not in answer.headers
        assert sql("SELECT last_seen_at FROM sessions") != seen and tally("audit_entries")["audit_entries"] >= 0
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'denied'") == 0

    def test_only_posts_are_answered(self, browser):
        assert browser.ask("GET", f"/hooks/bayut/{PATH}").status_code == 405

    def test_a_lead_that_cannot_be_made_now_is_kept_and_answered(self, browser, aisha):
        raw = an_event(1, 1, at="2026-03-04T09:00:00Z", contacts=[{"type": "phone", "value": "0501234567"}])
        sql("""
            CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''broken''; END';
            CREATE TRIGGER break BEFORE INSERT ON leads FOR EACH ROW EXECUTE FUNCTION break()""")
        try:
            assert delivered(browser, Portal.PROPERTY_FINDER, raw).status_code == 200
        finally:
            sql("DROP FUNCTION break() CASCADE")
        assert tally("deliveries", "leads") == {"deliveries": 1, "leads": 0}

        assert enquiries.take_waiting().done == 1
        assert tally("deliveries", "leads") == {"deliveries": 1, "leads": 1}

    def test_what_cannot_be_kept_is_asked_for_again(self, browser, app):
        sql("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN RAISE ''busy'' USING ERRCODE = ''55P03''; END';
            CREATE TRIGGER refuse BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION refuse()""")
        try:
            answer = delivered(browser, Portal.BAYUT, b"{}")
        finally:
            sql("DROP FUNCTION refuse() CASCADE")

        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
        assert answer.mimetype == "application/problem+json"
        assert delivered(browser, Portal.BAYUT, b"{}").json == {"status": "kept"}

    def test_unsigned_floods_are_stopped_and_the_portal_itself_is_not(self, browser):
        for _ in range(rate_limits.UNSIGNED.amount):
            assert delivered(browser, Portal.BAYUT, b"{}", headers={}).status_code == 401
        stopped = delivered(browser, Portal.BAYUT, b"{}", headers={})

        assert stopped.status_code == 429 and int(stopped.headers["Retry-After"]) > 0
        assert delivered(browser, Portal.BAYUT, b"{}").status_code == 200

    def test_a_portal_s_own_flood_is_told_when_to_come_back(self, browser):
        sql(
            "INSERT INTO rate_counters (key, hits, expires_at) VALUES (%s, %s, now() + interval '1 minute')",
            rate_limits.DELIVERIES.key_for("delivery", "bayut"),
            rate_limits.DELIVERIES.amount,
        )

        assert delivered(browser, Portal.BAYUT, b"{}").status_code == 429
        assert tally("deliveries") == {"deliveries": 0}

    def test_it_takes_few_queries(self, browser, aisha):
        raw = (FOLDER / "bayut_push_whatsapp.json").read_bytes()
        url = f"/hooks/bayut/{PATH}"
        answer = browser.open("POST", url, data=raw, headers=signed(Portal.BAYUT, raw))
        again = browser.open("POST", url, data=raw, headers=signed(Portal.BAYUT, raw))

        assert answer.queries <= 60 and again.queries <= 4


class TestSignature:
    """As the vendors' documents write it, beside the same made with the standard library."""

    def test_of_property_finder_it_is_an_hmac(self):
        expected = hmac.new(b"secret", b"raw", hashlib.sha256).hexdigest()

        assert hooks.signature(Portal.PROPERTY_FINDER, b"secret", b"raw") == expected

    def test_of_bayut_it_is_a_plain_hash_of_both(self):
        assert hooks.signature(Portal.BAYUT, b"secret", b"raw") == hashlib.md5(b"secretraw").hexdigest()

    def test_capital_letters_are_the_same_signature(self):
        given = hooks.signature(Portal.BAYUT, b"secret", b"raw").upper()

        assert hooks.is_signed(Portal.BAYUT, b"secret", b"raw", {"X-Bayut-Signature": given}.get)


class TestWithoutDoor:
    def test_a_closed_door_is_no_door(self, browser, app):
        sql("INSERT INTO connections (source, path, is_enabled) VALUES ('bayut', %s, false)", PATH)

        assert delivered(browser, Portal.BAYUT, b"{}").status_code == 404

    def test_a_secret_sealed_with_another_key_is_asked_for_again(self, browser, app):
        sql("INSERT INTO connections (source, path, is_enabled, secret) VALUES ('bayut', %s, true, 'x')", PATH)

        assert delivered(browser, Portal.BAYUT, b"{}").status_code == 503
        assert tally("deliveries") == {"deliveries": 0}

    def test_an_example_of_the_guide_is_read(self, app):
        body = {"id": "form-1", "name": "Layla", "phone": "+971501234567"}

        assert enquiries.keep(Portal.WEBSITE.source, json.dumps(body).encode(), by=SYSTEM)
