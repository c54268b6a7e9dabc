"""Making one lead of two (R2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from webapp.database import locks
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import Lead, Merge
from webapp.services import access, assignments, audit, notifications, scoring
from webapp.services.access import Actor
from webapp.services.merges import drawer, follow_ups, rows
from webapp.services.merges.fields import CAPTURE, PARTS, chosen_by_itself, differing, owners
from webapp.transaction import transactional
from webapp.vocabulary import NoticeKind, Side


@dataclass(frozen=True)
class Wish:
    """Which of two leads stays, and whose values: of what is not in `chosen`, the one's that stays, if it has any.

    `versions` are those of the two leads that whoever chose has seen.
    """

    survivor: Side
    versions: tuple[int, int]
    chosen: Mapping[str, Side] = field(default_factory=dict)
    owner: Side | None = None


@transactional
def make(lead_id: UUID, other_id: UUID, wish: Wish, *, by: Actor) -> Merge:
    """Make one lead of these two: all that happened with either is told at the one that stays, and scored anew.

    The other one is in no list, report or count any more; its address leads to the one that stays. Follow-ups that
    would clash go to the next free slot. Refused with `Conflict` (`stale`) where one of them was changed or merged
    meanwhile, and `Invalid` where the closed one would stay of which the other is open.
    """
    leads = _held(lead_id, other_id, by)
    for lead in leads:
        access.refuse_erased(lead)
    if tuple(lead.version for lead in leads) != wish.versions:
        raise Conflict(_("Somebody changed one of these leads meanwhile. Compare them again."), code="stale")
    survivor, other = leads if wish.survivor == Side.LEAD else leads[::-1]
    if survivor.status.is_closed and not other.status.is_closed:
        raise Invalid(_("The open lead stays, the closed one becomes part of it."), field="survivor")
    sides = {Side.LEAD: leads[0], Side.OTHER: leads[1]}
    theirs = {Side.LEAD: survivor, Side.OTHER: other}
    values: dict[str, Any] = {}
    for part in differing(survivor, other):
        source = sides[wish.chosen[part]] if part in wish.chosen else theirs[chosen_by_itself(part, survivor)]
        values |= {column: getattr(source, column) for column in PARTS[part]}
    first, later = sorted((survivor, other), key=lambda one: (one.created_at, one.lead_id))
    values |= {column: getattr(first, column) for column in CAPTURE}
    if survivor.reopened_from == other.lead_id:
        values["reopened_from"] = None
    owner = _owner(survivor, other, sides[wish.owner] if wish.owner else None)
    merge = Merge(
        survivor_id=survivor.lead_id,
        absorbed_id=other.lead_id,
        number=other.number,
        agent_id=other.owner_id,
        phones=sorted({survivor.phone, other.phone}),
        source_type=later.source_type,
        captured_at=later.created_at,
        merged_by=by.user_id,
    )
    kept = _kept(survivor, other)
    with drawer.as_one_merges():
        kept["drawer"] = drawer.put_in(other.lead_id, survivor.lead_id)
    db.session.expunge(other)
    db.session.refresh(survivor)
    for name, value in values.items():
        setattr(survivor, name, value)
    survivor.version += 1
    db.session.flush()
    if owner:
        assignments.bring(survivor, owner, by=by, number=merge.number)
    scoring.score_anew(survivor)
    merge.kept = kept | _left(survivor.lead_id, values)
    db.session.add(merge)
    audit.record(
        "merges.make",
        by=by,
        lead_id=survivor.lead_id,
        subject_id=merge.absorbed_id,
        before={"number": merge.number},
        after={"chosen": sorted(values)},
    )
    if merge.agent_id != owner:
        notifications.tell_agent(merge.agent_id, NoticeKind.LEAD_TAKEN, lead_id=survivor.lead_id, by=by)
    db.session.flush()
    return merge


def _held(lead_id: UUID, other_id: UUID, by: Actor) -> tuple[Lead, Lead]:
    """Both leads, and everybody who might capture, assign or merge one of them meanwhile, held in one order."""
    locks.phones(access.lead(one, by=by).phone for one in (lead_id, other_id))
    if lead_id == other_id:
        raise Invalid(_("Choose two different leads."))
    locks.assignment()
    held = {one: access.lead(one, by=by, lock=True) for one in sorted((lead_id, other_id))}
    return held[lead_id], held[other_id]


def _owner(survivor: Lead, other: Lead, chosen: Lead | None) -> UUID | None:
    """Whose the lead that stays will be."""
    possible = owners(survivor, other)
    if survivor.status.is_closed:
        return survivor.owner_id
    return chosen.owner_id if chosen and chosen.owner_id in possible else next(iter(possible), None)


def _kept(survivor: Lead, other: Lead) -> dict:
    """How things stand before: what a merge changes of the lead that stays, and the follow-ups of both."""
    return {
        "before": rows.of_lead(survivor.lead_id),
        "owner_before": rows.of_owner(survivor.lead_id),
        "follow_ups": follow_ups.of(survivor.lead_id, other.lead_id),
    }


def _left(survivor_id: UUID, values: Mapping) -> dict:
    """How things stand after it: enough to tell whether somebody has touched them since."""
    return {
        "changed": sorted(values),
        "after": rows.of_lead(survivor_id),
        "owner_after": rows.of_owner(survivor_id),
        "follow_ups_after": follow_ups.of(survivor_id),
        "line": scoring.last_line(survivor_id),
    }
