"""The job `exports`: long lists become files, which those who asked for them fetch within a day."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import delete, func, insert, select, text, update

from webapp import spreadsheets, stopping
from webapp.errors import Unavailable
from webapp.extensions import db
from webapp.models import Export, ExportPart
from webapp.services import access, notifications, users
from webapp.services.access import SYSTEM, Actor
from webapp.services.exports.rows import rows
from webapp.services.exports.take import MOST, put_on_record
from webapp.services.leads import Filters
from webapp.stopping import Tally
from webapp.transaction import release, transactional
from webapp.vocabulary import LeadOrder, NoticeKind

KEPT = timedelta(days=1)
A_PART = 1_000_000
WAITING = Export.made_at.is_(None) & Export.failed_at.is_(None)
PATIENCE = text("SET LOCAL statement_timeout = '5min'")

Read = Callable[[dict], tuple[Filters, LeadOrder]]


def make_waiting(read: Read) -> Tally:
    """Make every file that somebody waits for, the oldest first, and forget those of yesterday.

    `read` understands the address of a list. Each file is one transaction: stopped in the middle, it is begun again.
    """
    _forget()
    waiting = db.session.scalars(select(Export.export_id).where(WAITING).order_by(Export.asked_at)).all()
    release()
    return stopping.one_by_one(waiting, partial(_make_or_give_up, read), otherwise="Export %s was not made")


def file(export_id: UUID, *, by: Actor) -> Iterator[bytes]:
    """The file, part by part."""
    access.export(export_id, by=by)
    parts = select(ExportPart.bytes).where(ExportPart.export_id == export_id).order_by(ExportPart.number)
    yield from db.session.scalars(parts.execution_options(yield_per=1))


def _make_or_give_up(read: Read, export_id: UUID) -> bool:
    try:
        return _make(export_id, read, by=SYSTEM)
    except stopping.Told:
        return False
    except Exception as error:
        if not isinstance(error, Unavailable) or error.code == "too_slow":
            _give_up(export_id, by=SYSTEM)
        raise


@transactional
def _make(export_id: UUID, read: Read, *, by: Actor) -> bool:
    query = select(Export).where(Export.export_id == export_id, WAITING)
    export = db.session.scalar(query.with_for_update(skip_locked=True))
    asker = users.actor(export.user_id) if export else None
    if export is None or asker is None:
        return False
    db.session.execute(PATIENCE)
    filters, order = read(export.query)
    with force_locale(asker.language):
        counted = _Counted(rows(filters, by=asker, order=order, most=MOST))
        pieces = spreadsheets.PIECES[export.format](stopping.or_give_up(counted))
        for number, part in enumerate(_parts(pieces)):
            db.session.execute(insert(ExportPart).values(export_id=export_id, number=number, bytes=part))
    export.count = counted.passed - 1  # the headings are no lead
    export.made_at = func.now()
    put_on_record(export.count, by=asker, kind=export.format, query=export.query)
    notifications.tell_user(export.user_id, NoticeKind.EXPORT_MADE, by=by, export_id=str(export_id), count=export.count)
    return True


@transactional
def _give_up(export_id: UUID, *, by: Actor) -> None:
    given_up = update(Export).where(Export.export_id == export_id, WAITING).values(failed_at=func.now())
    user_id = db.session.scalar(given_up.returning(Export.user_id))
    if user_id:
        notifications.tell_user(user_id, NoticeKind.EXPORT_FAILED, by=by, export_id=str(export_id))


@transactional
def _forget() -> None:
    db.session.execute(delete(Export).where(Export.asked_at < func.now() - KEPT))


class _Counted:
    """Passes rows on and knows how many."""

    def __init__(self, rows: Iterable[list]):
        self.rows, self.passed = rows, 0

    def __iter__(self):
        for row in self.rows:
            self.passed += 1
            yield row


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    part = bytearray()
    for piece in pieces:
        part += piece
        if len(part) >= A_PART:
            yield bytes(part)
            part.clear()
    if part:
        yield bytes(part)
