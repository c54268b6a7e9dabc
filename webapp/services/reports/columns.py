"""What is measured of the lines of a table, and which leads each number opens."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import func

from webapp.services.leads import Filters
from webapp.services.reports.bases import (
    ACTIVE,
    CAME_IN,
    DEALS,
    GAPS,
    HIGH_FROM,
    HIGH_SCORES,
    LOSSES,
    LOW_SCORES,
    LOW_TO,
    REACHED,
    SPELLS,
    STANDING,
    WAITS,
    Base,
)
from webapp.services.reports.scope import Pauses, but
from webapp.vocabulary import CAP, CLOSED, Outcome, Standing, Status


class Kind(StrEnum):
    """How a number is shown."""

    COUNT = "count"
    RATE = "rate"
    MONEY = "money"
    TIME = "time"
    MEAN = "mean"
    PLACE = "place"


@dataclass(frozen=True)
class Column:
    """One number of each line."""

    label: Any
    kind: Kind
    base: Base
    measure: Callable[[Any], Any] | None = None
    """The number, of the columns of its base."""
    opens: Callable[[Any], Any] | None = None
    """Which of the line's leads, or activities, it counts; a rate opens its numerator."""
    places: tuple[str, int] | None = None
    """For a place: by which of the numbers, and whether the largest (-1) or the smallest (1) is first."""
    name: str = ""
    share: tuple[str, bool] | None = None
    """For a share of the table's own numbers: which one, and whether of the line before (True) or of all of them."""
    folds: bool = False
    """Whether a phone leaves it out."""


def of(base: Base, *columns: Column) -> tuple[Column, ...]:
    """The columns, measured of another base."""
    return tuple(replace(column, base=base) for column in columns)


def folded(column: Column) -> Column:
    """The column, which a phone leaves out."""
    return replace(column, folds=True)


def place(label, name: str, *, largest_first: bool = True) -> Column:
    """The place of a line by the number of this name; equals share it, and without a number there is none."""
    return Column(label, Kind.PLACE, CAME_IN, places=(name, -1 if largest_first else 1), folds=True)


def _same(counted):
    return counted


def _positive(pauses: Pauses) -> Pauses:
    return replace(pauses, is_positive=True)


def _with(**changes) -> Callable[[Filters], Filters]:
    return lambda filters: but(filters, **changes)


def _share(part, whole):
    return 100.0 * part / func.nullif(whole, 0)


def _count(*conditions):
    return func.count().filter(*conditions) if conditions else func.count()


def _middle(column):
    return func.percentile_cont(0.5).within_group(column)


def _nine_tenths(column):
    return func.percentile_cont(0.9).within_group(column)


def _half(column):
    """The first that at least half of them do not exceed: one of them, as it is counted."""
    return func.percentile_disc(0.5).within_group(column)


NOT_CONVERTED = tuple(status for status in Status if status != Status.CONVERTED)
ANSWERED_STATUSES = tuple(status for status in Status if status not in (Status.NEW, Status.CONTACTED, Status.LOST))


def _in(statuses):
    return lambda c: _count(c.status.in_(statuses))


LEADS = Column(_("Leads"), Kind.COUNT, CAME_IN, lambda c: _count(), _same, name="leads")
CONVERTED = Column(
    _("Converted"), Kind.COUNT, CAME_IN, _in((Status.CONVERTED,)), _with(status=(Status.CONVERTED,)), name="converted"
)
RATE = Column(
    _("Conversion rate"),
    Kind.RATE,
    CAME_IN,
    lambda c: _share(_count(c.status == Status.CONVERTED), _count()),
    _with(status=(Status.CONVERTED,)),
    name="rate",
)
STILL_ACTIVE = Column(
    _("Still active"),
    Kind.COUNT,
    CAME_IN,
    lambda c: _count(c.status.not_in(CLOSED)),
    _with(status=Standing.ACTIVE.statuses),
    name="active",
)
LOST = Column(_("Lost"), Kind.COUNT, CAME_IN, _in((Status.LOST,)), _with(status=(Status.LOST,)), name="lost")
SCORE = Column(_("Mean score"), Kind.MEAN, CAME_IN, lambda c: func.avg(c.score), name="score")

HIGH = Column(_("Score over 80"), Kind.COUNT, HIGH_SCORES, lambda c: _count(), _same, name="high")
UNCONVERTED = Column(
    _("Not converted"), Kind.COUNT, HIGH_SCORES, _in(NOT_CONVERTED), _with(status=NOT_CONVERTED), name="unconverted"
)
UNCONVERTED_SHARE = Column(
    _("Share not converted"),
    Kind.RATE,
    HIGH_SCORES,
    lambda c: _share(_count(c.status != Status.CONVERTED), _count()),
    _with(status=NOT_CONVERTED),
    name="share",
)

