"""Taking a list of leads away: on the record, and the managers are told (R14)."""

from flask_babel import gettext as _

from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import Export
from webapp.services import audit, leads, notifications
from webapp.services.access import Actor
from webapp.services.leads import Filters
from webapp.transaction import release, transactional
from webapp.vocabulary import FileKind, NoticeKind

AT_ONCE = 10_000
MOST = 1_000_000
"""What one sheet of a spreadsheet holds, rounded down."""


@transactional
def take(filters: Filters, *, by: Actor, kind: FileKind, query: dict) -> Export | None:
    """Keep that `by` takes these leads away. None: send them now; else the file that the worker will make of them.

    `query` is the list's address, which the worker reads again. Refused with `Invalid` where there are none or more
    than 1,000,000, and with `Conflict` (`export_waiting`) while an earlier file of theirs is still to be made.
    """
    tally = leads.tally(filters, by=by, at_most=MOST)
    if not tally.count:
        raise Invalid(_("There is nothing to export. Change the filters."))
    if tally.more:
        raise Invalid(_("More than %(most)s leads do not fit into one file. Narrow the list.", most=f"{MOST:,}"))
    if tally.count <= AT_ONCE:
        put_on_record(tally.count, by=by, kind=kind, query=query)
        return None
    export = Export(user_id=by.user_id, format=kind, query=query, count=tally.count)
    db.session.add(export)
    db.session.flush()
    return export


@transactional
def put_on_record(count: int, *, by: Actor, kind: FileKind, query: dict) -> None:
    """Who took how many leads away by which filters; where it is not a manager, the managers are told."""
    audit.record("leads.export", by=by, after={"count": count, "format": kind, "filters": query})
    if not by.sees_all_leads:
        agent_id = by.agent_id and str(by.agent_id)
        notifications.tell_managers(NoticeKind.LEADS_EXPORTED, by=by, count=count, who=by.name, agent_id=agent_id)


def put_report_on_record(slug: str, *, by: Actor, kind: FileKind, query: dict) -> None:
    """Who took which report away by which filters, once it has been read."""
    release()
    _keep_report(slug, by=by, kind=kind, query=query)


@transactional
def _keep_report(slug: str, *, by: Actor, kind: FileKind, query: dict) -> None:
    audit.record("reports.export", by=by, after={"report": slug, "format": kind, "filters": query})


def put_audit_on_record(count: int, *, by: Actor, kind: FileKind, query: dict) -> None:
    """Who took how many entries of the audit away by which filters, once they have been counted."""
    release()
    _keep_audit(count, by=by, kind=kind, query=query)


@transactional
def _keep_audit(count: int, *, by: Actor, kind: FileKind, query: dict) -> None:
    audit.record("audit.export", by=by, after={"count": count, "format": kind, "filters": query})


def put_calls_on_record(count: int, *, by: Actor, kind: FileKind, query: dict) -> None:
    """Who took how many calls of the register away by which filters, once they have been counted."""
    release()
    _keep_calls(count, by=by, kind=kind, query=query)


@transactional
def _keep_calls(count: int, *, by: Actor, kind: FileKind, query: dict) -> None:
    audit.record("calls.export", by=by, after={"count": count, "format": kind, "filters": query})
