from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, and_, cast, exists, func, literal, select, true, tuple_

from webapp import clock
from webapp.extensions import db
from webapp.models import AssignmentMove, Lead, LeadAssignment, LeadConversionHistory
from webapp.services.access import Actor
from webapp.services.figures.scope import Scope
from webapp.services.leads.filters import narrowed, within
from webapp.vocabulary import CLOSED, Source, Status

ALL, BY_STATUS, BY_SOURCE, BY_STEP = 0b111, 0b011, 0b101, 0b110
"""What a line of the counts is of, as GROUPING says it."""
DAY = timedelta(days=1)
STEPS = {"day": 14, "week": 19, "month": 12}
"""How many days, weeks or months are shown at most, the latest."""


@dataclass(frozen=True)
class Share:
    """So many of the leads, and how many of these were converted."""

    leads: int = 0
    converted: int = 0

    @property
    def rate(self) -> Decimal | None:
        """Converted in per cent; without a base there is none."""
        return Decimal(100 * self.converted) / self.leads if self.leads else None


@dataclass(frozen=True)
class Step(Share):
    """The leads that came in on a day, in a week or in a month: from its first day to its last, as they start."""

    first: datetime = datetime.min
    last: datetime = datetime.min


@dataclass(frozen=True)
class Figures:
    """An agent's figures on one state of the data (R12).

    `every` leads came in in the period from the source; `leads` of them have the chosen standing, and `score`,
    `answered`, `median` and `mean` are theirs. An answer counts from the moment the lead became the agent's to the
    first contact with it (R10); of a lead that somebody else had answered before there is none. `handled` adds the
    leads that have been taken from the agent since. `deals` are the conversions made in the period, `deal_size` the
    mean of those with a value, `deals_this_month` those of the month, whatever the period.
    """

    every: int
    leads: int
    active: int
    converted: int
    score: Decimal | None
    answered: int
    median: timedelta | None
    mean: timedelta | None
    handled: int
    deals: int
    deal_size: Decimal | None
    deal_value: Decimal | None
    deals_this_month: int
    value_this_month: Decimal | None
    by_status: dict[Status, Share] = field(default_factory=dict)
    by_source: dict[Source, Share] = field(default_factory=dict)
    by_step: list[Step] = field(default_factory=list)

    @property
    def rate(self) -> Decimal | None:
        """Converted of all leads that ever were the agent's, in per cent (R10); without a base there is none."""
        return Share(self.handled, self.converted).rate


def figures(scope: Scope, *, by: Actor, month: datetime) -> Figures:
    """The figures of the scope's agent in two round trips; `month` is the start of the Dubai month."""
    lines = db.session.execute(_counts(scope, by)).mappings().all()
    deals = db.session.execute(_deals(scope, by, month)).mappings().one()
    (whole,) = (line for line in lines if line["kind"] == ALL)
    named = ("every", "leads", "active", "score", "answered", "median", "mean")
    return Figures(
        **{name: whole[name] for name in named},
        converted=whole["every_converted"],
        handled=whole["every"] + deals["moved_on"],
        **{name: value for name, value in deals.items() if name != "moved_on"},
        by_status=_shares(lines, BY_STATUS, "status"),
        by_source=_shares(lines, BY_SOURCE, "source_type"),
        by_step=_steps({line["began"]: line for line in _of(lines, BY_STEP)}, scope),
    )


def _counts(scope: Scope, by: Actor):
    """The agent's leads counted: in all, by status, by source and by when they came in."""
    began = cast(func.date_trunc(scope.step, func.timezone(str(clock.DUBAI), Lead.created_at)), Date)
    took = (Lead.first_contact_at - LeadAssignment.since).label("took")
    answered = Lead.first_contact_at >= LeadAssignment.since
    columns = (Lead.status, Lead.source_type, Lead.score, began.label("began"), took, answered.label("answered"))
    theirs = (
        narrowed(scope.leads, by=by)
        .with_only_columns(*columns)
        .select_from(Lead)
        .join(LeadAssignment, (LeadAssignment.lead_id == Lead.lead_id) & (LeadAssignment.agent_id == scope.agent_id))
        .cte("theirs")
    )
    c = theirs.c
    shown = c.status.in_(scope.listed.status) if scope.listed.status else literal(True)
    # The median beside the groups: in them it would be sorted out for each group again.
    median = select(func.percentile_cont(0.5).within_group(c.took)).where(shown, c.answered).scalar_subquery()
    kind: Any = func.grouping(c.status, c.source_type, c.began)
    return select(
        c.status,
        c.source_type,
        c.began,
        kind.label("kind"),
        func.count().label("every"),
        func.count().filter(c.status == Status.CONVERTED).label("every_converted"),
        func.count().filter(c.status.not_in(CLOSED)).label("active"),
        func.count().filter(shown).label("leads"),
        func.count().filter(shown, c.status == Status.CONVERTED).label("converted"),
        func.avg(c.score).filter(shown).label("score"),
        func.count().filter(shown, c.answered).label("answered"),
        func.avg(c.took).filter(shown, c.answered).label("mean"),
        median.label("median"),
    ).group_by(func.grouping_sets(tuple_(), tuple_(c.status), tuple_(c.source_type), tuple_(c.began)))


