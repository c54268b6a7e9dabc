"""The agents of the office."""

from collections.abc import Iterable
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from webapp import areas, phones
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import Agent, User
from webapp.services import access, audit
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import PropertyType, SpokenLanguage


@transactional
def add(
    email: str,
    *,
    by: Actor,
    name: str,
    phone: str,
    types: Iterable[PropertyType] = (),
    at_home_in: Iterable[str] = (),
    languages: Iterable[SpokenLanguage] = (),
) -> Agent:
    """Add an agent who is on duty from now on. E-mail and phone are unique among agents."""
    e164 = phones.to_e164(phone)
    if e164 is None:
        raise Invalid(_("That is not a phone number of a person."), field="phone")
    agent = Agent(
        email=email,
        full_name=name,
        phone=e164,
        specialization_property_type=list(types),
        specialization_areas=[areas.canonical(area) for area in at_home_in],
        language_skills=list(languages),
    )
    db.session.add(agent)
    db.session.flush()
    audit.record("agents.add", by=by, subject_id=agent.agent_id, after={"name": name, "email": email})
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
