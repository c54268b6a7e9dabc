"""The bar of the search from anywhere: what comes while somebody types costs at most 20 units, by HTTP and in SQL."""

from urllib.parse import urlencode

from sqlalchemy import text

from bench import lists, pages
from bench.queries import forgetful
from bench.rounds import medians
from tests.production import Visitor
from webapp import clock
from webapp.extensions import db
from webapp.services import search
from webapp.services.access import SYSTEM, Actor
from webapp.services.leads.listing import by_key
from webapp.vocabulary import Role

UNIT = "unit"
BARS = {
    "asked": "at most 20 times 25 leads by primary key",
    "typed": "at most 20 times a bare Flask view that asks SELECT 1 through a pool, on the same server",
}


def measure() -> dict:
    """Each search as its service asks it, and as it comes while an agent and a manager type."""
    asked, agent = words(), lists.busiest_agent()
    ids = db.session.scalars(text("SELECT lead_id FROM leads ORDER BY created_at DESC LIMIT 25")).all()
    questions = {UNIT: lambda: db.session.execute(by_key(ids)).all()}
    for whose, by in (("everybody's", SYSTEM), ("an agent's", agent)):
        questions |= {f"{whose}, {name}": finding(typed, by) for name, typed in asked.items()}
    took = medians({name: forgetful(ask) for name, ask in questions.items()})
    db.session.rollback()
    return {
        "asked": {name: {"ms": round(ms, 2), "units": round(ms / took[UNIT], 1)} for name, ms in took.items()},
        "typed": typing(asked),
    }


def words() -> dict[str, str]:
    """What people type: all of a number and parts of it, names from two letters on, and what else names somebody."""
    person = db.session.execute(
        text("SELECT * FROM leads WHERE email <> '' AND last_name <> '' ORDER BY lead_id LIMIT 1")
    ).one()
    reference = db.session.scalars(text("SELECT reference FROM listings ORDER BY property_id LIMIT 1")).one()
    return {
        "nothing": "",
        "whole phone": person.phone,
        "seven digits": person.phone[-7:],
        "four digits": person.phone[-4:],
        "beginning of a phone": "0501",
        "middle of a phone": person.phone[6:11],
        "first and last name": f"{person.first_name} {person.last_name}",
        "first name": person.first_name,
        "two letters": person.first_name[:2],
        "two letters, Arabic": "مح",
        "beginnings of two names": "mo ah",
        "nobody's name": "zzqq",
        "e-mail": person.email,
        "number": f"#{person.number}",
        "reference": reference,
    }


def finding(typed: str, by: Actor):
    return lambda: search.find(typed, by=by, today=clock.today())


def typing(asked: dict[str, str]) -> dict:
    with pages.served() as (bare, people):
        who = {"an agent": people[Role.AGENT][1], "a manager": people[Role.MANAGER][1]}
        opened = {pages.UNIT: lambda: pages.opened(bare, "/livez")}
        opened |= {f"{name}: {what}": looking(by, typed) for name, by in who.items() for what, typed in asked.items()}
        sizes = {name: ask() for name, ask in opened.items()}
        took = medians({(name, turn): ask for turn in range(pages.A_ROUND) for name, ask in opened.items()})
    return {name: pages.figures(name, took, sizes[name]) for name in opened}


def looking(by: Visitor, typed: str):
    def look() -> int:
        answer = by.get(f"/search?{urlencode({'q': typed})}", htmx=True, target="palette-found")
        assert answer.status == 200, typed
        return len(answer.text)

    return look
