"""How values look: money, moments, phones, initials. All as template filters, in the page's language."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from webapp import clock, phones
from webapp.areas import AREAS
from webapp.portals.values import readable
from webapp.vocabulary import ContactWhy, Portal, PullFailure

LONGEST_PAYLOAD = 20_000

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def init_app(app) -> None:
    filters = (
        aed,
        short_aed,
        moment,
        exact,
        clock_time,
        day,
        ago,
        duration,
        phone,
        initials,
        signed,
        area,
        rule,
        local,
        iso_day,
        short_day,
        weekday,
        weekday_name,
        date_day,
        date_name,
        days,
        month,
        half_hour,
        step_label,
        step_name,
        percent,
        ordinal,
        whole,
        line_name,
        line_label,
        payload,
        portal_label,
        failure_label,
        guard_label,
    )
    for show in filters:
        app.add_template_filter(show)


def aed(amount: Decimal | None) -> str:
    """AED 1,250,000."""
    return "" if amount is None else f"AED {format_decimal(amount, '#,##0', locale='en_AE')}"


def short_aed(amount: Decimal | None) -> str:
    """AED 1.25M, AED 85k: for tight places, exact on hover."""
    if amount is None:
        return ""
    if amount >= 1_000_000:
        return f"AED {_trimmed(amount / 1_000_000)}M"
    if amount >= 1_000:
        return f"AED {_trimmed(amount / 1_000)}k"
    return f"AED {_trimmed(amount)}"


def exact(when: datetime | None) -> str:
    """Thu 19 Nov 2026, 09:20."""
    return _format(when, "EEE d MMM y, HH:mm")


def clock_time(when: datetime | None) -> str:
    """09:20."""
    return _format(when, "HH:mm")


def day(when: datetime | None) -> str:
    """Thursday 19 November."""
    return _format(when, "EEEE d MMMM")


def moment(when: datetime | None) -> str:
    """Today 16:30, tomorrow 09:00, yesterday 11:00, Fri 11:00 within the week, else 19 Nov, 11:00."""
    if when is None:
        return ""
    days = (_local(when).date() - clock.today().date()).days
    names = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if days in names:
        return f"{names[days]} {clock_time(when)}"
    return _format(when, "EEE HH:mm" if 0 < days < 7 else "d MMM, HH:mm")


def short_day(when: datetime) -> str:
    """Wed within the last week, else 22 Oct."""
    days = (clock.today().date() - _local(when).date()).days
    return _format(when, "EEE" if days < 7 else "d MMM")


def weekday_name(when: datetime) -> str:
    """Thursday."""
    return _format(when, "EEEE")


def date_day(when: date) -> str:
    """31 Mar 2027."""
    return format_date(when, "d MMM y", locale="ar_AE" if str(get_locale()) == "ar" else "en_GB")


def date_name(when: date) -> str:
    """Sunday 29 November."""
    return format_date(when, "EEEE d MMMM", locale="ar_AE" if str(get_locale()) == "ar" else "en_GB")


def weekday(when: datetime) -> str:
    """Thu."""
    return _format(when, "EEE")


def days(first: datetime, last: datetime) -> str:
    """16 to 22 November, 30 November to 6 December; with the year where it is not this one."""
    first, last = _local(first), _local(last)
    year = "" if first.year == last.year == clock.today().year else " y"
    begins = "d" if (first.year, first.month) == (last.year, last.month) else "d MMMM"
    if first.year != last.year:
        begins += year
    return _("%(first)s to %(last)s", first=_format(first, begins), last=_format(last, f"d MMMM{year}"))


def month(when: datetime) -> str:
    """November 2026."""
    return _format(when, "MMMM y")


def step_label(when: datetime, step: str) -> str:
    """Nov, or 19 Nov for a day or a week: under the columns of a chart."""
    return _format(when, "LLL" if step == "month" else "d MMM")


def step_name(first: datetime, last: datetime, step: str) -> str:
    """November 2026, 16 to 22 November, Thursday 19 November."""
    return {"day": day(first), "week": days(first, last), "month": month(first)}[step]


def percent(rate: Decimal | None) -> str:
    """12.5%; without a base there is none."""
    return "–" if rate is None else f"{rate:.1f}".removesuffix(".0") + "%"


def ordinal(place: int) -> str:
    """3rd; in Arabic the bare number."""
    if str(get_locale()) == "ar":
        return str(place)
    last = place % 10 if place % 100 not in (11, 12, 13) else 0
    return str(place) + {1: "st", 2: "nd", 3: "rd"}.get(last, "th")


def whole(number: Decimal | int | None) -> str:
    """1,250,000."""
    return "–" if number is None else format_decimal(number, "#,##0", locale="en_AE")


def line_name(name) -> str:
    """A line of a report: a month in words, or the name itself."""
    return month(name) if isinstance(name, datetime) else str(name)


def line_label(name) -> str:
    """The same in a chart: Nov, in January with its year."""
    if isinstance(name, datetime):
        return _format(name, "LLL y" if _local(name).month == 1 else "LLL")
    return str(name)


def half_hour(number: int) -> str:
    """09:30, of the day's nineteenth half hour."""
    return f"{number // 2:02d}:{number % 2 * 30:02d}"


