"""What is set for the whole office: name, phone, how long lost leads are kept, when and how often people are called."""

from datetime import time
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from webapp import phones
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import OfficeSettings
from webapp.services import audit
from webapp.services.access import Actor
from webapp.transaction import transactional

FEWEST_MONTHS, MOST_MONTHS = 6, 120
FEWEST_DIGITS = 3
MOST_A_DAY, MOST_A_WEEK = 20, 50
CALLS: dict[str, Any] = {
    "calls_from": time(9),
    "calls_until": time(18),
    "unanswered_a_day": 1,
    "unanswered_a_week": 2,
    "guard_blocks": False,
}
"""When and how often people are called, while nothing else is set."""
NAME = select(OfficeSettings.name).scalar_subquery()
PHONE = select(OfficeSettings.phone).scalar_subquery()
"""The office's name and phone, for a query that is made anyway."""


def settings() -> OfficeSettings:
    """What is set now; while nothing was, what holds by itself."""
    return db.session.scalar(select(OfficeSettings)) or OfficeSettings(check_in_turn=1, **CALLS)


@transactional
def change(*, by: Actor, name: str, phone: str, retention_months: int | None) -> None:
    """Set the office's name and phone, as visitors see them, and the months; without any nothing is anonymised."""
    if phone and len(phones.digits(phone)) < FEWEST_DIGITS:
        raise Invalid(_("That is no phone number: type its digits."), field="phone")
    if retention_months is not None and not FEWEST_MONTHS <= retention_months <= MOST_MONTHS:
        raise Invalid(
            _("From %(least)s to %(most)s months.", least=FEWEST_MONTHS, most=MOST_MONTHS), field="retention_months"
        )
    found = held()
    before = _told(found)
    found.name, found.phone, found.retention_months = name or None, phone or None, retention_months
    audit.record("office.change", by=by, before=before, after=_told(found))


@transactional
def limit_calls(
    *,
    by: Actor,
    calls_from: time,
    calls_until: time,
    unanswered_a_day: int,
    unanswered_a_week: int,
    guard_blocks: bool,
) -> None:
    """Set when people are called, how often those who do not answer, and whether the guard blocks or only warns."""
    if calls_from >= calls_until:
        raise Invalid(_("The hours end before they begin."), field="calls_until")
    if not 1 <= unanswered_a_day <= MOST_A_DAY:
        raise Invalid(_("From %(least)s to %(most)s.", least=1, most=MOST_A_DAY), field="unanswered_a_day")
    if not unanswered_a_day <= unanswered_a_week <= MOST_A_WEEK:
        least = unanswered_a_day
        raise Invalid(_("From %(least)s to %(most)s.", least=least, most=MOST_A_WEEK), field="unanswered_a_week")
    found = held()
    before = _told_of_calls(found)
    found.calls_from, found.calls_until = calls_from, calls_until
    found.unanswered_a_day, found.unanswered_a_week = unanswered_a_day, unanswered_a_week
    found.guard_blocks = guard_blocks
    audit.record("office.limit_calls", by=by, before=before, after=_told_of_calls(found))


def held() -> OfficeSettings:
    """The settings, held until the transaction ends."""
    db.session.execute(insert(OfficeSettings).values(is_the_one=True).on_conflict_do_nothing())
    return db.session.scalars(select(OfficeSettings).with_for_update()).one()


def _told(found: OfficeSettings) -> dict:
    return {"name": found.name, "phone": found.phone, "retention_months": found.retention_months}


def _told_of_calls(found: OfficeSettings) -> dict:
    return {
        "calls_from": f"{found.calls_from:%H:%M}",
        "calls_until": f"{found.calls_until:%H:%M}",
        "unanswered_a_day": found.unanswered_a_day,
        "unanswered_a_week": found.unanswered_a_week,
        "guard_blocks": found.guard_blocks,
    }
