"""By what the lines of a table are told apart: how a line is found, named, ordered and opened."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, Protocol

from flask_babel import lazy_gettext as _
from sqlalchemy import Date, case, cast, func, select

from webapp import clock
from webapp.extensions import db
from webapp.models import Agent, Lead
from webapp.services.leads.filters import FITS
from webapp.services.reports.bases import DEALS, LATER, MADE, REACHED, SPELLS, Base
from webapp.services.reports.scope import Scope, but
from webapp.vocabulary import Fit, LostBecause, LostReason, PropertyType, Source, Status, Wait

Key = tuple[Any, ...]
DAY = timedelta(days=1)


class Named(NamedTuple):
    """A line of a table: what it is found by, and its name in as many words as the dimension has headings."""

    key: Key
    names: tuple[Any, ...]


class Dimension(Protocol):
    """One way to tell lines apart."""

    heads: tuple[Any, ...]

    def keys(self, base: Base) -> list:
        """The columns that tell the lines apart."""

    def lines(self, found: Iterable[Key], scope: Scope) -> list[Named]:
        """The lines to show, in their own order."""

    def narrowed(self, filters: Any, key: Key, base: Base) -> Any:
        """What of the base is in one line."""


class Sources:
    """By source; those that had any."""

    heads = (_("Source"),)

    def keys(self, base):
        return [Lead.source_type]

    def lines(self, found, scope):
        return [Named((source,), (source.label,)) for source in Source if (source,) in found]

    def narrowed(self, filters, key, base):
        return but(filters, source_type=key)


class Types:
    """By property type, and those that gave none."""

    heads = (_("Property type"),)

    def keys(self, base):
        return [Lead.property_type]

    def lines(self, found, scope):
        known = [Named((word,), (word.label,)) for word in PropertyType if (word,) in found]
        return known + [Named((None,), (_("Not given"),)) for key in found if key == (None,)]

    def narrowed(self, filters, key, base):
        return but(filters, no_property_type=True) if key == (None,) else but(filters, property_type=key)


class Agents:
    """By who owns the leads now: those who had any, or all of them, the longest here first; and nobody's."""

    heads = (_("Agent"),)

    def __init__(self, *, all_of_them: bool = False, nobody: bool = True):
        self.all_of_them, self.nobody = all_of_them, nobody

    def keys(self, base):
        return [Lead.owner_id]

    def lines(self, found, scope):
        known = db.session.execute(select(Agent.agent_id, Agent.full_name).order_by(Agent.created_at, Agent.agent_id))
        shown = [
            Named((agent_id,), (name,))
            for agent_id, name in known
            if (agent_id,) in found or (self.all_of_them and scope.agent_id in (None, agent_id))
        ]
        return shown + ([Named((None,), (_("Nobody"),))] if self.nobody and (None,) in found else [])

    def narrowed(self, filters, key, base):
        if key == (None,):
            return but(filters, unassigned=True, status=filters.status or tuple(Status))
        return but(filters, owner=key[0])


class Months:
    """By Dubai month, without gaps from the first that had any."""

    heads = (_("Month"),)

    def keys(self, base):
        return [cast(func.date_trunc("month", func.timezone(str(clock.DUBAI), base.moment)), Date)]

    def lines(self, found, scope):
        first = min((key[0] for key in found), default=None)
        lines: list[Named] = []
        last = min(scope.ends - DAY, clock.today()) if scope.ends else clock.today()
        month = last.astimezone(clock.DUBAI).date().replace(day=1)
        while first and month >= first:
            lines.insert(0, Named((month,), (_midnight(month),)))
            month = (month - DAY).replace(day=1)
        return lines

    def narrowed(self, filters, key, base):
        first = _midnight(key[0])
        after = _midnight((key[0] + 31 * DAY).replace(day=1))
        names = ("converted_from", "converted_to") if base is DEALS else ("created_from", "created_to")
        begins, ends = (getattr(filters, name) for name in names)
        limits = (max(first, begins) if begins else first, min(after, ends) if ends else after)
        return but(filters, **dict(zip(names, limits, strict=True)))


