"""A lead's way: which contacts and moves it had, in an order the product allows (R8), and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from webapp.demo.cases import Case
from webapp.demo.chance import Odds
from webapp.demo.rhythm import at_work, evening_before
from webapp.models.activities import GRACE
from webapp.vocabulary import ActivityType, Outcome, Purpose, Status

CALL, EMAIL, WHATSAPP, VIEWING, MEETING, OFFER = ActivityType
FIRST = Odds({CALL: 58, WHATSAPP: 30, EMAIL: 9, MEETING: 3})
FURTHER = Odds({CALL: 48, WHATSAPP: 32, EMAIL: 13, MEETING: 7})
RANKS = {status: rank for rank, status in enumerate(Status)}
# whether it became a deal: how often it was answered between so many hours, the tiers of the rules
TIERS = ((0.05, 1), (1, 4), (4, 24), (24, 72), (72, 160))
ANSWERED = {
    True: Odds(dict(zip(TIERS, (52, 26, 16, 5, 1), strict=True))),
    False: Odds(dict(zip(TIERS, (32, 24, 25, 12, 7), strict=True))),
}
FEELING = {
    True: Odds({Outcome.POSITIVE: 58, Outcome.NEUTRAL: 28, Outcome.NEGATIVE: 5, None: 9}),
    False: Odds({Outcome.POSITIVE: 34, Outcome.NEUTRAL: 37, Outcome.NEGATIVE: 18, None: 11}),
}
USUAL_DAYS = {Purpose.RENT: 14, Purpose.BUY: 36}
LOGGED_LATE, STRUCK = 0.03, 0.012
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

Steps = list[ActivityType | Status]


@dataclass(slots=True)
class Contact:
    """Something an agent did and wrote down; `struck_at` where they took it back."""

    at: datetime
    logged_at: datetime
    type: ActivityType
    outcome: Outcome | None
    struck_at: datetime | None = None

    @property
    def counted_at(self) -> datetime:
        """The moment that clocks and points take for it (R9)."""
        return max(self.at, self.logged_at - GRACE)


@dataclass(slots=True)
class Path:
    """Contacts in time order; moves as (moment, from, to); when it was closed, if so."""

    contacts: list[Contact]
    moves: list[tuple[datetime, Status, Status]]
    closed_at: datetime | None


def walk(case: Case, rng: Random, limit: datetime) -> Path:
    """The way of one lead until `limit`, after which nothing happens to it."""
    assert case.status
    if case.assigned_at is None:
        return Path([], [], None)
    steps = _steps(case, rng, limit)
    closed_at = _closing(case, rng, limit) if case.status.is_closed else None
    contacts = _contacts(case, steps, rng, closed_at, limit)
    moves = _moves(steps, contacts, rng, closed_at, limit)
    if rng.random() < STRUCK and len(contacts) > 1:
        contacts.insert(1, _mistake(contacts, rng))
    return Path(contacts, moves, closed_at)


def _steps(case: Case, rng: Random, limit: datetime) -> Steps:
    """What was done and where it led, in order; every move but the last follows a contact."""
    assert case.status and case.assigned_at
    reached = RANKS[case.reached]
    old = limit - case.created > 4 * DAY
    steps: Steps = []
    if reached >= RANKS[Status.CONTACTED]:
        steps += [FIRST.draw(rng), Status.CONTACTED, *_further(rng, rng.randint(int(old), 2))]
    if reached >= RANKS[Status.QUALIFIED]:
        steps += [*_further(rng, 1), Status.QUALIFIED]
    if reached >= RANKS[Status.VIEWING_SCHEDULED]:
        steps += [*_further(rng, 1), Status.VIEWING_SCHEDULED]
        if reached > RANKS[Status.VIEWING_SCHEDULED] or rng.random() < 0.4:
            steps += [VIEWING, *_second_viewing(rng)]
    if reached >= RANKS[Status.NEGOTIATION]:
        steps += [Status.NEGOTIATION, OFFER, *_further(rng, rng.randint(0, 2))]
    return [*steps, case.status] if case.status.is_closed else steps


def _further(rng: Random, count: int) -> Steps:
    return [FURTHER.draw(rng) for _place in range(count)]


def _second_viewing(rng: Random) -> Steps:
    if rng.random() > 0.16:
        return []
    return [Status.QUALIFIED, *_further(rng, 1), Status.VIEWING_SCHEDULED, VIEWING]


def _closing(case: Case, rng: Random, limit: datetime) -> datetime:
    """After the usual time for a deal of its kind, between what has to come before and after."""
    assert case.assigned_at
    earliest = max(case.assigned_at, case.not_before or case.assigned_at)
    latest = min(limit, case.closes_before or limit)
    usual = USUAL_DAYS[case.wish.deal] * rng.lognormvariate(0, 0.5) * DAY
    wish = earliest + usual
    if wish >= latest:
        wish = earliest + (latest - earliest) * rng.uniform(0.55, 0.98)
    return _in_hours(wish, earliest, latest, rng) or wish


def _contacts(case: Case, steps: Steps, rng: Random, closed_at: datetime | None, limit: datetime) -> list[Contact]:
    kinds = [step for step in steps if isinstance(step, ActivityType)]
    if not kinds:
        return []
    happy = case.status == Status.CONVERTED
    times = _times(case, len(kinds), rng, closed_at, limit)
    contacts = []
    for kind, at, following in zip(kinds, times, [*times[1:], closed_at or limit], strict=True):
        contacts.append(Contact(at, _logged(at, following, rng), kind, FEELING[happy].draw(rng)))
    return contacts


def _times(case: Case, count: int, rng: Random, closed_at: datetime | None, limit: datetime) -> list[datetime]:
    """The moments of the contacts: the first by the response, the last near the end, in working hours if they fit."""
    assert case.assigned_at
    start, end = case.handed_over_at or case.assigned_at, closed_at or limit
    wish = _last(case, rng, start, end)
    last = wish if case.silent else _in_hours(wish, start + (end - start) * 0.05, end, rng) or wish
    first = at_work(start + _response(rng, case.status == Status.CONVERTED), rng)
    if count == 1:
        return [min(first, last) if case.silent is None else last]
    latest = start + (last - start) * 0.6
    first = first if first <= latest else _in_hours(latest, start, latest, rng) or latest
    raw = sorted(first + (last - first) * rng.uniform(0.08, 0.92) for _place in range(count - 2))
    times = [first]
    for place, moment in enumerate([*raw, last]):
        times.append(_after(times[-1], moment, last, count - 1 - place, rng))
    return times


def _last(case: Case, rng: Random, start: datetime, end: datetime) -> datetime:
    soonest = start + (end - start) * 0.05
    if case.silent:
        return max(soonest, end - case.silent)
    if case.overdue:
        return max(soonest, end - case.overdue - timedelta(days=rng.uniform(2.5, 5)))
    if case.status and case.status.is_closed:
        return end - (end - start) * rng.uniform(0.02, 0.2)
    quiet = min(rng.expovariate(1 / 2.2) * DAY + 20 * MINUTE, (end - start) * rng.uniform(0.05, 0.7))
    return end - quiet


def _after(before: datetime, wish: datetime, last: datetime, left: int, rng: Random) -> datetime:
    """The wish in working hours, where that leaves room for those still to come; else soon after the one before."""
    return _in_hours(wish, before + 15 * MINUTE, last, rng) or before + (last - before) / left


def _in_hours(wish: datetime, earliest: datetime, latest: datetime, rng: Random) -> datetime | None:
    """The wish, moved into working hours where that keeps it in its bounds; None where it is out of them anyway."""
    for moment in (at_work(wish, rng), evening_before(wish, rng), wish):
        if earliest <= moment <= latest:
            return moment
    return None


def _response(rng: Random, happy: bool) -> timedelta:
    """How long the client waited, by the tiers of the rules."""
    return timedelta(hours=rng.uniform(*ANSWERED[happy].draw(rng)))


def _logged(at: datetime, following: datetime, rng: Random) -> datetime:
    if rng.random() < LOGGED_LATE and following - at > 5 * HOUR:
        return at + rng.uniform(40, 200) * MINUTE
    return at + min(rng.uniform(0.3, 9) * MINUTE, (following - at) / 3)


def _moves(
    steps: Steps, contacts: list[Contact], rng: Random, closed_at: datetime | None, limit: datetime
) -> list[tuple[datetime, Status, Status]]:
    moves: list[tuple[datetime, Status, Status]] = []
    status, place = Status.NEW, -1
    for step in steps:
        if isinstance(step, ActivityType):
            place += 1
            continue
        if step.is_closed:
            assert closed_at
            moment = closed_at
        else:
            following = contacts[place + 1].at if place + 1 < len(contacts) else closed_at or limit
            moment = _moved(step, contacts[place].logged_at, following, rng)
        moves.append((moment, status, step))
        status = step
    return moves


def _moved(status: Status, logged_at: datetime, following: datetime, rng: Random) -> datetime:
    """The first contact moves a new lead in the same step; other moves are made soon after their contact."""
    wait = timedelta(milliseconds=40) if status == Status.CONTACTED else rng.uniform(0.3, 5) * MINUTE
    return logged_at + min(wait, (following - logged_at) / 2)


def _mistake(contacts: list[Contact], rng: Random) -> Contact:
    """A call that belonged to somebody else and was struck out soon."""
    before, after = contacts[0], contacts[1]
    room = min(after.at - before.logged_at, 40 * MINUTE)
    at = before.logged_at + room * 0.4
    return Contact(at, at + room * 0.1, CALL, Outcome.POSITIVE, struck_at=at + room * rng.uniform(0.3, 0.5))
