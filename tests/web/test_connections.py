"""The doors of the portals, as the admin opens and closes them."""

import pytest

import config
from tests.factories import sql, value
from tests.portals import DOORS, signed
from webapp import doors
from webapp.services import connections
from webapp.vocabulary import Portal

SECRET = "a-secret-of-bayut"
PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@pytest.fixture
def admin(browser, omar):
    return browser.sign_in(omar)


def opened(admin, portal="bayut", secret=SECRET, **more):
    return admin.post("connections.change", {"secret": secret, "is_enabled": "y"}, portal=portal, **more)


def address(answer, portal="bayut") -> str:
    return answer.page.select_one(f"#portal-{portal}-address")["value"].partition("localhost")[2]


class TestIndex:
    def test_every_portal_is_there_and_closed(self, admin):
        answer = admin.get("connections.index")

        assert answer.queries == 4
        assert [part.h2.get_text() for part in answer.page.select("section")] == [str(p.label) for p in Portal]
        assert answer.said().count("closed") == 4 and "has not delivered yet" in answer.said()

    def test_it_says_when_something_was_delivered_last_and_what_waits(self, admin):
        sql("INSERT INTO deliveries (source, external_id, payload) VALUES ('bayut', '1', '')")

        said = admin.get("connections.index").said("[aria-labelledby=portal-bayut]")
        assert "last delivered" in said and "one delivery waits for the worker" in said

    def test_a_door_of_the_environment_is_shown_and_not_changed_here(self, admin, app):
        before, app.config["DOORS"] = app.config["DOORS"], {"bayut": DOORS["bayut"]}
        try:
            answer = admin.get("connections.index")
            refused = opened(admin)
        finally:
            app.config["DOORS"] = before

        assert "The environment of the server opens this door" in answer.said()
        assert DOORS["bayut"][1] not in answer.text and refused.status_code == 409


@PAGE_AND_FRAGMENT
class TestChange:
    def test_an_open_door_takes_what_is_signed(self, admin, aisha, htmx):
        page = opened(admin, htmx=htmx)
        raw = b'{"id":"1","enquirer":{"phone_number":"0501234567"}}'
        answer = admin.ask("POST", address(page), data=raw, headers=signed(Portal.BAYUT, raw, SECRET))

        assert "open" in page.said("[aria-labelledby=portal-bayut]")
        assert answer.status_code == 200 and value("SELECT count(*) FROM leads") == 1

    def test_the_secret_is_nowhere_again(self, admin, htmx, caplog, stored):
        for page in (opened(admin, htmx=htmx), admin.get("connections.index")):
            assert SECRET not in page.text
        assert SECRET not in caplog.text and stored(SECRET) == []
        assert value("SELECT count(*) FROM audit_entries WHERE after::text LIKE %s", f"%{SECRET}%") == 0
        kept = bytes(value("SELECT secret FROM connections"))
        assert SECRET.encode() not in kept and doors.unseal(kept) == SECRET.encode()

    def test_without_a_new_secret_the_one_so_far_stays(self, admin, htmx):
        opened(admin)
        opened(admin, secret="", htmx=htmx)

        assert connections.door(Portal.BAYUT).secret == SECRET.encode()

    def test_closed_it_is_no_door_and_opens_with_the_same_secret_and_address(self, admin, htmx):
        before = address(opened(admin))
        closed = admin.post("connections.change", {"secret": "", "is_enabled": None}, portal="bayut", htmx=htmx)
        assert "closed" in closed.said("[aria-labelledby=portal-bayut]")
        assert connections.door(Portal.BAYUT) is None

        assert address(opened(admin, secret="")) == before

    @pytest.mark.parametrize(
        "secret, said", [("", "Without a secret"), ("short", "8 to 200"), ("x" * 201, "At most 200")]
    )
    def test_what_is_no_secret_is_refused_at_its_field(self, admin, htmx, unchanged, secret, said):
        admin.get("connections.index")
        unchanged.from_now()
        answer = opened(admin, secret=secret, htmx=htmx)

        assert answer.status_code == 422 and said in answer.said("#portal-bayut-secret-error")
        assert unchanged

    def test_property_finder_takes_32_characters(self, admin, htmx):
        assert opened(admin, "property-finder", "x" * 33, htmx=htmx).status_code == 422
        assert opened(admin, "property-finder", "x" * 32, htmx=htmx).status_code == 200

    def test_a_portal_that_is_none_is_missing(self, admin, htmx):
        assert opened(admin, "nobody", htmx=htmx).status_code == 404


@PAGE_AND_FRAGMENT
class TestReaddress:
    def test_the_address_so_far_leads_nowhere(self, admin, htmx):
        before = address(opened(admin))
        after = address(admin.post("connections.readdress", portal="bayut", htmx=htmx))

        assert after != before and len(after.rpartition("/")[2]) >= 40
        assert admin.ask("POST", before, data=b"{}", headers=signed(Portal.BAYUT, b"{}", SECRET)).status_code == 404
        assert admin.ask("POST", after, data=b"{}", headers=signed(Portal.BAYUT, b"{}", SECRET)).status_code == 200


class TestEnvironment:
    def test_a_door_needs_both_its_address_and_its_secret(self, monkeypatch):
        for name in ("BAYUT_PATH", "BAYUT_SECRET", "PROPERTY_FINDER_PATH"):
            monkeypatch.setenv(name, name.lower())

        assert config.doors() == {"bayut": ("bayut_path", "bayut_secret")}
