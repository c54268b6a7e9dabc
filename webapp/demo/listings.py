"""The properties on offer, with the names that people know them by."""

from datetime import datetime, timedelta
from random import Random

from webapp.demo.market import PRICES, SIZES, Offers, Property
from webapp.demo.tables import Tables
from webapp.vocabulary import PropertyType, Purpose

LETTERS = {
    PropertyType.APARTMENT: "AP",
    PropertyType.VILLA: "VL",
    PropertyType.TOWNHOUSE: "TH",
    PropertyType.COMMERCIAL: "CO",
}
FIRST = 1001


def offer(tables: Tables, offers: Offers, moment: datetime) -> None:
    """Write a listing for each property."""
    for number, one in enumerate(offers.all, start=FIRST):
        chance = Random(one.property_id.int)
        reference = f"{LETTERS[one.type]}-{'R' if one.purpose == Purpose.RENT else 'S'}-{number}"
        tables.add(
            "listings",
            property_id=one.property_id,
            reference=reference,
            title=f"{_what(one.type, one.bedrooms)} in {one.area}",
            property_type=one.type,
            area=one.area,
            purpose=one.purpose,
            price=_price(one, chance),
            permit=f"71{chance.randrange(10**8, 10**9)}",
            url=f"https://www.example.com/properties/{reference.lower()}",
            created_at=moment - timedelta(days=chance.randint(30, 390)),
        )


def _price(one: Property, chance: Random) -> int:
    _often, sale, rent = PRICES[one.type][one.area]
    usual = (rent if one.purpose == Purpose.RENT else sale) * SIZES[one.type][one.bedrooms][1]
    step = 5 if one.purpose == Purpose.RENT else 50
    return 1000 * step * max(1, round(usual * chance.uniform(0.9, 1.15) / step))


def _what(kind: PropertyType, bedrooms: int) -> str:
    if kind == PropertyType.COMMERCIAL:
        return "Fitted office"
    return "Studio" if bedrooms == 0 else f"{bedrooms}-bedroom {kind}"
