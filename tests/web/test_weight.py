"""What a click on a control of htmx sends back, in a big office: little, and less when it is compressed."""

import gzip
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask

from tests.factories import an_agent, prompt, sql, value
from tests.web.browser import Answer, Browser, controls
from webapp.clock import DUBAI

Weighed = tuple[str, int, int]

RAW, COMPRESSED, LEVEL = 33_000, 8_000, 6
PAGES = ("leads.index", "board.show", "leads.show", "calendar.show", "home.show")
FACES = ("view", "history", "lane", "deed", "sort")
"""Names in an address whose values make another answer; of the others one is like the next."""
AGENTS = """
    INSERT INTO agents (full_name, email, phone)
    SELECT 'Muhammad Abdulrahman Al-' || initcap(substr(md5(n::text), 1, 12)), n || '@agents.example',
           '+97156' || lpad(n::text, 7, '0')
    FROM generate_series(1, 300) n"""
LEADS = """
    WITH made AS (
        INSERT INTO leads (source_type, first_name, last_name, phone, email, budget_min, budget_max, property_type,
                           preferred_areas, bedrooms, purpose, created_at)
        SELECT 'propertyFinder', initcap(substr(md5('a' || n), 1, 10)), 'Al-' || initcap(substr(md5('b' || n), 1, 14)),
               '+97155' || lpad((n + %(first)s)::text, 7, '0'), md5('c' || n) || '@clients.example',
               1000000 + 7919 * n, 2000000 + 7919 * n, 'townhouse',
               ARRAY['Dubai Marina', 'Jumeirah Village Circle', 'Mohammed Bin Rashid City'], 3, 'buy',
               now() - n * interval '7 hours'
        FROM generate_series(1, %(count)s) n
        RETURNING lead_id)
    INSERT INTO lead_assignments (lead_id, agent_id) SELECT lead_id, %(agent)s FROM made"""
MOVES = {"contacted": 4, "qualified": 6, "viewing_scheduled": 8, "negotiation": 9}
"""How far they are: of ten leads four stay new, two contacted, and so on."""
FOLLOW_UPS = """
    INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date, priority, notes)
    SELECT lead_id, agent_id, (ARRAY['call', 'viewing', 'whatsapp', 'email'])[1 + n %% 4]::text,
           date_trunc('week', now(), 'Asia/Dubai') + n %% 7 * interval '1 day' + n / 7 * interval '80 min'
               + interval '9 hours', 'high',
           'Bring the floor plans of the three towers, and ask about the mortgage ' || md5(n::text)
    FROM (SELECT lead_id, agent_id, row_number() OVER (ORDER BY lead_id) AS n FROM lead_assignments
          JOIN leads USING (lead_id) WHERE agent_id = %s AND status NOT IN ('converted', 'lost')) numbered"""
ACTIVITIES = """
    INSERT INTO lead_activities (lead_id, agent_id, type, outcome, notes, activity_at)
    SELECT %s, %s, (ARRAY['call', 'whatsapp', 'email'])[1 + n %% 3]::text, NULL,
           'Asked for the service charge of the ' || n || 'th floor ' || md5(n::text), now() - n * interval '1 hour'
    FROM generate_series(1, 80) n"""


@pytest.fixture
def big_office(app, aisha, yousef, mariam):
    """300 agents; Aisha is full, the manager sees several hundred leads. The lead that much has happened to."""
    sql(AGENTS)
    with prompt() as held:
        for number, who in enumerate((aisha, *(an_agent(f"Agent {number}") for number in range(7)))):
            held.execute(LEADS, {"first": number * 100, "count": 50, "agent": who.agent_id})
    for status, at_least in MOVES.items():
        sql("UPDATE leads SET status = %s WHERE number %% 10 >= %s", status, at_least)
    sql(
        "UPDATE leads SET status = 'converted' FROM lead_assignments a WHERE a.lead_id = leads.lead_id"
        " AND status = 'negotiation' AND number %% 20 < 10 AND agent_id <> %s",
        aisha.agent_id,
    )
    sql(FOLLOW_UPS, aisha.agent_id)
    lead_id = value(
        "SELECT min(lead_id::text) FROM leads JOIN lead_assignments USING (lead_id) WHERE agent_id = %s"
        " AND status = 'new'",
        aisha.agent_id,
    )
    sql(ACTIVITIES, lead_id, aisha.agent_id)
    return lead_id


