"""Everybody's workload, and who the agents are: added, changed, put on duty and off."""

from datetime import date, timedelta

import pytest

from tests.factories import a_lead, an_agent, brought_to, busy, sql, the_agent, value
from tests.web.browser import controls
from webapp import clock, formatting
from webapp.extensions import db
from webapp.models import Lead
from webapp.vocabulary import PropertyType, SpokenLanguage, Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
HANA = {"full_name": "Hana Aziz", "email": "hana@agents.example", "phone": "050 111 2233"}


@pytest.fixture
def team(aisha, yousef):
    """Aisha with three leads, Fatima with 42, Yousef away with two, Hana with nothing."""
    busy(aisha, 3)
    fatima = busy(an_agent("Fatima Ali", languages=["french"], areas=["Dubai Marina"], types=["villa"], rate=25), 42)
    sql("UPDATE agents SET on_duty = true WHERE agent_id = %s", yousef.agent_id)
    busy(yousef, 2)
    sql("UPDATE agents SET on_duty = false WHERE agent_id = %s", yousef.agent_id)
    an_agent("Hana Noor", rate=50)
    return fatima


def a_lead_of(who, order: str = "ASC") -> Lead:
    """The agent's first lead, or the last."""
    found = value(f"SELECT lead_id FROM leads WHERE owner_id = %s ORDER BY number {order} LIMIT 1", who.agent_id)
    return db.session.get(Lead, found)


def names(answer) -> list[str]:
    return [cell.get_text() for cell in answer.page.select("#agent-list a.name")]


class TestIndex:
    @PAGE_AND_FRAGMENT
    def test_the_busiest_come_first_with_what_they_hold(self, browser, mariam, aisha, team, htmx):
        brought_to(a_lead_of(aisha), Status.QUALIFIED)

        answer = browser.sign_in(mariam).get("agents.index", htmx=htmx, target="agent-list")

        assert names(answer) == ["Fatima Ali", "Aisha Rahman", "Yousef Haddad", "Hana Noor"]
        bars = [bar["aria-label"] for bar in answer.page.select("svg.held")]
        assert bars == ["New 42", "New 2, Qualified 1", "New 2", "No active leads."]
        widths = [[rect["width"] for rect in bar.select("rect")] for bar in answer.page.select("svg.held")]
        assert widths == [["42"], ["2", "1"], ["2"], []]
        assert answer.fills == ("#agent-list" if htmx else None)
        assert answer.queries == (3 if htmx else 4)

    def test_all_of_them_together(self, browser, mariam, team):
        answer = browser.sign_in(mariam).get("agents.index")

        assert "4 agents, 3 on duty, 47 leads in hand, room for 105 more" in answer.said(".page-head")

    @pytest.mark.parametrize(
        "query, found",
        [
            ({"show": "on_duty"}, ["Fatima Ali", "Aisha Rahman", "Hana Noor"]),
            ({"show": "near"}, ["Fatima Ali"]),
            ({"show": "attention"}, ["Fatima Ali", "Yousef Haddad"]),
            ({"language": "french"}, ["Fatima Ali"]),
            ({"type": "villa"}, ["Fatima Ali"]),
            ({"area": "Marina"}, ["Fatima Ali"]),
            ({"area": "JVC"}, []),
            ({"sort": "name"}, ["Aisha Rahman", "Fatima Ali", "Hana Noor", "Yousef Haddad"]),
            ({"sort": "rate"}, ["Hana Noor", "Fatima Ali", "Aisha Rahman", "Yousef Haddad"]),
            ({"show": "nonsense", "sort": "x"}, ["Fatima Ali", "Aisha Rahman", "Yousef Haddad", "Hana Noor"]),
        ],
    )
    def test_it_is_narrowed_and_sorted(self, browser, mariam, team, query, found):
        answer = browser.sign_in(mariam).get("agents.index", **query)

        assert names(answer) == found

    def test_only_what_is_understood_is_in_the_address(self, browser, mariam, team):
        answer = browser.sign_in(mariam).get("agents.index", show="near", language="klingon", sort="load", area="")

        assert answer.headers["HX-Push-Url"] == "/agents?show=near"

    def test_every_number_opens_as_many_rows_as_it_says(self, browser, mariam, aisha, team):
        sql("UPDATE leads SET status = 'lost' WHERE lead_id = %s", a_lead_of(aisha).lead_id)
        sql(
            """INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date, status)
               VALUES (%s, %s, 'call', now() - interval '1 day', 'overdue')""",
            a_lead_of(aisha, "DESC").lead_id,
            aisha.agent_id,
        )
        page = browser.sign_in(mariam).get("agents.index", show="on_duty", sort="name").page
        row = page.select("#agent-list tbody tr")[0]
        links = row.select("a[href^='/leads?']")

        assert [link.get_text() for link in links] == ["2", "1"]
        for link in links:
            opened = browser.open("GET", link["href"]).page.select("#lead-list tbody tr")
            assert len(opened) == int(link.get_text())

    def test_fifteen_are_shown_at_once(self, browser, mariam, aisha):
        for number in range(16):
            an_agent(f"Agent {number:02d}")
        first = browser.sign_in(mariam).get("agents.index", sort="name")

        assert len(names(first)) == 15
        rest = browser.open("GET", first.page.select_one("a[rel=next]")["href"])
        assert names(rest) == ["Agent 15", "Aisha Rahman"]
        assert first.queries == rest.queries == 4

    def test_of_three_hundred_the_first_answer_is_small_and_takes_as_many_queries(self, browser, mariam, aisha):
        sql("""INSERT INTO agents (full_name, email, phone, specialization_areas, language_skills)
               SELECT 'Agent Number ' || n, n || '@many.example', '+97155' || n, '{Dubai Marina}', '{arabic,hindi}'
               FROM generate_series(1, 300) n""")

        answer = browser.sign_in(mariam).get("agents.index")

        assert len(names(answer)) == 15
        assert len(answer.data) < 60_000
        assert answer.queries == 4

    def test_a_broker_number_that_ends_is_seen(self, browser, mariam, aisha, yousef):
        today = clock.today().date()
        for who, days in ((aisha, 10), (yousef, -1)):
            sql(
                "UPDATE agents SET broker_number = '12345', broker_number_expires_on = %s WHERE agent_id = %s",
                today + timedelta(days=days),
                who.agent_id,
            )
        answer = browser.sign_in(mariam).get("agents.index", sort="expiry")

        assert names(answer) == ["Yousef Haddad", "Aisha Rahman"]
        said = [" ".join(row.select("td")[6].get_text(" ").split()) for row in answer.page.select("tbody tr")]
        assert said[0].startswith("12345 lapsed ")
        assert said[1] == "12345 in 10 days"

    @pytest.mark.parametrize("who, status", [("omar", 200), ("aisha", 403), ("rashid", 403)])
    def test_it_is_the_managers(self, browser, request, who, status):
        assert browser.sign_in(request.getfixturevalue(who)).get("agents.index").status_code == status


