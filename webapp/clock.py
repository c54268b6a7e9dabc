"""The office's clock: Asia/Dubai, UTC+4 without summer time. Rules take their moments from the database."""

from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DUBAI = ZoneInfo("Asia/Dubai")


def now() -> datetime:
    """This moment, for showing; never for a rule."""
    return datetime.now(UTC)


def today() -> datetime:
    """The start of the Dubai day."""
    return now().astimezone(DUBAI).replace(hour=0, minute=0, second=0, microsecond=0)


def month() -> datetime:
    """The start of the Dubai month."""
    return today().replace(day=1)


def yesterday() -> datetime:
    """The start of the Dubai day before."""
    return today() - timedelta(days=1)


def tomorrow() -> datetime:
    """The start of the next Dubai day."""
    return today() + timedelta(days=1)


def from_local(text: str) -> datetime:
    """YYYY-MM-DDTHH:MM in Dubai as a moment. Raises ValueError, for the first and last year that there are too."""
    local = datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=DUBAI)
    if not MINYEAR < local.year < MAXYEAR:
        raise ValueError(f"{text} has no days before it, or none after it")
    return local.astimezone(UTC)
