"""The admin's page of the office's working hours."""

import pytest

from tests.factories import sql, value
from webapp.services import hours


class TestShow:
    def test_it_shows_what_holds(self, browser, omar):
        page = browser.sign_in(omar).get("hours.show")

        assert page.queries <= 9
        assert page.page.select_one("[name=day_1]")["value"] == "09:00-18:00"
        assert page.page.select_one("[name=day_7]")["value"] == ""
        assert "2026-12-02 to 2026-12-03 National Day" in page.page.select_one("[name=special]").get_text()
        assert "2027-02-08 to 2027-03-08 09:00-16:00 Ramadan 2027" in page.page.select_one("[name=special]").get_text()


class TestChange:
    def test_sent_as_it_is_it_stays_as_it_is(self, browser, omar):
        before = hours.hours()
        browser.sign_in(omar).get("hours.show")

        assert browser.post("hours.change").path == "/office/hours"

        assert hours.hours() == before

    def test_hours_are_read_as_people_write_them(self, browser, omar):
        lines = "2030-01-01 New Year\n\n٢٠٣٠-٠٢-٠١ إلى ٢٠٣٠-٠٢-٠٣ ٩:٠٠-١٦:٠٠ رمضان"
        typed = {"day_1": "8.30 – 17", "day_2": "٩:٠٠ إلى ١٨:٠٠", "day_6": "", "special": lines}

        answer = browser.sign_in(omar).post("hours.change", typed)

        assert answer.hops, answer.said()
        assert [str(hours.hours().week.get(day)) for day in (1, 2, 6)] == ["08:30-17:00", "09:00-18:00", "None"]
        kept = [str(one) for one in hours.hours().special]
        assert kept == ["2030-01-01 New Year", "2030-02-01 to 2030-02-03 09:00-16:00 رمضان"]

    @pytest.mark.parametrize(
        ("name", "typed"),
        [
            ("day_1", "all day"),
            ("day_1", "18:00-09:00"),
            ("day_1", "09:00-25:00"),
            ("special", "New Year"),
            ("special", "2030-13-01 New Year"),
            ("special", "2030-02-03 to 2030-02-01 Backwards"),
            ("special", "2030-02-03"),
            ("special", "2030-01-01 18:00-09:00 Backwards"),
            ("special", "2040-01-01 Far away"),
            ("special", "2030-01-01 " + "x" * 81),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field_and_stays_there(self, browser, omar, name, typed):
        before = hours.hours()

        answer = browser.sign_in(omar).post("hours.change", {name: typed})

        assert answer.status_code == 422
        assert answer.page.select_one(f"#{name}-error").get_text(strip=True)
        shown = answer.page.select_one(f"[name={name}]")
        assert (shown.get("value") or shown.get_text().strip()) == typed
        assert hours.hours() == before
        assert sql("SELECT FROM audit_entries WHERE verb = 'hours.change'") == []

    def test_the_audit_says_it_in_words(self, browser, omar):
        browser.sign_in(omar).post("hours.change", {"day_6": ""})

        assert value("SELECT after ->> 'day_6' FROM audit_entries WHERE verb = 'hours.change'") == ""
        said = browser.get("audit.index").said()
        assert "Changed the working hours" in said and "Saturday" in said
