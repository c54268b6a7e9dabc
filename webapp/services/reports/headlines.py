"""A report's answer in a sentence, made of its numbers: honest where there are none, or where several are equal."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp import formatting
from webapp.services.reports.table import Line, Reading
from webapp.vocabulary import NEAR_CAP, Fit, Status


def headline(slug: str, reading: Reading) -> str | None:
    """What the table says first; None where there is nothing to say."""
    return None if reading.is_empty else SENTENCES[slug](reading)


def _first(reading: Reading, name: str, *, most: bool = True) -> list[tuple[Line, Any]]:
    """The lines with the largest number of this name, or the smallest; several where they are equal."""
    found = [(line, value) for line in reading.lines if (value := reading.value(name, line)) is not None]
    best = (max if most else min)((value for _line, value in found), default=None)
    return [one for one in found if one[1] == best]


def _rates(what: Callable[[str, str, int], str]) -> Callable[[Reading], str | None]:
    """Who converts best, of so many leads."""

    def said(reading: Reading) -> str | None:
        best = _first(reading, "rate")
        if not best:
            return None
        rate = formatting.percent(best[0][1])
        if not best[0][1]:
            return ngettext(
                "The one lead has not been converted yet.",
                "Of %(num)s leads not one has been converted yet.",
                sum(reading.value("leads", line) or 0 for line in reading.lines),
            )
        if len(best) > 1:
            return _("%(count)s are equal at the top: %(rate)s each.", count=len(best), rate=rate)
        line = best[0][0]
        return what(_name(line), rate, reading.value("leads", line))

    return said


def _name(line: Line) -> str:
    return _apart(formatting.line_name(line.names[0]))


def _apart(text: str) -> str:
    """Names and sums keep their own direction in a sentence of the other one."""
    return f"\u2068{text}\u2069"


def _best(name: str, rate: str, count: int) -> str:
    return ngettext(
        "%(name)s converts best: %(rate)s of one lead.",
        "%(name)s converts best: %(rate)s of %(num)s leads.",
        count,
        name=name,
        rate=rate,
    )


def _best_answered(name: str, rate: str, count: int) -> str:
    return ngettext(
        "Answered in “%(name)s”: %(rate)s of one lead converted, the best.",
        "Answered in “%(name)s”: %(rate)s of %(num)s leads converted, the best.",
        count,
        name=name,
        rate=rate,
    )


def _time(reading: Reading) -> str | None:
    took, count = reading.value("median"), reading.value("conversions")
    if took is None:
        return None
    return ngettext(
        "The one deal took %(time)s from the enquiry.",
        "Half of %(num)s deals took less than %(time)s from the enquiry.",
        count,
        time=formatting.duration(took),
    )


def _volume(reading: Reading) -> str:
    came = ngettext("One lead came in", "%(num)s leads came in", reading.value("leads"))
    made = ngettext("one deal was made", "%(num)s deals were made", reading.value("conversions"))
    return _("%(came)s, %(made)s.", came=came, made=made)


def _revenue(reading: Reading) -> str | None:
    whole, best = reading.value("revenue"), _first(reading, "revenue")
    if not whole:
        return _("No deal has a value yet.")
    if len(best) > 1:
        return _(
            "%(value)s in all; %(count)s sources are equal at the top.",
            value=_apart(formatting.short_aed(whole)),
            count=len(best),
        )
    line, value = best[0]
    return _(
        "%(name)s brought most: %(value)s of %(whole)s.",
        name=_name(line),
        value=_apart(formatting.short_aed(value)),
        whole=_apart(formatting.short_aed(whole)),
    )


def _high(reading: Reading) -> str:
    count, converted = reading.value("high"), reading.value(_either(reading, "high_converted", "unconverted"))
    without = count - converted if _has(reading, "high_converted") else converted
    if not count:
        return _("No lead has a score over 80.")
    return ngettext(
        "Without a deal: %(without)s of one lead with a score over 80.",
        "Without a deal: %(without)s of %(num)s leads with a score over 80.",
        count,
        without=without,
    )


def _low(reading: Reading) -> str:
    count = reading.value(_either(reading, "low", "leads"))
    if not count:
        return _("No lead has a score under 50.")
    return ngettext(
        "Deals all the same: %(converted)s of one lead with a score under 50.",
        "Deals all the same: %(converted)s of %(num)s leads with a score under 50.",
        count,
        converted=reading.value(_either(reading, "low_converted", "converted")),
    )


def _has(reading: Reading, name: str) -> bool:
    return any(column.name == name for column in reading.table.columns)


def _either(reading: Reading, name: str, other: str) -> str:
    return name if _has(reading, name) else other


def _pause(reading: Reading) -> str | None:
    best = _first(reading, "rate")
    if not best:
        return None
    if len(best) > 1:
        return _("%(count)s are equal at the top: %(rate)s each.", count=len(best), rate=formatting.percent(best[0][1]))
    return _(
        "After a pause of “%(pause)s” contact goes best: %(rate)s positive.",
        pause=_name(best[0][0]),
        rate=formatting.percent(best[0][1]),
    )


def _load(reading: Reading) -> str | None:
    best = _first(reading, "active")
    count = sum(reading.value("active", line) for line in reading.lines)
    if not count:
        return _("No agent holds an active lead.")
    if len(best) > 1:
        return _("%(count)s agents hold most: %(most)s leads each.", count=len(best), most=best[0][1])
    return _("%(name)s holds most: %(most)s of %(count)s.", name=_name(best[0][0]), most=best[0][1], count=count)


def _near(reading: Reading) -> str:
    count = sum(reading.value("active", line) >= NEAR_CAP for line in reading.lines)
    if not count:
        return _("Nobody holds %(least)s active leads or more.", least=NEAR_CAP)
    return ngettext(
        "One agent holds %(least)s active leads or more.",
        "%(num)s agents hold %(least)s active leads or more.",
        count,
        least=NEAR_CAP,
    )


def _fits(reading: Reading) -> str | None:
    rates = {line.names[0]: reading.value("rate", line) for line in reading.lines}
    special, general = (rates.get(word.label) for word in Fit)
    if special is None or general is None:
        return _("There are not yet leads of both to compare.")
    return _(
        "Specialised agents convert %(special)s, general ones %(general)s.",
        special=formatting.percent(special),
        general=formatting.percent(general),
    )


def _pipeline(reading: Reading) -> str:
    found = {line.names[0]: reading.value("reached", line) for line in reading.lines}
    return ngettext(
        "Deals so far: %(won)s of one lead.",
        "Deals so far: %(won)s of %(num)s leads.",
        found[Status.NEW.label],
        won=found[Status.CONVERTED.label],
    )


def _answered(reading: Reading) -> str:
    soon, waiting = (reading.value("leads", line) for line in (reading.lines[0], reading.lines[-1]))
    return ngettext(
        "Answered within an hour: %(soon)s of one lead; not yet: %(waiting)s.",
        "Answered within an hour: %(soon)s of %(num)s leads; not yet: %(waiting)s.",
        reading.value("leads"),
        soon=soon,
        waiting=waiting,
    )


SENTENCES: dict[str, Callable[[Reading], str | None]] = {
    "pipeline": _pipeline,
    "response-times": _answered,
    "conversion-rates": _rates(_best),
    "avg-conversion-time": _time,
    "monthly-trends": _volume,
    "agent-rankings": _rates(_best),
    "revenue-attribution": _revenue,
    "high-score-not-converted": _high,
    "low-score-converted": _low,
    "source-quality": _rates(_best),
    "follow-up-timing": _pause,
    "workload-distribution": _load,
    "approaching-capacity": _near,
    "specialized-vs-general": _fits,
    "response-time-correlation": _rates(_best_answered),
}
