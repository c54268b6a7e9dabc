"""A lead's story: contacts, moves, enquiries, owners and silences in one order. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.models import LeadActivity, LeadConversionHistory
from webapp.services import assignments, enquiries
from webapp.services.scoring import Breakdown
from webapp.vocabulary import ScoreReason


@dataclass(frozen=True)
class Event:
    """Something that happened: `kind` says which of the four `what` is, `points` what it did to the score."""

    kind: str
    at: datetime
    what: Any
    points: tuple[int, ...] = ()


@dataclass(frozen=True)
class Story:
    """All events, newest first, and the first contact if there was one."""

    events: list[Event]
    answered_at: datetime | None
    moves: list
    owners: list


def tell(lead_id: UUID, breakdown: Breakdown) -> Story:
    """The story of one lead."""
    contacts = db.session.scalars(
        select(LeadActivity)
        .where(LeadActivity.lead_id == lead_id)
        .options(joinedload(LeadActivity.logger), joinedload(LeadActivity.agent))
    ).all()
    moves = db.session.scalars(
        select(LeadConversionHistory)
        .where(LeadConversionHistory.lead_id == lead_id)
        .options(joinedload(LeadConversionHistory.changer), joinedload(LeadConversionHistory.listing))
        .order_by(LeadConversionHistory.changed_at)
    ).all()
    owners = assignments.explained(lead_id)
    earned: dict[UUID | None, list[int]] = {}
    for line in breakdown.lines:
        earned.setdefault(line.activity_id, []).append(line.points)
    events = [
        *(Event("activity", a.activity_at, a, tuple(earned.get(a.activity_id, ()))) for a in contacts),
        *(Event("move", move.changed_at, move) for move in moves),
        *(Event("enquiry", enquiry.received_at, enquiry) for enquiry in enquiries.of_lead(lead_id)),
        *(Event("owner", owner.moved_at, owner) for owner in owners),
        *(
            Event("silence", line.created_at, line, (line.points,))
            for line in breakdown.lines
            if line.reason == ScoreReason.SILENCE
        ),
    ]
    counted = [a.counted_at for a in contacts if not a.struck_at]
    return Story(
        sorted(events, key=lambda event: (event.at, ORDER[event.kind]), reverse=True),
        min(counted, default=None),
        list(moves),
        owners,
    )


ORDER = {"enquiry": 0, "owner": 1, "silence": 2, "activity": 3, "move": 4}
