"""Who a lead's person is: every lead, enquiry and number of theirs, and the words by which they can be found."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import any_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from webapp import phones
from webapp.extensions import db
from webapp.models import BrokerLead, Enquiry, Lead, Merge
from webapp.models.leads import full_name
from webapp.models.merges import STANDS

FEWEST_DIGITS, FEWEST_LETTERS = 7, 4
"""What is shorter names too many."""


@dataclass(frozen=True)
class Person:
    """One person as the office knows them."""

    leads: list[Lead]
    merges: list[Merge]
    """Those that hold anything of theirs, undone ones too."""
    aside: list[BrokerLead]
    """Leads of theirs that wait as another broker's."""
    enquiry_ids: list[UUID]
    phones: list[str]
    names: list[str]
    """Whole names: one word alone names thousands."""
    marks: list[str]
    """What nobody else has: e-mail addresses and WhatsApp names."""

    @property
    def lead_ids(self) -> list[UUID]:
        return [lead.lead_id for lead in self.leads]

    @property
    def every_id(self) -> list[UUID]:
        """Their leads, those that were merged away or wait as a broker's included."""
        merged = (merge.absorbed_id for merge in self.merges if merge.undone_at is None)
        return [*self.lead_ids, *merged, *(lead.lead_id for lead in self.aside)]

    @property
    def digits(self) -> list[str]:
        """Their numbers as every spelling of them has it."""
        found = (phones.significant(phone) for phone in self.phones)
        return [digits for digits in found if len(digits) >= FEWEST_DIGITS]


def of(lead: Lead) -> Person:
    """The person of this lead: whoever has its phone number, or one that a merge says is theirs as well."""
    leads = {lead.lead_id: lead}
    aside: list[BrokerLead] = []
    while True:
        ids = [*leads, *(one.lead_id for one in aside)]
        merges = list(db.session.scalars(select(Merge).where(_touches(ids))))
        numbers = {one.phone for one in leads.values() if one.phone}
        numbers |= {phone for merge in merges if merge.undone_at is None for phone in merge.phones}
        query = select(Lead).where(Lead.lead_id.not_in(leads), or_(Lead.phone.in_(numbers), _merged_with(numbers)))
        found = db.session.scalars(query).all() if numbers else []
        known = len(aside)
        aside = list(db.session.scalars(select(BrokerLead).where(BrokerLead.phone.in_(numbers)))) if numbers else []
        if not found and len(aside) == known:
            break
        leads |= {one.lead_id: one for one in found}
    mine = sorted(leads.values(), key=lambda one: one.number)
    elsewhere = [*_rows(merges), *(row for one in aside for row in one.kept["rows"]["leads"])]
    emails = {one.email.lower() for one in mine if one.email} | {
        row["email"].lower() for row in elsewhere if row.get("email")
    }
    enquiries = _enquiries(list(leads), aside, numbers, emails)
    names = {full_name(one.first_name, one.last_name) for one in mine}
    names |= {f"{row['first_name']} {row['last_name']}".strip() for row in elsewhere}
    names |= {enquiry.name for enquiry in enquiries if enquiry.name}
    marks = emails | {enquiry.email.lower() for enquiry in enquiries if enquiry.email}
    marks |= {enquiry.whatsapp_username for enquiry in enquiries if enquiry.whatsapp_username}
    return Person(
        leads=mine,
        merges=merges,
        aside=sorted(aside, key=lambda one: one.number),
        enquiry_ids=[enquiry.enquiry_id for enquiry in enquiries],
        phones=sorted(numbers | {one.phone_e164 for one in enquiries if one.phone_e164}),
        names=sorted(name for name in names if " " in name and _tells(name)),
        marks=sorted(filter(_tells, marks)),
    )


def _tells(word: str) -> bool:
    return len(word) >= FEWEST_LETTERS and word != full_name("", "")


def _merged_with(numbers: set[str]):
    theirs = select(Merge.survivor_id).where(Merge.phones.overlap(cast(sorted(numbers), ARRAY(TEXT))), STANDS)
    # As an array, so that the leads are found by their key beside the other condition's index.
    return Lead.lead_id == any_(func.array(theirs.scalar_subquery()))


def _touches(lead_ids: list[UUID]):
    return or_(Merge.survivor_id.in_(lead_ids), Merge.absorbed_id.in_(lead_ids))


def _rows(merges: list[Merge]) -> list[dict]:
    """The rows of leads that are part of theirs."""
    return [row for merge in merges if merge.undone_at is None for row in merge.kept["drawer"]["rows"]["leads"]]


def _enquiries(lead_ids: list[UUID], aside: list[BrokerLead], numbers: set[str], emails: set[str]) -> list[Enquiry]:
    """Theirs on leads, here or set aside, and those without one that came from their number or, without it, e-mail."""
    by_email = Enquiry.phone_e164.is_(None) & func.lower(Enquiry.email).in_(emails)
    loose = Enquiry.lead_id.is_(None) & or_(Enquiry.phone_e164.in_(numbers), by_email)
    waiting = Enquiry.broker_lead_id.in_([one.broker_lead_id for one in aside])
    query = select(Enquiry).where(or_(Enquiry.lead_id.in_(lead_ids), waiting, loose))
    return list(db.session.scalars(query.order_by(Enquiry.received_at, Enquiry.enquiry_id)))