class TestAdd:
    def test_a_new_agent_is_on_duty(self, browser, mariam):
        browser.sign_in(mariam).get("agents.new")
        answer = browser.post(
            "agents.add",
            HANA
            | {
                "arabic_name": "هناء عزيز",
                "language_skills": ["arabic", "french"],
                "specialization_property_type": "villa",
                "specialization_areas": "Marina, JVC",
                "broker_number": "54321",
                "broker_number_expires_on": "2031-03-31",
            },
        )

        agent = sql("SELECT * FROM agents")[0]
        assert answer.path == f"/agents/{agent.agent_id}"
        assert (agent.full_name, agent.phone, agent.on_duty) == ("Hana Aziz", "+971501112233", True)
        assert agent.language_skills == [SpokenLanguage.ARABIC, SpokenLanguage.FRENCH]
        assert agent.specialization_property_type == [PropertyType.VILLA]
        assert agent.specialization_areas == ["Dubai Marina", "Jumeirah Village Circle"]
        assert (agent.broker_number, agent.broker_number_expires_on) == ("54321", date(2031, 3, 31))
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'agents.add'") == 1

    def test_sent_twice_it_is_one_agent(self, browser, mariam):
        page = browser.sign_in(mariam).get("agents.new").page
        sent = controls(page.select_one("form[action='/agents']")) | HANA

        first = browser.open("POST", "/agents", data=sent)
        again = browser.open("POST", "/agents", data=sent)

        assert first.path == again.path
        assert value("SELECT count(*) FROM agents") == 1

    @pytest.mark.parametrize(
        "sent, field, sentence, status",
        [
            ({"email": "TAKEN@agents.example"}, "email", "Another agent has this e-mail address.", 409),
            ({"phone": "+971 50 765 4321"}, "phone", "Another agent has this phone number.", 409),
            ({"phone": "800 1234"}, "phone", "That is not a phone number of a person.", 422),
            ({"phone": ""}, "phone", "That is not a phone number of a person.", 422),
            ({"email": "nobody"}, "email", "That is not an e-mail address.", 422),
            ({"email": ""}, "email", "Give their e-mail address.", 422),
            ({"full_name": " "}, "full_name", "Say what they are called.", 422),
            ({"broker_number_expires_on": "31 March"}, "broker_number_expires_on", "Write the date as", 422),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, browser, mariam, aisha, sent, field, sentence, status):
        sql("UPDATE agents SET email = 'taken@agents.example', phone = '+971507654321'")
        browser.sign_in(mariam).get("agents.new")

        answer = browser.post("agents.add", HANA | sent)

        assert answer.status_code == status
        assert sentence in answer.said(f"#{field}-error")
        assert answer.page.select_one(f"#{field}")["value"] == sent[field].strip()
        assert value("SELECT count(*) FROM agents") == 1


class TestAmend:
    def test_the_form_holds_what_is_known_and_changes_only_what_was_changed(self, browser, mariam, aisha):
        sql(
            """UPDATE agents SET specialization_areas = '{Dubai Marina}', language_skills = '{arabic,urdu}',
               specialization_property_type = '{villa}', broker_number_expires_on = '2030-01-31'"""
        )
        before = sql("SELECT * FROM agents")[0]
        page = browser.sign_in(mariam).get("agents.edit", agent_id=aisha.agent_id).page
        form = page.select_one(f"form[action='/agents/{aisha.agent_id}']")
        checked = [box["value"] for box in form.select("[name=language_skills][checked]")]

        sent = controls(form) | {"full_name": "Aisha Khan", "language_skills": checked}
        answer = browser.open("POST", form["action"], data=sent)

        assert answer.path == f"/agents/{aisha.agent_id}"
        after = sql("SELECT * FROM agents")[0]
        assert after.full_name == "Aisha Khan"
        assert before._replace(full_name="", updated_at=None) == after._replace(full_name="", updated_at=None)

    def test_another_agents_e_mail_is_refused_and_nothing_is_lost(self, browser, mariam, aisha, yousef):
        sql("UPDATE agents SET email = 'yousef@agents.example' WHERE agent_id = %s", yousef.agent_id)
        browser.sign_in(mariam).get("agents.edit", agent_id=aisha.agent_id)

        answer = browser.post("agents.amend", {"email": "Yousef@agents.example"}, agent_id=aisha.agent_id)

        assert answer.status_code == 409
        assert "Another agent has this e-mail address." in answer.said("#email-error")
        assert answer.page.select_one("#full_name")["value"] == "Aisha Rahman"
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'agents.amend'") == 0

    @pytest.mark.parametrize("endpoint", ["agents.edit", "agents.show"])
    def test_the_way_there_is_the_managers(self, browser, another, mariam, aisha, endpoint):
        href = f"/agents/{aisha.agent_id}/edit"

        assert browser.sign_in(mariam).get("agents.show", agent_id=aisha.agent_id).page.select(f"a[href='{href}']")
        page = another(aisha).get(endpoint, agent_id=aisha.agent_id)
        assert page.status_code == (403 if endpoint == "agents.edit" else 200)
        assert not page.page.select(f"a[href='{href}']")


class TestSetDuty:
    def test_off_duty_and_on_again(self, browser, mariam, aisha):
        page = browser.sign_in(mariam).get("agents.edit", agent_id=aisha.agent_id)
        for on_duty, said in ((False, "Aisha Rahman is off duty"), (True, "Aisha Rahman is on duty.")):
            form = page.page.select_one("form[action$='/duty']")

            page = browser.open("POST", form["action"], data=controls(form))

            assert the_agent(aisha).on_duty is on_duty
            assert page.said("h1").startswith(said)
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'agents.set_duty'") == 2

    def test_away_until_a_day_and_on_duty_that_morning(self, browser, mariam, aisha):
        back = clock.today().date() + timedelta(days=7)
        browser.sign_in(mariam).get("agents.edit", agent_id=aisha.agent_id)

        answer = browser.post("agents.set_duty", {"off_duty_until": f"{back}"}, agent_id=aisha.agent_id)

        away = f"away until {formatting.date_name(back)}"
        assert away in answer.said("h1")
        assert away in browser.get("agents.index").said("#agent-list")
        assert away in browser.get("agents.show", agent_id=aisha.agent_id).said("main")
        busy(aisha, 1)
        assert away in browser.get("desk.show").said()

        sql("UPDATE agents SET off_duty_until = (now() AT TIME ZONE 'Asia/Dubai')::date")
        assert the_agent(aisha).on_duty
        assert "away" not in browser.get("agents.index").said("#agent-list")

    @pytest.mark.parametrize("days", [0, -1])
    def test_a_day_that_is_no_more_to_come_is_refused_at_the_field(self, browser, mariam, aisha, days, unchanged):
        page = browser.sign_in(mariam).get("agents.edit", agent_id=aisha.agent_id)
        form = controls(page.page.select_one("form[action$='/duty']"))
        unchanged.from_now()
        day = clock.today().date() + timedelta(days=days)

        answer = browser.post("agents.set_duty", form | {"off_duty_until": f"{day}"}, agent_id=aisha.agent_id)

        assert answer.status_code == 422
        assert "Choose a day after today." in answer.said("#duty-off_duty_until-error")
        assert unchanged


class TestLeave:
    def test_whoever_holds_leads_does_not_and_the_way_out_is_beside_it(self, browser, mariam, aisha, unchanged):
        busy(aisha, 2)
        browser.sign_in(mariam).get("agents.edit", agent_id=aisha.agent_id)
        unchanged.from_now()

        answer = browser.post("agents.leave", agent_id=aisha.agent_id)

        assert answer.status_code == 409
        assert "Aisha Rahman still holds 2 active leads. Hand them over first." in answer.said(".leaves .notice")
        assert answer.page.select(".leaves .notice a[href*='deed=assign']")
        assert unchanged

    def test_nor_whoever_has_a_follow_up_to_do(self, browser, mariam, aisha):
        lead = brought_to(a_lead(by=aisha), Status.LOST)
        sql("UPDATE follow_up_tasks SET status = 'pending' WHERE lead_id = %s", lead.lead_id)
        browser.sign_in(mariam).get("agents.edit", agent_id=aisha.agent_id)

        answer = browser.post("agents.leave", agent_id=aisha.agent_id)

        assert "Aisha Rahman still has one open follow-up." in answer.said(".leaves .notice")

    def test_then_nobody_chooses_them_and_their_name_stays(self, browser, another, mariam, aisha, yousef):
        lead = brought_to(a_lead(by=aisha), Status.LOST)
        sql("UPDATE follow_up_tasks SET status = 'completed'")
        theirs = another(aisha)
        assert theirs.get("home.show").status_code == 200
        browser.sign_in(mariam).get("agents.edit", agent_id=aisha.agent_id)

        answer = browser.post("agents.leave", agent_id=aisha.agent_id)

        assert "Aisha Rahman left on" in answer.said("h1")
        assert theirs.ask("GET", "/").headers["Location"].startswith("/login")
        assert names(browser.get("agents.index")) == ["Yousef Haddad"]
        assert names(browser.get("agents.index", show="left")) == ["Aisha Rahman"]
        assert "One agent" in browser.get("agents.index").said(".page-head")
        for endpoint in ("leads.index", "reports.show", "calendar.show", "leads.new"):
            page = browser.get(endpoint, **({"slug": "agent-rankings"} if endpoint == "reports.show" else {}))
            assert "Aisha Rahman" not in page.said("select"), endpoint
        assert "Aisha Rahman" in browser.get("leads.index", owner=aisha.agent_id).said("select")
        assert "Aisha Rahman" in browser.get("leads.show", lead_id=lead.lead_id).said()
        assert "Aisha Rahman" in browser.get("reports.show", slug="agent-rankings").said("table")
        assert "Aisha Rahman" in browser.get("agents.show", agent_id=aisha.agent_id).said()

    def test_they_are_brought_back_off_duty(self, browser, mariam, aisha):
        browser.sign_in(mariam).get("agents.edit", agent_id=aisha.agent_id)
        browser.post("agents.leave", agent_id=aisha.agent_id)

        answer = browser.post("agents.bring_back", agent_id=aisha.agent_id)

        assert "Aisha Rahman is off duty" in answer.said("h1")
        assert value("SELECT is_active FROM users WHERE agent_id = %s", aisha.agent_id) is False
        assert names(browser.get("agents.index")) == ["Aisha Rahman"]

    def test_no_page_offers_to_delete_an_agent(self, browser, mariam, aisha):
        page = browser.sign_in(mariam).get("agents.edit", agent_id=aisha.agent_id)
        assert {form["action"].rpartition("/")[2] for form in page.page.select("main form[method=post]")} == {
            "duty",
            "departure",
            str(aisha.agent_id),
        }
