"""The people who call: their names, numbers and languages."""

from dataclasses import dataclass, field
from random import Random

from webapp import areas, phones
from webapp.demo.chance import picked
from webapp.demo.names import NATIONS, Nation
from webapp.vocabulary import Language, SpokenLanguage

MOBILE_PREFIXES = {"50": 30, "55": 22, "52": 14, "56": 13, "54": 11, "58": 10}
LANDLINE_PREFIXES = {"4": 80, "2": 12, "6": 8}
LINES = {"mobile": 88, "abroad": 8, "landline": 4}
SPELLINGS = {"full": 84, "one word": 8, "nameless": 5, "initial": 3}
MAIL_HOSTS = ("example.com", "example.org", "example.net")
NATION_BY_NAME = {nation.name: nation for nation in NATIONS}


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
        return self._unused(lambda: f"+9715{picked(self.rng, MOBILE_PREFIXES)[1]}{self._digits(7)}")

    def person(self, *, nation: str | None = None, named: bool = False) -> Person:
        """Somebody new, of any nationality unless one is given; `named` ones have a first and a last name."""
        rng = self.rng
        home = NATION_BY_NAME[nation] if nation else picked(rng, {one: one.weight for one in NATIONS})
        preference = Language.ARABIC if rng.random() < home.arabic else Language.ENGLISH
        first, last = rng.choice(home.first).split("|"), rng.choice(home.last).split("|")
        arabic = preference == Language.ARABIC and len(first) == len(last) == 2 and rng.random() < 0.3
        spelling = "full" if named else picked(rng, SPELLINGS)
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
        line = picked(self.rng, LINES)
        if line == "mobile":
            return self.mobile()
        if line == "landline":
            return self._unused(
                lambda: f"+971{picked(self.rng, LANDLINE_PREFIXES)}{self.rng.randint(2, 8)}{self._digits(6)}"
            )
        prefix, length = home.abroad
        return self._unused(lambda: prefix + self._digits(length))

    def _unused(self, dial) -> str:
        while (number := dial()) in self.taken or phones.to_e164(number) != number:
            pass
        self.taken.add(number)
        return number

    def _digits(self, count: int) -> str:
        return f"{self.rng.randrange(10**count):0{count}d}"

    def _email(self, first: str, last: str) -> str | None:
        name = ".".join(areas.fold(word).replace(" ", "").replace("'", "") for word in (first, last))
        if not name.isascii():
            return None
        return f"{name}{picked(self.rng, {'': 3, self._digits(2): 5})}@{self.rng.choice(MAIL_HOSTS)}"


def _spelled(spelling: str, first: str, last: str) -> tuple[str, str]:
    if spelling == "nameless":
        return "", ""
    if spelling == "one word":
        return first, ""
    return (first, f"{last[0]}.") if spelling == "initial" else (first, last)
