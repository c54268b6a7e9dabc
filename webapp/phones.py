"""Phone numbers in any spelling, read with region AE and kept as E.164 (R1, docs/decisions/0003-libraries.md)."""

import re
import unicodedata

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

SERVICE = {
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.UAN,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.VOICEMAIL,
    PhoneNumberType.PAGER,
}
SEPARATORS = re.compile(r"[/,;،؛]")
BEFORE_THE_NUMBER = re.compile(r"^[^+＋\d]+")


def to_e164(raw: str | None, *, portal: bool = False) -> str | None:
    """The first valid number of a person in `raw`, or None. Portals write foreign numbers without the +."""
    for part in _parts(raw):
        for spelling in _spellings(part, portal):
            try:
                number = phonenumbers.parse(spelling, "AE")
            except phonenumbers.NumberParseException:
                continue
            if phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) not in SERVICE:
                return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return None


def pretty(e164: str) -> str:
    """As people write it: +971 50 000 0142."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def is_mobile(e164: str) -> bool:
    """Whether WhatsApp can be expected to reach it."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return False
    return kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def is_service(raw: str) -> bool:
    """Whether it reads as a call centre's number (600, 800): valid, but not a person's."""
    try:
        number = phonenumbers.parse(raw, "AE")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in SERVICE


def digits(raw: str) -> str:
    """Only the digits of a fragment, Arabic-Indic ones as Latin ones."""
    return "".join(str(unicodedata.digit(c)) for c in raw if c.isdecimal())


def significant(e164: str) -> str:
    """The digits that every spelling of a number has: without the country code, or the zero that stands for it."""
    try:
        return phonenumbers.national_significant_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return digits(e164)


def _parts(raw: str | None) -> list[str]:
    visible = "".join(c for c in raw or "" if unicodedata.category(c) != "Cf").strip()
    parts = (BEFORE_THE_NUMBER.sub("", part) for part in [visible, *SEPARATORS.split(visible)])
    return [part for part in parts if part and not phonenumbers.is_alpha_number(part)]


def _spellings(part: str, portal: bool) -> list[str]:
    if part[0] in "+＋":
        return [part]
    return ["+" + part, part] if portal else [part, "+" + part]
