"""How values are read out of other people's JSON: what is not there, or not of its kind, is None. Nothing raises."""

import hashlib
import json
import math
import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from webapp import cleaning, clock, phones

NOTHING = {"", "none", "null"}
LONGEST_ID = 200
HOURS_MINUTES_SECONDS = re.compile(r"(\d{1,4}):([0-5]\d):([0-5]\d)")
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def parsed(raw: bytes) -> Any:
    """The JSON that these bytes are; None where they are none."""
    with suppress(ValueError, RecursionError):
        return json.loads(raw)
    return None


def items(raw: bytes) -> list[bytes]:
    """The objects of a bare array, or of the `data` of an envelope; one by one as bytes."""
    body = parsed(raw)
    found = body.get("data") if isinstance(body, dict) else body
    return [json.dumps(item).encode() for item in found] if isinstance(found, list) else []


def readable(payload: bytes) -> str:
    """What was delivered, as people read it best: JSON with its lines, anything else as text."""
    with suppress(ValueError, RecursionError):
        return json.dumps(json.loads(payload), indent=2, ensure_ascii=False)
    return payload.decode(errors="replace")


def at(body: Any, *path: str) -> Any:
    """What stands at this path of nested objects."""
    for name in path:
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body


def text(value: Any) -> str | None:
    """A text or a number as clean text; "None", "null" and empty are nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    with suppress(ValueError):  # a number of thousands of digits
        said = cleaning.visible(str(value))
        return None if said.lower() in NOTHING else said
    return None


def line(value: Any) -> str | None:
    """Clean text on one line."""
    said = text(value)
    return " ".join(said.split()) if said else None


def ident(value: Any) -> str | None:
    """An id as text; one that is longer than any should be, by its SHA-256."""
    said = text(value)
    if said is None or len(said) <= LONGEST_ID:
        return said
    return f"sha256:{hashlib.sha256(said.encode()).hexdigest()}"


def phone(value: Any) -> tuple[str | None, str | None]:
    """A number as it was sent, and as E.164 where it is a person's."""
    said = line(value)
    return said, phones.to_e164(said, portal=True) if said else None


def e164(value: Any) -> str | None:
    return phone(value)[1]


def link(value: Any) -> str | None:
    """An address of the web; any other scheme is nothing."""
    said = line(value)
    with suppress(ValueError):
        parts = urlsplit(said or "")
        return said if parts.scheme in ("http", "https") and parts.netloc else None
    return None


def seconds(value: Any) -> int | None:
    """How long: a number of seconds, or HH:MM:SS."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) if math.isfinite(value) and 0 <= value < 10**7 else None
    matched = HOURS_MINUTES_SECONDS.fullmatch(text(value) or "")
    if not matched:
        return None
    hours, minutes, rest = (int(part) for part in matched.groups())
    return hours * 3600 + minutes * 60 + rest


def moment(value: Any) -> datetime | None:
    """A moment in UTC: RFC 3339, a text without a zone (Dubai's), or unix seconds; None outside this century."""
    found = None
    with suppress(ValueError, OverflowError, OSError):
        if isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value, UTC)
        elif said := text(value):
            found = datetime.fromisoformat(said)
            found = (found if found.tzinfo else found.replace(tzinfo=clock.DUBAI)).astimezone(UTC)
    return found if found and FIRST <= found < LAST else None
