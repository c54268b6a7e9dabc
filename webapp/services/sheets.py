"""A lead's history on paper: whose client this is, with every proof of it. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.models import (
    Agent,
    AssignmentMove,
    Consent,
    Enquiry,
    Lead,
    LeadActivity,
    LeadConversionHistory,
    Merge,
    User,
)
from webapp.services import access, scoring
from webapp.services.access import Actor
from webapp.services.lead_view import OWNER
from webapp.services.scoring import Breakdown
from webapp.vocabulary import AssignmentKind

Move = LeadConversionHistory
MOST = 1_000
"""What a sheet holds of each kind; nobody reads more on paper."""
PARTS = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(Merge.absorbed_id, Merge.number, Merge.merged_at, User.name), Merge.merged_at
            )
        )
    )
    .select_from(Merge)
    .outerjoin(User, User.user_id == Merge.merged_by)
    .where(Merge.survivor_id == Lead.lead_id, Merge.undone_at.is_(None))
    .correlate(Lead)
    .scalar_subquery()
)
"""What was merged into a lead, as an expression for a query that is made anyway."""


@dataclass(frozen=True)
class Part:
    """A lead that is part of this one now, since when and by whom."""

    lead_id: UUID
    number: int
    merged_at: datetime
    merged_by: str | None


@dataclass(frozen=True)
class Tenure:
    """Who had the lead from when until when (None: still), how it came to them, and who decided it."""

    agent: str | None
    since: datetime
    until: datetime | None
    kind: AssignmentKind | None
    reason: str | None
    decided_by: str | None
    number: int | None
    """Of a lead that was merged into this one: its number."""


@dataclass(frozen=True)
class Sheet:
    """Everything that says whose client this is, each kind the oldest first."""

    lead: Lead
    owner: Agent | None
    enquiries: list[Enquiry]
    tenures: list[Tenure]
    contacts: list[LeadActivity]
    moves: list[Move]
    consents: list[Consent]
    parts: list[Part]
    breakdown: Breakdown

    @property
    def first(self) -> Enquiry | None:
        """The enquiry that they came with."""
        return self.enquiries[0] if self.enquiries else None

    @property
    def is_cut(self) -> bool:
        """Whether there is more than a sheet holds."""
        kinds: tuple[list, ...] = (self.enquiries, self.tenures, self.contacts, self.moves)
        return any(len(kind) >= MOST for kind in kinds)


def sheet(lead_id: UUID, *, by: Actor) -> Sheet:
    """The history sheet of a lead that `by` may see, in seven round trips, whatever happened with it."""
    lead, found = access.lead_with(lead_id, PARTS, by=by, options=(OWNER,))
    parts = [Part(UUID(part_id), number, datetime.fromisoformat(at), name) for part_id, number, at, name in found or ()]
    return Sheet(
        lead,
        lead.assignment.agent if lead.assignment else None,
        _all(Enquiry, Enquiry.lead_id == lead_id, Enquiry.received_at, Enquiry.taker),
        _tenures(lead_id, {part.lead_id: part.number for part in parts}),
        _all(LeadActivity, LeadActivity.lead_id == lead_id, LeadActivity.activity_at, LeadActivity.logger),
        _all(Move, Move.lead_id == lead_id, Move.changed_at, Move.changer),
        _all(Consent, Consent.lead_id == lead_id, Consent.said_at, Consent.taker),
        parts,
        scoring.explain(lead),
    )


def _all(model, condition: ColumnElement[bool], moment, person) -> list:
    query = select(model).where(condition).options(joinedload(person))
    return list(db.session.scalars(query.order_by(moment, *model.__table__.primary_key).limit(MOST)))


def _tenures(lead_id: UUID, parts: dict[UUID, int]) -> list[Tenure]:
    """Every owner of the lead and of what was merged into it, in the order in which they had it."""
    moves = (
        select(AssignmentMove, User.name)
        .outerjoin(User, User.user_id == AssignmentMove.moved_by)
        .where(or_(AssignmentMove.lead_id == lead_id, AssignmentMove.lead_id.in_(parts)))
        .order_by(AssignmentMove.lead_id, AssignmentMove.moved_at, AssignmentMove.move_id)
        .limit(MOST)
    )
    found: list[Tenure] = []
    for owned_id, group in groupby(db.session.execute(moves), lambda row: row[0].lead_id):
        found += _in_turn(list(group), parts.get(owned_id))
    return sorted(found, key=lambda one: one.since)


def _in_turn(rows: list, number: int | None) -> Iterable[Tenure]:
    for (move, decided_by), after in zip(rows, [*rows[1:], None], strict=True):
        reason = move.reason if move.reason != move.kind else None
        kind = AssignmentKind.stored(move.kind) if move.kind else None
        until = after[0].moved_at if after else None
        yield Tenure(move.agent_name, move.moved_at, until, kind, reason, decided_by, number)
