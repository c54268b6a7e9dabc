"""The properties that a lead likes."""

from uuid import uuid4

import pytest

from tests.factories import a_lead, sql, value
from webapp.errors import Conflict, Missing
from webapp.services import interests, listings
from webapp.services.access import SYSTEM
from webapp.vocabulary import InterestLevel

KEPT = "SELECT property_id, interest_level FROM lead_property_interests"


@pytest.fixture
def lead(aisha):
    return a_lead(by=aisha)


@pytest.fixture
def villa(app):
    return listings.add("VL-S-7", by=SYSTEM, title="Villa by the park")


class TestAdd:
    def test_it_is_kept_with_its_level(self, aisha, lead, villa):
        interests.add(lead.lead_id, villa.property_id, by=aisha, interest_level=InterestLevel.HIGH)

        assert sql(KEPT) == [(villa.property_id, "high")]

    def test_one_that_is_noted_already_says_so(self, aisha, lead, villa):
        interests.add(lead.lead_id, villa.property_id, by=aisha, interest_level=InterestLevel.HIGH)

        with pytest.raises(Conflict) as refused:
            interests.add(lead.lead_id, villa.property_id, by=aisha, interest_level=InterestLevel.LOW)

        assert (refused.value.code, refused.value.field) == ("duplicate_interest", "property_id")
        assert sql(KEPT) == [(villa.property_id, "high")]

    def test_a_foreign_lead_is_missing(self, yousef, lead):
        with pytest.raises(Missing):
            interests.add(lead.lead_id, uuid4(), by=yousef, interest_level=InterestLevel.HIGH)


class TestChange:
    def test_it_is_as_strong_as_they_say_now(self, aisha, lead, villa):
        interest = interests.add(lead.lead_id, villa.property_id, by=aisha, interest_level=InterestLevel.LOW)

        interests.change(interest.interest_id, by=aisha, interest_level=InterestLevel.HIGH)

        assert sql(KEPT) == [(villa.property_id, "high")]
        assert sql(
            "SELECT before->>'interest_level' AS was, after->>'interest_level' AS is_now FROM audit_entries"
            " WHERE verb = 'interests.change'"
        ) == [("low", "high")]

    def test_of_a_foreign_lead_it_is_missing(self, aisha, yousef, lead, villa):
        interest = interests.add(lead.lead_id, villa.property_id, by=aisha, interest_level=InterestLevel.LOW)

        with pytest.raises(Missing):
            interests.change(interest.interest_id, by=yousef, interest_level=InterestLevel.HIGH)


class TestRemove:
    def test_it_is_gone_and_the_audit_knows_what_it_was(self, aisha, lead, villa):
        interest = interests.add(lead.lead_id, villa.property_id, by=aisha, interest_level=InterestLevel.LOW)

        interests.remove(interest.interest_id, by=aisha)

        assert sql(KEPT) == []
        before = value("SELECT before FROM audit_entries WHERE verb = 'interests.remove'")
        assert (before["property_id"], before["interest_level"]) == (str(villa.property_id), "low")

    def test_twice_it_is_missing(self, aisha, lead, villa):
        interest_id = interests.add(
            lead.lead_id, villa.property_id, by=aisha, interest_level=InterestLevel.LOW
        ).interest_id
        interests.remove(interest_id, by=aisha)

        with pytest.raises(Missing):
            interests.remove(interest_id, by=aisha)
