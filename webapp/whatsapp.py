"""What an agent writes first on WhatsApp: ready words in both languages, each a link that opens the chat with them."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from webapp import formatting
from webapp.vocabulary import Interface, Language


@dataclass(frozen=True)
class Subject:
    """Who writes to whom about what: the agent's name in each language, a listing or an area, the next viewing."""

    phone: str
    first_name: str
    agent: dict[Interface, str]
    listing: object | None = None
    area: str | None = None
    viewing_at: datetime | None = None


@dataclass(frozen=True)
class Message:
    """A ready message in one language: what it is for, its words and the address that opens the chat with them."""

    purpose: str
    text: str
    url: str


def messages(subject: Subject, spoken: str | None) -> dict[Interface, list[Message]]:
    """The ready messages by language, the one that the person speaks first."""
    first = Interface.ARABIC if spoken == Language.ARABIC else Interface.ENGLISH
    return {language: _in(language, subject) for language in sorted(Interface, key=lambda one: one != first)}


def _in(language: Interface, subject: Subject) -> list[Message]:
    with force_locale(language):
        written = [(purpose, write(subject, language)) for purpose, write in PURPOSES]
    return [
        Message(purpose, text, f"https://wa.me/{subject.phone[1:]}?text={quote(text)}") for purpose, text in written
    ]


def _first_answer(subject: Subject, language: Interface) -> str:
    return _lines(
        subject,
        _("this is %(agent)s, your property agent.", agent=subject.agent[language]),
        _thanks(subject),
        _("When is a good time to talk?"),
    )


def _viewing_reminder(subject: Subject, language: Interface) -> str:
    at = subject.viewing_at
    reminder = (
        _("this is %(agent)s. A reminder of our viewing.", agent=subject.agent[language])
        if at is None
        else _(
            "this is %(agent)s. A reminder of our viewing: %(day)s at %(time)s.",
            agent=subject.agent[language],
            day=formatting.day(at),
            time=formatting.clock_time(at),
        )
    )
    return _lines(subject, reminder, _("Does the time still suit you?"))


def _follow_up(subject: Subject, language: Interface) -> str:
    return _lines(
        subject,
        _("this is %(agent)s. I would like to hear how your search is going.", agent=subject.agent[language]),
        _("Shall I send you what is new this week?"),
    )


def _thanks(subject: Subject) -> str:
    if subject.listing:
        return _("Thank you for asking about this property.")
    if subject.area:
        return _("Thank you for asking about %(area)s.", area=formatting.area(subject.area))
    return _("Thank you for your enquiry.")


def _lines(subject: Subject, *sentences: str) -> str:
    """The greeting and the sentences; beneath them the listing with its reference and permit, as adverts must have."""
    greeting = _("Hello %(name)s,", name=subject.first_name) if subject.first_name else _("Hello,")
    text = " ".join((greeting, *sentences))
    return "\n\n".join(filter(None, (text, _listing(subject.listing))))


def _listing(listing) -> str:
    if listing is None:
        return ""
    named = [listing.title, _("Reference %(reference)s", reference=listing.reference)]
    return "\n".join([*named, *([_("Permit %(permit)s", permit=listing.permit)] if listing.permit else [])])


PURPOSES = (
    (lazy("First answer"), _first_answer),
    (lazy("Viewing reminder"), _viewing_reminder),
    (lazy("Follow-up"), _follow_up),
)
