from uuid import uuid4

import pytest

from tests.factories import a_lead, backdated, brought_to, prompt, sql
from webapp.errors import Unavailable
from webapp.extensions import db
from webapp.services import leads
from webapp.services.leads import Filters
from webapp.vocabulary import Source, Status

pytestmark = pytest.mark.usefixtures("app")


def found(by, **filters):
    return [row.lead_id for row in leads.page(Filters(**filters), by=by).rows]


def all_pages(by, **filters):
    pages, after = [], None
    while True:
        page = leads.page(Filters(**filters), by=by, after=after)
        pages.append([row.lead_id for row in page.rows])
        after = page.after
        if after is None:
            return pages


def many(how_many, source="bayut", apart="1 s"):
    """Leads without owners, each captured so much after the one before."""
    made = sql(
        """INSERT INTO leads (source_type, first_name, last_name, phone, created_at)
           SELECT %s, '', '', '+97150000' || lpad(n::text, 4, '0'),
                  timestamptz '2026-01-01 08:00:00.123456Z' + n * %s::interval
           FROM generate_series(1, %s) n RETURNING lead_id""",
        source,
        apart,
        how_many,
    )
    return [row.lead_id for row in made]


class TestPage:
    def test_the_newest_come_first(self, aisha, mariam):
        old, new = backdated(a_lead(), hours=1), a_lead()

        assert found(mariam) == [new.lead_id, old.lead_id]

    def test_pages_have_neither_gap_nor_double_where_moments_are_equal(self, mariam):
        many(60, apart="0 s")

        pages = all_pages(mariam)

        assert [len(page) for page in pages] == [25, 25, 10]
        assert len({lead_id for page in pages for lead_id in page}) == 60

    def test_a_lead_that_comes_meanwhile_shifts_nothing(self, aisha, mariam):
        seen = many(27)
        page = leads.page(Filters(), by=mariam)
        a_lead()

        rest = leads.page(Filters(), by=mariam, after=page.after)

        assert [row.lead_id for row in page.rows + rest.rows] == seen[::-1]

    def test_exactly_one_page_has_no_next(self, mariam):
        many(25)

        assert leads.page(Filters(), by=mariam).after is None

    @pytest.mark.parametrize(
        "after", ["", "nonsense", "2026-01-01_nonsense", "yesterday_00000000-0000-0000-0000-000000000000"]
    )
    def test_a_key_that_is_none_gives_the_first_page(self, aisha, mariam, after):
        lead = a_lead()

        assert [row.lead_id for row in leads.page(Filters(), by=mariam, after=after).rows] == [lead.lead_id]

    def test_a_row_shows_the_next_step_and_the_owner(self, aisha, mariam):
        lead = a_lead()

        (row,) = leads.page(Filters(), by=mariam).rows
        assert row.next_step_at > lead.created_at
        assert row.next_step_type == "call"
        assert row.last_contact_at is None
        assert row.owner.full_name == "Aisha Rahman"


class TestFilters:
    def test_by_status_source_and_owner(self, aisha, mariam):
        bayut = a_lead(source=Source.BAYUT)
        lost = brought_to(a_lead(source=Source.DUBIZZLE), Status.LOST)

        assert found(mariam, status=(Status.LOST,)) == [lost.lead_id]
        assert found(mariam, source_type=(Source.BAYUT,)) == [bayut.lead_id]
        assert found(mariam, source_type=(Source.BAYUT,), status=(Status.LOST,)) == []
        assert found(mariam, status=(Status.LOST, Status.NEW)) == [lost.lead_id, bayut.lead_id]
        assert found(mariam, owner=aisha.agent_id) == [lost.lead_id, bayut.lead_id]
        assert found(mariam, owner=uuid4()) == []

    def test_by_having_no_owner(self, aisha, mariam):
        sql("UPDATE agents SET on_duty = false")
        waiting = a_lead()
        sql("UPDATE agents SET on_duty = true")
        a_lead()

        assert found(mariam, unassigned=True) == [waiting.lead_id]

    def test_filters_hold_on_later_pages_too(self, aisha, mariam):
        many(30)
        many(30, "website")

        pages = all_pages(mariam, source_type=(Source.BAYUT,))
        assert [len(page) for page in pages] == [25, 5]


