"""All that is held of a person: counted on a page, and line by line in a file that they can read."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from sqlalchemy import Select, func, select

from webapp.clock import DUBAI
from webapp.extensions import db
from webapp.models import (
    AssignmentMove,
    AuditEntry,
    Consent,
    ContactStop,
    Delivery,
    Enquiry,
    FollowUpTask,
    Import,
    ImportRow,
    KeptSale,
    Lead,
    LeadActivity,
    LeadConversionHistory,
    LeadPropertyInterest,
    LeadSource,
    Visit,
)
from webapp.services import access, audit
from webapp.services.access import Actor
from webapp.services.privacy import sales, whose
from webapp.services.privacy.whose import Person
from webapp.transaction import transactional
from webapp.vocabulary import Word

Line = list[Any]
NOTHING: tuple = (None, "", [], {}, b"")
ASIDE = lazy("Leads set aside as a broker's")


@dataclass(frozen=True)
class Part:
    """A kind of thing that is held: its rows, and the columns of them that say something."""

    label: Any
    rows: Select
    moment: str
    columns: dict[str, Any]


@dataclass(frozen=True)
class Held:
    """What is held of the person of a lead, how much of each kind, and of which sales the law wants to know who bought:
    those that an erasure would keep, or has kept."""

    lead: Lead
    person: Person
    counts: list[tuple[str, int]]
    sales: list[KeptSale]


def held(lead_id: UUID, *, by: Actor) -> Held:
    """What is held of the person of this lead, counted in one round trip."""
    lead = access.lead(lead_id, by=by)
    person = whose.of(lead)
    parts = _parts(person)
    counts = [select(func.count()).select_from(part.rows.subquery()).scalar_subquery() for part in parts]
    *found, now = db.session.execute(select(*counts, func.now())).one()
    known = [(str(part.label), count) for part, count in zip(parts, found, strict=True) if count]
    if person.aside:
        known.append((str(ASIDE), len(person.aside)))
    return Held(lead, person, known, _kept(lead_id) if lead.erased_at else sales.to_keep(person, now=now))


def _kept(lead_id: UUID) -> list[KeptSale]:
    return list(db.session.scalars(select(KeptSale).where(KeptSale.lead_id == lead_id).order_by(KeptSale.sold_at)))


@transactional
def export(lead_id: UUID, *, by: Actor) -> list[Line]:
    """Everything that is held of the person of this lead, a line a value, the oldest first; on record."""
    person = whose.of(access.lead(lead_id, by=by))
    lines: list[Line] = [[_("What"), _("When"), _("Detail"), _("Value")]]
    for part in _parts(person):
        for row in db.session.scalars(part.rows):
            lines += _told(part, row)
    lines += _merged(person)
    lines += _aside(person)
    for lead in person.leads:
        audit.record("privacy.export", by=by, lead_id=lead.lead_id, after={"lines": len(lines) - 1})
    return lines


def _parts(person: Person) -> list[Part]:
    ids, asked = person.lead_ids, person.enquiry_ids
    names = {"first_name": lazy("First name"), "last_name": lazy("Last name")}
    reached = {"phone": lazy("Phone number"), "email": lazy("E-mail")}
    return [
        Part(
            lazy("Leads"),
            select(Lead).where(Lead.lead_id.in_(ids)).order_by(Lead.created_at),
            "created_at",
            {"number": lazy("Number")}
            | names
            | reached
            | {
                "nationality": lazy("Nationality"),
                "language_preference": lazy("Speaks"),
                "spoken_language": lazy("Another language"),
                "purpose": lazy("Looks for"),
                "property_type": lazy("Property type"),
                "bedrooms": lazy("Bedrooms"),
                "preferred_areas": lazy("Areas"),
                "budget_min": lazy("Budget from, AED"),
                "budget_max": lazy("Budget up to, AED"),
                "source_type": lazy("Source"),
                "status": lazy("Status"),
                "score": lazy("Score"),
                "consent_at": lazy("Agrees to be contacted"),
            },
        ),
        Part(
            lazy("Where they came from"),
            select(LeadSource).where(LeadSource.lead_id.in_(ids)).order_by(LeadSource.created_at),
            "created_at",
            {
                "source_type": lazy("Source"),
                "campaign_id": lazy("Campaign"),
                "utm_source": lazy("Campaign source"),
                "property_id": lazy("Property"),
            },
        ),
        Part(
            lazy("Consent"),
            select(Consent).where(Consent.lead_id.in_(ids)).order_by(Consent.said_at),
            "said_at",
            {
                "purpose": lazy("What for"),
                "channel": lazy("By which way"),
                "is_given": lazy("Agreed"),
                "wording": lazy("Version of the wording"),
                "how": lazy("How they said it"),
            },
        ),
        Part(
            lazy("Do not contact"),
            select(ContactStop).where(ContactStop.phone.in_(person.phones)).order_by(ContactStop.stopped_at),
            "stopped_at",
            {
                "phone": lazy("Phone number"),
                "channel": lazy("By which way"),
                "reason": lazy("Reason"),
                "note": lazy("Note"),
                "lifted_at": lazy("Lifted"),
                "lift_reason": lazy("Why it was lifted"),
            },
        ),
        Part(
            lazy("Enquiries"),
            select(Enquiry).where(Enquiry.enquiry_id.in_(asked)).order_by(Enquiry.received_at),
            "received_at",
            {
                "source_type": lazy("Source"),
                "channel": lazy("Channel"),
                "state": lazy("State"),
                "name": lazy("Name"),
            }
            | reached
            | {
                "whatsapp_username": lazy("WhatsApp name"),
                "message": lazy("Message"),
                "intent": lazy("Looks for"),
                "portal_lead_id": lazy("Number at the portal"),
                "listing_reference": lazy("Property"),
                "listing_url": lazy("Address of the property"),
                "reply_link": lazy("Link to answer"),
                "call": lazy("Call"),
                "extra": lazy("More"),
                "note": lazy("Note"),
            },
        ),
        Part(
            lazy("As portals sent them"),
            select(Delivery).where(Delivery.enquiry_id.in_(asked)).order_by(Delivery.received_at),
            "received_at",
            {"source": lazy("Source"), "payload": lazy("What was sent")},
        ),
        Part(
            lazy("Visits"),
            select(Visit).where(Visit.lead_id.in_(ids)).order_by(Visit.arrived_at),
            "arrived_at",
            {"status": lazy("Status"), "received_at": lazy("Received"), "left_at": lazy("Left")},
        ),
        Part(
            lazy("Contacts"),
            select(LeadActivity).where(LeadActivity.lead_id.in_(ids)).order_by(LeadActivity.activity_at),
            "activity_at",
            {
                "type": lazy("Type"),
                "outcome": lazy("How it went"),
                "call_result": lazy("Result of the call"),
                "notes": lazy("Notes"),
            },
        ),
        Part(
            lazy("Follow-ups"),
            select(FollowUpTask).where(FollowUpTask.lead_id.in_(ids)).order_by(FollowUpTask.due_date),
            "due_date",
            {
                "type": lazy("Type"),
                "status": lazy("Status"),
                "notes": lazy("Notes"),
                "cancel_reason": lazy("Why it was cancelled"),
            },
        ),
        Part(
            lazy("Interests"),
            select(LeadPropertyInterest)
            .where(LeadPropertyInterest.lead_id.in_(ids))
            .order_by(LeadPropertyInterest.created_at),
            "created_at",
            {"property_id": lazy("Property"), "interest_level": lazy("How much")},
        ),
        Part(
            lazy("Changes of status"),
            select(LeadConversionHistory)
            .where(LeadConversionHistory.lead_id.in_(ids))
            .order_by(LeadConversionHistory.changed_at),
            "changed_at",
            {
                "status_to": lazy("Status"),
                "conversion_type": lazy("Deal"),
                "deal_value": lazy("Deal value, AED"),
                "lost_reason": lazy("Lost because"),
                "notes": lazy("Notes"),
            },
        ),
        Part(
            lazy("Who looked after them"),
            select(AssignmentMove).where(AssignmentMove.lead_id.in_(person.every_id)).order_by(AssignmentMove.moved_at),
            "moved_at",
            {"agent_name": lazy("Agent"), "reason": lazy("Reason")},
        ),
        Part(
            lazy("Rows of imported files"),
            _imported(person),
            "came_at",
            {"cells": lazy("What was in the file")},
        ),
        Part(
            lazy("What was done with their data"),
            select(AuditEntry).where(AuditEntry.lead_id.in_(person.every_id)).order_by(AuditEntry.entry_id),
            "happened_at",
            {
                "verb": lazy("Deed"),
                "actor_name": lazy("By"),
                "before": lazy("Before"),
                "after": lazy("After"),
            },
        ),
        Part(
            lazy("Kept by law"),
            select(KeptSale).where(KeptSale.lead_id.in_(ids)).order_by(KeptSale.sold_at),
            "sold_at",
            {"number": lazy("Number")}
            | names
            | reached
            | {"nationality": lazy("Nationality"), "kept_until": lazy("Kept until")},
        ),
    ]


def _imported(person: Person) -> Select:
    theirs = ImportRow.lead_id.in_(person.lead_ids) | ImportRow.phone.in_(person.phones)
    rows = select(ImportRow).join(Import, Import.import_id == ImportRow.import_id).where(theirs)
    return rows.order_by(Import.uploaded_at, ImportRow.number)


def _merged(person: Person) -> Iterator[Line]:
    """The leads that became part of theirs, as they were."""
    for merge in person.merges:
        if merge.undone_at is None:
            for row in merge.kept["drawer"]["rows"]["leads"]:
                for name in ("number", "first_name", "last_name", "phone", "email", "nationality", "preferred_areas"):
                    if row.get(name):
                        yield [_("Merged leads"), _dubai(merge.merged_at), name.replace("_", " "), _plain(row[name])]


def _aside(person: Person) -> Iterator[Line]:
    """The leads that wait as a broker's, with all that was done with them."""
    parts = {part.rows.column_descriptions[0]["entity"].__tablename__: part for part in _parts(person)}
    for lead in person.aside:
        for table, part in parts.items():
            for row in lead.kept["rows"].get(table, ()):
                at = _dubai(datetime.fromisoformat(row[part.moment]))
                said = {str(label): row.get(name) for name, label in part.columns.items()}
                yield from (
                    [str(ASIDE), at, label, _plain(value)] for label, value in said.items() if value not in NOTHING
                )


def _told(part: Part, row) -> Iterable[Line]:
    moment = getattr(row, part.moment)
    for name, label in part.columns.items():
        value = getattr(row, name)
        if value not in NOTHING:
            yield [str(part.label), _dubai(moment), str(label), _plain(value)]


def _plain(value: Any) -> str | int | float | datetime:
    """A value as a person reads it."""
    match value:
        case Word():
            return str(value.label)
        case bool():
            return _("yes") if value else _("no")
        case datetime():
            return _dubai(value) or ""
        case Decimal():
            return float(value)
        case bytes():
            return value.decode("utf-8", "replace")
        case list():
            return ", ".join(str(_plain(one)) for one in value)
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case int() | float():
            return value
        case _:
            return str(value)


def _dubai(moment: datetime | None) -> datetime | None:
    return moment.astimezone(DUBAI).replace(tzinfo=None, microsecond=0) if moment else None
