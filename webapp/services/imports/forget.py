"""What a file held is forgotten a month after: it is people's data, and nobody needs it any more."""

from uuid import UUID

from sqlalchemy import delete, func, select, update

from webapp.extensions import db
from webapp.models import Import, ImportPart, ImportRow
from webapp.services.imports.take_back import KEPT
from webapp.services.imports.upload import NOT_BEGUN
from webapp.transaction import release, transactional
from webapp.vocabulary import ImportState

OVER = (ImportState.DONE, ImportState.UNDONE)


def forget() -> int:
    """Forget files of more than 30 days ago of which nothing was imported, and the cells of the others; how many.

    What became of each row stays, and that the very same row was imported.
    """
    old = Import.uploaded_at < func.now() - KEPT
    over = Import.state.in_(OVER), Import.forgotten_at.is_(None), Import.ended_at < func.now() - KEPT
    cleared = db.session.scalars(select(Import.import_id).where(*over)).all()
    dropped = db.session.scalars(select(Import.import_id).where(old, Import.state.in_(NOT_BEGUN))).all()
    release()
    for import_id in cleared:
        _clear(import_id)
    for import_id in dropped:
        _drop(import_id)
    return len(cleared) + len(dropped)


@transactional
def _clear(import_id: UUID) -> None:
    rows, found = ImportRow.import_id == import_id, Import.import_id == import_id
    db.session.execute(update(ImportRow).where(rows).values(cells=[], phone=None, wrong=None))
    db.session.execute(update(Import).where(found).values(sample=[], forgotten_at=func.now()))
    db.session.execute(delete(ImportPart).where(ImportPart.import_id == import_id))


@transactional
def _drop(import_id: UUID) -> None:
    db.session.execute(delete(Import).where(Import.import_id == import_id, Import.state.in_(NOT_BEGUN)))
