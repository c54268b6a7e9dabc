"""Who works in the demo office: the four that the product's stories are about, and the agents."""

from dataclasses import dataclass
from functools import cached_property

from webapp.vocabulary import Interface, PropertyType, Role, SpokenLanguage

PASSWORD = "lead desk demo"
APARTMENT, VILLA, TOWNHOUSE, COMMERCIAL = PropertyType
ARABIC, ENGLISH, RUSSIAN, HINDI, URDU, FRENCH, CHINESE, PERSIAN, GERMAN = SpokenLanguage


@dataclass(frozen=True)
class Colleague:
    """Somebody who signs in and owns no leads."""

    name: str
    email: str
    role: Role


@dataclass(frozen=True)
class Profile:
    """An agent as hired. `load` is how many active leads they hold now, `converts` their share of deals.

    `off_days` is how long ago they went off duty; `licence_days` how long their broker number is still valid.
    """

    name: str
    arabic_name: str
    types: tuple[PropertyType, ...]
    areas: tuple[str, ...]
    languages: tuple[SpokenLanguage, ...]
    load: int
    converts: float
    licence_days: int
    off_days: int | None = None
    interface: Interface = Interface.ENGLISH

    @cached_property
    def known_areas(self) -> frozenset[str]:
        return frozenset(self.areas)

    @cached_property
    def known_languages(self) -> frozenset[str]:
        return frozenset(self.languages)

    @property
    def email(self) -> str:
        return address(self.name)


def address(name: str) -> str:
    """aisha.khan@example.com: a domain that belongs to nobody."""
    return f"{name.lower().replace(' ', '.')}@example.com"


MARIAM = Colleague("Mariam Saleh", "mariam.saleh@example.com", Role.MANAGER)
RASHID = Colleague("Rashid Ali", "rashid.ali@example.com", Role.RECEPTIONIST)
OMAR = Colleague("Omar Haddad", "omar.haddad@example.com", Role.ADMIN)
COLLEAGUES = (MARIAM, RASHID, OMAR)

AISHA = Profile(
    "Aisha Khan",
    "عائشة خان",
    (APARTMENT, TOWNHOUSE),
    ("Dubai Marina", "Jumeirah Beach Residence", "Jumeirah Lake Towers", "Bluewaters"),
    (ENGLISH, ARABIC, URDU),
    load=31,
    converts=0.16,
    licence_days=214,
)

PROFILES = (
    AISHA,
    Profile(
        "Karim Nasser",
        "كريم ناصر",
        (APARTMENT, COMMERCIAL),
        ("Downtown Dubai", "Business Bay", "DIFC", "City Walk", "Al Furjan"),
        (ARABIC, ENGLISH, FRENCH),
        load=50,
        converts=0.13,
        licence_days=122,
    ),
    Profile(
        "Elena Petrova",
        "إيلينا بتروفا",
        (APARTMENT, VILLA, TOWNHOUSE),
        ("Palm Jumeirah", "Downtown Dubai", "Business Bay", "Dubai Hills Estate", "Jumeirah Village Circle"),
        (RUSSIAN, ENGLISH),
        load=47,
        converts=0.12,
        licence_days=301,
    ),
    Profile(
        "Rajesh Menon",
        "راجيش مينون",
        (APARTMENT, TOWNHOUSE),
        ("Jumeirah Village Circle", "Dubai Sports City", "Dubai Silicon Oasis", "Al Furjan", "Business Bay"),
        (HINDI, ENGLISH),
        load=42,
        converts=0.1,
        licence_days=18,
    ),
    Profile(
        "Sara Al Hashimi",
        "سارة الهاشمي",
        (VILLA, TOWNHOUSE),
        ("Arabian Ranches", "Arabian Ranches 2", "Dubai Hills Estate", "Jumeirah", "Mirdif"),
        (ARABIC, ENGLISH),
        load=24,
        converts=0.14,
        licence_days=167,
        interface=Interface.ARABIC,
    ),
    Profile(
        "James Whitfield",
        "جيمس ويتفيلد",
        (VILLA,),
        ("The Springs", "The Meadows", "Emirates Hills", "Dubai Hills Estate", "Jumeirah Golf Estates"),
        (ENGLISH,),
        load=17,
        converts=0.11,
        licence_days=255,
        off_days=6,
    ),
    Profile(
        "Layla Farouk",
        "ليلى فاروق",
        (APARTMENT, VILLA),
        ("Dubai Creek Harbour", "Deira", "Bur Dubai", "Al Jaddaf", "Mirdif"),
        (ARABIC, ENGLISH, FRENCH),
        load=26,
        converts=0.12,
        licence_days=75,
    ),
    Profile(
        "Wei Zhang",
        "وي تشانغ",
        (APARTMENT, VILLA),
        ("Palm Jumeirah", "Downtown Dubai", "Mohammed Bin Rashid City"),
        (CHINESE, ENGLISH),
        load=16,
        converts=0.09,
        licence_days=340,
    ),
    Profile(
        "Hassan Raza",
        "حسن رضا",
        (TOWNHOUSE, APARTMENT),
        ("International City", "Discovery Gardens", "DAMAC Hills 2", "Town Square", "Al Nahda"),
        (URDU, HINDI, ENGLISH),
        load=22,
        converts=0.08,
        licence_days=-9,
    ),
    Profile(
        "Camille Laurent",
        "كاميل لوران",
        (APARTMENT,),
        ("Dubai Hills Estate", "Downtown Dubai", "City Walk", "Jumeirah Village Triangle"),
        (FRENCH, GERMAN, ENGLISH),
        load=19,
        converts=0.1,
        licence_days=192,
    ),
    Profile(
        "Yousef Al Marri",
        "يوسف المري",
        (COMMERCIAL,),
        ("Business Bay", "DIFC", "Barsha Heights", "Al Quoz", "Dubai Investment Park"),
        (ARABIC, ENGLISH),
        load=14,
        converts=0.15,
        licence_days=410,
        off_days=17,
        interface=Interface.ARABIC,
    ),
    Profile(
        "Nazanin Tehrani",
        "نازنين طهراني",
        (APARTMENT, TOWNHOUSE),
        ("Al Barsha", "Mudon", "Villanova", "Tilal Al Ghaf", "Barsha Heights"),
        (PERSIAN, ENGLISH),
        load=12,
        converts=0.0,
        licence_days=288,
    ),
)
