"""What a click on a control of htmx sends back, in a big office: little, and little more of it when it is compressed."""

import gzip
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.factories import an_agent, sql, value
from tests.web.browser import Answer, Browser, controls
from webapp.services.access import Actor

RAW, COMPRESSED = 30_000, 8_000
PAGES = ("leads.index", "board.show", "leads.show", "calendar.show", "home.show")
AGENTS = """
    INSERT INTO agents (full_name, email, phone)
    SELECT 'Muhammad Abdulrahman Al-' || initcap(substr(md5(n::text), 1, 12)), n || '@agents.example',
           '+97156' || lpad(n::text, 7, '0')
    FROM generate_series(1, 300) n"""
LEADS = """
    WITH made AS (
        INSERT INTO leads (source_type, first_name, last_name, phone, email, budget_min, budget_max, property_type,
                           preferred_areas, bedrooms, purpose, created_at)
        SELECT 'propertyFinder', initcap(substr(md5('a' || n), 1, 12)), 'Al-' || initcap(md5('b' || n)),
               '+97155' || lpad((n + %(first)s)::text, 7, '0'), md5('c' || n) || '@clients.example',
               1000000 + 7919 * n, 2000000 + 7919 * n, 'townhouse',
               ARRAY['Dubai Marina', 'Jumeirah Village Circle', 'Mohammed Bin Rashid City'], 3, 'buy',
               now() - n * interval '7 hours'
        FROM generate_series(1, %(count)s) n
        RETURNING lead_id)
    INSERT INTO lead_assignments (lead_id, agent_id) SELECT lead_id, %(agent)s FROM made"""
# A third stays new, the others are somewhere on the path.
MOVES = """
    UPDATE leads SET status = %s
    WHERE status = %s AND abs(hashtext(lead_id::text)) %% 10 >= %s"""
PATH = ("new", "contacted", "qualified", "viewing_scheduled", "negotiation", "converted")
FOLLOW_UPS = """
    INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date, priority, notes)
    SELECT lead_id, agent_id, (ARRAY['call', 'viewing', 'whatsapp', 'email'])[1 + n %% 4]::text,
           date_trunc('hour', now()) + n * interval '3 hours' - interval '20 hours', 'high',
           'Bring the floor plans of the three towers, and ask about the mortgage ' || md5(n::text)
    FROM (SELECT lead_id, agent_id, row_number() OVER (ORDER BY lead_id) AS n FROM lead_assignments
          JOIN leads USING (lead_id) WHERE agent_id = %s AND status NOT IN ('converted', 'lost')) numbered"""
ACTIVITIES = """
    INSERT INTO lead_activities (lead_id, agent_id, type, outcome, notes, activity_at)
    SELECT %s, %s, (ARRAY['call', 'whatsapp', 'email'])[1 + n %% 3]::text, NULL,
           'Asked for the service charge of the ' || n || 'th floor ' || md5(n::text), now() - n * interval '1 hour'
    FROM generate_series(1, 80) n"""


@pytest.fixture
def big_office(app, aisha, yousef, mariam) -> None:
    """300 agents; Aisha is full, and the manager sees several hundred leads."""
    sql(AGENTS)
    for who, first, count in ((aisha, 0, 50), *((an_agent(f"Agent {n}"), n * 100, 50) for n in range(1, 8))):
        with_prompt(LEADS, first=first, count=count, agent=who.agent_id)
    for (before, after), rest in zip(pairwise(PATH), (4, 4, 3, 3, 5), strict=True):
        sql(MOVES, after, before, rest)
    sql(FOLLOW_UPS, aisha.agent_id)
    sql(ACTIVITIES, busiest(aisha), aisha.agent_id)


def with_prompt(statement: str, **values) -> None:
    from tests.factories import prompt

    with prompt() as held:
        held.execute(statement, values)


def busiest(who: Actor):
    return value("SELECT min(lead_id::text) FROM lead_assignments WHERE agent_id = %s", who.agent_id)


def weight(answer: Answer) -> tuple[int, int]:
    return len(answer.data), len(gzip.compress(answer.data, 6))


def test_scratch(big_office, browser, aisha, mariam):
    for who in (aisha, mariam):
        browser = browser.sign_in(who)
        seen = {}
        for endpoint in PAGES:
            values = {"lead_id": busiest(aisha)} if endpoint == "leads.show" else {}
            first = browser.get(endpoint, htmx=True, **values)
            seen[("main", endpoint)] = weight(first), first.queries
            for target, url in clicks(first, browser.app):
                key = (target, *told(browser.app, url))
                if key in seen: continue
                a = browser.open("GET", url, htmx=True, target=target)
                seen[key] = weight(a), a.queries
        for k, v in seen.items():
            print(who.name, k, v, "<<<<" if v[0][0] >= RAW or v[0][1] >= COMPRESSED else "")
        browser.post("sessions.end")


def told(app, url):
    parts = urlsplit(url)
    with app.test_request_context():
        endpoint, _v = app.create_url_adapter(__import__("flask").request).match(parts.path, "GET")
    query = dict(parse_qsl(parts.query))
    return endpoint, *sorted(f"{n}={v}" if n in ("view","history","lane","deed") else n for n, v in query.items())


def clicks(answer, app):
    for link in answer.page.select("a[href^='/']"):
        if link.find_parent(attrs={"hx-boost": "false"}): continue
        owner = link if link.has_attr("hx-target") else link.find_parent(attrs={"hx-target": True})
        yield (owner["hx-target"][1:] if owner else "main"), link["href"]
    for part in answer.page.select("[hx-get]:not(form)"):
        owner = part if part.has_attr("hx-target") else part.find_parent(attrs={"hx-target": True})
        yield (part.get("id", "") if owner["hx-target"] == "this" else owner["hx-target"][1:]), part["hx-get"]
    for form in answer.page.select("form[method=get], form[hx-get], form:not([method])"):
        owner = form if form.has_attr("hx-target") else form.find_parent(attrs={"hx-target": True})
        sent = {n: v for n, v in controls(form).items()}
        for b in form.select("button[name]") or [None]:
            yield (owner["hx-target"][1:] if owner else "main"), form["action"] + "?" + urlencode(sent | ({b["name"]: b["value"]} if b else {}))
