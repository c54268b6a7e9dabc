"""The calendar: its views, whose it is, and a form for a free slot."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from tests.factories import a_lead, brought_to, busy, now, sql
from tests.web.diary import THURSDAY, VIEWS, WEEK, layla, planned, show
from webapp import clock
from webapp.clock import DUBAI
from webapp.services import tasks
from webapp.services.tasks import FollowUp
from webapp.vocabulary import Status, TaskType

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@pytest.fixture(autouse=True)
def lead(aisha):
    """Layla, a lead of Aisha's; nothing is planned with her yet."""
    return layla()


@PAGE_AND_FRAGMENT
class TestShow:
    @pytest.mark.parametrize(
        "view, said",
        [
            ("month", "March 2030"),
            ("week", "11 to 17 March 2030"),
            ("day", "Thursday 14 March"),
            ("agenda", "14 to 20 March 2030"),
        ],
    )
    def test_each_view_shows_its_days(self, browser, aisha, lead, htmx, view, said):
        planned(lead, "2030-03-14 10:00", by=aisha)

        answer = show(browser.sign_in(aisha), htmx, view=view, date=THURSDAY)

        assert answer.fills == ("#calendar" if htmx else None)
        assert bool(answer.page.html) is not htmx
        assert said in answer.page.h1.get_text()
        assert "10:00 Layla Haddad" in answer.said("#calendar")
        assert answer.page.select_one(".seg [aria-current]").get_text() == view.title()

    @pytest.mark.parametrize("view", VIEWS)
    @pytest.mark.parametrize("who, queries", [("aisha", (3, 2)), ("mariam", (4, 2))])
    def test_it_takes_as_many_queries_for_40_as_for_1(self, browser, request, aisha, htmx, view, who, queries):
        browser.sign_in(request.getfixturevalue(who))
        whose = {"agent": str(aisha.agent_id)} if who == "mariam" else {}
        busy(aisha, 39)
        sql(
            """INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date)
               SELECT lead_id, %s, 'viewing',
                      timestamptz '2030-03-14 06:00+04' + row_number() OVER () * interval '30 min'
               FROM leads""",
            aisha.agent_id,
        )

        many = show(browser, htmx, view=view, date=THURSDAY, **whose)
        none = show(browser, htmx, view=view, date="2031-03-14", **whose)

        assert many.queries == none.queries == queries[htmx]

    def test_a_screen_shows_the_week_and_a_phone_the_agenda_where_nothing_else_is_asked(self, browser, aisha, htmx):
        page = show(browser.sign_in(aisha), htmx).page

        assert page.select_one(".not-phone table.week")
        assert [link.get_text() for link in page.select(".seg.not-phone [aria-current]")] == ["Week"]
        assert [link.get_text() for link in page.select(".seg.only-phone [aria-current]")] == ["Agenda"]
        assert page.select_one("table.week th[aria-current=date]")

    def test_one_turns_back_and_on_and_to_today(self, browser, aisha, htmx):
        page = show(browser.sign_in(aisha), htmx, view="week", date=THURSDAY).page
        asked = {name: parse_qs(urlsplit(page.select_one(f"#{name}")["href"]).query) for name in ("earlier", "later")}

        assert asked["earlier"] == {"view": ["week"], "date": ["2030-03-07"]}
        assert asked["later"] == {"view": ["week"], "date": ["2030-03-21"]}
        assert page.select_one("#to-today")["href"] == "/tasks?view=week"

    def test_hours_are_marked_and_free_half_hours_to_come_can_be_taken(self, browser, aisha, lead, htmx):
        planned(lead, "2030-03-14 10:00", by=aisha)

        page = show(browser.sign_in(aisha), htmx, view="week", date=THURSDAY).page

        assert [row.th.get_text() for row in page.select("tr.hour")][:2] == ["08:00", "09:00"]
        free = {button["value"] for button in page.select("button[name=at]")}
        assert len(free) == 7 * 24 - 1
        assert "2030-03-14T09:30" in free and "2030-03-14T10:00" not in free
        assert not show(browser, htmx, view="week", date="2020-01-01").page.select("button[name=at]")

    @pytest.mark.parametrize("view", VIEWS)
    def test_overdue_done_and_cancelled_ones(self, browser, aisha, htmx, view):
        yesterday = clock.today() - timedelta(hours=12)
        for name, change in (
            ("Late", ""),
            ("Done", "status = 'completed'"),
            ("Gone", "status = 'completed', cancelled_at = now()"),
        ):
            task_id = tasks.schedule(
                a_lead(first_name=name, by=aisha).lead_id, FollowUp(TaskType.CALL, yesterday), by=aisha
            ).task_id
            sql(f"UPDATE follow_up_tasks SET {change or 'notes = notes'} WHERE task_id = %s", task_id)
            yesterday -= timedelta(minutes=31)
        sql("DELETE FROM follow_up_tasks WHERE due_date > now()")

        said = show(browser.sign_in(aisha), htmx, view=view, date=f"{yesterday.astimezone(DUBAI):%Y-%m-%d}").said()
        said = said or show(browser, htmx, view=view, date=f"{yesterday.astimezone(DUBAI):%Y-%m-%d}").said("#calendar")

        assert "Overdue:" in said and "Late" in said
        assert "Done:" in said
        assert "Gone" not in said

    def test_what_is_late_from_before_is_said_in_this_week_and_listed_in_the_agenda(self, browser, aisha, lead, htmx):
        tasks.schedule(lead.lead_id, FollowUp(TaskType.CALL, now() - timedelta(days=9)), by=aisha)
        browser.sign_in(aisha)

        week, agenda = show(browser, htmx, view="week"), show(browser, htmx, view="agenda")

        assert "One follow-up is overdue from before" in week.said("#calendar")
        assert "Layla Haddad" in agenda.said("section[aria-labelledby=late]")

    def test_on_a_phone_all_that_is_late_comes_first(self, browser, aisha, lead, htmx):
        for days in (1, 9):
            tasks.schedule(lead.lead_id, FollowUp(TaskType.CALL, now() - timedelta(days=days)), by=aisha)
        tasks.schedule(lead.lead_id, FollowUp(TaskType.CALL, now() + timedelta(days=1)), by=aisha)
        browser.sign_in(aisha)

        shown = show(browser, htmx)
        if htmx:  # a phone asks for its half when it sees it
            to_come = shown.page.select_one("#calendar-agenda")["hx-get"]
            shown = browser.open("GET", to_come, htmx=True, target="calendar-agenda")
        assert len(shown.page.select(".only-phone section[aria-labelledby=late] li")) == 2
        planned(lead, "2030-03-12 10:00", by=aisha)
        assert not show(browser, htmx, date=THURSDAY).page.select("section[aria-labelledby=late]")

    def test_an_agent_sees_nobody_elses(self, browser, aisha, yousef, lead, htmx):
        planned(lead, "2030-03-14 10:00", by=aisha)
        browser.sign_in(yousef)

        for agent in (aisha.agent_id, "all"):
            for view in VIEWS:
                assert "Layla" not in show(browser, htmx, view=view, date=THURSDAY, agent=agent).text

    def test_managers_see_everybodys_with_the_owners_name_or_one_agents(self, browser, aisha, yousef, mariam, htmx):
        lead = a_lead(first_name="Sami")
        sql("UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s", yousef.agent_id, lead.lead_id)
        planned(lead, "2030-03-14 10:00", by=yousef)
        browser.sign_in(mariam)

        for view in ("agenda", "week", "day", "month"):
            said = show(browser, htmx, view=view, date=THURSDAY, agent="all").said("#calendar ol")
            assert "Sami" in said and "Yousef Haddad" in said
        assert "Sami" in show(browser, htmx, view="week", date=THURSDAY, agent=yousef.agent_id).said("table.week")
        hers = show(browser, htmx, view="week", date=THURSDAY, agent=aisha.agent_id)
        assert "Sami" not in hers.text
        if not htmx:
            assert hers.page.select_one("#whose [selected]")["value"] == str(aisha.agent_id)

    def test_admins_only_look(self, browser, aisha, omar, lead, htmx):
        planned(lead, "2030-03-14 10:00", by=aisha)
        browser.sign_in(omar)

        for view in VIEWS:
            page = show(browser, htmx, view=view, date=THURSDAY, agent=aisha.agent_id).page
            assert page.select(f"a[href='/leads/{lead.lead_id}']")
            assert not page.select("button[name=at], [data-held], [data-move], a[href*=completion], a[href*=new]")

    @pytest.mark.parametrize(
        "query", [{"view": "year"}, {"date": "never"}, {"date": "0001-01-01"}, {"agent": "x"}, {"date": "9999-12-31"}]
    )
    def test_what_the_address_says_and_cannot_be_read_is_ignored(self, browser, aisha, htmx, query):
        assert show(browser.sign_in(aisha), htmx, **query).status_code == 200

    @pytest.mark.parametrize("view", VIEWS)
    @pytest.mark.parametrize("date", ["0002-01-01", "9998-12-31"])
    def test_the_ends_of_time_are_days_like_others(self, browser, aisha, htmx, view, date):
        assert show(browser.sign_in(aisha), htmx, view=view, date=date).status_code == 200

    def test_an_agent_without_a_row_is_told_so(self, browser, aisha, htmx):
        sql("UPDATE users SET agent_id = NULL")

        assert "does not belong to an agent" in show(browser.sign_in(aisha), htmx).said("#calendar")


