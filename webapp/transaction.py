"""The one place that commits: a service is one unit of work, and what the database refuses becomes a sentence."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import psycopg
from flask_babel import gettext as _
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, TimeoutError

from webapp import sentences
from webapp.errors import Refused, Unavailable
from webapp.extensions import db

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

TRIES = 3
TRY_AGAIN = {"40001", "40P01"}
BUSY = {"55P03", "57014", "25P03", "25P04"}
CANNOT_WRITE = {"25006", "53100"}
AWAY = ("08", "57P", "53")


def transactional(service: Callable[P, R]) -> Callable[P, R]:
    """One transaction per call: the outermost service commits, an inner one joins it.

    Serialization failures and deadlocks are tried again, three times in all; then, and when the database is
    busy or away, `Unavailable` says that nothing was saved; where the connection is lost during the commit, that
    it may have been. Violations of our rules come out as `Refused`.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        session = db.session()
        if session.info.get("in_service"):
            return service(*args, **kwargs)
        session.info["in_service"] = True
        try:
            result = _attempts(session, service, args, kwargs)
        finally:
            session.info["in_service"] = False
            later = session.info.pop("after_commit", [])
        _afterwards(later)
        return result

    return run


def alone(work: Callable[[], object]) -> Refused | None:
    """Do a part of a unit of work that may be refused without the rest: then it alone is undone, and the refusal told.

    What the database cannot do at all ends the whole.
    """
    session = db.session()
    later = len(session.info["after_commit"])
    try:
        with session.begin_nested():
            work()
        return None
    except (DBAPIError, Refused) as error:
        refused = error if isinstance(error, Refused) else refusal(error)
        if not isinstance(refused, Refused) or isinstance(refused, Unavailable):
            raise
        del session.info["after_commit"][later:]
        return refused


def undone(work: Callable[[], R]) -> R:
    """What a part of a unit of work would come to, in plain values: it is done, looked at and taken back."""
    session = db.session()
    later = len(session.info["after_commit"])
    part = session.begin_nested()
    try:
        return work()
    finally:
        part.rollback()
        del session.info["after_commit"][later:]


def after_commit(call: Callable[[], object]) -> None:
    """Do this once the unit of work is safe; whatever happens then cannot undo it."""
    db.session().info.setdefault("after_commit", []).append(call)


def release() -> None:
    """Give the connection back before something slow: reading is over, nothing is kept open meanwhile."""
    db.session.rollback()


def _attempts(session, service, args, kwargs):
    for attempt in range(1, TRIES + 1):
        session.info["after_commit"] = []
        saving = False
        try:
            _name_the_actor(session, kwargs.get("by"))
            result = service(*args, **kwargs)
            session.flush()
            saving = True
            session.commit()
            return result
        except (DBAPIError, TimeoutError) as error:
            session.rollback()
            session.info["after_commit"] = []
            if _state(error) in TRY_AGAIN and attempt < TRIES:
                continue
            raise refusal(error, saving=saving) from error
        except BaseException:
            session.rollback()
            session.info["after_commit"] = []
            raise


def _afterwards(calls):
    for call in calls:
        try:
            call()
        except Unavailable as refused:
            log.warning("Left out after the commit: %s", refused)
        except Exception:
            db.session.rollback()
            log.exception("After the commit")


def _name_the_actor(session, actor):
    if actor is not None and actor.user_id:
        session.execute(text("SELECT set_config('app.actor', :id, true)"), {"id": str(actor.user_id)})


def refusal(error: Exception, *, saving: bool = False) -> Exception:
    """What a database error means for people, or the error itself where it means a bug of ours.

    `saving`: it came while the commit was under way. A connection that is lost then tells nobody how it ended.
    """
    state = _state(error)
    if known := sentences.for_people(_constraint(error), state):
        return known
    if isinstance(error, TimeoutError) or state in TRY_AGAIN | BUSY:
        return Unavailable(_("The office is busy right now. Nothing was saved; try again."))
    if state in CANNOT_WRITE:
        return Unavailable(_("Nothing can be saved right now, only read. Try again later."), retry_after=60)
    if not _is_away(error):
        return error
    if saving:
        return Unavailable(
            _("The connection broke while this was saved. It may have been saved: send it again, it is kept once."),
            code="may_be_saved",
        )
    return Unavailable(_("The database cannot be reached right now. Nothing was saved; try again."))


def _state(error) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def _constraint(error) -> str | None:
    return getattr(getattr(getattr(error, "orig", None), "diag", None), "constraint_name", None)


def _is_away(error) -> bool:
    state = _state(error)
    never_connected = state is None and isinstance(getattr(error, "orig", None), psycopg.OperationalError)
    return getattr(error, "connection_invalidated", False) or never_connected or (state or "").startswith(AWAY)
