"""Follow-ups as an iCalendar file (RFC 5545) that calendar programs subscribe to."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event, vDuration

HOW_OFTEN = timedelta(minutes=15)
REMINDED = timedelta(minutes=10)
LASTS = timedelta(minutes=30)
"""What the calendar keeps free for a follow-up (R7)."""


@dataclass(frozen=True)
class Entry:
    """One follow-up as another calendar shows it. `changes` counts upwards with every change of it."""

    uid: str
    at: datetime
    summary: str
    description: str
    url: str
    changed_at: datetime
    changes: int


def written(name: str, entries: list[Entry]) -> bytes:
    """The file: the same entries give the same bytes, in UTC, each with a reminder ten minutes before."""
    calendar = Calendar()
    calendar.add("prodid", "-//Lead desk//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", _line(name))
    calendar.add("x-wr-calname", _line(name))
    calendar.add("refresh-interval", HOW_OFTEN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(HOW_OFTEN))
    for entry in entries:
        calendar.add_component(_event(entry))
    return calendar.to_ical()


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    for name in ("dtstamp", "last-modified"):
        event.add(name, entry.changed_at.astimezone(UTC))
    event.add("sequence", entry.changes)
    event.add("dtstart", entry.at.astimezone(UTC))
    event.add("dtend", (entry.at + LASTS).astimezone(UTC))
    event.add("summary", _line(entry.summary))
    # Google shows no URL but the one in the description.
    event.add("description", f"{_line(entry.description)}\n{entry.url}")
    event.add("url", entry.url)
    event.add("class", "PRIVATE")
    event.add_component(_reminder(_line(entry.summary)))
    return event


def _reminder(said: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", said)
    alarm.add("trigger", -REMINDED)
    return alarm


def _line(text: str) -> str:
    """In one line and without controls, whatever a row holds: nothing in a name begins a line of the file."""
    return " ".join("".join(c if unicodedata.category(c) not in ("Cc", "Cs") else " " for c in text).split())
