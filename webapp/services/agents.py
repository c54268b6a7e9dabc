"""The agents of the office."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select

from webapp import areas, phones
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import Agent, User
from webapp.services import access, audit
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import PropertyType, SpokenLanguage


@dataclass(frozen=True)
class Profile:
    """What an agent is called, how they are reached, what they know and until when they may work."""

    full_name: str
    email: str
    phone: str
    types: Iterable[PropertyType] = ()
    areas: Iterable[str] = ()
    languages: Iterable[SpokenLanguage] = ()
    arabic_name: str = ""
    broker_number: str = ""
    broker_number_expires_on: date | None = None


@transactional
def add(profile: Profile, *, by: Actor) -> Agent:
    """Add an agent who is on duty from now on. E-mail and phone are unique among agents."""
    agent = Agent()
    _put(agent, profile)
    db.session.add(agent)
    db.session.flush()
    audit.record("agents.add", by=by, subject_id=agent.agent_id, after=_facts(agent))
    return agent


@transactional
def amend(agent_id: UUID, profile: Profile, *, by: Actor) -> Agent:
    """Give an agent another name, number or field of work. Leads that they hold stay theirs."""
    agent = _held(agent_id)
    before = _facts(agent)
    _put(agent, profile)
    db.session.flush()
    audit.record("agents.amend", by=by, subject_id=agent_id, before=before, after=_facts(agent))
    return agent


@transactional
def set_duty(agent_id: UUID, *, by: Actor, on_duty: bool) -> Agent:
    """Put an agent on duty or off: off duty no lead comes to them, those that they hold stay."""
    agent = _held(agent_id)
    if agent.on_duty != on_duty:
        agent.on_duty = on_duty
        after = {"on_duty": on_duty}
        audit.record("agents.set_duty", by=by, subject_id=agent_id, before={"on_duty": not on_duty}, after=after)
    return agent


def everyone() -> list[Agent]:
    """All agents by name."""
    return list(db.session.scalars(select(Agent).order_by(Agent.full_name, Agent.agent_id)))


def measured(agent_id: UUID, *, by: Actor) -> Agent:
    """The agent, if `by` may see their figures."""
    return access.measured_agent(agent_id, by=by)


def find(agent_id: UUID | None) -> Agent | None:
    """The agent, or None."""
    return db.session.get(Agent, agent_id) if agent_id else None


def has_user(agent: Agent | None) -> bool:
    """Whether somebody who signs in is this agent, so that a notice reaches them."""
    if agent is None:
        return False
    return bool(db.session.scalar(select(User.user_id).where(User.agent_id == agent.agent_id, User.is_active)))


def _held(agent_id: UUID) -> Agent:
    """The agent as they are now; whoever else changes them waits."""
    access.agent(agent_id)
    query = select(Agent).where(Agent.agent_id == agent_id).with_for_update(key_share=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _put(agent: Agent, profile: Profile) -> None:
    e164 = phones.to_e164(profile.phone)
    if e164 is None:
        raise Invalid(_("That is not a phone number of a person."), field="phone")
    _refuse_taken(agent, profile.email)
    agent.full_name = profile.full_name
    agent.email = profile.email
    agent.phone = e164
    agent.specialization_property_type = list(profile.types)
    agent.specialization_areas = list(dict.fromkeys(areas.canonical(area) for area in profile.areas))
    agent.language_skills = list(profile.languages)
    agent.arabic_name = profile.arabic_name or None
    agent.broker_number = profile.broker_number or None
    agent.broker_number_expires_on = profile.broker_number_expires_on


def _refuse_taken(agent: Agent, email: str) -> None:
    """The database tells capitals apart, people do not; of the phone it says so itself."""
    others = select(Agent.agent_id).where(func.lower(Agent.email) == email.lower())
    with db.session.no_autoflush:
        taken = db.session.scalars(others.where(Agent.agent_id.is_distinct_from(agent.agent_id)).limit(1)).first()
    if taken:
        raise Conflict(_("Another agent has this e-mail address."), code="duplicate_agent", field="email")


def _facts(agent: Agent) -> dict:
    """What the audit keeps of an agent."""
    expires = agent.broker_number_expires_on
    return {
        "name": agent.full_name,
        "email": agent.email,
        "phone": agent.phone,
        "types": list(agent.specialization_property_type or ()),
        "areas": list(agent.specialization_areas or ()),
        "languages": list(agent.language_skills or ()),
        "broker_number": agent.broker_number,
        "broker_number_expires_on": expires.isoformat() if expires else None,
    }
