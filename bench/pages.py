"""The bar of the pages: what an agent and a manager open all day, from the production server over HTTP.

The unit is a bare Flask view that asks SELECT 1 through a pool, served the same way on the same database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import current_app
from sqlalchemy import text

from bench.rounds import ROUNDS, medians
from tests.production import PASSWORD_HASH, Office, Visitor, free_port, started
from webapp.extensions import db
from webapp.services import reports
from webapp.services.access import Actor
from webapp.vocabulary import Role

UNIT = "unit"
A_ROUND = 8
BARS = {
    "the list": "at most 20 units",
    "my day, lead page, calendar, board": "at most 25 units",
    "an agent's figures": "at most 30 units",
    "reports": "at most 40 units",
    "flat": "at 1,000,000 leads at most 1.3 times what they are at 10,000",
    "unit": "a bare Flask view that asks SELECT 1 through a pool, on the same server",
}
# The agent with the most to do, and a manager.
ADMITTED = text("""
    WITH agent AS (
        UPDATE users SET password_hash = :hash WHERE user_id = (
            SELECT user_id FROM users JOIN agents USING (agent_id)
            ORDER BY active_leads_count DESC, agent_id LIMIT 1)
        RETURNING user_id, name, role, email, agent_id),
    manager AS (
        INSERT INTO users (name, role, email, password_hash)
        VALUES ('Manager', 'manager', 'manager@office.example', :hash)
        ON CONFLICT (lower(email)) DO UPDATE SET password_hash = excluded.password_hash
        RETURNING user_id, name, role, email, agent_id)
    SELECT * FROM agent UNION ALL SELECT * FROM manager
""")
A_LEAD = text("SELECT lead_id FROM leads WHERE owner_id = :agent_id ORDER BY created_at DESC, lead_id LIMIT 1")


def measure() -> dict:
    """The p50 of each page in milliseconds and in units, and its size."""
    with served() as (bare, people):
        agent, manager = people[Role.AGENT], people[Role.MANAGER]
        asked = {UNIT: (bare, "/livez")}
        asked |= {f"an agent's {name}": (agent[1], path) for name, path in pages(agent[0]).items()}
        asked |= {f"a manager's {name}": (manager[1], path) for name, path in pages(agent[0], "/desk").items()}
        asked |= {f"a manager's {name}": (manager[1], path) for name, path in figures_of(agent[0]).items()}
        asked |= {f"{name}, by a click": (*where, True) for name, where in asked.items() if where[0] is not bare}
        sizes = {name: opened(*where) for name, where in asked.items()}
        # Many of each take turns, so that the p50 is of forty requests.
        took = medians({(name, turn): opening(*where) for turn in range(A_ROUND) for name, where in asked.items()})
    return {
        "unit": f"medians of {ROUNDS} rounds of {A_ROUND}",
        "pages": {name: figures(name, took, sizes[name]) for name in asked},
    }


def figures(name: str, took: dict, size: int) -> dict:
    ms, unit = p50(name, took), p50(UNIT, took)
    return {"ms": round(ms, 1), "units": round(ms / unit, 1), "KB": round(size / 1000, 1)}


def p50(name: str, took: dict) -> float:
    times = sorted(ms for (of, _turn), ms in took.items() if of == name)
    return (times[(len(times) - 1) // 2] + times[len(times) // 2]) / 2


def pages(agent: Actor, first: str = "/") -> dict[str, str]:
    lead_id = db.session.scalar(A_LEAD, {"agent_id": agent.agent_id})
    db.session.rollback()
    return {
        "first page": first,
        "list": "/leads?all=1",
        "list by status": "/leads?status=contacted",
        "list by source, by score": "/leads?source_type=bayut&sort=score",
        "board": "/leads/board",
        "lead page": f"/leads/{lead_id}",
        "calendar": "/tasks?view=week",
    }


def figures_of(agent: Actor) -> dict[str, str]:
    """An agent's figures and every report, as they open where nobody asks for anything."""
    reports_of_all = {f"report {slug}": f"/reports/{slug}" for slug in reports.BY_SLUG}
    return {"agent's figures": f"/agents/{agent.agent_id}", "reports": "/reports"} | reports_of_all


def opening(*where):
    return lambda: opened(*where)


def opened(visitor: Visitor, path: str, click: bool = False) -> int:
    answer = visitor.get(path, htmx=click)
    assert answer.status == 200, (path, answer.status)
    return len(answer.text)


@contextmanager
def served() -> Iterator[tuple[Visitor, dict[Role, tuple[Actor, Visitor]]]]:
    """The bare app and ours side by side, with a stranger at the one and people signed in to the other."""
    found = db.session.execute(ADMITTED, {"hash": PASSWORD_HASH}).all()
    db.session.commit()
    with TemporaryDirectory() as folder:
        bare, ours = (Office(free_port(), current_app, Path(folder) / f"{name}.log") for name in ("bare", "ours"))
        with (
            bare.log.open("wb") as bare_log,
            ours.log.open("wb") as log,
            started(bare, bare.database, Path(folder), bare_log, "bench.bare:app"),
            started(ours, ours.database, Path(folder), log),
        ):
            actors = [Actor(one.user_id, one.name, Role(one.role), one.agent_id, email=one.email) for one in found]
            yield Visitor(bare), {actor.role: (actor, Visitor(ours).sign_in(actor)) for actor in actors}
