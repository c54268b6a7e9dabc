"""An import undone: leads that nobody has touched since are gone, with all that it brought; the rest says why it stays.

For a month, as long as the rows are kept.
"""

from datetime import timedelta
from functools import partial
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import aliased

from webapp import stopping
from webapp.database import locks
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import AuditEntry, Enquiry, ImportRow, Lead, User, Visit
from webapp.services import access, audit, notifications
from webapp.services.access import Actor
from webapp.services.imports.run import AT_ONCE, held, row_or_later
from webapp.services.imports.stage import COUNTED
from webapp.transaction import release, transactional
from webapp.vocabulary import ImportRowState, ImportState, NoticeKind

KEPT = timedelta(days=30)


def undo(import_id: UUID, *, by: Actor) -> None:
    """Take back what an import brought: a few rows now, more by the worker.

    A lead that somebody has worked with since, or that enquired again, stays and says why. Refused with `Conflict`
    (`stale`): before the import has ended, after 30 days, and where somebody has undone it already.
    """
    if _begin(import_id, by=by) <= AT_ONCE:
        go_on(import_id, by=by)


def go_on(import_id: UUID, *, by: Actor, ended_by: Actor | None = None) -> int:
    """Take back what is left, the last row first; how many. Stopped or killed, the next turn goes on."""
    numbers = db.session.scalars(_rows(import_id).order_by(ImportRow.number.desc())).all()
    release()
    done = sum(
        row_or_later(partial(_one, import_id, number, by=by), import_id, number, by=by)
        for number in stopping.until_told(numbers)
    )
    _end(import_id, by=ended_by or by)
    return done


@transactional
def _begin(import_id: UUID, *, by: Actor) -> int:
    found = access.import_of_file(import_id, by=by, lock=True)
    if found.undone_at:
        name = db.session.scalar(select(User.name).where(User.user_id == found.undone_by))
        raise Conflict(_("%(name)s has undone it already.", name=name or _("Somebody")), code="stale")
    if found.state != ImportState.DONE or found.ended_at is None:
        raise Conflict(_("It is still going on. Undo it when it has ended."), code="stale")
    if found.forgotten_at or db.session.scalars(select(func.clock_timestamp())).one() >= found.ended_at + KEPT:
        raise Conflict(_("It is too late to undo that: 30 days have passed."), code="stale")
    found.state, found.undone_at, found.undone_by = ImportState.UNDOING, func.clock_timestamp(), by.user_id
    count = db.session.scalars(select(func.count()).select_from(_rows(import_id).subquery())).one()
    audit.record("imports.undo", by=by, subject_id=import_id, after={"name": found.name, "rows": count})
    return count


def _rows(import_id: UUID):
    return select(ImportRow.number).where(ImportRow.import_id == import_id, ImportRow.state.in_(COUNTED))


@transactional
def _one(import_id: UUID, number: int, *, by: Actor) -> int:
    rows = held(import_id, [number], COUNTED)
    if not rows:
        return 0
    (row,) = rows
    # A capture of the same person waits, and then finds no lead to be added to.
    locks.phone(row.phone or "")
    if row.lead_id and row.state == ImportRowState.CREATED:
        _take_back(row, row.lead_id, by)
    elif row.enquiry_id and (why := _wanted(row.enquiry_id)):
        row.state, row.why = ImportRowState.KEPT, why
    else:
        enquiry_id, row.enquiry_id = row.enquiry_id, None
        row.state = ImportRowState.REMOVED
        db.session.flush()
        db.session.execute(delete(Enquiry).where(Enquiry.enquiry_id == enquiry_id))
    return 1


def _take_back(row: ImportRow, lead_id: UUID, by: Actor) -> None:
    locks.assignment()
    lead = access.lead(lead_id, by=by, lock=True)
    if why := _touched(row, lead):
        row.state, row.why = ImportRowState.KEPT, why
        return
    row.state, row.lead_id, row.enquiry_id = ImportRowState.REMOVED, None, None
    audit.record("imports.remove", by=by, lead_id=lead_id, subject_id=row.import_id, before={"number": lead.number})
    db.session.flush()
    db.session.execute(delete(Lead).where(Lead.lead_id == lead_id))


def _wanted(enquiry_id: UUID) -> str | None:
    """What an enquiry is needed for, in words."""
    came = exists().where(Visit.enquiry_id == enquiry_id)
    aside = exists().where(Enquiry.enquiry_id == enquiry_id, Enquiry.broker_lead_id.is_not(None))
    has_come, is_aside = db.session.execute(select(came, aside)).one()
    if is_aside:
        return _("Its lead was set aside as a broker's.")
    return _("Somebody came for it.") if has_come else None


def _touched(row: ImportRow, lead: Lead) -> str | None:
    """What has become of the lead since the import, in words; None where nobody has done anything with it.

    What the office does by itself counts as nothing: another owner, points for silence.
    """
    ours = aliased(ImportRow)
    of_ours = select(ours.enquiry_id).where(ours.import_id == row.import_id, ours.enquiry_id.is_not(None))
    asked = exists().where(Enquiry.lead_id == lead.lead_id, Enquiry.enquiry_id.not_in(of_ours))
    again = exists().where(Lead.reopened_from == lead.lead_id)
    asked_again, opened_again = db.session.execute(select(asked, again)).one()
    if asked_again or opened_again:
        return _("It enquired again since.") if asked_again else _("It was opened again since.")
    deeds = select(AuditEntry.actor_name).where(
        AuditEntry.lead_id == lead.lead_id,
        AuditEntry.happened_at > row.done_at,
        AuditEntry.actor_id.is_not(None),
        AuditEntry.verb != "leads.repeat",  # these are the enquiries that were looked at above
    )
    name = db.session.scalar(deeds.order_by(AuditEntry.entry_id.desc()).limit(1))
    return _("%(name)s has worked with it since.", name=name) if name else None


@transactional
def _end(import_id: UUID, *, by: Actor) -> None:
    found = access.import_of_file(import_id, by=by, lock=True)
    if found.state != ImportState.UNDOING or db.session.scalar(_rows(import_id).limit(1)):
        return
    found.state = ImportState.UNDONE
    removed = ImportRow.import_id == import_id, ImportRow.state == ImportRowState.REMOVED
    count = db.session.scalar(select(func.count()).where(*removed))
    notifications.tell_user(
        found.undone_by or found.user_id, NoticeKind.IMPORT_UNDONE, by=by, import_id=str(import_id), count=count
    )
