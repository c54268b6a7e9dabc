"""Today in the office: fresh leads, visitors at the desk, and some of everything that can go wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from webapp.demo import market, rhythm
from webapp.demo.brokers import Broker
from webapp.demo.cases import CHANNELS, Case, new_case
from webapp.demo.people import Town
from webapp.vocabulary import PropertyType, Source, Status, VisitStatus

FRESH = (6, 34, 70)
FRESH_FROM = (Source.PROPERTY_FINDER, Source.BAYUT, Source.WEBSITE)
MISSED_TIERS = (timedelta(hours=5), timedelta(hours=21), timedelta(days=2, hours=6), timedelta(days=5))
SILENT = (timedelta(days=5, hours=2), timedelta(days=6, hours=3), timedelta(days=6, hours=20), timedelta(days=9))
OVERDUE = (
    timedelta(days=1, hours=2),
    timedelta(days=4, hours=3),
    timedelta(days=6),
    timedelta(days=12),
    timedelta(days=30, hours=5),
    timedelta(days=41),
)
NIGHTS = (1.2, 2.6, 4.9)
APPOINTMENTS = (10, 11.5, 15, 17)
OPEN = (Status.CONTACTED, Status.QUALIFIED, Status.VIEWING_SCHEDULED)


@dataclass(frozen=True)
class Scene:
    """What the exceptions are made from."""

    rng: Random
    town: Town
    brokers: list[Broker]
    moment: datetime

    @property
    def aisha(self) -> Broker:
        return self.brokers[0]

    def case(self, age: timedelta, **facts) -> Case:
        """A case that came in so long ago, from a portal, by somebody with a name."""
        case = new_case(self.rng, self.town, self.moment - age, named=True)
        case.source = facts.pop("source", None) or self.rng.choice(FRESH_FROM)
        case.channel = CHANNELS[case.source].draw(self.rng)
        for name, value in facts.items():
            setattr(case, name, value)
        if case.wanted:
            self._suit(case, case.wanted)
        return case

    def today(self, minutes: int) -> datetime:
        """So many minutes ago, or less where the day is younger."""
        young = min(1.0, (self.moment - rhythm.midnight(self.moment)) / timedelta(minutes=240))
        return self.moment - timedelta(minutes=minutes) * young

    def _suit(self, case: Case, broker: Broker) -> None:
        """Let them look for what this agent is best at, so that the lead is theirs by right."""
        kind = broker.profile.types[0]
        known = [area for area in broker.profile.areas if area in market.PRICES[kind]]
        wish = market.wish(self.rng, kind=kind, area=known[0] if known else None)
        case.wish = replace(wish, property_type=kind, purpose=wish.deal, budget_max=wish.price, areas=wish.areas[:1])


def exceptions(scene: Scene, count: int) -> list[Case]:
    """At most `count` of them, the most telling ones first."""
    stories = (_fresh, _visitors, _unassigned, _overdue, _silent, _missed, _repeated, _elsewhere)
    cases = [case for story in stories for case in story(scene)]
    return cases[:count]


def appointments(moment: datetime) -> list[datetime]:
    """Aisha's round times of today, or of tomorrow where the day is over: what is left of it comes first."""
    today = rhythm.midnight(moment)
    times = [today + timedelta(days=day, hours=hour) for day in (0, 1) for hour in APPOINTMENTS]
    ahead = [time for time in times if time > moment]
    behind = [time for time in times if moment - timedelta(hours=6) < time <= moment]
    return [*ahead[: len(APPOINTMENTS)], *behind[-1:]]


def _fresh(scene: Scene) -> Iterator[Case]:
    for minutes, source in zip(FRESH, FRESH_FROM, strict=True):
        age = timedelta(minutes=minutes)
        yield scene.case(age, wanted=scene.aisha, status=Status.NEW, source=source)


def _visitors(scene: Scene) -> Iterator[Case]:
    """Two wait, one is with an agent, two have left: walk-ins of today and clients we know."""
    for status, minutes in ((VisitStatus.WAITING, 9), (VisitStatus.LEFT, 150)):
        arrived = scene.today(minutes)
        reached = Status.NEW if status == VisitStatus.WAITING else Status.CONTACTED
        age = scene.moment - arrived
        wish = market.wish(scene.rng, kind=PropertyType.VILLA)
        yield scene.case(age, source=Source.WALK_IN, status=reached, visit=(status, arrived), wish=wish)
    known = ((VisitStatus.WAITING, 21), (VisitStatus.RECEIVED, 44), (VisitStatus.LEFT, 195))
    for (status, minutes), reached in zip(known, reversed(OPEN), strict=True):
        age = timedelta(days=scene.rng.uniform(9, 24))
        wanted = scene.aisha if status == VisitStatus.WAITING else None
        yield scene.case(age, status=reached, wanted=wanted, visit=(status, scene.today(minutes)))


def _unassigned(scene: Scene) -> Iterator[Case]:
    """They came at night, when nobody was on duty; one of them has asked twice, one has no name."""
    today = rhythm.midnight(scene.moment)
    latest = scene.moment - rhythm.QUIET
    for place, hour in enumerate(NIGHTS * 2):
        came = today + timedelta(hours=hour)
        while came > latest or (place >= len(NIGHTS) and came > latest - timedelta(days=1)):
            came -= timedelta(days=1)
        case = scene.case(scene.moment - came, nobody=True, status=Status.NEW)
        if place == 0:
            case.repeated_at = came + min(timedelta(hours=7), (scene.moment - came) / 2)
        if place == 1:
            case.person = replace(case.person, first_name="", last_name="", email=None, nationality=None)
        yield case


def _overdue(scene: Scene) -> Iterator[Case]:
    for place, late in enumerate(OVERDUE):
        age = late + timedelta(days=scene.rng.uniform(8, 20))
        wanted = scene.aisha if place < 2 else None
        yield scene.case(age, wanted=wanted, status=OPEN[place % 2], overdue=late)


def _silent(scene: Scene) -> Iterator[Case]:
    for place, silence in enumerate(SILENT):
        age = silence + timedelta(days=scene.rng.uniform(4, 12))
        yield scene.case(age, wanted=scene.aisha if place < 3 else None, status=OPEN[place % 2], silent=silence)


def _missed(scene: Scene) -> Iterator[Case]:
    for place, age in enumerate(MISSED_TIERS):
        yield scene.case(age, wanted=scene.aisha if place == 0 else None, status=Status.NEW)


def _repeated(scene: Scene) -> Iterator[Case]:
    """Lost within hours, and then they asked again."""
    case = scene.case(timedelta(hours=20), status=Status.LOST, lost_from=Status.CONTACTED)
    case.closes_before = scene.moment - timedelta(hours=9)
    case.repeated_at = scene.moment - timedelta(hours=2)
    yield case


def _elsewhere(scene: Scene) -> Iterator[Case]:
    """Clients of an agent who is off duty."""
    away = [broker for broker in scene.brokers if broker.off_since]
    for broker in away[:1] * 2:
        assert broker.off_since
        age = scene.moment - broker.off_since + timedelta(days=scene.rng.uniform(5, 15))
        yield scene.case(age, wanted=broker, status=Status.QUALIFIED)
