"""The form of the company's pages: whatever a visitor sends is kept, and spam is set apart."""

import json
from itertools import product
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup

from tests.factories import sql, tally, told, value
from tests.web.test_hostile_input import NO_TEXT
from webapp.database import rate_limits
from webapp.services import enquiries, sites
from webapp.vocabulary import ConsentWording, NoticeKind

THANKS = "https://www.example.com/thanks"
FORM = "application/x-www-form-urlencoded"
ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://www.example.com"}
LAYLA = {"name": "Layla Testova", "phone": "050 123 4567", "message": "Two bedrooms in the Marina?"}


@pytest.fixture
def site(app, omar):
    return sites.add("Contact page", by=omar, return_to=[THANKS])


def sent(browser, site, answers: dict, *, language="en", headers=ELSEWHERE):
    """The answer to a form that another page sends."""
    url = f"/forms/{site.key}?language={language}"
    return browser.ask("POST", url, data=answers, headers=headers)


class TestShow:
    def test_it_asks_in_the_language_that_it_is_asked_in(self, browser, site):
        english = browser.open("GET", f"/forms/{site.key}?language=en")
        arabic = browser.open("GET", f"/forms/{site.key}?language=ar")

        assert english.queries <= 2 and english.page.html["lang"] == "en"
        assert (arabic.page.html["lang"], arabic.page.html["dir"]) == ("ar", "rtl")
        assert "Set-Cookie" not in english.headers

    def test_what_our_own_page_asks_is_sent_by_it(self, browser, site, aisha):
        page = browser.open("GET", f"/forms/{site.key}").page
        names = {control["name"] for control in page.select("form [name]")}
        assert names >= {"name", "phone", "email", "message", "consent", "wording", "website", "opened"}
        answer = sent(browser, site, LAYLA, headers={"Sec-Fetch-Site": "same-origin"})

        assert answer.status_code == 303 and tally("leads") == {"leads": 1}

    @pytest.mark.parametrize("key", ["nothing", "x" * 43, "é"])
    def test_without_a_key_there_is_nothing(self, browser, key):
        assert browser.open("GET", f"/forms/{key}").status_code == 404


