"""The manager's morning board: what needs her, each once, gone when it is remedied."""

from datetime import timedelta

import pytest

from tests.factories import a_lead, an_agent, backdated, brought_to, busy, sql, value
from tests.web.browser import controls
from tests.web.test_jobs import a_turn
from webapp import clock
from webapp.models import Lead
from webapp.services import activities
from webapp.vocabulary import ActivityType, JobName, Status

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
ROWS = "ol.needs > li"


def owned(who, **ago) -> Lead:
    """A lead of this agent that came in so long ago."""
    lead = a_lead(by=who)
    assert lead.owner_id == who.agent_id
    return backdated(lead, **ago) if ago else lead


def answered(who, **ago) -> Lead:
    """A lead of this agent whom they called so long ago, with nothing planned."""
    lead = owned(who)
    activities.log(lead.lead_id, by=who, type=ActivityType.CALL)
    sql("UPDATE follow_up_tasks SET status = 'completed' WHERE lead_id = %s", lead.lead_id)
    return backdated(lead, **ago) if ago else lead


def due(lead: Lead, who, **ago) -> Lead:
    """The lead, with a follow-up that was due so long ago."""
    task_id = value(
        """INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date, status)
           VALUES (%s, %s, 'call', %s, 'pending') RETURNING task_id""",
        lead.lead_id,
        who.agent_id,
        clock.now() + timedelta(**ago),
    )
    sql("UPDATE follow_up_tasks SET due_date = %s WHERE task_id = %s", clock.now() - timedelta(**ago), task_id)
    return lead


def nobodys() -> Lead:
    lead = a_lead()
    sql("DELETE FROM follow_up_tasks WHERE lead_id = %s", lead.lead_id)
    sql("DELETE FROM lead_assignments WHERE lead_id = %s", lead.lead_id)
    return lead


@pytest.fixture
def twelve(aisha, yousef) -> dict[str, list[Lead]]:
    """Twelve exceptions, some of them for more reasons than one, among leads that need nobody."""
    hana = an_agent("Hana Aziz")
    found = {
        "unowned": [nobodys(), backdated(nobodys(), days=5), nobodys()],
        "late": [owned(aisha, hours=2), due(owned(aisha, days=6), aisha, days=5), owned(hana, hours=30)],
        "escalated": [due(answered(aisha, days=50), aisha, days=31), owned(hana, days=4)],
        "overdue": [due(answered(hana, days=9), hana, days=4), due(answered(hana, days=20), hana, days=12)],
    }
    sql("UPDATE lead_assignments SET escalated_at = now() WHERE lead_id = %s", found["escalated"][1].lead_id)
    full = an_agent("Fatima Full")
    busy(full, 41)
    sql("UPDATE agents SET on_duty = true WHERE agent_id = %s", yousef.agent_id)
    for _ in range(2):
        answered(yousef)
    sql("UPDATE agents SET on_duty = false WHERE agent_id = %s", yousef.agent_id)
    # What needs nobody but its owner, or nobody any more.
    owned(aisha, minutes=50)
    due(answered(aisha, days=3), aisha, days=2)
    spoken = answered(aisha, days=2)
    sql("UPDATE lead_assignments SET escalated_at = now() - interval '3 days' WHERE lead_id = %s", spoken.lead_id)
    brought_to(owned(aisha, days=30), Status.LOST)
    return found


def rows(answer) -> dict[str, list[str]]:
    """The rows of each section of exceptions: the names of what they are about."""
    return {
        section["aria-labelledby"]: [row.select_one("a.name")["href"] for row in section.select(ROWS)]
        for section in answer.page.select("section.block")
        if section.select(ROWS)
    }


def press(browser, row):
    form = row.select_one("form")
    return browser.open("POST", form["action"], data=controls(form))


