"""What is offered and asked for in Dubai, and for how much."""

from dataclasses import dataclass
from random import Random
from uuid import UUID

from webapp.demo.chance import Odds, make_uuid
from webapp.vocabulary import PropertyType, Purpose

APARTMENT, VILLA, TOWNHOUSE, COMMERCIAL = PropertyType

# type: area: (how often asked for, sale and yearly rent of its usual size in thousands of AED)
PRICES: dict[PropertyType, dict[str, tuple[int, int, int]]] = {
    APARTMENT: {
        "Dubai Marina": (14, 1500, 105),
        "Jumeirah Village Circle": (13, 850, 65),
        "Downtown Dubai": (11, 2000, 130),
        "Business Bay": (10, 1400, 95),
        "Jumeirah Lake Towers": (6, 1150, 85),
        "Jumeirah Beach Residence": (5, 1700, 120),
        "Palm Jumeirah": (5, 2800, 170),
        "Dubai Hills Estate": (5, 1500, 100),
        "Dubai Creek Harbour": (4, 1550, 98),
        "DIFC": (3, 1900, 130),
        "Dubai Sports City": (3, 650, 55),
        "Dubai Silicon Oasis": (3, 680, 56),
        "Al Furjan": (3, 900, 70),
        "Al Barsha": (3, 850, 68),
        "International City": (3, 500, 42),
        "Discovery Gardens": (2, 620, 55),
        "Deira": (2, 750, 58),
        "Bur Dubai": (2, 780, 60),
        "Al Nahda": (2, 600, 48),
        "Al Jaddaf": (2, 1100, 78),
        "City Walk": (2, 2300, 150),
        "Bluewaters": (1, 3200, 210),
        "Mohammed Bin Rashid City": (2, 1450, 92),
        "Al Reem Island": (1, 1050, 72),
    },
    VILLA: {
        "Arabian Ranches": (9, 4800, 280),
        "Dubai Hills Estate": (9, 6500, 370),
        "Arabian Ranches 2": (6, 4600, 270),
        "DAMAC Hills": (6, 4200, 250),
        "The Springs": (6, 3400, 215),
        "The Meadows": (5, 6200, 340),
        "Jumeirah": (5, 7000, 290),
        "Mirdif": (5, 3000, 160),
        "Palm Jumeirah": (4, 16_000, 500),
        "Jumeirah Golf Estates": (3, 7500, 400),
        "Umm Suqeim": (2, 6800, 280),
        "Emirates Hills": (1, 30_000, 500),
        "Yas Island": (1, 4500, 260),
    },
    TOWNHOUSE: {
        "DAMAC Hills 2": (9, 1400, 95),
        "Town Square": (8, 1800, 125),
        "Mudon": (6, 2300, 160),
        "Villanova": (6, 2100, 145),
        "Arabian Ranches 3": (5, 2400, 165),
        "Tilal Al Ghaf": (5, 2900, 190),
        "Jumeirah Village Triangle": (4, 2200, 150),
        "The Valley": (4, 1750, 110),
        "Serena": (3, 2000, 140),
        "Al Ghadeer": (1, 1100, 75),
    },
    COMMERCIAL: {
        "Business Bay": (9, 1900, 130),
        "Jumeirah Lake Towers": (6, 1400, 95),
        "Barsha Heights": (5, 1200, 85),
        "DIFC": (4, 4200, 310),
        "Al Quoz": (4, 3500, 240),
        "Dubai Investment Park": (3, 2600, 180),
    },
}
# type: bedrooms: (how often, times the usual price)
SIZES = {
    APARTMENT: {0: (18, 0.62), 1: (36, 1.0), 2: (30, 1.6), 3: (13, 2.4), 4: (3, 3.6)},
    VILLA: {3: (22, 0.85), 4: (40, 1.0), 5: (28, 1.3), 6: (10, 1.7)},
    TOWNHOUSE: {2: (15, 0.85), 3: (60, 1.0), 4: (25, 1.2)},
    COMMERCIAL: {0: (1, 1.0)},
}
TYPES = Odds({APARTMENT: 58, VILLA: 20, TOWNHOUSE: 15, COMMERCIAL: 7})
AREAS = {kind: Odds({area: often for area, (often, *_prices) in PRICES[kind].items()}) for kind in PropertyType}
BEDROOMS = {kind: Odds({beds: often for beds, (often, _factor) in SIZES[kind].items()}) for kind in PropertyType}
NEARBY = Odds({0: 60, 1: 28, 2: 12})
LOWEST, HIGHEST = {Purpose.BUY: 500, Purpose.RENT: 30}, {Purpose.BUY: 60_000, Purpose.RENT: 500}
ON_OFFER = 180


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody looks for; `price` is what it usually costs in AED, known to us and not said by them."""

    property_type: PropertyType | None
    purpose: Purpose | None
    bedrooms: int | None
    areas: tuple[str, ...]
    budget_min: int | None
    budget_max: int | None
    price: int
    deal: Purpose


@dataclass(frozen=True, slots=True)
class Property:
    """One of the properties that leads ask about."""

    property_id: UUID
    type: PropertyType
    area: str
    purpose: Purpose
    bedrooms: int


class Offers:
    """The properties on offer, more where more is asked for."""

    def __init__(self, rng: Random):
        self.all = [self._one(rng) for _place in range(ON_OFFER)]
        self._best: dict[tuple, list[Property]] = {}

    def like(self, wanted: Wish, rng: Random) -> Property:
        """One that this person may well ask about."""
        key = (wanted.deal, wanted.property_type, wanted.areas, wanted.bedrooms)
        if key not in self._best:
            fits = {one: _fit(one, wanted) for one in self.all}
            self._best[key] = [one for one, fit in fits.items() if fit == max(fits.values())]
        return rng.choice(self._best[key])

    @staticmethod
    def _one(rng: Random) -> Property:
        kind = TYPES.draw(rng)
        return Property(
            property_id=make_uuid(rng),
            type=kind,
            area=AREAS[kind].draw(rng),
            purpose=rng.choice((Purpose.BUY, Purpose.RENT)),
            bedrooms=BEDROOMS[kind].draw(rng),
        )


def _fit(one: Property, wanted: Wish) -> tuple[bool, ...]:
    """How well a property answers a wish; what comes first weighs more than all that follows."""
    return (
        one.purpose == wanted.deal,
        one.type == wanted.property_type,
        one.area in wanted.areas,
        one.bedrooms == wanted.bedrooms,
    )


def wish(rng: Random, *, kind: PropertyType | None = None, area: str | None = None) -> Wish:
    """What one person looks for: some say everything, some say next to nothing."""
    kind = kind or TYPES.draw(rng)
    area = area or AREAS[kind].draw(rng)
    deal = Purpose.RENT if rng.random() < 0.54 else Purpose.BUY
    bedrooms = BEDROOMS[kind].draw(rng)
    factor = SIZES[kind][bedrooms][1]
    _often, sale, rent = PRICES[kind].get(area, (1, 1600, 110))
    usual = (rent if deal == Purpose.RENT else sale) * factor * rng.uniform(0.85, 1.25)
    price = _rounded(1000 * min(max(usual, LOWEST[deal]), HIGHEST[deal]), deal)
    vague = rng.random()
    return Wish(
        property_type=kind if vague > 0.05 else None,
        purpose=deal if rng.random() > 0.08 else None,
        bedrooms=bedrooms if kind != COMMERCIAL and vague > 0.18 else None,
        areas=_areas(rng, kind, area) if vague > 0.09 else (),
        **_budget(rng, price, deal),
        price=price,
        deal=deal,
    )


def _budget(rng: Random, price: int, deal: Purpose) -> dict[str, int | None]:
    said = rng.random()
    if said < 0.12:
        return {"budget_min": None, "budget_max": None}
    lowest = _rounded(price * rng.uniform(0.65, 0.85), deal) if said > 0.5 else None
    return {"budget_min": lowest if lowest and lowest < price else None, "budget_max": price}


def _areas(rng: Random, kind: PropertyType, area: str) -> tuple[str, ...]:
    others = [AREAS[kind].draw(rng) for _place in range(NEARBY.draw(rng))]
    return tuple(dict.fromkeys([area, *others]))


def _rounded(amount: float, deal: Purpose) -> int:
    step = 5_000 if deal == Purpose.RENT else 50_000
    return max(step, step * round(amount / step))
