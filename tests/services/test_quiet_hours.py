"""When it is quiet: one pure function, and every edge of it."""

from datetime import UTC, datetime, time

import pytest

from webapp.clock import DUBAI
from webapp.services.notifications import quiet_until

NIGHT, NOON = (time(21), time(7, 30)), (time(12, 30), time(14))


def dubai(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=DUBAI)


# quiet hours, the moment, until when it is quiet then
TABLE = [
    (NIGHT, dubai(23, 20, 59, 59), None),
    (NIGHT, dubai(23, 21), dubai(24, 7, 30)),
    (NIGHT, dubai(23, 23, 59, 59), dubai(24, 7, 30)),
    (NIGHT, dubai(24, 0), dubai(24, 7, 30)),
    (NIGHT, dubai(24, 7, 29, 59), dubai(24, 7, 30)),
    (NIGHT, dubai(24, 7, 30), None),
    (NIGHT, dubai(24, 12), None),
    (NIGHT, dubai(30, 22), datetime(2026, 12, 1, 7, 30, tzinfo=DUBAI)),
    (NOON, dubai(23, 12, 29), None),
    (NOON, dubai(23, 12, 30), dubai(23, 14)),
    (NOON, dubai(23, 13, 59), dubai(23, 14)),
    (NOON, dubai(23, 14), None),
    (NOON, dubai(23, 0), None),
    ((time(0), time(6)), dubai(23, 0), dubai(23, 6)),
    ((time(0), time(6)), dubai(23, 6), None),
    ((time(22), time(0)), dubai(23, 23, 59), dubai(24, 0)),
    ((time(22), time(0)), dubai(24, 0), None),
    ((time(8), time(7)), dubai(23, 7, 30), None),
    ((time(8), time(7)), dubai(23, 8), dubai(24, 7)),
    ((None, None), dubai(23, 23), None),
]


@pytest.mark.parametrize(("hours", "now", "until"), TABLE)
def test_it_is_quiet_from_the_first_minute_until_the_last(hours, now, until):
    assert quiet_until(now, *hours) == until


@pytest.mark.parametrize(("hours", "now", "until"), TABLE)
def test_the_database_s_clock_says_the_same_in_utc(hours, now, until):
    assert quiet_until(now.astimezone(UTC), *hours) == until