class TestSend:
    def test_it_is_an_enquiry_of_the_website_and_a_lead(self, browser, site, aisha):
        answer = sent(browser, site, LAYLA)

        assert answer.status_code == 303 and answer.headers["Location"] == "/thanks?language=en"
        enquiry = sql("SELECT * FROM enquiries")[0]
        assert (enquiry.source_type, enquiry.channel, enquiry.state) == ("website", "web_form", "captured")
        assert (enquiry.name, enquiry.phone_e164, enquiry.extra) == (
            "Layla Testova",
            "+971501234567",
            {"site": "Contact page"},
        )
        assert value("SELECT message FROM enquiries") == LAYLA["message"]

    def test_it_is_kept_as_it_was_typed_before_it_is_answered(self, browser, site, aisha):
        sql("""
            CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''broken''; END';
            CREATE TRIGGER break BEFORE INSERT ON leads FOR EACH ROW EXECUTE FUNCTION break()""")
        try:
            assert sent(browser, site, LAYLA).status_code == 303
        finally:
            sql("DROP FUNCTION break() CASCADE")
        kept = json.loads(bytes(value("SELECT payload FROM deliveries")))
        assert {name: kept[name] for name in LAYLA} == LAYLA and tally("leads") == {"leads": 0}

        assert enquiries.take_waiting().done == 1 and tally("leads") == {"leads": 1}

    def test_no_cookie_is_read_or_set_and_nobody_is_signed_in(self, browser, site, omar, aisha):
        browser.sign_in(omar)
        answer = sent(browser, site, LAYLA)

        assert "Set-Cookie" not in answer.headers
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'leads.capture' AND actor_id IS NOT NULL") == 0

    def test_sent_twice_it_is_one(self, browser, site, aisha):
        for _ in range(2):
            assert sent(browser, site, LAYLA).status_code == 303

        assert tally("deliveries", "enquiries") == {"deliveries": 1, "enquiries": 1}

    def test_the_thanks_show_nothing_of_what_was_sent(self, browser, site, aisha):
        led = browser.open("GET", sent(browser, site, LAYLA, language="ar").headers["Location"])

        assert led.queries <= 1 and led.page.html["lang"] == "ar" and "Layla" not in led.text

    @pytest.mark.parametrize(
        "address, led",
        [
            (THANKS, THANKS),
            ("https://www.example.com/thanks/", None),
            ("https://www.example.com.evil.example/thanks", None),
            ("//evil.example", None),
            ("javascript:alert(1)", None),
            (f"{THANKS}\r\nSet-Cookie: x=1", None),
        ],
    )
    def test_visitors_are_sent_back_only_where_the_admin_said(self, browser, site, aisha, address, led):
        answer = sent(browser, site, LAYLA | {"return_to": address})

        assert answer.headers["Location"] == (led or "/thanks?language=en")

    def test_the_words_that_they_agreed_to_are_recorded_with_their_version(self, browser, site, aisha):
        sent(browser, site, LAYLA | {"consent": "y", "wording": ConsentWording.current().value})

        extra = value("SELECT extra FROM enquiries")
        assert extra["consent"] is True and extra["consent_wording"] == ConsentWording.current()
        assert value("SELECT consent_at IS NOT NULL FROM leads")

    @pytest.mark.parametrize(
        "answers", [{"wording": "2026-11"}, {"consent": "y", "wording": "of their own"}, {"consent": "y"}]
    )
    def test_without_a_tick_or_with_words_that_are_not_ours_nobody_has_agreed(self, browser, site, aisha, answers):
        sent(browser, site, LAYLA | answers)

        assert "consent" not in value("SELECT extra FROM enquiries")
        assert value("SELECT consent_at FROM leads") is None

    def test_without_a_way_to_answer_it_comes_back_with_all_that_was_typed(self, browser, site):
        answer = sent(browser, site, {"name": "Layla", "message": "Hello?", "return_to": THANKS}, language="ar")
        page = BeautifulSoup(answer.text, "html.parser")

        assert answer.status_code == 422 and page.html["lang"] == "ar" and page.select_one("#phone-error")
        assert page.select_one("[name=name]")["value"] == "Layla" and "Hello?" in page.select_one("textarea").get_text()
        assert page.select_one("[name=return_to]")["value"] == THANKS and tally("deliveries") == {"deliveries": 0}

    def test_with_an_address_alone_somebody_reviews_it(self, browser, site, mariam):
        sent(browser, site, {"email": "layla@example.com", "message": "Hello?"})

        assert [row.why for row in sql("SELECT why FROM enquiries")] == ["no_phone"]

    @pytest.mark.parametrize("name", ["name", "phone", "email", "message", "listing_reference", "utm_source"])
    def test_what_no_field_takes_is_refused_and_nothing_is_cut(self, browser, site, name):
        for nothing in [*NO_TEXT.values(), b"x" * 2001]:
            sql("DELETE FROM rate_counters")
            body = urlencode(LAYLA | {name: nothing})
            answer = browser.ask("POST", f"/forms/{site.key}", data=body, content_type=FORM, headers=ELSEWHERE)
            assert answer.status_code == 422, nothing
        assert tally("deliveries") == {"deliveries": 0}

    @pytest.mark.parametrize("answers", [{"email": "nobody"}, {"name": ["Layla", "Noor"]}])
    def test_what_nobody_could_understand_is_refused(self, browser, site, answers):
        assert sent(browser, site, LAYLA | answers).status_code in (400, 422)
        assert tally("deliveries") == {"deliveries": 0}

    def test_what_is_typed_into_fields_that_keep_nothing_does_no_harm(self, browser, site, aisha):
        for name, text in product(("return_to", "opened", "wording", "website"), (*NO_TEXT.values(), b"x" * 9_000)):
            sql("DELETE FROM rate_counters")
            body = urlencode(LAYLA | {"consent": "y", name: text})
            answer = browser.ask("POST", f"/forms/{site.key}", data=body, content_type=FORM, headers=ELSEWHERE)
            assert (answer.status_code, answer.headers["Location"]) == (303, "/thanks?language=en"), (name, text)

    def test_more_than_a_form_is_refused(self, browser, site):
        assert sent(browser, site, LAYLA | {"message": "x" * 30_001}).status_code == 413
        assert browser.ask("POST", f"/forms/{site.key}", json=LAYLA).status_code == 415
        assert tally("deliveries") == {"deliveries": 0}

    def test_a_revoked_key_is_none(self, browser, site, omar):
        sites.revoke(site.site_id, by=omar)

        assert sent(browser, site, LAYLA).status_code == 404
        assert sent(browser, site, LAYLA, language="ar").status_code == 404 and tally("deliveries") == {"deliveries": 0}

    def test_a_flood_from_one_address_is_stopped(self, browser, site, aisha):
        for number in range(rate_limits.FORMS_OF_ADDRESS.amount):
            assert sent(browser, site, LAYLA | {"message": str(number)}).status_code == 303
        stopped = sent(browser, site, LAYLA)

        assert stopped.status_code == 429 and int(stopped.headers["Retry-After"]) > 0


class TestSpam:
    def test_what_fills_in_the_trap_is_kept_and_set_aside_and_nobody_is_told(self, browser, site, aisha, mariam):
        answer = sent(browser, site, LAYLA | {"website": "https://spam.example"})

        assert answer.status_code == 303, "it is not told that it was seen"
        assert [(row.state, row.why) for row in sql("SELECT * FROM enquiries")] == [("ignored", "spam")]
        assert told(mariam) == [] and tally("leads") == {"leads": 0}

        enquiries.bring_back(value("SELECT enquiry_id FROM enquiries"), by=mariam)
        assert tally("leads") == {"leads": 1}

    @pytest.mark.parametrize(
        "answers",
        [
            {"message": "see https://a.example and www.b.example"},
            {"name": "http://a.example"},
            {"opened": "made.up.token"},
            {"opened": "just now"},
        ],
    )
    def test_what_may_be_spam_somebody_looks_at_first(self, browser, site, aisha, mariam, answers):
        if answers == {"opened": "just now"}:
            page = browser.open("GET", f"/forms/{site.key}").page
            answers = {"opened": page.select_one("[name=opened]")["value"]}
        assert sent(browser, site, LAYLA | answers).status_code == 303
        assert [(row.state, row.why) for row in sql("SELECT * FROM enquiries")] == [("needs_review", "suspicious")]
        assert told(mariam) == [NoticeKind.ENQUIRY_WAITING]

        enquiries.retry(value("SELECT enquiry_id FROM enquiries"), by=mariam)
        assert tally("leads") == {"leads": 1}

    def test_a_link_to_the_property_is_no_spam(self, browser, site, aisha):
        sent(browser, site, LAYLA | {"message": "This one: https://www.example.com/TST-1"})

        assert tally("leads") == {"leads": 1}


class TestThank:
    def test_it_is_there_for_everybody(self, browser):
        assert browser.open("GET", "/thanks").status_code == 200
