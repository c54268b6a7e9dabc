"""What the admin sets for the whole office."""

import pytest

from tests.factories import sql, value
from webapp.services import check_ins, office, sites


class TestChange:
    def test_the_phone_and_the_months_are_kept_on_record(self, browser, omar):
        page = browser.sign_in(omar).get("office.show")
        assert page.queries <= 8

        answer = browser.post("office.change", {"name": "دار Homes", "phone": "800 4567", "retention_months": "24"})

        assert (answer.hops[0][0], answer.path) == (303, "/office")
        assert tuple(sql("SELECT name, phone, retention_months FROM office_settings")[0]) == (
            "دار Homes",
            "800 4567",
            24,
        )
        told = {"name": "دار Homes", "phone": "800 4567", "retention_months": 24}
        assert value("SELECT after FROM audit_entries WHERE verb = 'office.change'") == told
        assert browser.post("office.change", {"name": "", "phone": "", "retention_months": ""}).status_code == 200
        assert tuple(sql("SELECT name, phone, retention_months FROM office_settings")[0]) == (None, None, None)

    @pytest.mark.parametrize("sent", [{"phone": "none"}, {"retention_months": "3"}, {"retention_months": "soon"}])
    def test_what_cannot_be_is_said_at_the_field(self, browser, omar, sent):
        browser.sign_in(omar).get("office.show")

        answer = browser.post("office.change", {"phone": "", "retention_months": ""} | sent)

        assert answer.status_code == 422 and answer.page.select_one(".field-error")
        assert sql("SELECT FROM office_settings") == []


class TestName:
    def test_visitors_read_it_where_they_come(self, browser, another, omar, rashid, aisha):
        places = [
            ("website.show", {"key": sites.add("Villas", by=omar, return_to=[]).key}),
            ("website.thank", {}),
            ("check_ins.show", {"seal": check_ins.seal()}),
        ]
        desk = another(rashid)
        card = desk.post("leads.capture", {"phone": "0507654321"}).path
        for name, times in (("", 0), ("دار Homes", 1)):
            office.change(by=omar, name=name, phone="", retention_months=None)
            for endpoint, values in places:
                page = browser.get(endpoint, **values).page
                assert [found.get_text() for found in page.select(".brand bdi")].count("دار Homes") == times, endpoint
                assert page.title.get_text().count("دار Homes") == times, endpoint
            assert desk.open("GET", card).said(".handover").count("دار Homes") == 2 * times


class TestLimitCalls:
    SENT = {"calls_from": "1000", "calls_until": "20:30", "unanswered_a_day": "2", "unanswered_a_week": "5"}

    def test_hours_and_caps_are_kept_on_record(self, browser, omar):
        page = browser.sign_in(omar).get("office.show").page
        usual = [page.select_one(f"#calls-form [name={name}]")["value"] for name in self.SENT]
        assert usual == ["09:00", "18:00", "1", "2"] and not page.select_one("[name=guard_blocks][checked]")

        answer = browser.post("office.limit_calls", self.SENT | {"guard_blocks": "y"})

        assert (answer.hops[0][0], answer.path) == (303, "/office")
        columns = ", ".join((*self.SENT, "guard_blocks"))
        kept = sql(f"SELECT row({columns})::text AS told FROM office_settings")[0].told
        assert kept == "(10:00:00,20:30:00,2,5,t)"
        after = value("SELECT after FROM audit_entries WHERE verb = 'office.limit_calls'")
        assert (after["calls_from"], after["guard_blocks"]) == ("10:00", True)

    @pytest.mark.parametrize(
        "sent, field",
        [
            ({"calls_from": "late"}, "calls_from"),
            ({"calls_until": ""}, "calls_until"),
            ({"calls_until": "09:00"}, "calls_until"),
            ({"unanswered_a_day": "0"}, "unanswered_a_day"),
            ({"unanswered_a_week": "1"}, "unanswered_a_week"),
        ],
    )
    def test_what_cannot_be_is_said_at_the_field(self, browser, omar, sent, field):
        browser.sign_in(omar).get("office.show")

        answer = browser.post("office.limit_calls", self.SENT | sent)

        assert answer.status_code == 422 and answer.page.select_one(f"#calls-{field}-error")
        assert answer.page.select_one(f"#calls-form [name={field}]")["value"] == sent[field]
        assert sql("SELECT FROM office_settings") == []
