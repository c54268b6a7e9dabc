from decimal import Decimal

import pytest

from tests.factories import a_lead, backdated, brought_to, sql
from webapp.services import board
from webapp.services.leads import Filters
from webapp.vocabulary import CLOSED, LeadOrder, PropertyType, Status


def lanes(by, after=None, first=None, order=LeadOrder.NEWEST, statuses=(), **filters) -> dict[Status, board.Lane]:
    """The lanes by status."""
    found = board.lanes(Filters(**filters), by=by, statuses=statuses, order=order, after=after, first=first)
    return {lane.status: lane for lane in found}


def ids(lane: board.Lane) -> list:
    return [card.lead_id for card in lane.cards]


def aged(lead, days: int):
    """The lead, last changed so many days ago."""
    sql("ALTER TABLE leads DISABLE TRIGGER USER")
    sql("UPDATE leads SET updated_at = now() - %s * interval '1 day' WHERE lead_id = %s", days, lead.lead_id)
    sql("ALTER TABLE leads ENABLE TRIGGER USER")
    return lead


class TestLanes:
    def test_every_status_has_one_in_the_order_of_the_path(self, mariam):
        assert list(lanes(mariam)) == list(Status)
        assert all(lane.cards == [] and lane.tally.count == 0 for lane in lanes(mariam).values())

    def test_a_lead_stands_in_the_lane_of_its_status_and_nowhere_else(self, aisha, mariam):
        by_status = {status: brought_to(a_lead(), status).lead_id for status in Status}

        assert {status: ids(lane) for status, lane in lanes(mariam).items()} == {
            status: [lead_id] for status, lead_id in by_status.items()
        }

    def test_nobody_sees_the_leads_of_another_agent(self, aisha, yousef, rashid):
        sql("UPDATE agents SET on_duty = (agent_id = %s)", aisha.agent_id)
        lead = a_lead()

        assert ids(lanes(aisha)[Status.NEW]) == [lead.lead_id]
        for other in (yousef, rashid):
            assert ids(lanes(other)[Status.NEW]) == []
            assert lanes(other)[Status.NEW].tally.count == 0

    def test_budgets_are_summed_and_what_has_none_counts_too(self, aisha, mariam):
        a_lead(budget_max=Decimal(1_500_000))
        a_lead(budget_max=Decimal("250000.50"))
        a_lead()
        brought_to(a_lead(budget_max=Decimal(9)), Status.CONTACTED)

        tally = lanes(mariam)[Status.NEW].tally

        assert (tally.count, tally.budget, tally.more) == (3, Decimal("1750000.50"), False)

    def test_it_counts_to_a_thousand_and_then_says_more(self, mariam):
        many(1000)
        assert (lanes(mariam)[Status.NEW].tally.count, lanes(mariam)[Status.NEW].tally.more) == (1000, False)
        many(1, "+97153")

        tally = lanes(mariam)[Status.NEW].tally

        assert (tally.count, tally.more) == (1000, True)

    @pytest.mark.parametrize("status", CLOSED)
    def test_closed_leads_leave_thirty_days_after_their_last_change(self, aisha, mariam, status):
        fresh = aged(brought_to(a_lead(), status), 29)
        aged(brought_to(a_lead(), status), 31)

        lane = lanes(mariam)[status]

        assert (ids(lane), lane.tally.count) == ([fresh.lead_id], 1)

    def test_open_leads_stay_however_old_they_are(self, aisha, mariam):
        old = aged(backdated(a_lead(), days=400), 400)

        assert ids(lanes(mariam)[Status.NEW]) == [old.lead_id]


