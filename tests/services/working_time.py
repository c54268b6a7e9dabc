"""Working time as one would count it by hand."""

from datetime import datetime, timedelta

from webapp.clock import DUBAI
from webapp.services.hours import Hours


def by_hand(found: Hours, since: datetime, until: datetime) -> timedelta:
    """Day by day in Dubai: what lies within the hours of each."""
    total, day = timedelta(), since.date()
    while day <= until.date():
        different = [one for one in found.special if one.begins <= day <= one.ends]
        span = found.week.get(day.isoweekday())
        if span and different:
            is_off = any(one.span is None for one in different)
            span = None if is_off else max(different, key=lambda one: one.begins).span
        if span:
            opens, closes = (datetime.combine(day, at, DUBAI) for at in (span.opens, span.closes))
            total += max(min(closes, until) - max(opens, since), timedelta())
        day += timedelta(days=1)
    return total