class TestShow:
    @PAGE_AND_FRAGMENT
    def test_twelve_exceptions_are_twelve_rows(self, browser, mariam, twelve, htmx):
        answer = browser.sign_in(mariam).get("desk.show", htmx=htmx, target="desk")

        assert len(answer.page.select(ROWS)) == 12
        found = rows(answer)
        assert {name: len(found[name]) for name in found} == {
            "unowned": 3, "late": 3, "escalated": 2, "overdue": 2, "team": 2,
        }  # fmt: skip
        for name, leads in twelve.items():
            assert {href.rpartition("/")[2] for href in found[name]} == {str(lead.lead_id) for lead in leads}
        assert answer.said("h1") == "10 leads need you. Start with the 3 nobody owns."
        assert answer.fills == ("#desk" if htmx else None)
        assert answer.queries == (7 if htmx else 8)

    def test_who_is_not_to_be_called_has_no_link(self, browser, mariam, aisha, twelve):
        sql("INSERT INTO contact_stops (phone, channel, reason) SELECT phone, 'call', 'asked' FROM leads")
        sql("UPDATE contact_stops SET stopped_at = now() + interval '1 minute'")
        assert browser.sign_in(mariam).get("desk.show").page.select("a[href^='tel:']")
        sql("UPDATE contact_stops SET stopped_at = now() - interval '1 second'")

        answer = browser.get("desk.show")

        assert len(answer.page.select(ROWS)) == 12 and not answer.page.select("a[href^='tel:']")

    def test_nothing_to_do_is_good_news(self, browser, mariam, aisha):
        answer = browser.sign_in(mariam).get("desk.show")

        assert not answer.page.select(ROWS)
        assert answer.said("h1") == "Everybody is looked after."
        assert answer.queries == 8

    def test_every_number_opens_as_many_rows_as_it_says(self, browser, mariam, twelve):
        page = browser.sign_in(mariam).get("desk.show").page
        links = page.select("a.count[href^='/leads']")
        assert len(links) == 4
        for link in links:
            opened = browser.open("GET", link["href"]).page
            assert len(opened.select("#lead-list tbody tr")) == int(link.get_text()), link
        team = page.select_one("#team + a.count")
        assert len(browser.open("GET", team["href"]).page.select("#agent-list tbody tr")) == int(team.get_text())

    def test_more_than_fit_are_a_link_away(self, browser, mariam, aisha):
        for _ in range(9):
            nobodys()
        answer = browser.sign_in(mariam).get("desk.show")

        section = answer.page.select_one("[aria-labelledby=unowned]")
        assert len(section.select(ROWS)) == 6
        more = section.select_one("a.see")
        assert more.get_text() == "3 more"
        assert len(browser.open("GET", more["href"]).page.select("#lead-list tbody tr")) == 9

    @pytest.mark.parametrize("who", ["aisha", "rashid"])
    def test_it_is_the_managers(self, browser, request, who):
        assert browser.sign_in(request.getfixturevalue(who)).get("desk.show").status_code == 403

    def test_the_admin_sees_it_and_has_nothing_to_press(self, browser, omar, twelve):
        page = browser.sign_in(omar).get("desk.show").page

        assert len(page.select(ROWS)) == 12
        assert not page.select("#desk form")
        assert not page.select("#desk a[href^='/tasks/']")

    def test_viewings_of_today_are_there_and_cancelled_ones_are_not(self, browser, mariam, aisha):
        lead = answered(aisha)
        at = clock.today() + timedelta(hours=10)
        for state, days, cancelled in (("pending", 0, None), ("completed", 0, at), ("pending", 1, None)):
            sql(
                """INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date, status, cancelled_at)
                   VALUES (%s, %s, 'viewing', %s, %s, %s)""",
                lead.lead_id,
                aisha.agent_id,
                at + timedelta(days=days),
                state,
                cancelled,
            )

        answer = browser.sign_in(mariam).get("desk.show")

        assert answer.said("[aria-labelledby=viewings] li").startswith("10:00")
        assert len(answer.page.select("[aria-labelledby=viewings] li")) == 1

    def test_yesterday_stands_against_the_same_weekday_before(self, browser, mariam, aisha):
        busy(aisha, 12)
        noon = clock.yesterday() + timedelta(hours=12)
        sql("UPDATE leads SET created_at = %s - (number %% 12 / 5) * interval '7 days'", noon)

        answer = browser.sign_in(mariam).get("desk.show")

        by_week = dict(sql("SELECT (%s - created_at) / 7, count(*) FROM leads GROUP BY 1", noon))
        numbers = [by_week[timedelta(days=days)] for days in range(3)]
        weekday = noon.strftime("%A")
        said = f"{numbers[0]} came in yesterday, {round((numbers[1] + numbers[2]) / 2)} on an average {weekday}"
        assert answer.said(".stats li:first-child") == said