class TestNew:
    AT = "2030-03-14T10:00"

    def test_one_of_the_open_leads_is_chosen_and_planned_with(self, browser, aisha, lead):
        brought_to(a_lead(first_name="Closed", by=aisha), Status.LOST)
        browser.sign_in(aisha)

        page = browser.get("calendar.new", at=self.AT, next=WEEK).page
        offered = [option.get_text() for option in page.select("#lead option")]
        assert offered == ["Choose one of the open leads", f"Layla Haddad #{lead.number}"]

        browser.get("calendar.new", at=self.AT, next=WEEK, lead=lead.lead_id)
        answer = browser.post("tasks.schedule", {"type": "viewing"}, lead_id=lead.lead_id)

        assert answer.response.request.full_path == WEEK
        assert "10:00 Layla Haddad" in answer.said("table.week")
        assert "Follow-up planned." in answer.said("#toasts")

    @PAGE_AND_FRAGMENT
    def test_a_clash_comes_back_with_the_next_free_slot(self, browser, aisha, lead, unchanged, htmx):
        planned(lead, "2030-03-14 09:45", by=aisha)
        browser.sign_in(aisha).get("calendar.new", at=self.AT, next=WEEK, lead=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("tasks.schedule", {"type": "viewing", "notes": "Kept"}, lead_id=lead.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert "Too close to the call with Layla Haddad" in answer.said("#task-due_date-error")
        assert answer.page.select_one("[name=notes]")["value"] == "Kept"
        assert unchanged
        free = answer.page.select_one("[name=due_date_offered]")
        taken = browser.post(
            "tasks.schedule",
            {"type": "viewing", "due_date": None, "due_date_time": None, free["name"]: free["value"]},
            lead_id=lead.lead_id,
            htmx=htmx,
        )
        assert "10:15 Layla Haddad" in taken.said("table.week")

    @pytest.mark.parametrize("sent, field", [({"type": ""}, "type"), ({"type": "call", "due_date": "x"}, "due_date")])
    def test_a_refusal_is_said_at_its_field(self, browser, aisha, lead, unchanged, sent, field):
        browser.sign_in(aisha).get("calendar.new", at=self.AT, next=WEEK, lead=lead.lead_id)
        unchanged.from_now()

        answer = browser.post("tasks.schedule", sent, lead_id=lead.lead_id)

        assert answer.status_code == 422
        assert answer.said(f"#task-form #task-{field}-error")
        assert unchanged

    def test_a_manager_plans_in_an_agents_calendar(self, browser, aisha, mariam, lead):
        browser.sign_in(mariam).get("calendar.new", at=self.AT, agent=aisha.agent_id, lead=lead.lead_id)
        browser.post("tasks.schedule", {"type": "call"}, lead_id=lead.lead_id)

        assert sql("SELECT agent_id FROM follow_up_tasks") == [(aisha.agent_id,)]

    def test_another_agents_lead_is_not_there(self, browser, yousef, lead):
        browser.sign_in(yousef)

        assert browser.get("calendar.new", lead=lead.lead_id).status_code == 404
        assert browser.get("calendar.new", lead=uuid4()).status_code == 404
        assert "no open lead" in browser.get("calendar.new", lead="x", at="x").said()