class TestSearch:
    @pytest.mark.parametrize(
        "q",
        [
            *("0505550142", "+971 50 555 0142", "00971505550142", "٠٥٠٥٥٥٠١٤٢", "505550142"),
            *("0142", "5550142", "0505550", "97150555", "555 01", "٥٥٥٠"),
        ],
    )
    def test_any_spelling_and_any_four_digits_find_the_number(self, aisha, mariam, q):
        lead = a_lead("0505550142")
        a_lead("0529876543")

        assert found(mariam, q=q) == [lead.lead_id]

    def test_a_fragment_that_is_also_a_number_of_its_own_finds_both(self, aisha, mariam):
        landline, mobile = a_lead("043456789"), a_lead("0543456789")

        assert set(found(mariam, q="43456789")) == {landline.lead_id, mobile.lead_id}

    def test_the_short_number_finds_its_lead_alone(self, aisha, mariam):
        lead = a_lead()
        a_lead()

        assert found(mariam, q=f"#{lead.number}") == [lead.lead_id]

    @pytest.mark.parametrize("q", ["014", "%", "_", "' OR 1=1 --", "#", "#0", "#" + "9" * 40, "xyz", "\\"])
    def test_what_fits_nothing_finds_nothing(self, aisha, mariam, q):
        a_lead("0505550142")

        assert found(mariam, q=q) == []


class TestWhoSeesWhat:
    def test_agents_see_their_own_only(self, aisha, yousef, mariam, omar):
        hers, his = a_lead(by=aisha), a_lead(by=yousef)

        assert found(aisha) == [hers.lead_id]
        assert found(yousef) == [his.lead_id]
        assert found(mariam) == found(omar) == [his.lead_id, hers.lead_id]
        assert found(aisha, q=his.phone) == []
        assert found(aisha, owner=yousef.agent_id) == []

    def test_reception_sees_no_list(self, aisha, rashid):
        a_lead()

        assert found(rashid) == []
        assert leads.tally(Filters(), by=rashid).count == 0

    def test_overdue_follow_ups_of_everybody_and_of_one(self, aisha, yousef, mariam):
        hers, his = a_lead(by=aisha), a_lead(by=yousef)
        a_lead(by=aisha)
        past_due = "UPDATE follow_up_tasks SET due_date = now() - interval '1 hour' WHERE lead_id = ANY (%s)"
        sql(past_due, [hers.lead_id, his.lead_id])

        assert found(mariam, overdue=True) == [his.lead_id, hers.lead_id]
        assert found(mariam, overdue=True, owner=aisha.agent_id) == found(aisha, overdue=True) == [hers.lead_id]
        assert found(aisha, overdue=True, owner=yousef.agent_id) == []

    def test_the_statuses_of_one_owner(self, aisha, yousef, mariam):
        fresh, lost = a_lead(by=aisha), brought_to(a_lead(by=aisha), Status.LOST)
        a_lead(by=yousef)

        assert found(aisha, status=(Status.NEW,)) == [fresh.lead_id]
        assert found(aisha, status=(Status.LOST,)) == [lost.lead_id]
        assert found(mariam, status=(Status.NEW, Status.LOST), owner=aisha.agent_id) == [lost.lead_id, fresh.lead_id]
        assert found(aisha, unassigned=True) == []

    @pytest.mark.parametrize("ask", [leads.page, leads.tally])
    def test_what_takes_too_long_says_what_helps(self, ask, mariam):
        with prompt(autocommit=False) as holder:
            holder.execute("LOCK TABLE leads")
            db.session.execute(db.text("SET LOCAL statement_timeout = '50ms'"))
            with pytest.raises(Unavailable, match="Refine your filter") as refused:
                ask(Filters(), by=mariam)

        assert refused.value.code == "too_slow"


class TestCount:
    def test_it_counts_what_the_filters_leave(self, aisha, yousef, mariam):
        a_lead(by=aisha, source=Source.BAYUT)
        a_lead(by=yousef)

        assert leads.tally(Filters(), by=mariam).count == 2
        assert leads.tally(Filters(source_type=(Source.BAYUT,)), by=mariam).count == 1
        assert leads.tally(Filters(), by=aisha).count == 1

    def test_it_stops_at_the_cap_and_says_so(self, aisha, mariam):
        many(5)

        assert leads.tally(Filters(), by=mariam, at_most=3).more
        assert leads.tally(Filters(), by=mariam, at_most=5) == leads.Tally(5, 0, more=False)
