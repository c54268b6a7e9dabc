"""The forms of the website, as the admin makes and revokes them."""

import pytest
from bs4 import BeautifulSoup

from tests.factories import sql, tally, value

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
THANKS = "https://www.example.com/thanks"


@pytest.fixture
def admin(browser, omar):
    return browser.sign_in(omar)


def made(admin, name="Contact page", return_to=THANKS, **more):
    return admin.post("sites.add", {"name": name, "return_to": return_to}, **more)


def snippets(answer) -> list[BeautifulSoup]:
    """The forms that the admin is to copy."""
    return [BeautifulSoup(shown.get_text(), "html.parser") for shown in answer.page.select("pre")]


class TestIndex:
    def test_at_first_there_is_none(self, admin):
        answer = admin.get("sites.index")

        assert answer.queries <= 4 and "No page has a form yet." in answer.said()

    def test_more_forms_take_no_more_queries(self, admin):
        sql("INSERT INTO sites (name, key) SELECT n, n FROM generate_series(1, 20) n")

        assert admin.get("sites.index").queries <= 4


@PAGE_AND_FRAGMENT
class TestAdd:
    def test_it_gives_plain_html_in_both_languages(self, admin, htmx):
        english, arabic = snippets(made(admin, htmx=htmx))

        for snippet, language, direction in ((english, "en", "ltr"), (arabic, "ar", "rtl")):
            form = snippet.form
            assert (form["lang"], form["dir"], form["method"]) == (language, direction, "post")
            key = value("SELECT key FROM sites")
            assert form["action"] == f"http://localhost/forms/{key}?language={language}" and len(key) == 43
            assert form.select_one("[name=return_to]")["value"] == THANKS
            assert snippet.select("script, style, link, [style], img") == []
            assert all(control.find_parent("label") for control in form.select("input:not([type=hidden]), textarea"))
        assert english.label.get_text() != arabic.label.get_text() or english.text != arabic.text

    def test_what_the_html_sends_is_taken(self, admin, aisha, htmx):
        form = snippets(made(admin, htmx=htmx))[0].form
        answers = {control["name"]: control.get("value", "") for control in form.select("[name]")}
        answers |= {"phone": "0501234567", "consent": "y"}
        url = form["action"].removeprefix("http://localhost")
        answer = admin.ask("POST", url, data=answers, headers={"Sec-Fetch-Site": "cross-site"})

        assert (answer.status_code, answer.headers["Location"]) == (303, THANKS)
        assert tally("leads") == {"leads": 1} and value("SELECT extra ->> 'consent_wording' FROM enquiries")

    @pytest.mark.parametrize("name, field", [("", "name"), ("x" * 101, "name")])
    def test_it_needs_a_name(self, admin, htmx, unchanged, name, field):
        admin.get("sites.index")
        unchanged.from_now()
        answer = made(admin, name=name, htmx=htmx)

        assert answer.status_code == 422 and answer.page.select_one(f"#{field}-error") and unchanged

    def test_a_name_is_taken_once_until_it_is_revoked(self, admin, htmx):
        made(admin)
        assert made(admin, htmx=htmx).status_code == 409
        admin.post("sites.revoke", site_id=value("SELECT site_id FROM sites"))

        assert made(admin, htmx=htmx).status_code == 200

    @pytest.mark.parametrize(
        "address",
        [
            "http://www.example.com/",
            "www.example.com",
            "javascript:alert(1)",
            "https://user@example.com",
            "https://",
            "https://[",
            "https://exa mple.com",
            "https://example.com\\@evil.example",
            "https://مثال.example",
            f"https://example.com/{'x' * 500}",
            "\n".join(f"https://example.com/{n}" for n in range(11)),
        ],
    )
    def test_what_is_no_address_to_send_people_to_is_refused_at_its_field(self, admin, htmx, address):
        answer = made(admin, return_to=address, htmx=htmx)

        assert answer.status_code == 422 and answer.page.select_one("#return_to-error")
        assert answer.page.select_one("[name=return_to]").get_text().strip() == address
        assert tally("sites") == {"sites": 0}


@PAGE_AND_FRAGMENT
class TestRevoke:
    def test_its_html_is_gone_and_its_key_works_no_more(self, admin, htmx):
        made(admin)
        site = sql("SELECT * FROM sites")[0]
        answer = admin.post("sites.revoke", site_id=site.site_id, htmx=htmx)

        assert snippets(answer) == [] and "revoked" in answer.said()
        assert admin.ask("POST", f"/forms/{site.key}", data={"phone": "0501234567"}).status_code == 404
        assert admin.post("sites.revoke", site_id=site.site_id, htmx=htmx).status_code == 404
