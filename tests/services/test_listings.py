"""Properties by their names."""

from decimal import Decimal
from uuid import uuid4

import pytest

from tests.factories import a_lead, sql, value
from webapp.errors import Conflict, Invalid
from webapp.services import listings
from webapp.services.access import SYSTEM
from webapp.vocabulary import PropertyType, Purpose


class TestAdd:
    def test_it_is_kept_with_its_canonical_area(self, app):
        listings.add(
            " ap-r-12 ",
            by=SYSTEM,
            title="Studio",
            property_type=PropertyType.APARTMENT,
            area="JVC",
            purpose=Purpose.RENT,
            price=Decimal(55_000),
        )

        row = sql("SELECT reference, title, property_type, area, purpose, price FROM listings")
        assert row == [("AP-R-12", "Studio", "apartment", "Jumeirah Village Circle", "rent", Decimal(55_000))]
        assert value("SELECT verb FROM audit_entries") == "listings.add"

    def test_a_reference_names_one_property(self, app):
        listings.add("AP-1", by=SYSTEM, title="One")
        with pytest.raises(Conflict) as refused:
            listings.add("ap-1", by=SYSTEM, title="Another")

        assert refused.value.field == "reference"
        assert value("SELECT count(*) FROM listings") == 1

    @pytest.mark.parametrize("price", [Decimal(0), Decimal("-1"), Decimal("NaN")])
    def test_a_price_is_above_zero(self, app, price):
        with pytest.raises(Invalid) as refused:
            listings.add("AP-1", by=SYSTEM, title="One", price=price)

        assert refused.value.field == "price"


class TestIdentify:
    def test_a_reference_in_any_case_and_an_id_are_understood(self, app):
        listing = listings.add("AP-1", by=SYSTEM, title="One")

        assert listings.identify(" ap-1 ") == listing.property_id
        assert listings.identify(str(listing.property_id)) == listing.property_id

    def test_an_id_of_elsewhere_is_taken(self, app):
        assert listings.identify(str(elsewhere := uuid4())) == elsewhere

    def test_a_reference_that_nobody_knows_is_refused_at_its_field(self, app):
        with pytest.raises(Invalid) as refused:
            listings.identify("AP-404")

        assert refused.value.field == "property_id"


def test_what_a_lead_asked_about_and_liked_is_offered(aisha):
    asked, liked, _other = (listings.add(f"AP-{n}", by=SYSTEM, title=f"Number {n}") for n in range(3))
    lead = a_lead()
    sql("UPDATE lead_sources SET property_id = %s", asked.property_id)
    for property_id in (liked.property_id, uuid4()):
        sql(
            "INSERT INTO lead_property_interests (lead_id, property_id, interest_level) VALUES (%s, %s, 'low')",
            lead.lead_id,
            property_id,
        )

    assert [listing.reference for listing in listings.wanted_by(lead.lead_id)] == ["AP-0", "AP-1"]
