"""Taking a list of leads away: exactly what it shows, on the record, and the managers are told (R14)."""

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext as _

from webapp.clock import DUBAI
from webapp.errors import Invalid
from webapp.models import Lead
from webapp.services import audit, leads, notifications
from webapp.services.access import Actor
from webapp.services.leads import Filters
from webapp.transaction import transactional
from webapp.vocabulary import FileKind, LeadOrder, NoticeKind

MOST = 10_000

Cell = str | int | float | datetime | None


@transactional
def take(filters: Filters, *, by: Actor, kind: FileKind) -> int:
    """Keep that `by` takes these leads away, and how many; where it is not a manager, the managers are told.

    `Invalid` where there are none, or more than 10,000.
    """
    tally = leads.tally(filters, by=by, at_most=MOST)
    if not tally.count:
        raise Invalid(_("There is nothing to export. Change the filters."))
    if tally.more:
        raise Invalid(_("More than %(most)s leads do not fit into one file. Narrow the list.", most=f"{MOST:,}"))
    asked = {name: str(value) for name, value in vars(filters).items() if value != getattr(Filters(), name)}
    audit.record("leads.export", by=by, after={"count": tally.count, "format": kind, "filters": asked})
    if not by.sees_all_leads:
        notifications.tell_managers(NoticeKind.LEADS_EXPORTED, by=by, count=tally.count, who=by.name)
    return tally.count


def rows(filters: Filters, *, by: Actor, order: LeadOrder) -> Iterator[list[Cell]]:
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
    for lead in leads.every(filters, by=by, order=order, most=MOST):
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
