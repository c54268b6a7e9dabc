"""Admins give programs their keys."""

import pytest

from tests.factories import sql, value
from webapp.services import api_keys
from webapp.services.access import SYSTEM


class TestIndex:
    def test_each_key_with_how_it_is_used(self, browser, omar):
        api_keys.add("Website", by=omar)
        api_keys.revoke(api_keys.add("Old program", by=SYSTEM).key.key_id, by=omar)

        answer = browser.sign_in(omar).get("api_keys.index")

        assert answer.queries <= 5
        first, second = [line.get_text(" ", strip=True) for line in answer.page.select("[aria-labelledby=keys] li")]
        assert "Website" in first and "never used" in first and "by Omar" in first and "Revoke" in first
        assert "Old program" in second and "revoked" in second and "Revoke" not in second

    def test_without_any_it_says_so(self, browser, omar):
        assert "No program has a key." in browser.sign_in(omar).get("api_keys.index").said("main")


class TestAdd:
    @pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
    def test_it_is_shown_once_and_kept_as_a_hash(self, browser, omar, htmx):
        browser.sign_in(omar).get("api_keys.index")

        answer = browser.post("api_keys.add", {"name": "Website"}, htmx=htmx)

        token = answer.page.select_one("input[readonly]")["value"]
        assert len(token) >= 43 and answer.headers["Cache-Control"] == "no-store"
        assert token not in str(sql("SELECT * FROM api_keys"))
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'api_keys.add'") == 1
        assert api_keys.holder(token, "127.0.0.1")
        assert not browser.get("api_keys.index").page.select("input[readonly]")

    @pytest.mark.parametrize("name, said", [("", "Name the program"), ("Website", "There is a key of that name")])
    def test_a_name_that_is_none_or_taken_is_refused_at_its_field(self, browser, omar, unchanged, name, said):
        api_keys.add("Website", by=SYSTEM)
        browser.sign_in(omar).get("api_keys.index")
        unchanged.from_now()

        answer = browser.post("api_keys.add", {"name": name})

        assert answer.status_code in (409, 422)
        assert said in answer.said("#name-error")
        assert unchanged


class TestRevoke:
    def test_it_works_no_more(self, browser, omar):
        made = api_keys.add("Website", by=SYSTEM)
        browser.sign_in(omar).get("api_keys.index")

        browser.post("api_keys.revoke", key_id=made.key.key_id)

        assert api_keys.holder(made.token, "127.0.0.1") is None
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'api_keys.revoke'") == 1
        assert browser.post("api_keys.revoke", key_id=made.key.key_id).status_code == 404
