"""How each lead ends, or where it stands: every agent holds what their profile says and closes what it says."""

from datetime import datetime, timedelta
from random import Random

from webapp.demo.brokers import Broker
from webapp.demo.cases import Case
from webapp.demo.chance import Odds
from webapp.vocabulary import Status

NEW, CONTACTED, QUALIFIED, VIEWING, NEGOTIATION, CONVERTED, LOST = Status
HOLDS_AT_MOST = 0.85
RIPE = timedelta(days=12)
# age up to: where an open lead stands by then
STANDS = (
    (timedelta(hours=20), Odds({NEW: 40, CONTACTED: 48, QUALIFIED: 12})),
    (timedelta(days=4), Odds({NEW: 5, CONTACTED: 48, QUALIFIED: 31, VIEWING: 16})),
    (timedelta(days=15), Odds({CONTACTED: 36, QUALIFIED: 32, VIEWING: 22, NEGOTIATION: 10})),
    (timedelta(days=400), Odds({CONTACTED: 22, QUALIFIED: 30, VIEWING: 26, NEGOTIATION: 22})),
)
LOST_FROM = Odds({NEW: 10, CONTACTED: 44, QUALIFIED: 22, VIEWING: 16, NEGOTIATION: 8})


def decide(cases: list[Case], brokers: list[Broker], rng: Random, moment: datetime) -> None:
    """Give every case a status. The youngest are the most likely to be open; conversions need time."""
    owned: dict[Broker, list[Case]] = {broker: [] for broker in brokers}
    for case in cases:
        if case.owner is None:
            case.status = NEW
        else:
            owned[case.owner].append(case)
    for broker, theirs in owned.items():
        _decide_for(broker, theirs, rng, moment)


def _decide_for(broker: Broker, theirs: list[Case], rng: Random, moment: datetime) -> None:
    undecided = [case for case in theirs if case.status is None]
    undecided.sort(key=lambda case: (moment - case.created) * rng.lognormvariate(0, 0.9))
    open_already = sum(not case.status.is_closed for case in theirs if case.status)
    room = min(broker.load, round(HOLDS_AT_MOST * len(theirs))) - open_already
    place = min(max(room, 0), len(undecided))
    for case in undecided[:place]:
        case.status = _stands(case, broker, rng, moment)
    _close(broker, undecided[place:], len(theirs), rng, moment)


def _stands(case: Case, broker: Broker, rng: Random, moment: datetime) -> Status:
    age = min(moment, broker.off_since or moment) - case.created
    return next(odds.draw(rng) for limit, odds in STANDS if age < limit)


def _close(broker: Broker, closed: list[Case], handled: int, rng: Random, moment: datetime) -> None:
    ripe = [case for case in closed if moment - case.created > RIPE and case.closes_before is None]
    deals = min(len(ripe), round(broker.profile.converts * handled))
    converted = set(rng.sample(range(len(ripe)), k=deals))
    for place, case in enumerate(ripe):
        if place in converted:
            case.status = CONVERTED
    for case in closed:
        if case.status is None:
            case.status, case.lost_from = LOST, LOST_FROM.draw(rng)
