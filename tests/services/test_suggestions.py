"""What leads like this one wanted (R11)."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from tests.factories import a_lead, brought_to, sql
from webapp.services import listings, suggestions
from webapp.services.access import SYSTEM
from webapp.vocabulary import PropertyType, Purpose, Status

MARINA, JVC = "Dubai Marina", "Jumeirah Village Circle"
WEIGHTS = {"high": 3, "medium": 2, "low": 1}


@pytest.fixture
def serious(aisha):
    """Another lead, by default one like ours, that got somewhere and liked some properties."""

    def make(*liked: tuple[UUID, str], status=Status.QUALIFIED, **details):
        lead = a_lead(**({"property_type": PropertyType.APARTMENT, "preferred_areas": (MARINA,)} | details))
        brought_to(lead, status)
        for property_id, level in liked:
            sql(
                "INSERT INTO lead_property_interests (lead_id, property_id, interest_level) VALUES (%s, %s, %s)",
                lead.lead_id,
                property_id,
                level,
            )
        return lead

    return make


def ours(**details):
    return a_lead(**({"property_type": PropertyType.APARTMENT, "preferred_areas": (JVC, MARINA)} | details))


def suggested(lead) -> list[UUID]:
    return [suggestion.property_id for suggestion in suggestions.for_lead(lead)]


class TestRank:
    def test_interest_weighs_three_two_and_one_and_then_the_number_of_leads_decides(self, serious):
        one, two, three, four = (uuid4() for _ in range(4))
        serious((one, "medium"), (two, "low"), (three, "high"), (four, "low"))
        serious((two, "low"), (three, "high"))
        serious((four, "low"))

        found = suggestions.for_lead(ours())

        assert [(s.property_id, s.weight, s.leads) for s in found] == [
            (three, 6, 2),
            *sorted([(two, 2, 2), (four, 2, 2)]),
            (one, 2, 1),
        ]

    def test_five_at_most(self, serious):
        serious(*((uuid4(), "low") for _ in range(7)))

        assert len(suggestions.for_lead(ours())) == 5

    def test_a_listing_gives_its_name(self, serious):
        listing = listings.add("ap-s-7", by=SYSTEM, title="Studio with a view")
        serious((listing.property_id, "high"))

        (found,) = suggestions.for_lead(ours())

        assert (found.listing.reference, found.listing.title) == ("AP-S-7", "Studio with a view")


class TestLikeness:
    @pytest.mark.parametrize("status", [Status.QUALIFIED, Status.NEGOTIATION, Status.CONVERTED])
    def test_leads_that_became_serious_count(self, serious, status):
        serious((wanted := uuid4(), "high"), status=status)

        assert suggested(ours()) == [wanted]

    @pytest.mark.parametrize("status", [Status.NEW, Status.CONTACTED, Status.VIEWING_SCHEDULED, Status.LOST])
    def test_others_do_not(self, serious, status):
        serious((uuid4(), "high"), status=status)

        assert suggested(ours()) == []

    @pytest.mark.parametrize(
        "theirs",
        [
            {"property_type": PropertyType.VILLA},
            {"preferred_areas": ("Deira",)},
            {"budget_min": Decimal(2_000_001), "budget_max": Decimal(3_000_000)},
            {"budget_max": Decimal(999_999)},
            {"purpose": Purpose.RENT},
        ],
    )
    def test_another_type_area_budget_or_purpose_is_not_alike(self, serious, theirs):
        serious((uuid4(), "high"), **theirs)

        assert suggested(ours(budget_min=Decimal(1_000_000), budget_max=Decimal(2_000_000), purpose=Purpose.BUY)) == []

    @pytest.mark.parametrize(
        "theirs",
        [
            {"budget_min": Decimal(2_000_000), "budget_max": Decimal(3_000_000)},
            {"budget_max": Decimal(1_000_000)},
            {"budget_max": None},
            {"purpose": Purpose.BUY},
            {"preferred_areas": ("Deira", MARINA)},
        ],
    )
    def test_what_touches_or_was_not_said_is_alike(self, serious, theirs):
        serious((wanted := uuid4(), "high"), **theirs)

        assert suggested(ours(budget_min=Decimal(1_000_000), budget_max=Decimal(2_000_000), purpose=Purpose.BUY)) == [
            wanted
        ]

    def test_what_is_only_to_let_is_not_suggested_to_a_buyer(self, serious):
        to_let = listings.add("AP-R-1", by=SYSTEM, title="Studio to let", purpose=Purpose.RENT)
        serious((to_let.property_id, "high"))

        assert suggested(ours(purpose=Purpose.BUY)) == []
        assert suggested(ours(purpose=Purpose.RENT)) == suggested(ours()) == [to_let.property_id]

    def test_its_own_interests_are_not_suggested(self, serious):
        lead = serious((known := uuid4(), "low"))
        serious((known, "high"), (new := uuid4(), "low"))

        assert suggested(lead) == [new]

    @pytest.mark.parametrize("unsaid", [{"property_type": None}, {"preferred_areas": ()}])
    def test_where_type_or_areas_are_not_known_nothing_is_suggested(self, serious, unsaid):
        serious((uuid4(), "high"))

        assert suggested(ours(**unsaid)) == []


class TestWish:
    """The interests of a lead follow what it is and looks for, whoever changes it."""

    @pytest.fixture
    def theirs(self, serious):
        lead = serious((wanted := uuid4(), "high"), budget_max=Decimal(1_000_000))
        assert suggested(ours()) == [wanted]
        return lead

    @pytest.mark.parametrize(
        "change",
        [
            "status = 'viewing_scheduled'",
            "property_type = 'villa'",
            "preferred_areas = '{Deira}'",
            "preferred_areas = NULL",
            "budget_max = 10",
        ],
    )
    def test_a_lead_that_changes_is_no_longer_alike(self, theirs, change):
        lead = ours(budget_min=Decimal(500_000), budget_max=Decimal(2_000_000))
        sql(f"UPDATE leads SET {change} WHERE lead_id = %s", theirs.lead_id)

        assert suggested(lead) == []

    def test_an_interest_of_a_lead_that_is_not_serious_yet_counts_once_it_is(self, aisha):
        wanted, theirs = uuid4(), a_lead(property_type=PropertyType.APARTMENT, preferred_areas=(MARINA,))
        sql(
            "INSERT INTO lead_property_interests (lead_id, property_id, interest_level) VALUES (%s, %s, 'low')",
            theirs.lead_id,
            wanted,
        )
        assert suggested(ours()) == []

        brought_to(theirs, Status.QUALIFIED)

        assert suggested(ours()) == [wanted]
