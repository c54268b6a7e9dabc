"""Two leads again: for 30 days everything that nobody has touched since is as it was, the rest is told (R2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import exists, func, select

from webapp.database import locks
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import Enquiry, Lead, LeadActivity, LeadAssignment, Merge, User
from webapp.services import access, assignments, audit, notifications, scoring, tasks
from webapp.services.access import Actor
from webapp.services.merges import drawer, follow_ups, rows
from webapp.services.merges.fields import CAPTURE, PARTS
from webapp.transaction import transactional
from webapp.vocabulary import NoticeKind, Status

PATIENCE = timedelta(days=30)
TOGETHER = (*PARTS.values(), CAPTURE, ("reopened_from",))
"""The columns that only come back together."""
OF_OWNER = ("agent_id", "reassigned_at", "reason", "kind", "explanation", "escalated_at")


@dataclass(frozen=True)
class Undone:
    """The two leads' ids, and what did not come back as it was, in sentences."""

    lead_id: UUID
    other_id: UUID
    stays: list[str]


@transactional
def undo(merge_id: UUID, *, by: Actor) -> Undone:
    """Make two leads of a merged one, each with what it had; what came since stays with the one that was there.

    What somebody has changed since stays and is told. Refused with `Conflict` (`stale`): where it is undone already,
    after 30 days, and while a later merge of the same lead stands.
    """
    locks.phones(access.merge(merge_id, by=by).phones)
    locks.assignment()
    merge = access.merge(merge_id, by=by, lock=True)
    _refuse_if_late(merge)
    survivor = access.lead(merge.survivor_id, by=by, lock=True)
    kept = merge.kept
    untouched_score = scoring.last_line(survivor.lead_id) == kept["line"]
    stays = [*_fields_back(survivor, kept), *_owner_back(survivor.lead_id, kept)]
    returns = kept["drawer"]["rows"]["lead_assignments"]
    is_closed = Status(kept["drawer"]["rows"]["leads"][0]["status"]).is_closed
    room = [row for row in returns if is_closed or assignments.has_room(UUID(row["agent_id"]))]
    with drawer.as_one_merges():
        gone = drawer.take_out(kept["drawer"], merge.absorbed_id, survivor.lead_id, with_owner=bool(room))
        owners = {str(one): _owner(one) for one in (survivor.lead_id, merge.absorbed_id)}
        in_time = follow_ups.put_back(kept["follow_ups"], kept["follow_ups_after"], owners)
    for nobodys in (UUID(lead_id) for lead_id, owner in owners.items() if owner is None):
        tasks.cancel_open(nobodys, reason=_("The merge was undone"))
    if returns and not room:
        stays.append(assignments.leave(merge.absorbed_id, UUID(returns[0]["agent_id"]), number=merge.number, by=by))
    if gone:
        stays.append(_("Something that belonged to it was removed since."))
    if not in_time:
        stays.append(_("Its follow-ups have changed since, or their time is taken."))
    if _came_since(survivor.lead_id, merge):
        stays.append(_("What happened since stays with #%(number)s.", number=survivor.number))
    db.session.refresh(survivor)
    survivor.version += 1
    scoring.score_anew(survivor)
    if untouched_score:
        scoring.put_back(survivor, kept["before"]["score"])
    merge.undone_at, merge.undone_by = func.clock_timestamp(), by.user_id
    audit.record(
        "merges.undo",
        by=by,
        lead_id=survivor.lead_id,
        subject_id=merge.absorbed_id,
        after={"number": merge.number, "stays": len(stays)},
    )
    owner = owners[str(merge.absorbed_id)]
    notifications.tell_agent(owner, NoticeKind.LEAD_ASSIGNED, lead_id=merge.absorbed_id, by=by)
    db.session.flush()
    return Undone(survivor.lead_id, merge.absorbed_id, stays)


def _refuse_if_late(merge: Merge) -> None:
    if merge.undone_at:
        name = db.session.scalar(select(User.name).where(User.user_id == merge.undone_by))
        raise Conflict(_("%(name)s has undone it already.", name=name or _("Somebody")), code="stale")
    if db.session.scalars(select(func.clock_timestamp())).one() >= merge.merged_at + PATIENCE:
        raise Conflict(_("It is too late to undo that: 30 days have passed."), code="stale")
    later = select(Merge).where(
        Merge.survivor_id == merge.survivor_id, Merge.merged_at > merge.merged_at, Merge.undone_at.is_(None)
    )
    if newest := db.session.scalar(later.order_by(Merge.merged_at.desc()).limit(1)):
        raise Conflict(_("Undo the merge with #%(number)s first.", number=newest.number), code="stale")


def _fields_back(survivor: Lead, kept: dict) -> Iterator[str]:
    """Give the lead back what the merge changed of it."""
    before, after, now = kept["before"], kept["after"], rows.of_lead(survivor.lead_id)
    mine = [columns for columns in TOGETHER if set(columns) & {*kept["changed"]}]
    still = [columns for columns in mine if all(now[name] == after[name] for name in columns)]
    rows.write(Lead, survivor.lead_id, before, (name for columns in still for name in columns))
    if still != mine:
        yield _("The details of #%(number)s were changed since.", number=survivor.number)


def _owner_back(lead_id: UUID, kept: dict) -> Iterator[str]:
    """Give the lead back to whose it was, if the merge has moved it and nobody has since."""
    before, after, now = kept["owner_before"], kept["owner_after"], rows.of_owner(lead_id)
    if before == after:
        return
    mine = LeadAssignment.lead_id == lead_id
    if now == after and before is None:
        db.session.delete(db.session.scalars(select(LeadAssignment).where(mine)).one())
    elif now == after and before and assignments.has_room(UUID(before["agent_id"])):
        rows.write(LeadAssignment, lead_id, before, OF_OWNER)
    else:
        yield _("It keeps its owner, who has changed since or has no room.")


def _owner(lead_id: UUID) -> UUID | None:
    return db.session.scalar(select(Lead.owner_id).where(Lead.lead_id == lead_id))


def _came_since(lead_id: UUID, merge: Merge) -> bool:
    logged = exists().where(LeadActivity.lead_id == lead_id, LeadActivity.logged_at > merge.merged_at)
    asked = exists().where(Enquiry.lead_id == lead_id, Enquiry.received_at > merge.merged_at)
    return bool(db.session.scalar(select(logged | asked)))
