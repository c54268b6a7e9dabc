"""Somebody's own account."""

import pytest

from tests.factories import sql, value
from tests.web.browser import PASSWORD
from tests.web.places import with_mail

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


class TestChooseMail:
    """What comes by e-mail too, and when it is quiet."""

    @pytest.fixture(autouse=True)
    def mail(self, app):
        with with_mail(app):
            yield

    @PAGE_AND_FRAGMENT
    def test_what_is_chosen_is_kept_and_shown(self, browser, aisha, htmx):
        page = browser.sign_in(aisha).get("users.account").page
        assert not page.select("#mail-form [checked]")

        sent = {"mail_groups": ["leads", "visitors"], "quiet_from": "٢١:٠٠", "quiet_until": "730"}
        answer = browser.post("users.choose_mail", sent, htmx=htmx)

        assert answer.status_code == 200
        page = browser.get("users.account").page
        assert [box["value"] for box in page.select("#mail-form [checked]")] == ["leads", "visitors"]
        assert [page.select_one(f"#{name}")["value"] for name in ("quiet_from", "quiet_until")] == ["21:00", "07:30"]

    @PAGE_AND_FRAGMENT
    def test_nothing_ticked_and_nothing_typed_is_no_e_mail_at_any_hour(self, browser, aisha, htmx):
        sql("UPDATE users SET mail_groups = '{leads}', quiet_from = '21:00', quiet_until = '07:00'")

        browser.sign_in(aisha).get("users.account")
        browser.post("users.choose_mail", {"mail_groups": None, "quiet_from": "", "quiet_until": ""}, htmx=htmx)

        assert [*sql("SELECT mail_groups, quiet_from, quiet_until FROM users")[0]] == [[], None, None]

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"quiet_from": "21:00"}, "quiet_until"),
            ({"quiet_until": "07:00"}, "quiet_from"),
            ({"quiet_from": "7:00", "quiet_until": "07:00"}, "quiet_until"),
            ({"quiet_from": "night", "quiet_until": "07:00"}, "quiet_from"),
        ],
    )
    @PAGE_AND_FRAGMENT
    def test_hours_that_are_none_are_refused_at_their_field(self, browser, aisha, unchanged, htmx, sent, field):
        browser.sign_in(aisha).get("users.account")
        unchanged.from_now()

        answer = browser.post("users.choose_mail", {"mail_groups": ["leads", "files"]} | sent, htmx=htmx)

        assert answer.status_code == 422 and answer.said(f"[id={field}-error]")
        assert [box["value"] for box in answer.page.select("#mail-form [checked]")] == ["leads", "files"]
        assert unchanged

    def test_each_is_offered_only_what_can_reach_them(self, browser, aisha, mariam, omar, rashid):
        def offered(who):
            page = browser.sign_in(who).get("users.account").page
            return [box["value"] for box in page.select("#mail-form [name=mail_groups]")]

        assert offered(aisha) == ["leads", "visitors", "enquiries", "files"]
        assert offered(mariam) == ["visitors", "enquiries", "unanswered", "files", "watch", "portals"]
        assert offered(omar) == ["files"]
        assert offered(rashid) == []

    def test_what_is_not_offered_is_not_kept(self, browser, aisha):
        browser.sign_in(aisha).get("users.account")

        browser.post("users.choose_mail", {"mail_groups": ["portals", "leads", "moon"]})

        assert value("SELECT mail_groups FROM users") == ["leads"]

    def test_without_a_mail_server_nothing_is_offered_and_a_sentence_says_so(self, app, browser, aisha, monkeypatch):
        monkeypatch.setitem(app.config, "MAIL", None)

        page = browser.sign_in(aisha).get("users.account")

        assert not page.page.select("#mail-form") and "sends no e-mail" in page.said("[aria-labelledby=told]")

    def test_who_is_told_nothing_reads_that(self, browser, rashid):
        assert "nothing that you would be told" in browser.sign_in(rashid).get("users.account").said()


