"""What is set for the whole office: its name and phone, and after how many months lost leads are nobody's."""

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
NAME = select(OfficeSettings.name).scalar_subquery()
PHONE = select(OfficeSettings.phone).scalar_subquery()
"""The office's name and phone, for a query that is made anyway."""


def settings() -> OfficeSettings:
    """What is set now; while nothing was, what holds by itself."""
    return db.session.scalar(select(OfficeSettings)) or OfficeSettings(check_in_turn=1)


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


def held() -> OfficeSettings:
    """The settings, held until the transaction ends."""
    db.session.execute(insert(OfficeSettings).values(is_the_one=True).on_conflict_do_nothing())
    return db.session.scalars(select(OfficeSettings).with_for_update()).one()


def _told(found: OfficeSettings) -> dict:
    return {"name": found.name, "phone": found.phone, "retention_months": found.retention_months}
