"""A list of leads as rows of a file, in the words of whoever takes it away."""

from collections.abc import Generator
from datetime import datetime

from flask_babel import gettext as _

from webapp.clock import DUBAI
from webapp.models import Lead
from webapp.services import leads
from webapp.services.access import Actor
from webapp.services.leads import Filters
from webapp.vocabulary import LeadOrder, Word

Cell = str | int | float | datetime | None


def rows(filters: Filters, *, by: Actor, order: LeadOrder, most: int) -> Generator[list[Cell]]:
    """The headings, then a row a lead as the list has them; moments are Dubai's."""
    yield [
        _("Number"),
        _("First name"),
        _("Last name"),
        _("Phone number"),
        _("E-mail"),
        _("Source"),
        _("Status"),
        _("Score"),
        _("Property type"),
        _("Areas"),
        _("Budget from, AED"),
        _("Budget up to, AED"),
        _("Owner"),
        _("Came in"),
        _("Last contact"),
        _("Next step"),
        _("Next step at"),
        _("Looks for"),
        _("Bedrooms"),
        _("Nationality"),
        _("Speaks"),
        _("Another language"),
        _("Agrees to be contacted"),
        _("Closed on"),
        _("Deal"),
        _("Deal value, AED"),
        _("Lost because"),
    ]
    for lead in leads.every(filters, by=by, order=order, most=most):
        yield _row(lead)


def _row(lead: Lead) -> list[Cell]:
    moves = lead.conversion_history
    end = moves[-1] if lead.status.is_closed and moves else None
    return [
        lead.number,
        lead.first_name,
        lead.last_name,
        lead.phone,
        lead.email,
        str(lead.source_type.label),
        str(lead.status.label),
        lead.score,
        _word(lead.property_type),
        ", ".join(lead.preferred_areas or ()),
        float(lead.budget_min) if lead.budget_min is not None else None,
        float(lead.budget_max) if lead.budget_max is not None else None,
        lead.owner.full_name if lead.owner else None,
        _dubai(lead.created_at),
        _dubai(lead.last_contact_at),
        _word(lead.next_step_type),
        _dubai(lead.next_step_at),
        _word(lead.purpose),
        lead.bedrooms,
        lead.nationality,
        _word(lead.language_preference),
        _word(lead.spoken_language),
        _("yes") if lead.consent_at else None,
        _dubai(end.changed_at) if end else None,
        _word(end.conversion_type) if end and end.deal_value is not None else None,
        float(end.deal_value) if end and end.deal_value is not None else None,
        _word(end.lost_reason) if end else None,
    ]


def _word(word: Word | None) -> str | None:
    return str(word.label) if word else None


def _dubai(moment: datetime | None) -> datetime | None:
    return moment.astimezone(DUBAI).replace(tzinfo=None, microsecond=0) if moment else None