class MonthsAndSources:
    """By month, the latest first, and in it by source."""

    heads = (*Months.heads, *Sources.heads)

    def keys(self, base):
        return [*Months().keys(base), *Sources().keys(base)]

    def lines(self, found, scope):
        order = list(Source)
        known = [key for key in found if key[1] in order]
        return [
            Named(key, (_midnight(key[0]), key[1].label))
            for key in sorted(known, key=lambda k: (-k[0].toordinal(), order.index(k[1])))
        ]

    def narrowed(self, filters, key, base):
        return Sources().narrowed(Months().narrowed(filters, key[:1], base), key[1:], base)


class Statuses:
    """By status, in the order of the way; those that had any."""

    heads = (_("Status"),)

    def keys(self, base):
        return [Lead.status]

    def lines(self, found, scope):
        return [Named((status,), (status.label,)) for status in Status if (status,) in found]

    def narrowed(self, filters, key, base):
        return but(filters, status=key)


class Stages:
    """By the statuses on the way to a deal: all of them, whoever got there."""

    heads = (_("Stage"),)

    def keys(self, base):
        return [{REACHED: MADE.status_to, SPELLS: MADE.status_from}.get(base, Lead.status)]

    def lines(self, found, scope):
        return [Named((status,), (status.label,)) for status in Status if status != Status.LOST]

    def narrowed(self, filters, key, base):
        return but(filters, reached=key[0]) if base is REACHED else but(filters, status=key)


class Reasons:
    """By why leads were lost; those that any had."""

    heads = (_("Reason"),)

    def keys(self, base):
        return [MADE.lost_reason]

    def lines(self, found, scope):
        known = [Named((word,), (word.label,)) for word in LostReason if (word,) in found]
        return known + [Named((None,), (_("Not given"),)) for key in found if key == (None,)]

    def narrowed(self, filters, key, base):
        return but(filters, lost_because=(LostBecause(key[0] or LostBecause.NONE),))


class Answers:
    """By how long the first answer took, and those that wait for it."""

    heads = (_("First answer"),)

    def keys(self, base):
        return [_wait(Lead.first_contact_at - Lead.created_at)]

    def lines(self, found, scope):
        return [*_waits(), Named((None,), (_("none yet"),))]

    def narrowed(self, filters, key, base):
        return but(filters, never_contacted=True) if key == (None,) else but(filters, first_answer=(Wait(key[0]),))


class Gaps:
    """By how long after the activity before it an activity was."""

    heads = (_("After the activity before"),)

    def keys(self, base):
        return [_wait(LATER.pause)]

    def lines(self, found, scope):
        return _waits()

    def narrowed(self, filters, key, base):
        return replace(filters, wait=Wait(key[0]))


class Fits:
    """By whether the owner is specialised in what the lead looks for."""

    heads = (_("Owner"),)

    def keys(self, base):
        """Of the lead and its owner beside it: to look an agent up for each lead takes three times as long."""
        return [case((Lead.owner_id.is_(None), None), (FITS, Fit.SPECIALISED.value), else_=Fit.GENERAL.value)]

    def lines(self, found, scope):
        nobody = [Named((None,), (_("Nobody"),))] if (None,) in found else []
        return [Named((word.value,), (word.label,)) for word in Fit] + nobody

    def narrowed(self, filters, key, base):
        return Agents().narrowed(filters, key, base) if key == (None,) else but(filters, fit=Fit(key[0]))


def _wait(took):
    """The first step that ends later."""
    steps = [(wait, wait.hours[1]) for wait in Wait]
    return case(
        (took.is_(None), None),
        *((took <= timedelta(hours=most), wait.value) for wait, most in steps if most is not None),
        else_=steps[-1][0].value,
    )


def _waits() -> list[Named]:
    return [Named((wait.value,), (wait.label,)) for wait in Wait]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.DUBAI)
