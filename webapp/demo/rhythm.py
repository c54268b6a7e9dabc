"""When things happen in Dubai: the weekday, the hour, the season, and a business that grows."""

from datetime import datetime, timedelta
from random import Random

from webapp.clock import DUBAI
from webapp.demo.chance import Odds

DAYS = 365
QUIET = timedelta(minutes=80)
# Monday to Sunday
WEEKDAYS = (1.0, 1.05, 1.05, 1.0, 0.75, 0.8, 0.55)
SUMMER = (7, 8)
# Portals are read in the evening: about 40 % of the enquiries come outside 08:00-18:00.
_BY_HOUR = (10, 6, 3, 2, 2, 3, 6, 14, 30, 44, 52, 54, 46, 40, 42, 46, 48, 44, 42, 44, 48, 46, 36, 20)
HOURS = Odds(dict(enumerate(_BY_HOUR)))
DESK_HOURS = Odds(dict(enumerate((6, 12, 14, 9, 6, 8, 11, 13, 12, 8, 5), start=9)))
OPENS, CLOSES = 9, 20


def midnight(moment: datetime) -> datetime:
    """The start of the Dubai day, in which clocks are never put forward or back."""
    at = moment.astimezone(DUBAI)
    return moment - timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)


def arrivals(rng: Random, count: int, moment: datetime) -> list[datetime]:
    """When enquiries came in the 12 months before `moment`, oldest first; none in the last 80 minutes."""
    today = midnight(moment)
    ages = range(DAYS)
    weights = [_busy(today - timedelta(days=age), age) for age in ages]
    weights[0] *= (moment - today) / timedelta(days=1)
    found = [_within(today - timedelta(days=age), rng, HOURS) for age in rng.choices(ages, weights, k=count)]
    latest = moment - QUIET
    return sorted(at if at <= latest else at - timedelta(days=1) for at in found)


def at_the_desk(rng: Random, day: datetime) -> datetime:
    """A moment of that day at which reception is open."""
    return _within(midnight(day), rng, DESK_HOURS)


def at_work(at: datetime, rng: Random) -> datetime:
    """The same moment, or a little into the next working hours where nobody works; most Sundays are free."""
    start = midnight(at)
    hour = (at - start) / timedelta(hours=1)
    if OPENS <= hour < CLOSES and (start.astimezone(DUBAI).weekday() != 6 or rng.random() < 0.4):
        return at
    day = start if hour < OPENS else start + timedelta(days=1)
    return day + timedelta(hours=OPENS, minutes=rng.uniform(0, 100))


def evening_before(at: datetime, rng: Random) -> datetime:
    """The same moment, or the end of the last working hours before it where nobody works."""
    start = midnight(at)
    hour = (at - start) / timedelta(hours=1)
    if OPENS <= hour < CLOSES:
        return at
    day = start if hour >= CLOSES else start - timedelta(days=1)
    return day + timedelta(hours=CLOSES, minutes=-rng.uniform(5, 100))


def half_hour(day: datetime, rng: Random) -> datetime:
    """A round time of that Dubai day for an appointment."""
    return midnight(day) + timedelta(minutes=30 * rng.randint(2 * OPENS + 1, 2 * CLOSES - 2))


def _within(day: datetime, rng: Random, hours: Odds[int]) -> datetime:
    return day + timedelta(hours=hours.draw(rng), seconds=rng.randrange(3600), microseconds=rng.randrange(1_000_000))


def _busy(day: datetime, age: int) -> float:
    local = day.astimezone(DUBAI)
    season = 0.8 if local.month in SUMMER else 1.0
    return (0.3 + 0.9 * (1 - age / DAYS) ** 1.4) * WEEKDAYS[local.weekday()] * season