def too_heavy(answers: list[Answer]) -> list[Weighed]:
    weighed = [(str(answer.path), len(answer.data), len(gzip.compress(answer.data, LEVEL))) for answer in answers]
    return [one for one in weighed if one[1] >= RAW or one[2] >= COMPRESSED]


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("who", ["aisha", "mariam"])
class TestWeight:
    @pytest.fixture
    def at_work(self, app, big_office, browser, request, who, language) -> Browser:
        sql("UPDATE users SET language = %s", language)
        return browser.sign_in(request.getfixturevalue(who))

    @pytest.mark.parametrize("endpoint", PAGES)
    def test_a_page_opened_from_the_menu_and_every_control_on_it(self, at_work, big_office, endpoint):
        values = {"lead_id": big_office} if endpoint == "leads.show" else {}
        answers = [at_work.get(endpoint, htmx=True, **values)]
        seen = set()
        for target, url in clicks(answers[0]):
            if (face := (target, *face_of(at_work.app, url))) not in seen:
                seen.add(face)
                answers.append(at_work.open("GET", url, htmx=True, target=target))

        assert len(answers) >= 5
        assert too_heavy(answers) == []
        assert max(answer.queries for answer in answers) <= 8

    def test_the_workload_of_a_big_office(self, at_work, big_office, who):
        answers = [
            at_work.get("agents.index", htmx=True, target=target, **query)
            for target in ("main", "agent-list")
            for query in ({}, {"start": 15}, {"sort": "name"})
        ]

        assert {answer.status_code for answer in answers} == {200 if who == "mariam" else 403}
        assert too_heavy(answers) == []

    def test_a_calendar_of_one_agent_in_every_view(self, at_work, aisha):
        views = ("month", "week", "day", "agenda")
        answers = [
            at_work.get("calendar.show", htmx=True, target=target, agent=aisha.agent_id, view=view)
            for view in views
            for target in ("main", "calendar")
        ]

        assert len(answers[2].page.select(".week .event")) > 40
        assert too_heavy(answers) == []

    def test_what_is_written(self, at_work, big_office, aisha):
        """A card that moves, a follow-up that is dragged to where it may be and where not, what is logged."""
        news = {"htmx": True, "target": "board-news"}
        calendar = {"htmx": True, "target": "calendar"}
        tasks = sql("SELECT task_id, lead_id, due_date FROM follow_up_tasks ORDER BY due_date DESC LIMIT 2")
        week = {"next": f"/tasks?view=week&agent={aisha.agent_id}"}
        at_work.get("pipeline.ask", lead_id=big_office, next="/leads/board")

        answers = [
            at_work.post("pipeline.move", {"status": "contacted"}, lead_id=big_office, **news),
            at_work.post("pipeline.move", {"status": "negotiation"}, lead_id=big_office, **news),
            *(
                at_work.post("tasks.reschedule", {"due_date": at} | week, task_id=tasks[0].task_id, **calendar)
                for at in ("2031-01-01T10:00", tasks[1].due_date.astimezone(DUBAI).strftime("%Y-%m-%dT%H:%M"))
            ),
            at_work.post("activities.log", {"type": "call"}, lead_id=big_office, htmx=True),
        ]

        assert [answer.status_code for answer in answers] == [200, 409, 200, 409, 200]
        assert too_heavy(answers) == []


def face_of(app: Flask, url: str) -> tuple[str, ...]:
    """What kind of an answer an address gives."""
    address, query = urlsplit(url).path, dict(parse_qsl(urlsplit(url).query))
    endpoint, _values = app.url_map.bind("").match(address, "GET")
    return endpoint, *sorted(f"{name}={value}" if name in FACES else name for name, value in query.items())


def clicks(answer: Answer) -> Iterator[tuple[str, str]]:
    """Everything on a page that asks htmx for something: what it fills, and the address it asks."""
    for link in answer.page.select("a[href^='/']"):
        yield fills(link), link["href"]
    for part in answer.page.select("[hx-get]:not(form)"):
        yield fills(part), part["hx-get"]
    for form in answer.page.select("form[hx-get], form[method=get]"):
        for button in form.select("button[name]") or [{}]:
            pressed = {button["name"]: button["value"]} if button else {}
            yield fills(form), f"{form['action']}?{urlencode(controls(form) | pressed)}"


def fills(control) -> str:
    owner = control if control.has_attr("hx-target") else control.find_parent(attrs={"hx-target": True})
    target = owner["hx-target"] if owner else "#main"
    return control.get("id", "") if target == "this" else target[1:]
