"""The job `imports`: files that are too long to wait for are read, imported and undone."""

from functools import partial
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select, true

from webapp import stopping
from webapp.extensions import db
from webapp.models import Import
from webapp.services import users
from webapp.services.access import SYSTEM, Actor
from webapp.services.imports import run, stage, take_back
from webapp.services.imports.said import Read
from webapp.stopping import Tally
from webapp.transaction import release
from webapp.vocabulary import ImportState

UNDER_WAY = (ImportState.CHECKING, ImportState.RUNNING, ImportState.UNDOING)


def make_waiting(read: Read) -> Tally:
    """Go on with every import that is under way, the oldest first. `read` understands a row.

    Stopped or killed in the middle, the next turn goes on where it was left: what is done is written row by row.
    """
    waiting = select(Import.import_id).where(Import.state.in_(UNDER_WAY)).order_by(Import.uploaded_at)
    ids = db.session.scalars(waiting).all()
    release()
    return stopping.one_by_one(ids, partial(_go_on, read), otherwise="Import %s stays where it is")


def _go_on(read: Read, import_id: UUID) -> int:
    found = db.session.get_one(Import, import_id)
    state = found.state
    doer = users.actor(found.undone_by if found.undone_by else found.user_id)
    release()
    if doer is None or not doer.sees_all_leads:
        if state != ImportState.CHECKING:
            run.give_up(import_id, _("Whoever asked for it no longer works here."), true(), by=SYSTEM)
        doer = SYSTEM
    with force_locale(doer.language):
        return _step(import_id, state, read, doer)


def _step(import_id: UUID, state: ImportState, read: Read, by: Actor) -> int:
    if state == ImportState.CHECKING:
        return stage.go_on(import_id, read, by=by, ended_by=SYSTEM)
    if state == ImportState.RUNNING:
        return run.go_on(import_id, read, by=by, ended_by=SYSTEM)
    return take_back.go_on(import_id, by=by, ended_by=SYSTEM)
