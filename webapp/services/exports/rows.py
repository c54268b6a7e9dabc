"""A list of leads as rows of a file, in the words of whoever takes it away."""

from collections.abc import Generator
from datetime import datetime

from flask_babel import gettext as _

from webapp.clock import DUBAI
from webapp.models import Lead
from webapp.services import leads
from webapp.services.access import Actor
from webapp.services.leads import Filters
from webapp.vocabulary import LeadOrder

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
    ]
    for lead in leads.every(filters, by=by, order=order, most=most):
        yield _row(lead)


def _row(lead: Lead) -> list[Cell]:
    return [
        lead.number,
        lead.first_name,
        lead.last_name,
        lead.phone,
        lead.email,
        str(lead.source_type.label),
        str(lead.status.label),
        lead.score,
        str(lead.property_type.label) if lead.property_type else None,
        ", ".join(lead.preferred_areas or ()),
        float(lead.budget_min) if lead.budget_min is not None else None,
        float(lead.budget_max) if lead.budget_max is not None else None,
        lead.owner.full_name if lead.owner else None,
        _dubai(lead.created_at),
        _dubai(lead.last_contact_at),
        str(lead.next_step_type.label) if lead.next_step_type else None,
        _dubai(lead.next_step_at),
    ]


def _dubai(moment: datetime | None) -> datetime | None:
    return moment.astimezone(DUBAI).replace(tzinfo=None, microsecond=0) if moment else None
