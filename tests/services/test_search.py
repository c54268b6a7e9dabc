"""Search from anywhere: whom, what, and as far as somebody may see it."""

from dataclasses import replace

import pytest

from tests.factories import a_lead, a_user, an_agent, sql
from webapp import clock
from webapp.services import listings, search
from webapp.services.access import SYSTEM
from webapp.services.search import MOST
from webapp.vocabulary import Role


def found(typed, by):
    return search.find(typed, by=by, today=clock.today())


def names(typed, by) -> list[str]:
    return [lead.name for lead in found(typed, by).people]


@pytest.fixture(autouse=True)
def office(aisha, yousef):
    """Aisha's Layla and Hassan, Yousef's Noor."""
    layla = a_lead("+971501234567", first_name="Layla", last_name="Haddad", email="layla@clients.example", by=aisha)
    a_lead("+971529876543", first_name="حسن", last_name="الحداد", by=aisha)
    a_lead("+971557654321", first_name="Noor", last_name="Haddad", by=yousef)
    return layla


class TestFind:
    @pytest.mark.parametrize(
        "typed",
        [
            *(
                "0501234567",
                "+971 50 123 4567",
                "٠٥٠١٢٣٤٥٦٧",
                "971501234567",
                "1234567",
                "4567",
                "05012",
                "5012",
                "2345",
            ),
            *("layla", "LAYLA had", "Haddad Layla", "layla@clients.example", "layla@cl", "  layla  "),
        ],
    )
    def test_somebody_by_any_spelling(self, aisha, typed):
        assert "Layla Haddad" in names(typed, aisha)

    def test_by_the_number_of_the_lead(self, aisha, office):
        assert names(f"#{office.number}", aisha) == ["Layla Haddad"]

    def test_by_a_name_in_the_other_script_after_those_that_are_spelled_so(self, aisha, mariam):
        assert names("Hassan Al Haddad", aisha) == ["حسن الحداد"]
        assert names("ليلى حداد", aisha) == ["Layla Haddad"]
        a_lead("+971501112222", first_name="Hassan", last_name="Al Haddad")
        assert names("Hassan Al Haddad", mariam) == ["Hassan Al Haddad", "حسن الحداد"]

    def test_the_newest_first_and_no_more_than_are_shown(self, aisha):
        for number in range(MOST + 1):
            a_lead(first_name="Samir", last_name=str(number), by=aisha)

        some = found("samir", aisha)

        assert [lead.last_name for lead in some.people] == [str(number) for number in range(MOST, 0, -1)]
        assert some.more

    @pytest.mark.parametrize(
        "typed", ["l", "45", "456", "#", "%", "____", "' OR 1=1 --", "\\", "zzqq", "%%%%", "x" * 100]
    )
    def test_too_little_and_patterns_find_nobody(self, mariam, typed):
        assert found(typed, mariam).is_nothing

    @pytest.mark.parametrize(
        "typed, short", [("l", True), ("123", True), ("la", False), ("1234", False), ("#1", False)]
    )
    def test_what_is_too_little_is_said(self, mariam, typed, short):
        assert found(typed, mariam).is_too_short is short

    @pytest.mark.row("Z1", "Z2")
    @pytest.mark.parametrize("typed", ["haddad", "0557654321", "4321", "noor haddad", "نور حداد"])
    def test_nobody_elses(self, aisha, yousef, mariam, omar, typed):
        assert "Noor Haddad" in names(typed, yousef)
        assert "Noor Haddad" in names(typed, mariam) and "Noor Haddad" in names(typed, omar)
        assert "Noor Haddad" not in names(typed, aisha)
        assert names(typed, a_user("Nobody Yet", Role.AGENT)) == []

    def test_a_property_with_those_who_like_it_of_ones_own(self, aisha, yousef, mariam, office):
        marina = listings.add("AP-S-7", by=SYSTEM, title="Studio", area="Dubai Marina")
        listings.add("AP-S-8", by=SYSTEM, title="Nowhere")
        listings.add("VI-R-1", by=SYSTEM, title="Villa", area="Arabian Ranches")
        sql(
            "INSERT INTO lead_property_interests (lead_id, property_id, interest_level)"
            " SELECT lead_id, %s, 'high' FROM leads WHERE last_name = 'Haddad'",
            marina.property_id,
        )

        def told(typed, by):
            return {one.listing.reference: {lead.name for lead in one.leads} for one in found(typed, by).properties}

        assert told("ap-s-7", mariam) == {"AP-S-7": {"Layla Haddad", "Noor Haddad"}}
        assert told("AP-S", mariam) == told("AP%", mariam) == {}  # a reference has a digit
        assert told("ap-s-7", aisha) == {"AP-S-7": {"Layla Haddad"}}
        assert told("ap-s-8", mariam) == {}
        assert told("vi-r-1", yousef) == {"VI-R-1": set()}

    def test_reception_knows_who_it_is_by_a_whole_number_and_nothing_else(self, rashid, office):
        listings.add("AP-S-7", by=SYSTEM, title="Studio", area="Dubai Marina")
        layla = an_agent("Layla Amin", on_duty=False)
        for reception in (rashid, replace(layla, role=Role.RECEPTIONIST)):
            person = found("050 123 4567", reception).visitor
            assert (person.name, person.agent_name) == ("Layla Haddad", "Aisha Rahman")
            for typed in ("4567", "layla", f"#{office.number}", "ap-s-7", "layla@clients.example", ""):
                assert found(typed, reception).is_nothing
        assert found("050 111 2222", rashid).phone == "+971501112222"
