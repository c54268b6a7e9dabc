"""What the admin sets for the whole office."""

import pytest

from tests.factories import sql, value


class TestChange:
    def test_the_phone_and_the_months_are_kept_on_record(self, browser, omar):
        page = browser.sign_in(omar).get("office.show")
        assert page.queries <= 8

        answer = browser.post("office.change", {"phone": "800 4567", "retention_months": "24"})

        assert (answer.hops[0][0], answer.path) == (303, "/office")
        assert tuple(sql("SELECT phone, retention_months FROM office_settings")[0]) == ("800 4567", 24)
        told = {"phone": "800 4567", "retention_months": 24}
        assert value("SELECT after FROM audit_entries WHERE verb = 'office.change'") == told
        assert browser.post("office.change", {"phone": "", "retention_months": ""}).status_code == 200
        assert tuple(sql("SELECT phone, retention_months FROM office_settings")[0]) == (None, None)

    @pytest.mark.parametrize("sent", [{"phone": "none"}, {"retention_months": "3"}, {"retention_months": "soon"}])
    def test_what_cannot_be_is_said_at_the_field(self, browser, omar, sent):
        browser.sign_in(omar).get("office.show")

        answer = browser.post("office.change", {"phone": "", "retention_months": ""} | sent)

        assert answer.status_code == 422 and answer.page.select_one(".field-error")
        assert sql("SELECT FROM office_settings") == []