ANSWERED = Column(_("Answered"), Kind.COUNT, CAME_IN, lambda c: func.count(c.answer), name="answered")
MEDIAN_ANSWER = Column(_("Median answer"), Kind.TIME, CAME_IN, lambda c: _middle(c.answer), name="median")
MEAN_ANSWER = Column(_("Mean answer"), Kind.TIME, CAME_IN, lambda c: func.avg(c.answer), name="mean")
COVERAGE = Column(
    _("Share answered"), Kind.RATE, WAITS, lambda c: _share(func.count(c.answer), _count()), name="coverage"
)
SLOWEST_ANSWER = Column(_("9 of 10 within"), Kind.TIME, WAITS, lambda c: _nine_tenths(c.answer), name="slowest")
WORKED = Column(_("Median, working hours"), Kind.TIME, WAITS, lambda c: _middle(c.worked), name="worked")
SLOWEST_WORKED = Column(
    _("9 of 10 within, working hours"), Kind.TIME, WAITS, lambda c: _nine_tenths(c.worked), name="slowest_worked"
)
VALUE = Column(_("Deal value"), Kind.MONEY, LOW_SCORES, lambda c: func.sum(c.deal_value), name="value")

CONVERSIONS = Column(_("Conversions"), Kind.COUNT, DEALS, lambda c: _count(), _same, name="conversions")
VALUED = Column(_("With a value"), Kind.COUNT, DEALS, lambda c: func.count(c.deal_value), name="valued")
REVENUE = Column(_("Deal value"), Kind.MONEY, DEALS, lambda c: func.sum(c.deal_value), name="revenue")
MEAN_DEAL = Column(_("Mean deal"), Kind.MONEY, DEALS, lambda c: func.avg(c.deal_value), name="deal")
MEDIAN_DEAL = Column(_("Median deal"), Kind.MONEY, DEALS, lambda c: _middle(c.deal_value), name="median_deal")
MEAN_TIME = Column(_("Mean time"), Kind.TIME, DEALS, lambda c: func.avg(c.took), name="mean")
MEDIAN_TIME = Column(_("Median time"), Kind.TIME, DEALS, lambda c: _middle(c.took), name="median")
SHORTEST = Column(_("Shortest"), Kind.TIME, DEALS, lambda c: func.min(c.took), name="shortest")
LONGEST = Column(_("Longest"), Kind.TIME, DEALS, lambda c: func.max(c.took), name="longest")

NOW_ACTIVE = Column(_("Active leads"), Kind.COUNT, ACTIVE, lambda c: _count(), _same, name="active")
ROOM = Column(_("Room left"), Kind.COUNT, ACTIVE, lambda c: CAP - _count(), name="room")
BY_STATUS = tuple(
    Column(status.label, Kind.COUNT, ACTIVE, _in((status,)), _with(status=(status,)), name=status.value, folds=True)
    for status in Standing.ACTIVE.statuses
)

FOLLOW_UPS = Column(_("Activities"), Kind.COUNT, GAPS, lambda c: _count(), _same, name="activities")
POSITIVE = Column(
    _("Positive outcome"), Kind.COUNT, GAPS, lambda c: _count(c.outcome == Outcome.POSITIVE), _positive, name="positive"
)
POSITIVE_RATE = Column(
    _("Share positive"),
    Kind.RATE,
    GAPS,
    lambda c: _share(_count(c.outcome == Outcome.POSITIVE), _count()),
    _positive,
    name="rate",
)

GOT_HERE = Column(_("Got here"), Kind.COUNT, REACHED, lambda c: _count(), _same, name="reached")
OF_BEFORE = Column(_("Of the stage before"), Kind.RATE, REACHED, share=("reached", True), name="step")
OF_ALL = Column(_("Of all"), Kind.RATE, REACHED, share=("reached", False), name="of_all", folds=True)
HERE_NOW = Column(_("Here now"), Kind.COUNT, STANDING, lambda c: _count(), _same, name="now")
STAY = Column(_("Median stay"), Kind.TIME, SPELLS, lambda c: _half(c.stay), name="stay")
LOST_FOR = Column(_("Leads"), Kind.COUNT, LOSSES, lambda c: _count(), _same, name="lost")
OF_LEADS = Column(_("Share"), Kind.RATE, CAME_IN, share=("leads", False), name="of_leads")
OF_LOST = Column(_("Share"), Kind.RATE, LOSSES, share=("lost", False), name="share")

HIGH_HERE = Column(HIGH.label, Kind.COUNT, CAME_IN, lambda c: _count(c.score >= HIGH_FROM), name="high")
HIGH_CONVERTED = Column(
    CONVERTED.label,
    Kind.COUNT,
    CAME_IN,
    lambda c: _count(c.score >= HIGH_FROM, c.status == Status.CONVERTED),
    name="high_converted",
)
LOW_HERE = Column(_("Score under 50"), Kind.COUNT, CAME_IN, lambda c: _count(c.score <= LOW_TO), name="low")
LOW_CONVERTED = Column(
    CONVERTED.label,
    Kind.COUNT,
    CAME_IN,
    lambda c: _count(c.score <= LOW_TO, c.status == Status.CONVERTED),
    name="low_converted",
)