def _deals(scope: Scope, by: Actor, month: datetime):
    """The agent's conversions by the day they were made, and how many of their leads have gone to somebody else."""
    made = LeadConversionHistory
    # Looked up for each of the agent's few hundred: the office's deals are many more.
    deal = (
        select(made.changed_at, made.deal_value)
        .where(made.lead_id == Lead.lead_id, made.status_to == Status.CONVERTED)
        .offset(0)
        .lateral()
    )
    won = (
        narrowed(scope.won, by=by)
        .with_only_columns(deal.c.changed_at, deal.c.deal_value)
        .select_from(Lead)
        .join(deal, true())
        .subquery()
    )
    in_period = and_(true(), *within(won.c.changed_at, scope.begins, scope.ends))
    this_month = won.c.changed_at >= month
    still_theirs = exists().where(
        LeadAssignment.agent_id == scope.agent_id, LeadAssignment.lead_id == AssignmentMove.lead_id
    )
    gone = (
        select(AssignmentMove.lead_id)
        .distinct()
        .where(AssignmentMove.agent_id == scope.agent_id, ~still_theirs)
        .cte("gone")
        .prefix_with("MATERIALIZED")
    )
    here = select(Lead.created_at, Lead.source_type).where(Lead.lead_id == gone.c.lead_id).offset(0).lateral()
    moved_on = (
        select(func.count())
        .select_from(gone)
        .join(here, true())
        .where(
            *within(here.c.created_at, scope.begins, scope.ends),
            *([here.c.source_type == scope.source_type] if scope.source_type else []),
        )
        .scalar_subquery()
    )
    return select(
        func.count().filter(in_period).label("deals"),
        func.avg(won.c.deal_value).filter(in_period).label("deal_size"),
        func.sum(won.c.deal_value).filter(in_period).label("deal_value"),
        func.count().filter(this_month).label("deals_this_month"),
        func.sum(won.c.deal_value).filter(this_month).label("value_this_month"),
        moved_on.label("moved_on"),
    )


def _of(lines, kind: int) -> list:
    """The lines of one kind that hold any of the listed leads."""
    return [line for line in lines if line["kind"] == kind and line["leads"]]


def _shares(lines, kind: int, name: str) -> dict:
    """By this name, most leads first."""
    most_first = sorted(_of(lines, kind), key=lambda line: (-line["leads"], line[name]))
    return {line[name]: Share(line["leads"], line["converted"]) for line in most_first}


def _steps(lines: dict, scope: Scope) -> list[Step]:
    """The period without gaps, or the latest STEPS of it; a week or month at its edge holds the days that belong."""
    until = scope.ends - DAY if scope.ends else clock.today()
    last = until.astimezone(clock.DUBAI).date()
    begins = scope.begins.astimezone(clock.DUBAI).date() if scope.begins else None
    earliest = begins or min(lines, default=last)
    found: list[Step] = []
    while last >= earliest and len(found) < STEPS[scope.step]:
        began = _began(last, scope.step)
        share = lines.get(began, {"leads": 0, "converted": 0})
        first = max(began, earliest)
        found.insert(0, Step(share["leads"], share["converted"], _midnight(first), _midnight(last)))
        last = began - DAY
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.DUBAI)


def _began(day: date, step: str) -> date:
    """The first day of the week (Monday) or month that the day is in; of a day, itself."""
    if step == "month":
        return day.replace(day=1)
    return day - DAY * day.weekday() if step == "week" else day
