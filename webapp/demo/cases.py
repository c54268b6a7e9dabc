"""The leads before their stories: who called when, from where, and whether they had called before."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from webapp.demo import market, rhythm
from webapp.demo.brokers import Broker
from webapp.demo.chance import Odds, make_uuid
from webapp.demo.market import Wish
from webapp.demo.people import Person, Town
from webapp.vocabulary import AssignmentKind, Channel, Source, Status, VisitStatus

SOURCES = Odds(
    {
        Source.BAYUT: 28,
        Source.PROPERTY_FINDER: 26,
        Source.DUBIZZLE: 13,
        Source.WEBSITE: 14,
        Source.WALK_IN: 11,
        Source.REFERRAL: 8,
    }
)
PORTAL = Odds({Channel.WHATSAPP: 45, Channel.CALL: 30, Channel.EMAIL: 25})
CHANNELS = {
    Source.BAYUT: PORTAL,
    Source.PROPERTY_FINDER: PORTAL,
    Source.DUBIZZLE: PORTAL,
    Source.WEBSITE: Odds({Channel.WEB_FORM: 1}),
    Source.WALK_IN: Odds({Channel.VISIT: 1}),
    Source.REFERRAL: Odds({Channel.BY_HAND: 60, Channel.CALL: 25, Channel.WHATSAPP: 15}),
}
AGAIN, REOPENED = 0.035, 0.015
NOT_SO_LONG = timedelta(days=25)


@dataclass(eq=False, slots=True)
class Case:
    """One lead to be. What is None is decided later: by the office, by its fate, by its story."""

    created: datetime
    person: Person
    wish: Wish
    source: Source
    channel: Channel
    lead_id: UUID

    earlier: "Case | None" = None
    reopened: bool = False
    linked: bool = False

    first_owner: Broker | None = None
    owner: Broker | None = None
    kind: AssignmentKind | None = None  # the first owner's, as the explanation is
    explanation: str | None = None
    assigned_at: datetime | None = None
    handed_over_at: datetime | None = None
    handover_reason: str | None = None

    status: Status | None = None
    lost_from: Status | None = None
    not_before: datetime | None = None
    closes_before: datetime | None = None

    # What makes it one of the exceptions that the demo always shows.
    nobody: bool = False
    wanted: Broker | None = None
    silent: timedelta | None = None
    overdue: timedelta | None = None
    repeated_at: datetime | None = None
    visit: tuple[VisitStatus, datetime] | None = None

    @property
    def reached(self) -> Status:
        """The furthest open status it came to."""
        if self.status == Status.LOST:
            return self.lost_from or Status.NEW
        return Status.NEGOTIATION if self.status == Status.CONVERTED else self.status or Status.NEW

    @property
    def is_plain(self) -> bool:
        """Whether nothing about it is fixed yet, so that it may still be linked to another one."""
        return self.status is None and self.earlier is None and not (self.linked or self.nobody)

    def owner_at(self, at: datetime) -> Broker | None:
        if self.handed_over_at and at < self.handed_over_at:
            return self.first_owner
        return self.owner


def ordinary(rng: Random, town: Town, *, count: int, moment: datetime) -> list[Case]:
    """The year's enquiries in time order, some of them by people who had called before."""
    cases: list[Case] = []
    for created in rhythm.arrivals(rng, count, moment):
        case = new_case(rng, town, created)
        if case.source == Source.WALK_IN:
            _at_the_desk(case, rng, moment)
        cases.append(case)
    cases.sort(key=lambda case: case.created)
    _link(cases, rng)
    return cases


def new_case(rng: Random, town: Town, created: datetime, *, nation: str | None = None, named: bool = False) -> Case:
    """An enquiry of somebody new."""
    source = SOURCES.draw(rng)
    return Case(
        created=created,
        person=town.person(nation=nation, named=named),
        wish=market.wish(rng),
        source=source,
        channel=CHANNELS[source].draw(rng),
        lead_id=make_uuid(rng),
    )


def _at_the_desk(case: Case, rng: Random, moment: datetime) -> None:
    """Walk-ins come while reception is open; today's are told one by one elsewhere."""
    case.created = rhythm.at_the_desk(rng, case.created)
    if case.created >= rhythm.midnight(moment):
        case.created -= timedelta(days=1)


def _link(cases: list[Case], rng: Random) -> None:
    """Some people come back: with a second wish while the first is open, or after it was lost."""
    for place, case in enumerate(cases):
        chance = rng.random()
        if chance > AGAIN + REOPENED or place < 10:
            continue
        again = chance < AGAIN
        reach = cases[max(0, place - 60) : place] if again else cases[: place - 5]
        found = rng.choice(reach)
        apart = case.created - found.created
        if not (found.is_plain and case.is_plain):
            continue
        if again and apart < NOT_SO_LONG and found.source != case.source:
            _come_back(case, found)
        elif not again and timedelta(days=12) < apart < timedelta(days=150):
            _open_again(case, found)


def _come_back(case: Case, earlier: Case) -> None:
    case.person, case.earlier, earlier.linked = earlier.person, earlier, True
    earlier.not_before = case.created + timedelta(hours=1)


def _open_again(case: Case, lost: Case) -> None:
    case.person, case.wish, case.source = lost.person, replace(lost.wish), lost.source
    case.channel, case.earlier, case.reopened = Channel.BY_HAND, lost, True
    lost.linked, lost.status, lost.lost_from = True, Status.LOST, Status.CONTACTED
    lost.closes_before = case.created - timedelta(hours=2)
