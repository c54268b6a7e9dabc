"""The people who call: their names, numbers and languages."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from webapp import areas, phones
from webapp.demo.chance import Odds
from webapp.demo.names import NATIONS, Nation
from webapp.vocabulary import Language, SpokenLanguage

MOBILE_PREFIXES = Odds({"50": 30, "55": 22, "52": 14, "56": 13, "54": 11, "58": 10})
LANDLINE_PREFIXES = Odds({"4": 80, "2": 12, "6": 8})
LINES = Odds({"mobile": 88, "abroad": 8, "landline": 4})
SPELLINGS = Odds({"full": 84, "one word": 8, "nameless": 5, "initial": 3})
MAIL_HOSTS = ("example.com", "example.org", "example.net")
NATION_BY_NAME = {nation.name: nation for nation in NATIONS}
HOMES = Odds({nation: nation.weight for nation in NATIONS})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may call more than once."""

    first_name: str
    last_name: str
    email: str | None
    phone: str
    nationality: str | None
    language_preference: Language | None
    spoken_language: SpokenLanguage | None
    consents: bool

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(word for word in (self.language_preference, self.spoken_language) if word)


@dataclass
class Town:
    """Where people come from; no two of them share a phone."""

    rng: Random
    taken: set[str] = field(default_factory=set)

    def mobile(self) -> str:
        """An unused UAE mobile number."""
        return self._unused(lambda: f"+9715{MOBILE_PREFIXES.draw(self.rng)[1]}{self._digits(7)}")

    def person(self, *, nation: str | None = None, named: bool = False) -> Person:
        """Somebody new, of any nationality unless one is given; `named` ones have a first and a last name."""
        rng = self.rng
        home = NATION_BY_NAME[nation] if nation else HOMES.draw(rng)
        preference = Language.ARABIC if rng.random() < home.arabic else Language.ENGLISH
        first, last = rng.choice(home.first).split("|"), rng.choice(home.last).split("|")
        arabic = preference == Language.ARABIC and len(first) == len(last) == 2 and rng.random() < 0.3
        spelling = "full" if named else SPELLINGS.draw(rng)
        return Person(
            *_spelled(spelling, first[-1 if arabic else 0], last[-1 if arabic else 0]),
            email=self._email(first[0], last[0]) if spelling != "nameless" and rng.random() < 0.55 else None,
            phone=self._phone(home),
            nationality=home.name if rng.random() < 0.86 and spelling != "nameless" else None,
            language_preference=preference if rng.random() < 0.9 else None,
            spoken_language=home.speaks if rng.random() < 0.3 else None,
            consents=rng.random() < 0.63,
        )

    def _phone(self, home: Nation) -> str:
        line = LINES.draw(self.rng)
        if line == "mobile":
            return self.mobile()
        if line == "landline":
            return self._unused(
                lambda: f"+971{LANDLINE_PREFIXES.draw(self.rng)}{self.rng.randint(2, 8)}{self._digits(6)}"
            )
        prefix, length = home.abroad
        return self._unused(lambda: self._abroad(prefix, length))

    def _abroad(self, prefix: str, length: int) -> str:
        while phones.to_e164(number := prefix + self._digits(length)) != number:
            pass
        return number

    def _unused(self, dial: Callable[[], str]) -> str:
        while (number := dial()) in self.taken:
            pass
        self.taken.add(number)
        return number

    def _digits(self, count: int) -> str:
        return f"{self.rng.randrange(10**count):0{count}d}"

    def _email(self, first: str, last: str) -> str | None:
        name = ".".join(areas.fold(word).replace(" ", "").replace("'", "") for word in (first, last))
        if not name.isascii():
            return None
        return f"{name}{self._digits(2) if self.rng.random() < 0.6 else ''}@{self.rng.choice(MAIL_HOSTS)}"


def _spelled(spelling: str, first: str, last: str) -> tuple[str, str]:
    if spelling == "nameless":
        return "", ""
    if spelling == "one word":
        return first, ""
    return (first, f"{last[0]}.") if spelling == "initial" else (first, last)
