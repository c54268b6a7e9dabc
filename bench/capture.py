"""The bar of the capture: a signed-in agent sends the form of a new lead to the production server, alone and 8 at once.

The unit is a page of the same session that reads one row by key.
"""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import current_app
from sqlalchemy import text

from bench.rounds import ROUNDS
from tests.production import PASSWORD_HASH, Answer, Form, Office, Visitor, free_port, started
from webapp.extensions import db
from webapp.services.access import Actor
from webapp.vocabulary import Role

UNIT = "/account"
BARS = {
    "times": "at most 12 units, and at 1,000,000 leads at most 1.3 times what they are at 10,000",
    "share at once": "at least 0.08 of the units that are done in the same time, eight at once",
    "unit": f"GET {UNIT}, signed in: a page that reads one row by key",
}
A_ROUND = 20
AT_ONCE, EACH = 8, 5

# Agents with room, who then have PASSWORD.
ADMITTED = text("""
    UPDATE users SET password_hash = :hash WHERE user_id IN (
        SELECT user_id FROM users JOIN agents USING (agent_id) ORDER BY active_leads_count, user_id LIMIT :some)
    RETURNING user_id, name, email, agent_id
""")


def measure() -> dict:
    """One after the other: p50 in milliseconds and in units. Eight at once: how many a second, and the share."""
    numbers = new_numbers()
    with at_work() as visitors:
        rounds = [alone(visitors[place % AT_ONCE], numbers) for place in range(ROUNDS + 1)][1:]
        crowds = [at_once(visitors, numbers) for _round in range(ROUNDS + 1)][1:]
    unit, capture = (statistics.median(took) for took in zip(*rounds, strict=True))
    units, captures = (statistics.median(done) for done in zip(*crowds, strict=True))
    return {
        "unit ms": round(unit, 2),
        "capture ms": round(capture, 2),
        "times": round(statistics.median(two / one for one, two in rounds), 1),
        "units a second at once": round(units, 1),
        "captures a second at once": round(captures, 1),
        "share at once": round(statistics.median(two / one for one, two in crowds), 3),
    }


def new_numbers() -> Iterator[int]:
    """The ends of phone numbers that nobody has yet."""
    return count(db.session.scalars(text("SELECT 3000000 + max(number) % 4000000 FROM leads")).one())


@contextmanager
def at_work() -> Iterator[list[Visitor]]:
    """Eight agents, signed in to the production server on the app's database."""
    found = db.session.execute(ADMITTED, {"hash": PASSWORD_HASH, "some": AT_ONCE}).all()
    db.session.commit()
    agents = [Actor(one.user_id, one.name, Role.AGENT, one.agent_id, email=one.email) for one in found]
    with TemporaryDirectory() as folder:
        office = Office(free_port(), current_app, Path(folder) / "server.log")
        with office.log.open("wb") as log, started(office, office.database, Path(folder), log):
            yield [Visitor(office).sign_in(agent) for agent in agents]


def alone(visitor: Visitor, numbers: Iterator[int]) -> tuple[float, float]:
    """The medians of one round's units and captures, which take turns."""
    forms = [filled(visitor, number) for _place, number in zip(range(A_ROUND), numbers, strict=False)]
    took = [(visitor.get(UNIT).took, sent(visitor, form).took) for form in forms]
    unit, capture = (statistics.median(times) * 1000 for times in zip(*took, strict=True))
    return unit, capture


def at_once(visitors: list[Visitor], numbers: Iterator[int]) -> tuple[float, float]:
    """How many units and how many captures are done in a second by all visitors together."""
    forms = [[filled(visitor, next(numbers)) for _time in range(EACH)] for visitor in visitors]
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        began = time.perf_counter()
        list(crowd.map(lambda visitor: [visitor.get(UNIT) for _time in range(A_ROUND)], visitors))
        between = time.perf_counter()
        list(crowd.map(lambda visitor, theirs: [sent(visitor, form) for form in theirs], visitors, forms))
        ended = time.perf_counter()
    return AT_ONCE * A_ROUND / (between - began), AT_ONCE * EACH / (ended - between)


def filled(visitor: Visitor, number: int) -> Form:
    return (
        visitor.get("/leads/new")
        .form("/leads")
        .with_(
            phone=f"04 {number}",
            first_name="Noura",
            last_name="Al Suwaidi",
            source_type="bayut",
            purpose="buy",
            property_type="apartment",
            bedrooms="2",
            preferred_areas="Dubai Marina",
            budget_max="2500000",
        )
    )


def sent(visitor: Visitor, form: Form) -> Answer:
    answer = visitor.send(form)
    assert answer.status == 303, answer.words
    return answer
