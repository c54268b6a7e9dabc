"""The boundary cleaner: what may enter as text, the same for forms, JSON and files."""

import unicodedata
from decimal import Decimal, InvalidOperation

from flask_babel import gettext as _

INVISIBLE = set("\u115f\u1160\u2800\u3164\uffa0")
BIDI_OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NOT_UTF8 = "\ufffd"
KEPT_CONTROLS = {"\n", "\t"}
MULTIPLIERS = {"k": 1_000, "m": 1_000_000}


def text(raw: str, *, longest: int, lines: bool = False) -> str:
    """`raw` trimmed, NFC, with plain line breaks. Raises ValueError with a sentence where it may not enter."""
    cleaned = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if any(_is_refused(character, lines) for character in cleaned):
        raise ValueError(_("This holds characters that cannot be shown. Type it again."))
    if cleaned and all(_is_invisible(character) for character in cleaned):
        raise ValueError(_("This holds nothing that can be seen."))
    if len(cleaned) > longest:
        raise ValueError(_("At most %(count)s characters; this has %(length)s.", count=longest, length=len(cleaned)))
    return cleaned


def visible(raw: str) -> str:
    """`raw` without what no field takes: a machine cannot be asked to send it again. Nobody's own words are refused."""
    plain = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(character for character in plain if not _is_refused(character, lines=False)).strip()
    return "" if all(_is_invisible(character) for character in kept) else kept


def latin_digits(raw: str) -> str:
    """`raw` with the digits of every script as 0 to 9: whoever types numbers may type them in Arabic."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in raw)


def whole(raw: str, *, lowest: int, highest: int) -> int:
    """A whole number between two others. Raises ValueError with a sentence."""
    digits = latin_digits(raw).strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        raise ValueError(_("Write a whole number."))
    if not lowest <= int(digits) <= highest:
        raise ValueError(f"{lowest}–{highest}")
    return int(digits)


def money(raw: str) -> Decimal:
    """AED as people write it: 1,250,000, 1.5M, 85k, Arabic-Indic digits. Raises ValueError with a sentence."""
    plain = latin_digits(raw).strip().lower()
    plain = plain.replace("٬", "").replace("٫", ".").replace("aed", "").replace(" ", "").replace(",", "")
    factor = MULTIPLIERS.get(plain[-1:], 1)
    number = plain[:-1] if factor > 1 else plain
    if not number or len(number) > 20 or not all(c.isdigit() or c == "." for c in number):
        raise ValueError(_("Write the amount in AED, such as 1,250,000 or 1.5M."))
    try:
        amount = Decimal(number) * factor
    except InvalidOperation:
        raise ValueError(_("Write the amount in AED, such as 1,250,000 or 1.5M.")) from None
    if amount != round(amount, 2):
        raise ValueError(_("At most two decimals."))
    return amount


def _is_invisible(character: str) -> bool:
    return character in INVISIBLE or unicodedata.category(character) in ("Cf", "Mn", "Zs")


def _is_refused(character: str, lines: bool) -> bool:
    if character in KEPT_CONTROLS:
        return not lines
    return (
        character in BIDI_OVERRIDES
        or character == NOT_UTF8
        or unicodedata.category(character) in ("Cc", "Cs", "Co")
        or _is_nothing(character)
    )


def _is_nothing(character: str) -> bool:
    """A code point that Unicode will never give to a character; newer emoji than ours are fine."""
    return ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
