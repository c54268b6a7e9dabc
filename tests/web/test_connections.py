"""The doors of the portals, as the admin opens and closes them."""

import pytest

import config
from tests.factories import sql, value
from tests.portals import DOORS, signed
from webapp import doors
from webapp.services import connections
from webapp.vocabulary import Portal

SECRET = "a-secret-of-bayut"
KEY = "a-key-of-a-portal"
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

        assert answer.queries == 5
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


def keyed(admin, portal="bayut", api_key=KEY, api_secret="", is_pulled="y", **more):
    sent = {"api_key": api_key, "is_pulled": is_pulled} | ({"api_secret": api_secret} if api_secret else {})
    return admin.post("connections.set_key", sent, portal=portal, **more)


@PAGE_AND_FRAGMENT
class TestSetKey:
    def test_a_portal_with_a_key_is_asked(self, admin, htmx):
        page = keyed(admin, htmx=htmx)

        assert "Asked by us on" in page.said("[aria-labelledby=portal-bayut]")
        assert connections.account(Portal.BAYUT).key == KEY

    def test_property_finder_s_key_has_two_parts(self, admin, htmx):
        alone = keyed(admin, "property-finder", htmx=htmx)
        assert alone.status_code == 422 and "both parts" in alone.said("#portal-property-finder-api_secret-error")
        keyed(admin, "property-finder", api_secret="second-part", htmx=htmx)

        account = connections.account(Portal.PROPERTY_FINDER)
        assert (account.key, account.secret) == (KEY, "second-part") and KEY not in repr(account)

    def test_the_key_is_nowhere_again(self, admin, htmx, caplog, stored):
        for page in (keyed(admin, "property-finder", api_secret="second-part"), admin.get("connections.index")):
            assert KEY not in page.text and "second-part" not in page.text
        assert KEY not in caplog.text and stored(KEY) == stored("second-part") == []

    def test_without_a_new_key_the_one_so_far_stays_and_may_rest(self, admin, htmx):
        keyed(admin)
        keyed(admin, api_key="", is_pulled=None, htmx=htmx)
        assert connections.account(Portal.BAYUT) is None
        keyed(admin, api_key="", htmx=htmx)

        assert connections.account(Portal.BAYUT).key == KEY

    @pytest.mark.parametrize(
        "api_key, said", [("", "Without a key"), ("مفتاح", "letters and digits"), ("x" * 501, "500")]
    )
    def test_what_is_no_key_is_refused_at_its_field(self, admin, htmx, unchanged, api_key, said):
        admin.get("connections.index")
        unchanged.from_now()
        answer = keyed(admin, api_key=api_key, htmx=htmx)

        assert answer.status_code == 422 and said in answer.said("#portal-bayut-api_key-error")
        assert unchanged

    def test_the_website_is_not_asked(self, admin, htmx):
        assert admin.get("connections.index").page.select("[aria-labelledby=portal-website] .fetching") == []
        assert keyed(admin, "website", htmx=htmx).status_code == 404


class TestFetching:
    def said(self, admin) -> str:
        return admin.get("connections.index").said("[aria-labelledby=portal-bayut-fetching]")

    def test_it_says_how_far_it_has_read(self, admin):
        keyed(admin)
        assert "not read yet" in self.said(admin)
        sql("""INSERT INTO pulls (source, cursors, read_at)
               VALUES ('bayut', '{"a": "2026-03-04T09:00:00+00:00", "b": "2026-03-04T10:00:00+00:00"}', now())""")

        said = self.said(admin)
        assert "last read" in said and "read up to" in said and "13:00" in said

    def test_a_failure_is_told_in_words_and_when_it_is_tried_again(self, admin):
        keyed(admin)
        sql("""INSERT INTO pulls (source, failure, failed_at, failures, not_before)
               VALUES ('bayut', 'key_refused', now(), 1, now() + interval '5 minutes')""")
        said = self.said(admin)
        assert "on, but it fails" in said and "refuses the key" in said and "Asked again at" in said

        sql("UPDATE pulls SET failures = 0, not_before = NULL, read_at = now()")
        assert "It failed then, and is over" in self.said(admin)

    def test_a_portal_that_is_quiet_is_marked(self, admin):
        sql("INSERT INTO pulls (source, quiet_since) VALUES ('bayut', now())")

        assert "quiet for longer" in admin.get("connections.index").said("[aria-labelledby=portal-bayut]")

    def test_a_key_of_property_finder_that_ends_soon_is_told(self, admin):
        keyed(admin, "property-finder", api_secret="second-part")
        sql("INSERT INTO pulls (source) VALUES ('propertyFinder')")
        assert "The key ends" not in admin.get("connections.index").text
        sql("UPDATE connections SET key_saved_at = now() - interval '340 days'")

        assert "The key ends on" in admin.get("connections.index").text

    def test_a_key_of_the_environment_is_shown_and_not_changed_here(self, admin, app):
        before, app.config["PORTAL_KEYS"] = app.config["PORTAL_KEYS"], {"bayut": (KEY, "")}
        try:
            answer, refused = admin.get("connections.index"), keyed(admin)
        finally:
            app.config["PORTAL_KEYS"] = before

        assert "The environment of the server gives this key" in answer.said()
        assert KEY not in answer.text and refused.status_code == 409


class TestEnvironment:
    def test_keys_come_with_one_part_or_two(self, monkeypatch):
        for name in ("BAYUT_API_KEY", "PROPERTY_FINDER_API_KEY", "PROPERTY_FINDER_API_SECRET", "DUBIZZLE_API_SECRET"):
            monkeypatch.setenv(name, name.lower())

        second = "property_finder_api_secret"
        assert config.portal_keys() == {
            "bayut": ("bayut_api_key", ""),
            "property-finder": ("property_finder_api_key", second),
        }

    def test_only_the_environment_points_elsewhere_than_to_the_vendors(self, monkeypatch):
        assert config.portal_urls()["bayut"] == "https://www.bayut.com"
        monkeypatch.setenv("BAYUT_URL", "http://127.0.0.1:9")

        assert config.portal_urls() == config.PORTAL_URLS | {"bayut": "http://127.0.0.1:9"}

    def test_a_door_needs_both_its_address_and_its_secret(self, monkeypatch):
        for name in ("BAYUT_PATH", "BAYUT_SECRET", "PROPERTY_FINDER_PATH"):
            monkeypatch.setenv(name, name.lower())

        assert config.doors() == {"bayut": ("bayut_path", "bayut_secret")}
