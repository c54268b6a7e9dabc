"""The import itself: each row is captured by the rules of every other door, a few in each transaction (R1 to R7)."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update

from webapp import stopping
from webapp.database import locks
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
TOGETHER = 10
"""So many rows share a transaction: it costs less than one for each, and no other capture waits long for its turn."""
LEFT = (ImportRowState.NEW, ImportRowState.REPEAT)

log = logging.getLogger(__name__)


def start(import_id: UUID, read: Read, *, by: Actor) -> None:
    """Import the rows that can be: a few now, more by the worker. What is refused stays in the file of errors.

    Refused with `Conflict` (`stale`) where the rehearsal is not over, or somebody was faster.
    """
    if _start(import_id, by=by) <= AT_ONCE:
        go_on(import_id, read, by=by)


def go_on(import_id: UUID, read: Read, *, by: Actor, ended_by: Actor | None = None) -> int:
    """Import what is left, a few rows at a time; how many. Stopped or killed in between, the next turn goes on there.

    Whoever ends it (`ended_by`, else `by`) is not told that it has ended.
    """
    found = access.import_of_file(import_id, by=by)
    db.session.expunge(found)
    numbers = db.session.scalars(_rows(import_id).order_by(ImportRow.number)).all()
    release()
    some = (numbers[start : start + TOGETHER] for start in range(0, len(numbers), TOGETHER))
    done = sum(_together_or_each(found, few, read, by=by) for few in stopping.until_told(some))
    _end(import_id, by=ended_by or by)
    return done


def _together_or_each(found: Import, numbers: Sequence[int], read: Read, *, by: Actor) -> int:
    try:
        return _import(found, numbers, read, by=by)
    except Unavailable:
        return 0
    except Exception:
        # By themselves all but the one that is refused or breaks are imported, and of that one it is said why.
        log.info("Rows of import %s go one by one", found.import_id)
    return sum(
        row_or_later(partial(_import, found, [number], read, by=by), found.import_id, number, by=by)
        for number in numbers
    )


def row_or_later(work: Callable[[], int], import_id: UUID, number: int, *, by: Actor) -> int:
    """Do it with one row: what cannot be done now is left for the next turn, what is refused or breaks stays so."""
    try:
        return work()
    except Unavailable:
        return 0
    except Refused as refused:
        give_up(import_id, str(refused.message), ImportRow.number == number, field=refused.field, by=by)
    except Exception:
        log.exception("Row %s of import %s breaks", number, import_id)
        give_up(import_id, _("An error nobody expected. Try this row alone."), ImportRow.number == number, by=by)
    return 1


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
def _import(found: Import, numbers: Sequence[int], read: Read, *, by: Actor) -> int:
    """Import these rows, all of them or none; how many of them nobody else has."""
    rows = held(found.import_id, numbers, LEFT)
    seen = [examined(row.number, list(row.cells), found, read) for row in rows]
    fine = [one for one in seen if not one.wrong]
    locks.phones(one.said.details.phone for one in fine if one.said.details)
    known = _imported_before([one.fingerprint for one in fine])
    became = [_become(one, known, by) for one in seen]
    # After the entries of the audit that the captures have left.
    done_at = db.session.scalar(select(func.clock_timestamp()))
    for row, what in zip(rows, became, strict=True):
        for name, value in ({"done_at": done_at} | what).items():
            setattr(row, name, value)
    return len(rows)


def _become(seen: Examined, known: dict[bytes, UUID], by: Actor) -> dict[str, Any]:
    """What becomes of a row, by the columns of it that say so."""
    if seen.wrong:
        return {"state": ImportRowState.REFUSED, "wrong": seen.wrong}
    if lead_id := known.get(seen.fingerprint):
        why = _("The very same row was imported before.")
        return {"state": ImportRowState.ATTACHED, "lead_id": lead_id, "why": why}
    details, origin = seen.said.details, seen.said.origin
    assert details and origin
    with notifications.quietly():
        capture = leads.capture(details, origin, by=by)
    lead_id = known[seen.fingerprint] = capture.lead.lead_id
    state = ImportRowState.CREATED if capture.created else ImportRowState.ATTACHED
    return {"state": state, "lead_id": lead_id, "enquiry_id": capture.enquiry.enquiry_id}


def held(import_id: UUID, numbers: Sequence[int], states) -> Sequence[ImportRow]:
    """The rows of these in one of these states, held until the transaction ends, without those somebody else has."""
    mine = ImportRow.import_id == import_id, ImportRow.number.in_(numbers), ImportRow.state.in_(states)
    query = select(ImportRow).where(*mine).order_by(ImportRow.number).with_for_update(skip_locked=True)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _imported_before(fingerprints: list[bytes]) -> dict[bytes, UUID]:
    """The leads of the very same rows."""
    same = select(ImportRow.fingerprint, ImportRow.lead_id).where(
        ImportRow.fingerprint.in_(fingerprints), ImportRow.state.in_(COUNTED), ImportRow.lead_id.is_not(None)
    )
    return {row.fingerprint: row.lead_id for row in db.session.execute(same)}


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
