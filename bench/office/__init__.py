"""An office of any size in minutes: a year of leads with about five contacts each and all that the product keeps.

The same rules hold as in an office that grew by itself (tests/services/test_bench_data.py). Who asks and for what is
drawn as in the demo; the rest is written as sets on a server of our own, where no trigger looks on and the indexes are
made at the end.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from pathlib import Path
from random import Random

import psycopg
from psycopg import sql

from webapp import clock
from webapp.areas import AREAS
from webapp.database.scripts import SQL
from webapp.demo import brokers, cases, market
from webapp.demo.people import Town
from webapp.demo.scores import Rules
from webapp.extensions import db
from webapp.services import scoring
from webapp.vocabulary import Purpose, Source

# Two connections write at a time; the steps of one lane build on each other, those of the other lane do not.
LANES = (("contacts", "scores"), ("enquiries", "owners", "follow_ups"))
FILL_DAYS = [SQL / revision / "fill.sql" for revision in ("d32e33f34g35h36", "j38k39l40m41n42")]
KINDS, PROPERTIES, HELD = 10_000, 3_000, 40
YEAR, QUIET = timedelta(days=365), timedelta(minutes=10)

DRAWN = """
    CREATE SCHEMA drawn;
    CREATE UNLOGGED TABLE drawn.size (
        leads bigint, active bigint, brokers int, kinds bigint, properties int, moment timestamptz, opened timestamptz,
        step interval);
    CREATE UNLOGGED TABLE drawn.brokers (
        number int PRIMARY KEY, agent_id uuid, user_id uuid, full_name text, email text, phone text, types text[],
        areas text[], languages text[], explanation jsonb);
    CREATE UNLOGGED TABLE drawn.kinds (
        kind bigint PRIMARY KEY, source_type text, channel text, first_name text, last_name text, email text,
        nationality text, language_preference text, spoken_language text, budget_min numeric, budget_max numeric,
        property_type text, preferred_areas text[], purpose text, bedrooms int, price numeric, deal text,
        is_referred bool, properties uuid[]);
    CREATE UNLOGGED TABLE drawn.kind_points (kind bigint, place int, rule_id uuid, rule_name text, points int)
"""
# Those that no constraint stands on, the costliest first.
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY pg_get_indexdef(indexrelid) LIKE '%gin%' DESC, indrelid
"""
OURS = """
    SET session_replication_role = replica;
    SET search_path = public, drawn;
    SET maintenance_work_mem = '512MB';
    SET work_mem = '256MB';
    SELECT setseed(0.42)
"""


def generate(leads: int) -> None:
    """Fill the app's empty, migrated database, whose user has to be a superuser, with this many leads."""
    prompt = partial(_prompt, db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
    run = partial(_run, prompt)
    with prompt() as owner, ThreadPoolExecutor(len(LANES)) as at_once:
        owner.execute(DRAWN)
        _draw(owner, leads)
        indexes = owner.execute(INDEXES).fetchall()
        for name, _definition in indexes:
            owner.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))
        run([_step("people"), _step("cases")])
        list(at_once.map(run, ([_step(name) for name in lane] for lane in LANES)))
        run([_step("leads"), *(fill.read_text() for fill in FILL_DAYS)])
        list(at_once.map(run, ([definition] for _name, definition in indexes)))
        owner.execute("DROP SCHEMA drawn CASCADE")
        owner.execute("VACUUM ANALYZE")


def _prompt(url: str) -> psycopg.Connection:
    prompt = psycopg.connect(url, autocommit=True)
    prompt.execute(OURS)
    return prompt


def _run(prompt: Callable[[], psycopg.Connection], statements: list[str]) -> None:
    with prompt() as owner:
        for statement in statements:
            owner.execute(statement)


def _step(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text()


def _draw(owner: psycopg.Connection, leads: int) -> None:
    """The agents, and ten thousand kinds of leads of which every lead is one."""
    rng, moment = Random(42), clock.now()
    town = Town(rng)
    active = min(leads // 5, max(2_000, leads // 100))
    office = brokers.hire(rng, town, count=active // HELD + 1, leads=leads, moment=moment)
    opened = moment - QUIET - YEAR
    kinds_of_leads = min(leads, KINDS)
    size = (leads, active, len(office), kinds_of_leads, PROPERTIES, moment, opened, YEAR / leads)
    _copy(owner, "size", [size])
    _copy(owner, "brokers", map(_broker, range(len(office)), office))
    rules = Rules(sorted(scoring.in_force(), key=attrgetter("rule_name")))
    db.session.expunge_all()
    db.session.rollback()
    kinds, points = zip(
        *(_kind(number, rng, town, moment, rules) for number in range(1, kinds_of_leads + 1)), strict=True
    )
    _copy(owner, "kinds", kinds)
    _copy(owner, "kind_points", (line for lines in points for line in lines))


def _broker(number: int, one: brokers.Broker) -> tuple:
    said = one.profile
    known = (list(said.types), list(said.areas), list(said.languages))
    return number, one.agent_id, one.user_id, said.name, said.email, one.phone, *known, None


def _kind(number: int, rng: Random, town: Town, moment: datetime, rules: Rules) -> tuple[tuple, list[tuple]]:
    """Who asks for what, and the points that this is worth; one in ten looks where others seldom do."""
    case = cases.new_case(rng, town, moment)
    who, wish = case.person, case.wish
    if rng.random() < 0.1:
        wish = market.wish(rng, area=rng.choice(list(AREAS)))
    referred = case.source == Source.REFERRAL and rng.random() < 0.6
    budget = rules.alike(wish.budget_max)
    matches = rules.of_details(case.source, who.nationality, budget, wish.property_type, bool(wish.areas), referred)
    row = (number, case.source, case.channel, who.first_name, who.last_name, who.email, who.nationality)
    row += (who.language_preference, who.spoken_language, wish.budget_min, wish.budget_max, wish.property_type)
    row += (list(wish.areas) or None, wish.purpose, wish.bedrooms, wish.price)
    row += ("sale" if wish.deal == Purpose.BUY else "rental", referred, None)
    lines = [(number, place, match.rule_id, match.rule_name, match.points) for place, match in enumerate(matches)]
    return row, lines


def _copy(owner: psycopg.Connection, table: str, rows: Iterable[tuple]) -> None:
    with owner.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
        for row in rows:
            copy.write_row(row)
