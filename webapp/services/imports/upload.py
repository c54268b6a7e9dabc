"""A file comes in: looked at, kept in parts, once."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or

from webapp import uploads
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import Import, ImportPart
from webapp.services import access, audit
from webapp.services.access import Actor
from webapp.transaction import release, transactional
from webapp.uploads import Head
from webapp.vocabulary import ImportState

A_PART = 1_000_000
GONE = (ImportState.UNDOING, ImportState.UNDONE)
NOT_BEGUN = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.UNREADABLE)


@dataclass(frozen=True)
class Uploaded:
    """The import of a file; not new where the very same file came before and was not undone."""

    import_id: UUID
    is_new: bool


def upload(file: IO[bytes], name: str, *, by: Actor) -> Uploaded:
    """Keep a file of leads, of which nothing is imported yet. `Invalid` where it is no table or larger than we take."""
    release()
    size, digest = 0, hashlib.sha256()
    for part in _parts(file):
        size += len(part)
        digest.update(part)
    if size > uploads.MOST_BYTES:
        most = uploads.MOST_BYTES // 1_000_000
        raise Invalid(_("At most %(most)s MB fit into one file. Split it.", most=most), field="file")
    return _keep(uploads.head(file), file, name, size, digest.digest(), by=by)


@transactional
def discard(import_id: UUID, *, by: Actor) -> None:
    """Forget a file of which nothing was imported. `Conflict` (`stale`) where somebody began with it."""
    found = access.import_of_file(import_id, by=by, lock=True)
    if found.state not in NOT_BEGUN:
        raise Conflict(_("Somebody has begun with this file already."), code="stale")
    audit.record("imports.discard", by=by, subject_id=import_id, before={"name": found.name})
    db.session.execute(delete(Import).where(Import.import_id == import_id))


@transactional
def _keep(head: Head, file: IO[bytes], name: str, size: int, digest: bytes, *, by: Actor) -> Uploaded:
    new = insert_or(Import).values(
        user_id=by.user_id,
        name=name,
        format=head.kind,
        hash=digest,
        size=size,
        headings=head.headings,
        sample=head.sample,
    )
    import_id = db.session.scalar(new.on_conflict_do_nothing().returning(Import.import_id))
    if import_id is None:
        same = select(Import.import_id).where(Import.hash == digest, Import.state.not_in(GONE))
        return Uploaded(db.session.scalars(same).one(), is_new=False)
    for number, part in enumerate(_parts(file)):
        db.session.execute(insert(ImportPart).values(import_id=import_id, number=number, bytes=part))
    audit.record("imports.upload", by=by, subject_id=import_id, after={"name": name, "size": size})
    return Uploaded(import_id, is_new=True)


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while part := file.read(A_PART):
        yield part
