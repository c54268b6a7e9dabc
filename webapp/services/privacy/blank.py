"""Everything of a person made nobody's, table by table: figures, moments, statuses and money stay (point by point in
docs/privacy.md). What a new column holds must be blanked here too; tests/services/test_privacy.py finds it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, case, cast, delete, exists, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from webapp import areas, phones
from webapp.extensions import db
from webapp.models import (
    BrokerLead,
    ContactStop,
    Enquiry,
    Export,
    FollowUpTask,
    Handover,
    HandoverLead,
    Import,
    ImportRow,
    LeadActivity,
    LeadAssignment,
    LeadConversionHistory,
    Merge,
    Submission,
)
from webapp.services.access import Actor
from webapp.services.privacy.whose import Person
from webapp.vocabulary import WAITING_STATES, EnquiryState, Why

NOBODY: dict[str, Any] = {
    "first_name": "",
    "last_name": "",
    "email": None,
    "phone": "",
    "nationality": None,
    "consent_at": None,
}
"""A lead of an erased person."""
SAID = (
    Enquiry.portal_lead_id,
    Enquiry.other_lead_id,
    Enquiry.origin,
    Enquiry.message,
    Enquiry.reply_link,
    Enquiry.name,
    Enquiry.phone,
    Enquiry.phone_e164,
    Enquiry.email,
    Enquiry.whatsapp_username,
    Enquiry.intent,
    Enquiry.call,
    Enquiry.extra,
    Enquiry.note,
)
"""What an enquiry says of whoever made it."""


def blank(person: Person, at: datetime, *, by: Actor) -> None:
    """Make everything of this person nobody's, in this transaction. Hold their leads before."""
    for lead in person.leads:
        for name, value in NOBODY.items():
            setattr(lead, name, value)
        lead.preferred_areas = areas.known(lead.preferred_areas)
        lead.erased_at = lead.erased_at or at
        lead.version += 1
    db.session.flush()
    _enquiries(person, at)
    _work(person)
    _stops(person)
    for merge in person.merges:
        merge.kept, merge.phones = _without_them(merge, at), []
    for aside in person.aside:
        aside.kept, aside.phone = _without_them_aside(aside, at), ""
    _files(person)
    _lists(person)
    db.session.flush()
    # Of what the app's role may only add to, its owner's function does the same.
    forgotten = func.forget_person(
        _uuids(person.every_id), _uuids(person.enquiry_ids), *_needles(person), by.user_id, by.name
    )
    db.session.execute(select(forgotten))


def _enquiries(person: Person, at: datetime) -> None:
    mine = Enquiry.enquiry_id.in_(person.enquiry_ids)
    waits = Enquiry.state.in_(WAITING_STATES)
    _write(
        update(Enquiry)
        .where(mine)
        .values(
            {column.key: null() for column in SAID}
            | {
                "erased_at": at,
                "state": case((waits, EnquiryState.IGNORED), else_=Enquiry.state),
                "why": case((waits, Why.CLOSED), else_=Enquiry.why),
            }
        )
    )


def _work(person: Person) -> None:
    """What people of the office wrote about them."""
    ids = person.lead_ids
    _write(update(LeadActivity).where(LeadActivity.lead_id.in_(ids)).values(notes=None))
    _write(update(FollowUpTask).where(FollowUpTask.lead_id.in_(ids)).values(notes=None, cancel_reason=None))
    _write(
        update(LeadConversionHistory)
        .where(LeadConversionHistory.lead_id.in_(ids))
        .values(notes=LeadConversionHistory.lost_reason)
    )
    _write(update(LeadAssignment).where(LeadAssignment.lead_id.in_(ids)).values(reason=None))
    _write(update(HandoverLead).where(HandoverLead.lead_id.in_(ids), HandoverLead.why.is_not(None)).values(why=""))
    _write(update(Handover).where(_named(Handover.reason, person)).values(reason=""))


def _stops(person: Person) -> None:
    """That they were not to be contacted stays as a fact of nobody; what stood is over, the number is a new person."""
    over = {"phone": "", "note": None, "lift_reason": None}
    _write(update(ContactStop).where(ContactStop.phone.in_(person.phones)).values(over))


