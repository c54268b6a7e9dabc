"""What the database refuses, in words: constraint or SQLSTATE -> the refusal that people read (R13).

tests/faults/test_error_map.py reads the catalogue: a constraint that is not here has its reason there.
"""

from collections.abc import Callable

from flask_babel import lazy_gettext as lazy

from webapp.errors import Conflict, Invalid, Refused

Sentence = Callable[[], Refused]


def _conflict(code: str, field: str | None, words) -> Sentence:
    return lambda: Conflict(str(words), code=code, field=field)


def _invalid(field: str | None, words, code: str = "invalid_lead_data") -> Sentence:
    return lambda: Invalid(str(words), code=code, field=field)


FULL = _conflict("agent_overload", "agent_id", lazy("That agent already has 50 active leads."))
GONE = _conflict("stale", None, lazy("Something that belongs to this is gone meanwhile. Open the page again."))
UNFIT = _invalid(None, lazy("Something here is too long, too large or no text. Correct it."), code="validation_error")

OF_CONSTRAINTS = {
    "invalid_status_transition": _conflict(
        "invalid_status_transition", "status", lazy("A lead cannot make that move.")
    ),
    "overdue_task": _invalid(
        "due_date", lazy("That is more than 30 days ago. Choose a later date."), code="overdue_task"
    ),
    "follow_up_conflict": _conflict(
        "follow_up_conflict", "due_date", lazy("Follow-ups of one agent need 30 minutes between them.")
    ),
    "agent_overload": FULL,
    "ck_active_leads_max": FULL,
    "uq_lead_assignment": _conflict("stale", "agent_id", lazy("Somebody else has just assigned this lead.")),
    "agent_left": _conflict("agent_left", "agent_id", lazy("That agent has left the office.")),
    "agent_holds_leads": _conflict(
        "agent_holds_leads", None, lazy("That agent still holds active leads. Hand them over first.")
    ),
    "agent_email_taken": _conflict("duplicate_agent", "email", lazy("Another agent has this e-mail address.")),
    "agents_email_key": _conflict("duplicate_agent", "email", lazy("Another agent has this e-mail address.")),
    "agents_phone_key": _conflict("duplicate_agent", "phone", lazy("Another agent has this phone number.")),
    "users_email_key": _conflict("duplicate_user", "email", lazy("Another user has this e-mail address.")),
    "users_agent_id_key": _conflict("duplicate_user", "agent", lazy("Another user already is this agent.")),
    "last_admin": _conflict("last_admin", "role", lazy("The office needs at least one active admin.")),
    "ck_budget_min_lt_max": _invalid("budget_max", lazy("The upper budget must be above the lower one.")),
    "ck_lead_budget_is_number": _invalid("budget_max", lazy("A budget is a number in AED.")),
    "ck_lead_bedrooms": _invalid("bedrooms", lazy("Bedrooms are 0 to 20.")),
    "ck_history_deal_value": _invalid("deal_value", lazy("A deal value is above zero.")),
    "listings_reference_key": _conflict("duplicate_listing", "reference", lazy("Another property has this reference.")),
    "ux_exports_waiting": _conflict(
        "export_waiting", None, lazy("The file that you asked for before is still being made.")
    ),
    "ck_scoring_rule_condition": _invalid(None, lazy("There is no scoring rule that asks that."), "validation_error"),
    "ck_scoring_rule_points": _invalid("points", lazy("Write whole points from -100 to 100.")),
    "ck_listing_price": _invalid("price", lazy("A price is above zero.")),
    "uq_lead_property_interest": _conflict(
        "duplicate_interest", "property_id", lazy("This lead already has an interest in that property.")
    ),
}

OF_STATES = {
    "23503": GONE,
    "22001": UNFIT,
    "22003": UNFIT,
    "22007": UNFIT,
    "22008": UNFIT,
    "22021": UNFIT,
    "22P02": UNFIT,
    "22P05": UNFIT,
}


def for_people(constraint: str | None, state: str | None) -> Refused | None:
    """The refusal with its sentence, where what the database said is somebody's mistake and not ours."""
    sentence = OF_CONSTRAINTS.get(constraint or "") or OF_STATES.get(state or "")
    return sentence() if sentence else None
