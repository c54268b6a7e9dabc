"""The entries as rows of a file."""

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import func, select

from webapp.clock import DUBAI
from webapp.extensions import db
from webapp.models import AuditEntry
from webapp.services.audit_log.listing import Entry, Filters, asked, narrowed, told
from webapp.services.audit_log.values import Change

AT_ONCE = 10_000
A_PART = 500


def count(filters: Filters) -> int:
    """How many entries there are, counted up to one more than fit into a file."""
    some = select(AuditEntry.entry_id).where(*narrowed(filters)).limit(AT_ONCE + 1).subquery()
    return db.session.scalars(select(func.count()).select_from(some)).one()


def rows(filters: Filters) -> Iterator[list]:
    """The headings, then a row an entry, the newest first; moments are Dubai's."""
    yield [_("When"), _("Who"), _("By"), _("What was done"), _("Lead"), _("About"), _("Before and after")]
    query = asked(filters).limit(AT_ONCE).execution_options(yield_per=A_PART)
    for part in db.session.execute(query).partitions():
        for entry in told(part):
            yield _row(entry)


def _row(entry: Entry) -> list:
    return [
        entry.happened_at.astimezone(DUBAI).replace(tzinfo=None, microsecond=0),
        entry.who or _("the system"),
        str(entry.door.label),
        str(entry.verb.label),
        entry.number,
        entry.about,
        "; ".join(map(_said, entry.changes)) or None,
    ]


def _said(change: Change) -> str:
    if change.before is None:
        return f"{change.label}: {change.after}"
    return _("%(label)s: %(before)s, then %(after)s", label=change.label, before=change.before, after=change.after)
