"""Quiet hours: when somebody wants no e-mail."""

from datetime import datetime, time, timedelta

from webapp.clock import DUBAI


def quiet_until(now: datetime, begins: time | None, ends: time | None) -> datetime | None:
    """When the quiet hours that hold now are over; None where none hold.

    They are Dubai time, hold from their first minute on and no longer in their last; they may cross midnight.
    """
    if begins is None or ends is None:
        return None
    local = now.astimezone(DUBAI)
    at = local.time()
    crosses = begins > ends
    holds = (at >= begins or at < ends) if crosses else begins <= at < ends
    if not holds:
        return None
    last_day = local.date() + timedelta(days=1 if crosses and at >= begins else 0)
    return datetime.combine(last_day, ends, DUBAI)