class TestRemedies:
    """What is done in a row takes it off the board."""

    def left(self, answer, lead) -> bool:
        assert answer.path == "/desk"
        return any(str(lead.lead_id) in href for found in rows(answer).values() for href in found)

    def test_a_lead_nobody_owns_goes_to_the_best_match(self, browser, mariam, aisha):
        lead = backdated(nobodys(), hours=5)
        page = browser.sign_in(mariam).get("desk.show").page

        after = press(browser, page.select_one("[aria-labelledby=unowned] li"))

        assert not self.left(after, lead)
        assert value("SELECT owner_id FROM leads") == aisha.agent_id

    def test_a_late_lead_is_handed_over(self, browser, mariam, aisha):
        lead = owned(aisha, hours=5)
        hana = an_agent("Hana Aziz")
        page = browser.sign_in(mariam).get("desk.show").page

        after = press(browser, page.select_one("[aria-labelledby=late] li"))

        assert not self.left(after, lead)
        assert sql("SELECT agent_id, reason FROM lead_assignments") == [(hana.agent_id, "Not answered in time")]

    def test_it_is_back_where_the_new_owner_is_late_too(self, browser, mariam, aisha):
        lead = owned(aisha, hours=5)
        an_agent("Hana Aziz")
        page = browser.sign_in(mariam).get("desk.show").page
        press(browser, page.select_one("[aria-labelledby=late] li"))
        backdated(lead, hours=2)

        assert self.left(browser.get("desk.show"), lead)

    def test_an_escalated_lead_is_handed_over(self, browser, mariam, aisha):
        lead = owned(aisha, days=3)
        sql("UPDATE lead_assignments SET escalated_at = now()")
        an_agent("Hana Aziz")
        page = browser.sign_in(mariam).get("desk.show").page

        after = press(browser, page.select_one("[aria-labelledby=escalated] li"))

        assert not self.left(after, lead)

    def test_a_call_takes_an_escalated_lead_off_the_board(self, browser, mariam, aisha):
        lead = owned(aisha, days=3)
        sql("UPDATE lead_assignments SET escalated_at = now() - interval '1 hour'")
        browser.sign_in(mariam)
        assert self.left(browser.get("desk.show"), lead)

        activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL)

        assert not self.left(browser.get("desk.show"), lead)

    @pytest.mark.parametrize("section, days", [("overdue", 4), ("escalated", 31)])
    def test_a_late_follow_up_is_moved_and_the_board_comes_back(self, browser, mariam, aisha, section, days):
        lead = due(answered(aisha, days=60), aisha, days=days)
        row = browser.sign_in(mariam).get("desk.show").page.select_one(f"[aria-labelledby={section}] li")
        asked = browser.open("GET", row.select_one(".act a[href*=completion]")["href"])
        form = asked.page.select_one("form[action$='due-date']")
        when = clock.now().astimezone(clock.DUBAI) + timedelta(days=1)

        sent = controls(form) | {"due_date": f"{when:%Y-%m-%d}", "due_date_time": "10:00"}
        after = browser.open("POST", form["action"], data=sent)

        assert not self.left(after, lead)
        assert asked.said(".eyebrow").startswith("Morning board")

    def test_an_agent_with_room_again_is_gone(self, browser, mariam, aisha):
        busy(aisha, 40)
        browser.sign_in(mariam)
        assert rows(browser.get("desk.show"))["team"] == [f"/agents/{aisha.agent_id}"]

        sql("UPDATE leads SET status = 'lost' WHERE number = (SELECT min(number) FROM leads)")

        assert "team" not in rows(browser.get("desk.show"))

    def test_everything_of_an_agent_who_is_away_is_handed_over(self, browser, mariam, yousef):
        sql("UPDATE agents SET on_duty = true")
        busy(yousef, 12)
        sql("UPDATE agents SET on_duty = false")
        hana = busy(an_agent("Hana Aziz"), 40)
        page = browser.sign_in(mariam).get("desk.show").page
        (row,) = [row for row in page.select("[aria-labelledby=team] li") if "Yousef" in row.get_text()]

        asked = browser.open("GET", row.select_one(".act a")["href"])
        assert asked.said("h1") == "Who takes these 12 leads?"
        assert asked.queries <= 8
        form = asked.page.select_one("form[action='/leads/changes']")
        chosen = [field["value"] for field in form.select("[name=lead_id]")]
        sent = controls(form) | {"reason": "Leaves on Monday", "lead_id": chosen}
        answer = browser.open("POST", form["action"], data=sent)

        assert answer.said("h1") == "10 leads moved. 2 stay."
        assert value("SELECT active_leads_count FROM agents WHERE agent_id = %s", hana.agent_id) == 50
        assert value("SELECT active_leads_count FROM agents WHERE agent_id = %s", yousef.agent_id) == 2

    def test_where_somebody_was_faster_it_says_so(self, browser, mariam, aisha):
        lead = nobodys()
        row = browser.sign_in(mariam).get("desk.show").page.select_one("[aria-labelledby=unowned] li")
        sql("INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%s, %s)", lead.lead_id, aisha.agent_id)

        answer = press(browser, row)

        assert answer.status_code == 409
        assert "Somebody was faster: Aisha Rahman owns this lead now." in answer.said()


