"""What the law wants of closed sales: who bought, for five years, over any erasure (uae_market)."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from webapp.extensions import db
from webapp.models import KeptSale, LeadConversionHistory
from webapp.services.privacy.whose import Person
from webapp.vocabulary import ConversionType, Status

YEARS = 5
IDENTITY = ("first_name", "last_name", "phone", "email", "nationality")


def to_keep(person: Person, *, now: datetime) -> list[KeptSale]:
    """Of each of their sales that is not five years old who bought; not yet in the database."""
    return [sale for sale in (*_of_leads(person), *_of_waiting(person)) if sale.kept_until > now]


def _of_leads(person: Person) -> Iterator[KeptSale]:
    if not any(lead.status == Status.CONVERTED for lead in person.leads):
        return
    move = LeadConversionHistory
    sold = select(move.lead_id, func.max(move.changed_at)).where(
        move.lead_id.in_(person.lead_ids),
        move.status_to == Status.CONVERTED,
        move.conversion_type.is_distinct_from(ConversionType.RENTAL),
    )
    moments = {row[0]: row[1] for row in db.session.execute(sold.group_by(move.lead_id))}
    for lead in person.leads:
        if lead.lead_id in moments and not lead.erased_at:
            who = {name: getattr(lead, name) for name in IDENTITY}
            yield _kept(lead.lead_id, lead.number, moments[lead.lead_id], who)


def _of_waiting(person: Person) -> Iterator[KeptSale]:
    """Of leads that became part of another one, or wait as a broker's."""
    for merge in person.merges:
        if merge.undone_at is None:
            yield from _of_rows(merge.survivor_id, merge.kept["drawer"]["rows"])
    for lead in person.aside:
        yield from _of_rows(person.leads[0].lead_id, lead.kept["rows"])


def _of_rows(lead_id: UUID, rows: dict[str, list[dict]]) -> Iterator[KeptSale]:
    for row in rows["leads"]:
        deals = [
            datetime.fromisoformat(move["changed_at"])
            for move in rows.get("lead_conversion_history", ())
            if move["status_to"] == Status.CONVERTED and move["conversion_type"] != ConversionType.RENTAL
        ]
        if deals and not row.get("erased_at"):
            yield _kept(lead_id, row["number"], max(deals), {name: row[name] for name in IDENTITY})


def _kept(lead_id, number: int, sold_at: datetime, who: dict) -> KeptSale:
    return KeptSale(lead_id=lead_id, number=number, sold_at=sold_at, kept_until=years_later(sold_at), **who)


def years_later(moment: datetime) -> datetime:
    """The same day five years on; of a 29 February the 1 March after it."""
    try:
        return moment.replace(year=moment.year + YEARS)
    except ValueError:
        return moment.replace(year=moment.year + YEARS, month=3, day=1)
