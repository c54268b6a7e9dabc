"""Somebody's own account."""

import pytest

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@PAGE_AND_FRAGMENT
class TestAccount:
    def test_arabic_turns_the_page_around(self, browser, aisha, lead, htmx):
        browser.sign_in(aisha).post("users.prefer", {"language": "ar", "theme": "dark"}, htmx=htmx)

        page = browser.get("leads.show", lead_id=lead.lead_id).page

        assert (page.html["lang"], page.html["dir"]) == ("ar", "rtl")
        assert page.html["data-bs-theme"] == "dark"
        assert page.select_one("link[rel=stylesheet]")["href"].startswith("/static/vendor/tabler.rtl.min.css")
        assert browser.get("users.account").page.select_one("[name=language] [selected]")["value"] == "ar"

    @pytest.mark.parametrize("theme, follows", [("light", False), ("dark", False), ("system", True)])
    def test_the_theme_is_kept(self, browser, aisha, htmx, theme, follows):
        browser.sign_in(aisha).post("users.prefer", {"theme": theme}, htmx=htmx)

        page = browser.get("home.show").page

        assert page.html["data-bs-theme"] == ("dark" if theme == "dark" else "light")
        assert page.html.has_attr("data-theme-follows-system") is follows

    @pytest.mark.parametrize("sent", [{"language": "fr"}, {"theme": "pink"}, {"theme": None}])
    def test_what_we_do_not_have_is_refused_at_its_field(self, browser, aisha, unchanged, htmx, sent):
        browser.sign_in(aisha).get("users.account")
        unchanged.from_now()

        answer = browser.post("users.prefer", sent, htmx=htmx)

        assert answer.status_code == 422
        assert "Choose one" in answer.said(f"[id={next(iter(sent))}-error]")
        assert unchanged
