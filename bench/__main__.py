"""What the pages ask the database, at any size: python3 run.py bench [--leads N]; writes bench/results/queries.json."""

import argparse
import json
import os
import platform
import statistics
import time
from pathlib import Path

import flask_migrate
from sqlalchemy import text

from bench.generate import generate
from webapp import clock, create_app
from webapp.database import embedded
from webapp.extensions import db
from webapp.services import desk, enquiries, leads, people, tasks
from webapp.services.access import SYSTEM, Actor
from webapp.vocabulary import Role, Source, Status

ROUNDS = 5
BY_KEY = text("""
    SELECT l.* FROM leads l JOIN unnest(CAST(:ids AS uuid[])) AS wanted (lead_id) USING (lead_id)
""")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 run.py bench")
    parser.add_argument("--leads", type=int, default=100_000)
    size = parser.parse_args().leads
    with embedded.throwaway() as server:
        os.environ["DATABASE_URL"] = server.url("postgres")
        app = create_app()
        with app.app_context(), app.test_request_context("/"):
            flask_migrate.upgrade()
            began = time.perf_counter()
            generate(server.url("postgres"), size)
            result = {
                "leads": size,
                "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
                "server": db.session.scalar(text("SHOW server_version")),
                "generated_in_s": round(time.perf_counter() - began, 1),
                "rounds": ROUNDS,
                "unit": "25 leads by primary key in the same round; ms and times the unit, medians",
                "queries": measured(queries()),
            }
            db.session.rollback()
    path = Path(__file__).parent / "results" / f"queries-{size}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(path.read_text())


def queries() -> dict:
    """Each page's main question, as its service asks it."""
    agent_id = db.session.scalar(text("SELECT agent_id FROM agents ORDER BY active_leads_count DESC LIMIT 1"))
    agent = Actor(user_id=None, name="Agent", role=Role.AGENT, agent_id=agent_id)
    ids = db.session.scalars(text("SELECT lead_id FROM leads ORDER BY created_at DESC LIMIT 25")).all()
    phone = db.session.scalar(text("SELECT phone FROM leads ORDER BY lead_id LIMIT 1"))
    Filters = leads.Filters
    return {
        "unit": lambda: db.session.execute(BY_KEY, {"ids": ids}).all(),
        "list, everybody's": lambda: leads.page(Filters(), by=SYSTEM),
        "list, an agent's": lambda: leads.page(Filters(), by=agent),
        "list by status": lambda: leads.page(Filters(status=(Status.CONTACTED,)), by=SYSTEM),
        "list by source": lambda: leads.page(Filters(source_type=(Source.BAYUT,)), by=SYSTEM),
        "list by owner": lambda: leads.page(Filters(owner=agent_id), by=SYSTEM),
        "list of nobody's": lambda: leads.page(Filters(unassigned=True), by=SYSTEM),
        "count": lambda: leads.count(Filters(), by=SYSTEM),
        "search a number": lambda: leads.page(Filters(q=phone), by=SYSTEM),
        "search 7 digits": lambda: leads.page(Filters(q=phone[-7:]), by=SYSTEM),
        "who is it (front desk)": lambda: people.find(phone, today=clock.today()),
        "today's visitors": lambda: enquiries.front_desk(today=clock.today()),
        "my day: new enquiries": lambda: leads.unanswered(by=agent),
        "my day: follow-ups": lambda: tasks.open_of(agent_id, until=clock.tomorrow()),
        "office: figures": lambda: desk.figures(today=clock.today()),
        "office: nobody owns": lambda: desk.unassigned(by=SYSTEM),
        "office: latest contacts": lambda: desk.latest_contacts(by=SYSTEM),
    }


def measured(asked: dict) -> dict:
    """Interleaved rounds, so that a noisy moment hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in asked}
    for ask in asked.values():
        ask()
    for _round in range(ROUNDS):
        for name, ask in asked.items():
            db.session.expunge_all()
            began = time.perf_counter()
            ask()
            times[name].append((time.perf_counter() - began) * 1000)
    unit = statistics.median(times["unit"])
    return {
        name: {"ms": round(statistics.median(taken), 2), "units": round(statistics.median(taken) / unit, 1)}
        for name, taken in times.items()
    }


if __name__ == "__main__":
    main()
