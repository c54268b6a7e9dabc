"""Demo data: an office that looks like Dubai, the same for the same seed and day.

The cast and the agents come first, then a year of enquiries in time order: who asked (`people`), for what
(`market`) and when (`rhythm`), who was given it (`handing_out`), how it ended (`fates`) and what happened on the way
(`paths`, `stories`, `follow_ups`). Today's scenes and what goes wrong in any office are told apart (`exceptions`).
"""

from datetime import datetime, time, timedelta
from operator import attrgetter
from random import Random
from uuid import UUID

from sqlalchemy import select, text

from webapp import clock
from webapp.clock import DUBAI
from webapp.demo import brokers, cases, fates, figures, listings, market, stories
from webapp.demo.brokers import Broker
from webapp.demo.cases import Case
from webapp.demo.cast import AISHA, COLLEAGUES, MARIAM, PASSWORD, RASHID
from webapp.demo.chance import make_uuid
from webapp.demo.exceptions import Scene, appointments, exceptions
from webapp.demo.handing_out import Desk
from webapp.demo.notices import Bell
from webapp.demo.people import Town
from webapp.demo.scores import Rules
from webapp.demo.stage import Stage
from webapp.demo.tables import Tables, filling
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import Lead, User
from webapp.services import audit, scoring, users
from webapp.services.access import SYSTEM
from webapp.stopping import unswept
from webapp.transaction import transactional
from webapp.vocabulary import Interface, Role

TOLD_AT = time(11, 45)
HIRED = timedelta(days=400)
AT_ONCE = 2000

# The owner writes: what the guards would refuse or date today has long happened. Other tables stay guarded.
PREPARE = """
    SET LOCAL ROLE NONE;
    SET LOCAL statement_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0;
    ALTER TABLE lead_assignments DISABLE TRIGGER USER;
    ALTER TABLE lead_activities DISABLE TRIGGER USER;
    ALTER TABLE follow_up_tasks DISABLE TRIGGER USER
"""
FINISH = """
    ALTER TABLE lead_assignments ENABLE TRIGGER USER;
    ALTER TABLE lead_activities ENABLE TRIGGER USER;
    ALTER TABLE follow_up_tasks ENABLE TRIGGER USER
"""


@transactional
def seed(*, leads: int, agents: int, seed: int, as_of: datetime | None) -> str:
    """Fill an empty office with a year that ends `as_of` (a bare day: at a quarter to twelve; None: now).

    Everything or nothing is kept. `Conflict` (`not_empty`) where there are users or leads already.
    """
    if leads < 0 or agents < 1:
        raise Invalid("The demo needs at least one agent, and leads from 0 on.")
    if db.session.scalar(select(select(User.user_id).exists() | select(Lead.lead_id).exists())):
        raise Conflict("There are users or leads already; demo data goes into an empty office only.", code="not_empty")
    db.session.execute(text(PREPARE))
    moment = told_at(as_of)
    with unswept(), filling(db.session.connection()) as tables:
        stage, year = _set_the_stage(Random(seed), tables, leads, agents, moment)
        _play(stage, year)
    db.session.execute(text(FINISH))
    audit.record("demo.seed", by=SYSTEM, after={"leads": leads, "agents": agents, "seed": seed})
    day = moment.astimezone(DUBAI)
    return f"{leads} leads of the twelve months before {day:%-d %B %Y, %H:%M} in Dubai, and {agents} agents."


def logins() -> list[str]:
    """What to print so that people can sign in to the demo; nothing where there is no demo."""
    known = set(db.session.scalars(select(User.email).where(User.is_demo, User.is_active)))
    cast = [("agent", AISHA.email), *((one.role, one.email) for one in COLLEAGUES)]
    found = [f"  {role:<14}{email:<28}{PASSWORD}" for role, email in cast if email in known]
    return ["Demo logins (made-up people, for trying out only):", *found] if found else []


