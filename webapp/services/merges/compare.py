"""Two leads side by side. Reads only."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import Lead, LeadConversionHistory
from webapp.services import access
from webapp.services.access import Actor
from webapp.services.merges.fields import chosen_by_itself, differing, owners
from webapp.vocabulary import Side, Status


@dataclass(frozen=True)
class Comparison:
    """Two leads, in what they differ, what is chosen of it unless somebody chooses otherwise, and what counts no more.

    `survivor` stays unless somebody says the other one; `must_stay`: it cannot be the other one, which is closed.
    """

    lead: Lead
    other: Lead
    survivor: Side
    must_stay: bool
    differing: list[str]
    chosen: dict[str, Side]
    asks_owner: bool
    deals: dict[UUID, Decimal]
    """The deals that these leads were closed with."""


def compare(lead_id: UUID, other_id: UUID, *, by: Actor) -> Comparison:
    """The two leads, if `by` may see both."""
    owner = joinedload(Lead.owner)
    lead, other = (access.lead(one, by=by, options=(owner,)) for one in (lead_id, other_id))
    if lead is other:
        raise Invalid(_("Choose two different leads."))
    made = LeadConversionHistory
    deals = select(made.lead_id, made.deal_value).where(
        made.lead_id.in_((lead_id, other_id)), made.status_to == Status.CONVERTED, made.deal_value.is_not(None)
    )
    survivor = staying(lead, other)
    first, second = (lead, other) if survivor == Side.LEAD else (other, lead)
    parts = differing(lead, other)
    return Comparison(
        lead=lead,
        other=other,
        survivor=survivor,
        must_stay=lead.status.is_closed != other.status.is_closed,
        differing=parts,
        chosen={part: survivor if chosen_by_itself(part, first) == Side.LEAD else survivor.opposite for part in parts},
        asks_owner=len(owners(first, second)) > 1,
        deals={row.lead_id: row.deal_value for row in db.session.execute(deals)},
    )


def staying(lead: Lead, other: Lead) -> Side:
    """Which of two stays unless somebody says otherwise: the open one, the further one, the one that came first."""
    path = list(Status)

    def worth(one: Lead):
        stage = -1 if one.status == Status.LOST else path.index(one.status)
        return not one.status.is_closed, stage, -one.created_at.timestamp(), str(one.lead_id)

    return Side.LEAD if worth(lead) >= worth(other) else Side.OTHER
