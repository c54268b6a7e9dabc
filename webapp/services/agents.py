"""The agents of the office."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, exists, func, or_, select, text

from webapp import areas, phones
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import Agent, FollowUpTask, User
from webapp.services import access, audit, users
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import OPEN_TASKS, PropertyType, SpokenLanguage

TODAY = text("(now() AT TIME ZONE 'Asia/Dubai')::date")


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
def set_duty(agent_id: UUID, *, by: Actor, on_duty: bool, off_duty_until: date | None = None) -> Agent:
    """Put an agent on duty or off: off duty no lead comes to them, those that they hold stay.

    `off_duty_until` is the first day back: that morning in Dubai they are on duty again by themselves.
    """
    agent = _held(agent_id)
    if agent.left_at:
        raise Conflict(_("%(name)s has left. Bring them back first.", name=agent.full_name), code="agent_left")
    if not on_duty and off_duty_until and off_duty_until <= db.session.scalars(select(TODAY)).one():
        raise Invalid(_("Choose a day after today."), field="off_duty_until")
    before = _duty(agent)
    agent.duty, agent.off_duty_until = on_duty, None if on_duty else off_duty_until
    db.session.flush()
    db.session.refresh(agent, ["on_duty"])
    if before != _duty(agent):
        audit.record("agents.set_duty", by=by, subject_id=agent_id, before=before, after=_duty(agent))
    return agent


@transactional
def leave(agent_id: UUID, *, by: Actor) -> Agent:
    """An agent leaves the office: no lead goes to them, nobody chooses them, and their user is signed out for good.

    What they did keeps their name. Refused with `Conflict` (`agent_holds_leads`) while active leads or open follow-ups
    are theirs.
    """
    agent = _held(agent_id)
    if agent.left_at:
        return agent
    if agent.active_leads_count:
        holds = ngettext(
            "%(name)s still holds one active lead. Hand it over first.",
            "%(name)s still holds %(num)s active leads. Hand them over first.",
            agent.active_leads_count,
            name=agent.full_name,
        )
        raise Conflict(holds, code="agent_holds_leads")
    mine = FollowUpTask.agent_id == agent_id, FollowUpTask.status.in_(OPEN_TASKS)
    if waiting := db.session.scalar(select(func.count()).where(*mine)):
        plans = ngettext(
            "%(name)s still has one open follow-up. Complete or cancel it first.",
            "%(name)s still has %(num)s open follow-ups. Complete or cancel them first.",
            waiting,
            name=agent.full_name,
        )
        raise Conflict(plans, code="agent_holds_leads")
    agent.left_at, agent.duty, agent.off_duty_until = func.now(), False, None
    db.session.flush()
    user_id = users.end_of_agent(agent_id, by=by)
    audit.record("agents.leave", by=by, subject_id=agent_id, after={"user_id": str(user_id) if user_id else None})
    return agent


@transactional
def bring_back(agent_id: UUID, *, by: Actor) -> Agent:
    """An agent who left works here again, off duty at first. Their user stays as it is: an admin lets them sign in."""
    agent = _held(agent_id)
    if agent.left_at is None:
        raise Conflict(_("%(name)s works here already.", name=agent.full_name), code="stale")
    agent.left_at = None
    db.session.flush()
    db.session.refresh(agent, ["on_duty"])
    audit.record("agents.bring_back", by=by, subject_id=agent_id)
    return agent


def everyone(*, chosen: UUID | None = None) -> list[Agent]:
    """All agents who work here, by name; of those who left only the one who is chosen already."""
    here = or_(Agent.left_at.is_(None), Agent.agent_id == chosen)
    return list(db.session.scalars(select(Agent).where(here).order_by(Agent.full_name, Agent.agent_id)))


def measured(agent_id: UUID, *, by: Actor) -> Agent:
    """The agent, if `by` may see their figures."""
    return access.measured_agent(agent_id, by=by)


def find(agent_id: UUID | None) -> Agent | None:
    """The agent, or None."""
    return db.session.get(Agent, agent_id) if agent_id else None


def has_user(agent: Agent | None) -> ColumnElement[bool]:
    """Whether somebody who signs in is this agent, so that a notice reaches them, for a query that is made anyway."""
    return exists().where(User.agent_id == (agent.agent_id if agent else None), User.is_active)


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


def _duty(agent: Agent) -> dict:
    until = agent.off_duty_until
    return {"on_duty": agent.on_duty, "off_duty_until": until.isoformat() if until else None}


def _refuse_taken(agent: Agent, email: str) -> None:
    """People do not tell capitals apart. Two at once meet at the database's guard; the phone it keeps apart alone."""
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