class TestPortals:
    def said(self, browser) -> list[str]:
        return [
            " ".join(line.get_text(" ").split()) for line in browser.get("desk.show").page.select(".portal-trouble")
        ]

    def test_one_that_is_quiet_or_cannot_be_read_is_there_until_it_is_over(self, browser, mariam):
        browser.sign_in(mariam)
        assert self.said(browser) == []
        sql("""INSERT INTO pulls (source, quiet_since, failure, failures, is_told)
               VALUES ('bayut', now() - interval '9 hours', NULL, 0, false),
                      ('propertyFinder', NULL, 'key_refused', 1, true), ('dubizzle', NULL, 'broken', 1, false)""")
        quiet, refused = self.said(browser)
        assert quiet.startswith("Bayut quiet since") and refused.startswith(
            "Property Finder: The portal refuses the key"
        )

        sql("UPDATE pulls SET quiet_since = NULL, is_told = false")
        assert self.said(browser) == []

    def test_a_key_that_ends_within_thirty_days_is_there_until_a_new_one_is_saved(self, browser, mariam):
        sql("INSERT INTO connections (source, path, is_pulled, api_key) VALUES ('propertyFinder', 'p', true, 'sealed')")
        said = {}
        for days in (334, 336):
            sql("UPDATE connections SET key_saved_at = now() - %s * interval '1 day'", days)
            said[days] = self.said(browser.sign_in(mariam))

        assert said[334] == []
        assert [line.startswith("The key to what Property Finder holds ends on") for line in said[336]] == [True]
        sql("UPDATE connections SET is_pulled = false")
        assert self.said(browser) == []


class TestJobs:
    def said(self, browser) -> dict[str, str]:
        page = browser.get("desk.show").page
        lines = [
            [" ".join(part.get_text(" ").split()) for part in line.find_all("span", recursive=False)]
            for line in page.select("[aria-labelledby=jobs] li")
        ]
        return dict(lines)

    def test_each_is_there_in_words(self, browser, mariam):
        assert self.said(browser.sign_in(mariam)) == {str(name.label): "no turn yet" for name in JobName}

    def test_their_last_turns_and_failures(self, browser, mariam):
        browser.sign_in(mariam)
        a_turn(JobName.OVERDUE, "done", minutes=1)
        a_turn(JobName.METRICS, "broken", minutes=60, attempt=5)
        a_turn(JobName.INACTIVITY, "broken", minutes=3, attempt=2)
        a_turn(JobName.REASSIGN_STALE, "running", minutes=2)
        a_turn(JobName.EXPORTS, "broken", minutes=2, attempt=5)
        a_turn(JobName.EXPORTS, "done", minutes=1)

        said = self.said(browser)
        quiet = browser.get("desk.show").page.select("[aria-labelledby=jobs] [role=status]")

        assert said.pop("Follow-ups become overdue")[:5] in ("today", "yeste")
        assert said["Figures of the agents"].startswith("failed ")
        assert said["Silence costs points"].startswith("broke off, is tried again ")
        assert said["Unanswered leads move on"].startswith("at it ")
        assert next(name for name in said if name.startswith("Long exports are made last failed "))
        assert not quiet

    def test_a_worker_that_is_not_there_is_noticed(self, browser, mariam):
        browser.sign_in(mariam)
        a_turn(JobName.OVERDUE, "done", minutes=20)

        answer = browser.get("desk.show")

        assert "the worker is not there" in answer.said("[aria-labelledby=jobs] [role=status]")