class TestUsers:
    """Admins see who signs in, invite, and change what somebody may do."""

    INVITED = {"name": "Noor Sabah", "email": "noor@desk.example", "role": "receptionist"}

    def test_everybody_is_listed_with_their_agent(self, browser, omar, aisha, rashid):
        answer = browser.sign_in(omar).get("users.index")

        assert answer.queries <= 4
        rows = {row.select_one(".name").get_text(): row.get_text(" ") for row in answer.page.select("tbody tr")}
        assert set(rows) == {"Aisha Rahman", "Omar Nasser", "Rashid Khan"}
        assert rows["Aisha Rahman"].count("Aisha Rahman") == 2
        assert "not signed in" in rows["Rashid Khan"]

    def test_somebody_is_invited_once_however_often_it_is_sent(self, browser, omar):
        browser.sign_in(omar).get("users.new")
        sent = browser.filled("/users", "users.invite", {}) | self.INVITED

        answers = [browser.ask("POST", "/users", data=sent) for _time in range(2)]

        assert [answer.status_code for answer in answers] == [303, 303]
        assert answers[0].location == answers[1].location
        assert sql("SELECT email, role FROM users WHERE name = 'Noor Sabah'") == [("noor@desk.example", "receptionist")]

    @pytest.mark.parametrize(
        "sent, said",
        [
            ({"name": ""}, "Say who they are."),
            ({"email": ""}, "Type their e-mail address."),
            ({"email": "OMAR.nasser@desk.example"}, "Another user has this e-mail address."),
            ({"role": "owner"}, "Choose one of the list."),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, browser, omar, unchanged, sent, said):
        browser.sign_in(omar).get("users.new")
        unchanged.from_now()

        answer = browser.post("users.invite", self.INVITED | sent)

        assert answer.status_code in (409, 422)
        assert said in answer.said(".field-error")
        assert answer.page.select_one("[name=name]")["value"] == (self.INVITED | sent)["name"]
        assert unchanged

    def test_who_is_deactivated_is_out_at_once_and_comes_back_with_a_new_session(self, browser, another, omar, rashid):
        elsewhere = another(rashid)
        browser.sign_in(omar).get("users.show", user_id=rashid.user_id)
        sent = {"name": "Rashid Khan", "role": "receptionist"}

        browser.post("users.change", sent | {"is_active": None}, user_id=rashid.user_id)
        assert elsewhere.ask("GET", "/account").status_code == 302
        browser.post("users.change", sent | {"is_active": "y"}, user_id=rashid.user_id)

        assert elsewhere.ask("GET", "/account").status_code == 302
        assert value("SELECT is_active FROM users WHERE user_id = %s", rashid.user_id)

    def test_a_new_role_holds_at_once(self, browser, another, omar, rashid):
        elsewhere = another(rashid)
        browser.sign_in(omar).get("users.show", user_id=rashid.user_id)

        browser.post(
            "users.change", {"name": "Rashid Khan", "role": "manager", "is_active": "y"}, user_id=rashid.user_id
        )

        assert elsewhere.get("leads.index", all="1").status_code == 200
        assert sql(
            "SELECT before->>'role' AS was, after->>'role' AS is_now FROM audit_entries WHERE verb = 'users.change'"
        ) == [("receptionist", "manager")]

    @pytest.mark.parametrize("sent", [{"role": "manager"}, {"is_active": None}])
    def test_nobody_changes_their_own_role_or_access(self, browser, omar, unchanged, sent):
        browser.sign_in(omar).get("users.show", user_id=omar.user_id)
        unchanged.from_now()
        mine = {"name": "Omar Nasser", "role": "admin", "is_active": "y"}

        answer = browser.post("users.change", mine | sent, user_id=omar.user_id)

        assert answer.status_code == 422
        assert "Somebody else has to change" in answer.said(".field-error")
        assert unchanged

    def test_two_users_are_not_one_agent(self, browser, omar, aisha, rashid, unchanged):
        browser.sign_in(omar).get("users.show", user_id=rashid.user_id)
        unchanged.from_now()
        sent = {"name": "Rashid Khan", "role": "agent", "is_active": "y", "agent_id": str(aisha.agent_id)}

        answer = browser.post("users.change", sent, user_id=rashid.user_id)

        assert answer.status_code == 409
        assert "Another user already is this agent." in answer.said(".field-error")
        assert unchanged


class TestOwnPassword:
    NEW = "four words of mine"

    def test_it_is_changed_by_the_one_so_far_and_every_other_browser_is_signed_out(self, browser, another, aisha):
        elsewhere = another(aisha)
        browser.sign_in(aisha).get("users.account")

        answer = browser.post("users.change_password", {"current": PASSWORD, "password": self.NEW})

        assert "Your password is changed." in answer.said("#toasts")
        assert browser.get("users.account").status_code == 200
        assert elsewhere.ask("GET", "/account").status_code == 302

    @pytest.mark.parametrize(
        "current, new, said",
        [
            ("wrong", "four words of mine", "That is not your password so far."),
            (PASSWORD, "short", "at least 10 characters"),
            (PASSWORD, "aisha rahman", "Choose another"),
        ],
    )
    def test_what_is_wrong_is_said(self, browser, aisha, unchanged, current, new, said):
        browser.sign_in(aisha).get("users.account")
        unchanged.from_now()

        answer = browser.post("users.change_password", {"current": current, "password": new})

        assert answer.status_code == 422
        assert said in answer.said("#password-form .field-error")
        assert unchanged


def test_other_browsers_are_listed_and_signed_out(browser, another, aisha):
    elsewhere = another(aisha)
    page = browser.sign_in(aisha).get("users.account")
    assert page.said("[aria-labelledby=sessions] li").count("browser") == 2

    answer = browser.post("users.end_others")

    assert "Signed out in 1 other browser." in answer.said("#toasts")
    assert elsewhere.ask("GET", "/account").status_code == 302
    assert not browser.get("users.account").page.select("form[action='/account/sessions']")
