"""What is kept for long enough: lost leads with which nothing has happened for the months that the admin set, and sales
that the law wants no longer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, select

from webapp import stopping
from webapp.extensions import db
from webapp.models import Enquiry, KeptSale, Lead, LeadActivity, LeadConversionHistory, Visit
from webapp.services import audit, office
from webapp.services.access import SYSTEM, Actor
from webapp.services.privacy.erase import erase_held, held
from webapp.stopping import Tally
from webapp.transaction import release, transactional
from webapp.vocabulary import ErasureReason, Status


def anonymise_old() -> Tally:
    """Erase, person by person, whose leads are all lost and quiet for so long; stopped, the next turn goes on."""
    months = office.settings().retention_months
    if months is None:
        return Tally()
    since = db.session.scalars(select(func.now() - func.make_interval(0, months))).one()
    due = list(db.session.scalars(select(Lead.lead_id).where(*_is_due(since)).order_by(Lead.created_at)))
    release()
    return stopping.one_by_one(
        due, lambda lead_id: _anonymise(lead_id, since, by=SYSTEM), otherwise="The person of lead %s stays"
    )


@transactional
def forget() -> int:
    """Forget who bought, once the law wants it no longer; how many sales."""
    over = delete(KeptSale).where(KeptSale.kept_until <= func.now()).returning(KeptSale.lead_id)
    leads = db.session.scalars(over).all()
    for lead_id in leads:
        audit.record("privacy.forget", by=SYSTEM, lead_id=lead_id)
    return len(leads)


@transactional
def _anonymise(lead_id: UUID, since: datetime, *, by: Actor) -> bool:
    """Erase the person of a lead if every lead of theirs is due; one that came back meanwhile is not."""
    still = select(Lead.lead_id).where(Lead.lead_id == lead_id, *_is_due(since))
    if db.session.scalar(still) is None:
        return False
    person = held(lead_id, by=by)
    due = select(func.count()).where(Lead.lead_id.in_(person.lead_ids), *_is_due(since))
    if db.session.scalar(due) != len(person.leads):
        return False
    erase_held(person, by=by, reason=ErasureReason.RETENTION)
    return True


def _is_due(since: datetime) -> list[ColumnElement[bool]]:
    """Lost, not erased, and nothing has come, been done or been moved since this moment."""
    return [
        Lead.status == Status.LOST,
        Lead.erased_at.is_(None),
        func.coalesce(Lead.last_contact_at, Lead.created_at) < since,
        Lead.created_at < since,
        *(
            ~exists().where(model.lead_id == Lead.lead_id, moment >= since)
            for model, moment in (
                (LeadConversionHistory, LeadConversionHistory.changed_at),
                (LeadActivity, LeadActivity.activity_at),
                (Enquiry, Enquiry.received_at),
                (Visit, Visit.arrived_at),
            )
        ),
    ]