class TestFilters:
    def test_they_narrow_cards_and_counts_alike(self, aisha, mariam):
        villa = a_lead(property_type=PropertyType.VILLA)
        a_lead(property_type=PropertyType.APARTMENT)

        lane = lanes(mariam, property_type=(PropertyType.VILLA,))[Status.NEW]

        assert (ids(lane), lane.tally.count) == ([villa.lead_id], 1)

    def test_statuses_that_are_left_out_have_no_lane(self, mariam):
        assert list(lanes(mariam, status=(Status.LOST, Status.NEW))) == [Status.NEW, Status.LOST]

    def test_what_only_open_leads_can_be_leaves_the_closed_lanes_empty(self, aisha, mariam):
        brought_to(a_lead(), Status.LOST)
        sql("DELETE FROM follow_up_tasks")
        new = a_lead()
        sql("DELETE FROM follow_up_tasks")

        found = lanes(mariam, no_next_step=True)

        assert (ids(found[Status.NEW]), ids(found[Status.LOST])) == ([new.lead_id], [])

    def test_the_order_is_the_lists(self, aisha, mariam):
        old, new = backdated(a_lead(), hours=1), a_lead()

        assert ids(lanes(mariam)[Status.NEW]) == [new.lead_id, old.lead_id]
        assert ids(lanes(mariam, order=LeadOrder.OLDEST)[Status.NEW]) == [old.lead_id, new.lead_id]


class TestMore:
    @pytest.mark.parametrize("order", LeadOrder)
    def test_a_lane_comes_twenty_at_a_time_without_gap_or_double(self, mariam, order):
        many(50)
        brought_to(a_lead(), Status.CONTACTED)
        seen, after = [], None
        while True:
            lane = lanes(mariam, statuses=[Status.NEW], after={Status.NEW: after} if after else None, order=order)
            seen.append(ids(lane[Status.NEW]))
            after = lane[Status.NEW].after
            if after is None:
                break

        assert [len(some) for some in seen] == [20, 20, 10]
        assert len({lead_id for some in seen for lead_id in some}) == 50
        assert list(lane) == [Status.NEW]
        assert lane[Status.NEW].tally.count == 50

    def test_exactly_twenty_have_no_more(self, mariam):
        many(20)

        assert lanes(mariam)[Status.NEW].after is None

    def test_the_other_lanes_begin_at_their_beginning(self, aisha, mariam):
        many(21)
        contacted = brought_to(a_lead(), Status.CONTACTED)
        after = lanes(mariam)[Status.NEW].after

        found = lanes(mariam, after={Status.NEW: after})

        assert (len(ids(found[Status.NEW])), ids(found[Status.CONTACTED])) == (1, [contacted.lead_id])

    def test_a_key_that_is_none_gives_the_first_cards(self, aisha, mariam):
        lead = a_lead()

        assert ids(lanes(mariam, after={Status.NEW: "nonsense"})[Status.NEW]) == [lead.lead_id]


class TestFirst:
    def test_it_stands_at_the_top_of_its_lane_once(self, aisha, mariam):
        first = backdated(a_lead(), days=3)
        newer = a_lead()

        assert ids(lanes(mariam, first=first)[Status.NEW]) == [first.lead_id, newer.lead_id]

    def test_it_is_there_though_it_would_come_later(self, aisha, mariam):
        first = backdated(a_lead(), days=3)
        many(20)

        lane = lanes(mariam, first=first)[Status.NEW]

        assert ids(lane)[0] == first.lead_id
        assert len(ids(lane)) == 21


class TestTotal:
    def test_closed_leads_are_not_in_it(self, aisha, mariam):
        a_lead(budget_max=Decimal(100))
        brought_to(a_lead(budget_max=Decimal(20)), Status.NEGOTIATION)
        brought_to(a_lead(budget_max=Decimal(3)), Status.LOST)

        total = board.total(list(lanes(mariam).values()))

        assert (total.count, total.budget, total.more) == (2, Decimal(120), False)


def many(how_many: int, prefix: str = "+97152") -> None:
    """Leads without owners, all captured at one moment."""
    sql(
        """INSERT INTO leads (source_type, first_name, last_name, phone)
           SELECT 'bayut', '', '', %s || lpad(n::text, 7, '0') FROM generate_series(1, %s) n""",
        prefix,
        how_many,
    )
