"""What an entry changed, as pairs that people read: labels of fields, words of lists, names instead of ids."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _

from webapp import formatting
from webapp.models import AuditEntry
from webapp.services.audit_log.labels import HIDDEN, LABELS, MONEY, WITH_GAPS, WORDS

AN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(?:[+-]\d\d:\d\d|Z)")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
NOTHING = "–"
EMPTY: tuple = (None, [], "")


@dataclass(frozen=True)
class Change:
    """One value of an entry in words: what it is, and what it was where something was there before."""

    label: str
    before: str | None
    after: str


def ids_in(entry: AuditEntry) -> set[str]:
    """The ids of an entry that may have a name."""
    told = [one for part in (entry.before, entry.after) for one in _flat(part)]
    return {one for one in (*told, str(entry.subject_id)) if isinstance(one, str) and AN_ID.fullmatch(one)}


def changes(entry: AuditEntry, names: dict[str, str], *, is_blank: bool) -> list[Change]:
    """What the entry changed, value by value.

    With `is_blank` its person was erased since: what is empty was made blank.
    """
    before, after = _named(entry.before), _named(entry.after)
    noun = str(after.get("undone") or entry.verb).partition(".")[0]
    found = []
    for key in dict.fromkeys((*before, *after)):
        was, became = before.get(key), after.get(key)
        both = key in before and key in after
        gone = is_blank and was is None and became is None
        if key in HIDDEN or (not gone and (was == became or (was in EMPTY and became in EMPTY))):
            continue
        read = Reading(noun, key, names, is_blank)
        told = read.words(became if key in after else was)
        found.append(Change(_label(key, noun), read.words(was) if both and not gone else None, told))
    return found


@dataclass(frozen=True)
class Reading:
    """How the values of one key are read."""

    noun: str
    key: str
    names: dict[str, str]
    is_blank: bool

    def words(self, value: Any) -> str:
        """The value as people read it."""
        if value is None:
            return _("made blank") if self.is_blank else NOTHING
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, dict):
            return ", ".join(f"{_label(key)}: {one}" for key, one in value.items())
        if isinstance(value, list):
            # Of what is typed into a list of filters nothing is ever empty: it was blanked.
            inside = Reading(self.noun, self.key, self.names, self.key not in WITH_GAPS)
            return ", ".join(map(inside.words, value)) or NOTHING
        return self._plain(str(value))

    def _plain(self, text: str) -> str:
        if words := WORDS.get(f"{self.noun}.{self.key}") or WORDS.get(self.key):
            return str(words.stored(text).label)
        if self.key in MONEY:
            return _amount(text)
        return _moment(text) or self.names.get(text) or text or NOTHING


def _named(part: Any) -> dict[str, Any]:
    """A part of an entry by keys; what is inside of `filters` stands beside the rest."""
    told = part if isinstance(part, dict) else {}
    inner = told.get("filters")
    if not isinstance(inner, dict):
        return told
    return {key: value for key, value in told.items() if key != "filters"} | inner


def _label(key: str, noun: str = "") -> str:
    return str(LABELS.get(f"{noun}.{key}") or LABELS.get(key, key.replace("_", " ")))


def _amount(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return text
    return formatting.whole(amount) if amount.is_finite() else text


def _moment(text: str) -> str | None:
    try:
        if MOMENT.fullmatch(text):
            return formatting.exact(datetime.fromisoformat(text))
        return formatting.date_day(date.fromisoformat(text)) if DAY.fullmatch(text) else None
    except (ValueError, OverflowError):
        return None


def _flat(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        for value in part.values():
            yield from _flat(value)
    elif isinstance(part, list):
        for value in part:
            yield from _flat(value)
    else:
        yield part