def _files(person: Person) -> None:
    """Rows of uploaded files that are theirs: the cells are empty, the rows and their leads stay."""
    cells = func.unnest(ImportRow.cells).table_valued("cell").render_derived()
    theirs = exists().where(func.names_one(cells.c.cell, _texts(person.digits), _texts(person.marks)))
    empty = func.array_fill(cast("", TEXT), func.array(select(func.cardinality(ImportRow.cells)).scalar_subquery()))
    _write(
        update(ImportRow)
        .where(
            or_(
                ImportRow.lead_id.in_(person.lead_ids),
                ImportRow.enquiry_id.in_(person.enquiry_ids),
                ImportRow.phone.in_(person.phones),
                theirs,
            )
        )
        .values(cells=empty, phone=None, wrong=None, why=None, fingerprint=None)
    )
    for found in db.session.scalars(select(Import).where(_named(cast(Import.sample, TEXT), person))):
        found.sample = [[""] * len(row) if _is_theirs(row, person) else row for row in found.sample]
    _write(update(Import).where(_named(Import.name, person)).values(name="–"))


def _is_theirs(cells: list[str], person: Person) -> bool:
    plain, written = [phones.digits(cell) for cell in cells], " ".join(cells).lower()
    numbered = any(number in digits for number in person.digits for digits in plain)
    return numbered or any(word.lower() in written for word in (*person.marks, *person.names))


def _lists(person: Person) -> None:
    """Files of lists that wait to be fetched may hold them, and can be made again; so may what a bulk form answered."""
    _write(delete(Export).where(Export.made_at.is_not(None) | _named(cast(Export.query, TEXT), person)))
    ids = [str(lead_id) for lead_id in person.every_id]
    told = Submission.result.has_key("left") & func.names_one(cast(Submission.result, TEXT), _texts([]), _texts(ids))
    _write(delete(Submission).where(told))


def _without_them(merge: Merge, at: datetime) -> dict:
    """What the undo of a merge needs, without whom it is about; one that is undone needs nothing any more."""
    if merge.undone_at:
        return {}
    kept, told = merge.kept, _of_rows(at)
    rows = _blank_rows(kept["drawer"]["rows"], at)
    both = {"before": "leads", "after": "leads", "owner_before": "lead_assignments", "owner_after": "lead_assignments"}
    leads = {name: told[table](kept[name]) for name, table in both.items() if kept.get(name)}
    return {**kept, **leads, "drawer": {**kept["drawer"], "rows": rows}}


def _without_them_aside(lead: BrokerLead, at: datetime) -> dict:
    """What brings a broker's lead back, without whom it is about."""
    asked = [enquiry | {"note": None} for enquiry in lead.kept["enquiries"]]
    return lead.kept | {"rows": _blank_rows(lead.kept["rows"], at), "enquiries": asked}


def _blank_rows(rows: dict[str, list[dict]], at: datetime) -> dict[str, list[dict]]:
    told = _of_rows(at)
    return {name: [told.get(name, dict)(row) for row in found] for name, found in rows.items()}


def _of_rows(at: datetime) -> dict[str, Callable[[dict], dict]]:
    """What a row of a table is of an erased person, where it says anything of them."""

    def lead(row: dict) -> dict:
        known = areas.known(row.get("preferred_areas"))
        erased_at = row.get("erased_at") or at.isoformat()
        return row | NOBODY | {"preferred_areas": known, "words": None, "erased_at": erased_at}

    return {
        "leads": lead,
        "lead_activities": lambda row: row | {"notes": None},
        "follow_up_tasks": lambda row: row | {"notes": None, "cancel_reason": None},
        "lead_assignments": lambda row: row | {"reason": None},
        "lead_conversion_history": lambda row: row | {"notes": row["lost_reason"]},
        "handover_leads": lambda row: row | {"why": row["why"] and ""},
    }


def _named(told: Any, person: Person) -> ColumnElement[bool]:
    return func.names_one(told, *_needles(person))


def _needles(person: Person) -> tuple[ColumnElement, ColumnElement]:
    """Their numbers, and their names, e-mail addresses and WhatsApp names."""
    return _texts(person.digits), _texts([*person.marks, *person.names])


def _texts(values: list[str]) -> ColumnElement:
    return cast(values, ARRAY(TEXT))


def _uuids(values: list[UUID]) -> ColumnElement:
    return cast(values, ARRAY(Uuid))


def _write(statement) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))