def told_at(as_of: datetime | None) -> datetime:
    """The moment that the demo calls now; what comes without a zone is Dubai's time."""
    if as_of is None:
        return clock.now().replace(microsecond=0)
    if as_of.tzinfo is None:
        if as_of.time() == time():
            as_of = datetime.combine(as_of, TOLD_AT)
        as_of = as_of.replace(tzinfo=DUBAI)
    return as_of.astimezone(clock.now().tzinfo)


def _set_the_stage(rng: Random, tables: Tables, leads: int, agents: int, moment: datetime) -> tuple[Stage, list[Case]]:
    """Everybody who works here, and the year's cases in time order, each with its owner and its fate."""
    town = Town(rng)
    office = brokers.hire(rng, town, count=agents, leads=leads, moment=moment)
    colleagues = _employ(tables, rng, office, moment)
    year = _year(rng, town, office, leads, moment)
    stage = Stage(
        rng=rng,
        moment=moment,
        tables=tables,
        bell=Bell(moment, colleagues[MARIAM.name]),
        rules=Rules(sorted(scoring.in_force(), key=attrgetter("rule_name"))),
        offers=market.Offers(rng),
        brokers=office,
        manager=colleagues[MARIAM.name],
        receptionist=colleagues[RASHID.name],
    )
    return stage, year


def _play(stage: Stage, year: list[Case]) -> None:
    """Write what is on offer and every story, and then what is counted from all of them."""
    listings.offer(stage.tables, stage.offers, stage.moment)
    for place, case in enumerate(year, start=1):
        stories.tell(stage, case)
        if place % AT_ONCE == 0:
            stage.tables.send()
    stage.bell.write(stage.tables, stage.rng)
    stage.tables.finish()
    figures.count(db.session())
    figures.perform(db.session(), stage.tables, stage.rng, stage.moment)
    stage.tables.send()


def _year(rng: Random, town: Town, office: list[Broker], leads: int, moment: datetime) -> list[Case]:
    told = exceptions(Scene(rng, town, office, moment), leads)
    year = [*cases.ordinary(rng, town, count=leads - len(told), moment=moment), *told]
    year.sort(key=lambda case: case.created)
    Desk(rng, office, moment).hand_out(year)
    fates.decide(year, office, rng, moment)
    return year


def _employ(tables: Tables, rng: Random, office: list[Broker], moment: datetime) -> dict[str, UUID]:
    """Write the agents, their users and the colleagues without leads, whose ids come back by name."""
    password_hash = users.passwords.hash(PASSWORD)
    office[0].diary.keep(appointments(moment))

    def user(user_id: UUID, name: str, email: str, role: Role, **more) -> None:
        tables.add(
            "users",
            user_id=user_id,
            email=email,
            name=name,
            password_hash=password_hash,
            role=role,
            is_demo=True,
            created_at=moment - HIRED,
            **{"agent_id": None, "language": Interface.ENGLISH} | more,
        )

    for broker in office:
        _agent(tables, rng, broker, moment)
        profile = broker.profile
        user(
            broker.user_id,
            profile.name,
            profile.email,
            Role.AGENT,
            agent_id=broker.agent_id,
            language=profile.interface,
        )
    ids = {colleague.name: make_uuid(rng) for colleague in COLLEAGUES}
    for colleague in COLLEAGUES:
        user(ids[colleague.name], colleague.name, colleague.email, colleague.role)
    return ids


def _agent(tables: Tables, rng: Random, broker: Broker, moment: datetime) -> None:
    profile = broker.profile
    tables.add(
        "agents",
        agent_id=broker.agent_id,
        full_name=profile.name,
        arabic_name=profile.arabic_name,
        email=profile.email,
        phone=broker.phone,
        specialization_property_type=list(profile.types),
        specialization_areas=list(profile.areas),
        language_skills=list(profile.languages),
        on_duty=broker.off_since is None,
        broker_number=str(rng.randint(20_000, 79_999)),
        broker_number_expires_on=(moment.astimezone(DUBAI) + timedelta(days=profile.licence_days)).date(),
        created_at=moment - HIRED,
    )
