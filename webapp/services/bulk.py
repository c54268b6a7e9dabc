"""The same deed for many leads at once, row by row as its own rule allows it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from webapp.database import locks
from webapp.errors import Invalid, Missing
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import access, pipeline, tasks
from webapp.services.access import Actor
from webapp.services.tasks import WHOLE_MINUTES, FollowUp
from webapp.transaction import alone, transactional
from webapp.vocabulary import LostReason, Status

MOST = 200


@dataclass(frozen=True)
class Left:
    """A lead that stayed as it was, and why."""

    lead: Lead
    why: str


@dataclass(frozen=True)
class Change:
    """What a deed did: how many leads it changed, and those it left."""

    done: int
    left: list[Left]


def chosen(lead_ids: Iterable[UUID], *, by: Actor) -> list[Lead]:
    """These leads; `Missing` where `by` may not see one of them, `Invalid` above 200."""
    return list(_leads(lead_ids, by).values())


def held(lead_ids: Iterable[UUID], *, by: Actor) -> dict[UUID, Lead]:
    """The same, their rows held in one order until the transaction ends."""
    return _leads(lead_ids, by, lock=True)


@transactional
def change(lead_ids: Iterable[UUID], deed: Callable[[Lead], object], *, by: Actor) -> Change:
    """Do the same with each of these leads. What is refused stays as it was and is listed, the rest is done.

    All rows are held before the first deed, in one order, so that two changes cannot block each other.
    """
    leads = held(lead_ids, by=by)
    refusals = ((lead, alone(partial(deed, lead))) for lead in leads.values())
    left = [Left(lead, refused.message) for lead, refused in refusals if refused]
    return Change(len(leads) - len(left), left)


def losing(*, by: Actor, lost_reason: LostReason | None, notes: str = "") -> Callable[[Lead], object]:
    """Close a lead as lost (R8)."""
    return lambda lead: pipeline.move(
        lead.lead_id, by=by, status_from=lead.status, status=Status.LOST, lost_reason=lost_reason, notes=notes
    )


def planning(follow_up: FollowUp, *, by: Actor) -> Callable[[Lead], object]:
    """Plan a next step: at its time, or at the next free slot of the lead's owner after it (R7)."""

    def plan(lead: Lead) -> None:
        due_date = follow_up.due_date
        if lead.owner_id:
            locks.calendar(lead.owner_id)
            due_date = tasks.next_free_slot(lead.owner_id, due_date, step=WHOLE_MINUTES)
        tasks.schedule(lead.lead_id, replace(follow_up, due_date=due_date), by=by)

    return plan


def _leads(lead_ids: Iterable[UUID], by: Actor, *, lock: bool = False) -> dict[UUID, Lead]:
    wanted = set(lead_ids)
    if not wanted:
        raise Invalid(_("Choose at least one lead."), field="lead_id")
    if len(wanted) > MOST:
        raise Invalid(_("Choose at most %(most)s leads at a time.", most=MOST), field="lead_id")
    query = select(Lead).where(Lead.lead_id.in_(wanted), access.leads(by=by)).order_by(Lead.lead_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = {lead.lead_id: lead for lead in db.session.scalars(query)}
    if len(found) < len(wanted):
        raise Missing(_("That is not here, or not yours to see."))
    return found