def ago(when: datetime | None) -> str:
    """12 min ago, 3 h ago, yesterday, 6 days ago, else the date."""
    if when is None:
        return _("never")
    past = clock.now() - when
    if past < MINUTE:
        return _("just now")
    if past < HOUR:
        return _("%(count)s min ago", count=int(past / MINUTE))
    if past < DAY and _local(when).date() == clock.today().date():
        return _("%(count)s h ago", count=int(past / HOUR))
    days = (clock.today().date() - _local(when).date()).days
    if days == 1:
        return _("yesterday")
    if days < 14:
        return ngettext("%(num)s day ago", "%(num)s days ago", days)
    return _format(when, "d MMM" if _local(when).year == clock.today().year else "d MMM y")


def duration(span: timedelta | None) -> str:
    """38 min, 5 h 12 min, 3 days."""
    if span is None:
        return "–"
    if span < HOUR:
        return _("%(count)s min", count=int(span / MINUTE))
    if span < 2 * DAY:
        hours, rest = divmod(span, HOUR)
        minutes = int(rest / MINUTE)
        return (
            _("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes) if minutes else _("%(hours)s h", hours=hours)
        )
    return ngettext("%(num)s day", "%(num)s days", int(span / DAY))


def phone(e164: str | None) -> str:
    """+971 50 000 0142."""
    return phones.pretty(e164) if e164 else ""


def initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def signed(points: int) -> str:
    """+15, −10."""
    return f"+{points}" if points >= 0 else f"−{-points}"


def area(name: str) -> str:
    """The area in the page's language."""
    return AREAS[name][0] if str(get_locale()) == "ar" and name in AREAS else name


def rule(name: str) -> str:
    """A scoring rule's name; the canonical ones in the page's language."""
    return _(name)


def local(when: datetime) -> str:
    """YYYY-MM-DDTHH:MM in Dubai, as the forms take it."""
    return _local(when).strftime("%Y-%m-%dT%H:%M")


def iso_day(when: datetime) -> str:
    """YYYY-MM-DD in Dubai, as the forms take it."""
    return _local(when).date().isoformat()


def greeting() -> str:
    hour = clock.now().astimezone(clock.DUBAI).hour
    if hour < 12:
        return _("Good morning")
    return _("Good afternoon") if hour < 18 else _("Good evening")


def _format(when: datetime | None, pattern: str) -> str:
    locale = "ar_AE" if str(get_locale()) == "ar" else "en_GB"
    return format_datetime(_local(when), pattern, locale=locale) if when else ""


def _local(when: datetime) -> datetime:
    return when.astimezone(clock.DUBAI)


def _trimmed(amount) -> str:
    return f"{Decimal(amount):.2f}".rstrip("0").rstrip(".")


def payload(raw: bytes) -> str:
    """What a machine sent, as far as a page has room for it."""
    said = readable(raw).encode(errors="replace").decode().replace("\x00", "\ufffd")
    return said if len(said) <= LONGEST_PAYLOAD else f"{said[:LONGEST_PAYLOAD]} …"


def portal_label(source: str) -> str:
    """A portal by its stored word."""
    return Portal.stored(source).label


def failure_label(failure: str) -> str:
    """Why a portal could not be read, by its stored word."""
    return PullFailure.stored(failure).label


def guard_label(why: str) -> str:
    """Why the contact guard stops somebody, by its stored word."""
    return ContactWhy.stored(why).label
