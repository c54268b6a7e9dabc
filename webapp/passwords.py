"""Passwords: long enough, and not among the first that somebody would try. No other rules."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from flask_babel import gettext as _

SHORTEST, LONGEST = 10, 5_000
SHORTEST_WORD = 4
GUESSED = Path(__file__).with_name("guessed_passwords.txt")
THE_OFFICES = (
    "leaddesk",
    "lead",
    "desk",
    "dubai",
    "realestate",
    "properties",
    "property",
    "broker",
    "agent",
    "manager",
)
LOOK_ALIKES = str.maketrans("@4310$5!7", "aaeiossit")
NO_LETTER = re.compile(r"[\W\d_]+")
AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def spelled(password: str) -> str:
    """The password as every keyboard gives it: composed (NFC), so that a hash made on one is met from another."""
    return unicodedata.normalize("NFC", password)


def refusal(password: str, *, about: Iterable[str] = ()) -> str | None:
    """Why this cannot be somebody's password, or None. `about` says who they are: their name, their e-mail."""
    if len(password) < SHORTEST:
        return _("A password has at least %(count)s characters.", count=SHORTEST)
    if len(password) > LONGEST:
        return _("That password is too long.")
    if _is_guessed(spelled(password).casefold(), about):
        return _("That is one of the first passwords somebody would try. Choose another, such as four words of yours.")
    return None


def _is_guessed(password: str, about: Iterable[str]) -> bool:
    """Listed, the same over and over, a straight run, or a listed word or their own name with digits around it."""
    over_and_over = any(password[part:] == password[:-part] for part in range(1, len(password) // 2 + 1))
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(password)}
    if password in _listed() or over_and_over or len(steps) == 1:
        return True
    named = {word for text in (*about, *THE_OFFICES) for word in NO_LETTER.split(text.casefold())}
    own = sorted((word for word in named if len(word) >= SHORTEST_WORD), key=len, reverse=True)
    return any(_is_one_word(NO_LETTER.sub("", text), own) for text in (password, _as_letters(password)))


def _is_one_word(letters: str, own: list[str]) -> bool:
    rest = letters
    for word in own:
        rest = rest.replace(word, "")
    return bool({letters, rest} & _listed()) or (len(rest) < SHORTEST_WORD and rest != letters)


def _as_letters(password: str) -> str:
    """p@ssw0rd123! is password."""
    return AROUND.sub("", password).translate(LOOK_ALIKES)


@cache
def _listed() -> frozenset[str]:
    lines = GUESSED.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
