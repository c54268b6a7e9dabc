"""The import itself: each row is captured by the rules of every other door, in a transaction of its own (R1 to R7)."""

import logging
from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update

from webapp import stopping
from webapp.errors import Conflict, Refused, Unavailable
from webapp.extensions import db
from webapp.models import Import, ImportPart, ImportRow, Lead
from webapp.services import access, audit, leads, notifications
from webapp.services.access import Actor
from webapp.services.imports.said import Examined, Read, examined
from webapp.services.imports.stage import COUNTED
from webapp.transaction import release, transactional
from webapp.vocabulary import ImportRowState, ImportState, NoticeKind

AT_ONCE = 50
"""So many rows are imported while somebody waits; more by the worker."""
LEFT = (ImportRowState.NEW, ImportRowState.REPEAT)

log = logging.getLogger(__name__)


def start(import_id: UUID, read: Read, *, by: Actor) -> None:
    """Import the rows that can be: a few now, more by the worker. What is refused stays in the file of errors.

    Refused with `Conflict` (`stale`) where the rehearsal is not over, or somebody was faster.
    """
    if _start(import_id, by=by) <= AT_ONCE:
        go_on(import_id, read, by=by)


def go_on(import_id: UUID, read: Read, *, by: Actor, ended_by: Actor | None = None) -> int:
    """Import what is left, row by row; how many. Stopped or killed in between, the next turn goes on with the next.

    Whoever ends it (`ended_by`, else `by`) is not told that it has ended.
    """
    found = access.import_of_file(import_id, by=by)
    db.session.expunge(found)
    numbers = db.session.scalars(_rows(import_id).order_by(ImportRow.number)).all()
    release()
    done = sum(
        row_or_later(partial(_one, found, number, read, by=by), import_id, number, by=by)
        for number in stopping.until_told(numbers)
    )
    _end(import_id, by=ended_by or by)
    return done


def row_or_later(work: Callable[[], bool], import_id: UUID, number: int, *, by: Actor) -> bool:
    """Do it with one row: what cannot be done now is left for the next turn, what is refused or breaks stays so."""
    try:
        return work()
    except Unavailable:
        return False
    except Refused as refused:
        give_up(import_id, str(refused.message), ImportRow.number == number, field=refused.field, by=by)
    except Exception:
        log.exception("Row %s of import %s breaks", number, import_id)
        give_up(import_id, _("An error nobody expected. Try this row alone."), ImportRow.number == number, by=by)
    return True


@transactional
def give_up(import_id: UUID, why: str, *which, field: str | None = None, by: Actor) -> None:
    """Leave these rows as they are, and say why; of what was not imported yet also in which column."""
    columns = access.import_of_file(import_id, by=by).columns or []
    place = columns.index(field) if field in columns else None
    rows = update(ImportRow).where(ImportRow.import_id == import_id, *which)
    db.session.execute(rows.where(ImportRow.state.in_(LEFT)).values(state=ImportRowState.REFUSED, wrong=[[place, why]]))
    db.session.execute(rows.where(ImportRow.state.in_(COUNTED)).values(state=ImportRowState.KEPT, why=why))


@transactional
def _start(import_id: UUID, *, by: Actor) -> int:
    found = access.import_of_file(import_id, by=by, lock=True)
    if found.state != ImportState.CHECKED:
        raise Conflict(_("Somebody has begun with this file already."), code="stale")
    count = db.session.scalars(select(func.count()).select_from(_rows(import_id).subquery())).one()
    if not count:
        raise Conflict(_("No row of this file can be imported."), code="stale")
    found.state, found.started_at = ImportState.RUNNING, func.clock_timestamp()
    db.session.execute(delete(ImportPart).where(ImportPart.import_id == import_id))
    audit.record("imports.start", by=by, subject_id=import_id, after={"name": found.name, "rows": count})
    return count


def _rows(import_id: UUID):
    return select(ImportRow.number).where(ImportRow.import_id == import_id, ImportRow.state.in_(LEFT))


@transactional
def _one(found: Import, number: int, read: Read, *, by: Actor) -> bool:
    row = held(found.import_id, number, LEFT)
    if row is None:
        return False
    seen = examined(number, list(row.cells), found, read)
    if seen.wrong:
        row.state, row.wrong = ImportRowState.REFUSED, seen.wrong
        return True
    same = select(ImportRow.lead_id).where(
        ImportRow.fingerprint == seen.fingerprint, ImportRow.state.in_(COUNTED), ImportRow.lead_id.is_not(None)
    )
    if known := db.session.scalar(same.limit(1)):
        row.state, row.lead_id = ImportRowState.ATTACHED, known
        row.why = _("The very same row was imported before.")
    else:
        _capture(row, seen, by)
    return True


def held(import_id: UUID, number: int, states) -> ImportRow | None:
    """The row in one of these states, held until the transaction ends; None where somebody else has it."""
    mine = ImportRow.import_id == import_id, ImportRow.number == number, ImportRow.state.in_(states)
    query = select(ImportRow).where(*mine).with_for_update(skip_locked=True)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _capture(row: ImportRow, seen: Examined, by: Actor) -> None:
    details, origin = seen.said.details, seen.said.origin
    assert details and origin
    with notifications.quietly():
        capture = leads.capture(details, origin, by=by)
    db.session.flush()
    row.state = ImportRowState.CREATED if capture.created else ImportRowState.ATTACHED
    row.lead_id, row.enquiry_id = capture.lead.lead_id, capture.enquiry.enquiry_id
    # After the entries of the audit that the capture has left.
    row.done_at = func.clock_timestamp()


@transactional
def _end(import_id: UUID, *, by: Actor) -> None:
    """Once nothing is left, say so: to whoever imported it, and to each agent who got leads, once."""
    found = access.import_of_file(import_id, by=by, lock=True)
    if found.state != ImportState.RUNNING or db.session.scalar(_rows(import_id).limit(1)):
        return
    found.state, found.ended_at = ImportState.DONE, func.clock_timestamp()
    brought = (
        select(Lead.owner_id, func.count())
        .join(ImportRow, ImportRow.lead_id == Lead.lead_id)
        .where(ImportRow.import_id == import_id, ImportRow.state == ImportRowState.CREATED)
        .group_by(Lead.owner_id)
    )
    counts = {row[0]: row[1] for row in db.session.execute(brought)}
    for agent_id, count in counts.items():
        notifications.tell_agent(agent_id, NoticeKind.IMPORT_BROUGHT, by=by, count=count)
    notifications.tell_user(
        found.user_id, NoticeKind.IMPORT_ENDED, by=by, import_id=str(import_id), count=sum(counts.values())
    )
