"""The one place that commits: a service is one unit of work, and what the database refuses becomes a sentence."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, TimeoutError

from webapp.errors import Conflict, Invalid, Refused, Unavailable
from webapp.extensions import db

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

TRIES = 3
TRY_AGAIN = {"40001", "40P01"}
BUSY = {"55P03", "57014"}
AWAY = ("08", "57P", "53", "25006")

# constraint -> (kind of refusal, code, field, sentence)
SENTENCES: dict[str, tuple[type[Refused], str, str | None, str]] = {
    "invalid_status_transition": (
        Conflict,
        "invalid_status_transition",
        "status",
        lazy("A lead cannot make that move."),
    ),
    "overdue_task": (
        Invalid,
        "overdue_task",
        "due_date",
        lazy("That is more than 30 days ago. Choose a later date."),
    ),
    "agent_overload": (
        Conflict,
        "agent_overload",
        "agent_id",
        lazy("That agent already has 50 active leads."),
    ),
    "follow_up_conflict": (
        Conflict,
        "follow_up_conflict",
        "due_date",
        lazy("Follow-ups of one agent need 30 minutes between them."),
    ),
    "ck_active_leads_max": (
        Conflict,
        "agent_overload",
        "agent_id",
        lazy("That agent already has 50 active leads."),
    ),
    "uq_lead_assignment": (Conflict, "stale", "agent_id", lazy("Somebody else has just assigned this lead.")),
    "agents_email_key": (
        Conflict,
        "duplicate_agent",
        "email",
        lazy("Another agent has this e-mail address."),
    ),
    "agents_phone_key": (Conflict, "duplicate_agent", "phone", lazy("Another agent has this phone number.")),
    "users_email_key": (Conflict, "duplicate_user", "email", lazy("Another user has this e-mail address.")),
    "users_agent_id_key": (Conflict, "duplicate_user", "agent", lazy("Another user already is this agent.")),
    "last_admin": (Conflict, "last_admin", "role", lazy("The office needs at least one active admin.")),
    "ck_budget_min_lt_max": (
        Invalid,
        "invalid_lead_data",
        "budget_max",
        lazy("The upper budget must be above the lower one."),
    ),
    "ck_lead_budget_is_number": (
        Invalid,
        "invalid_lead_data",
        "budget_max",
        lazy("A budget is a number in AED."),
    ),
    "ck_history_deal_value": (
        Invalid,
        "invalid_lead_data",
        "deal_value",
        lazy("A deal value is above zero."),
    ),
    "ck_lead_bedrooms": (Invalid, "invalid_lead_data", "bedrooms", lazy("Bedrooms are 0 to 20.")),
    "listings_reference_key": (
        Conflict,
        "duplicate_listing",
        "reference",
        lazy("Another property has this reference."),
    ),
    "ck_listing_price": (Invalid, "invalid_lead_data", "price", lazy("A price is above zero.")),
    "uq_lead_property_interest": (
        Conflict,
        "duplicate_interest",
        "property_id",
        lazy("This lead already has an interest in that property."),
    ),
}


def transactional(service: Callable[P, R]) -> Callable[P, R]:
    """One transaction per call: the outermost service commits, an inner one joins it.

    Serialization failures and deadlocks are tried again, three times in all; then, and when the database is
    busy or away, `Unavailable` says that nothing was saved. Violations of our rules come out as `Refused`.
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


def after_commit(call: Callable[[], None]) -> None:
    """Do this once the unit of work is safe; whatever happens then cannot undo it."""
    db.session().info.setdefault("after_commit", []).append(call)


def release() -> None:
    """Give the connection back before something slow: reading is over, nothing is kept open meanwhile."""
    db.session.rollback()


def _attempts(session, service, args, kwargs):
    for attempt in range(1, TRIES + 1):
        session.info["after_commit"] = []
        try:
            _name_the_actor(session, kwargs.get("by"))
            result = service(*args, **kwargs)
            session.commit()
            return result
        except (DBAPIError, TimeoutError) as error:
            session.rollback()
            session.info["after_commit"] = []
            if _state(error) in TRY_AGAIN and attempt < TRIES:
                continue
            raise refusal(error) from error
        except BaseException:
            session.rollback()
            session.info["after_commit"] = []
            raise


def _afterwards(calls):
    for call in calls:
        try:
            call()
        except Exception:
            db.session.rollback()
            log.exception("After the commit")


def _name_the_actor(session, actor):
    if actor is not None and actor.user_id:
        session.execute(text("SELECT set_config('app.actor', :id, true)"), {"id": str(actor.user_id)})


def refusal(error: Exception) -> Exception:
    """What a database error means for people, or the error itself where it means a bug of ours."""
    state = _state(error)
    if known := SENTENCES.get(_constraint(error) or ""):
        kind, code, field, sentence = known
        return kind(str(sentence), code=code, field=field)
    if isinstance(error, TimeoutError) or state in TRY_AGAIN | BUSY:
        return Unavailable(_("The office is busy right now. Nothing was saved; try again."))
    if getattr(error, "connection_invalidated", False) or (state or "").startswith(AWAY) or _never_connected(error):
        return Unavailable(_("The database cannot be reached right now. Nothing was saved; try again."))
    return error


def _state(error) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def _constraint(error) -> str | None:
    return getattr(getattr(getattr(error, "orig", None), "diag", None), "constraint_name", None)


def _never_connected(error) -> bool:
    return type(getattr(error, "orig", None)).__name__ in (
        "OperationalError",
        "ConnectionTimeout",
    ) and not _state(error)
