"""Two leads of one person become one, and can become two again (R2)."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.factories import (
    a_capture,
    a_lead,
    backdated,
    brought_to,
    busy,
    now,
    owner,
    sql,
    tally,
    the_agent,
    told,
    value,
)
from webapp.errors import Conflict, Invalid, Missing, Moved
from webapp.models import Lead
from webapp.services import activities, doctor, enquiries, interests, leads, merges, people, scoring, tasks
from webapp.services.leads import Details, Filters
from webapp.services.merges import Wish
from webapp.services.tasks import FollowUp
from webapp.vocabulary import (
    ActivityType,
    InterestLevel,
    NoticeKind,
    Outcome,
    PropertyType,
    Side,
    Source,
    Status,
    TaskType,
)

pytestmark = pytest.mark.usefixtures("app")

OF_LEADS = {
    "leads": "lead_id",
    "lead_assignments": "lead_id",
    "lead_activities": "activity_id",
    "follow_up_tasks": "task_id",
    "lead_property_interests": "interest_id",
    "lead_sources": "source_id",
    "enquiries": "enquiry_id",
    "visits": "visit_id",
    "lead_conversion_history": "history_id",
    "assignment_history": "move_id",
    "handover_leads": "number",
    "distinctions": "lead_id, other_id",
}
ALWAYS_NEW = {"version", "updated_at"}
"""What an undo writes anew at the lead that stayed."""


def versions(*both) -> tuple[int, int]:
    found = {row.lead_id: row.version for row in sql("SELECT lead_id, version FROM leads")}
    return found[both[0].lead_id], found[both[1].lead_id]


def merged(lead, other, *, by, survivor=Side.LEAD, owner=None, **chosen):
    wish = Wish(survivor, versions(lead, other), chosen, owner)
    return merges.make(lead.lead_id, other.lead_id, wish, by=by).merge_id


def state(*, but: Lead | None = None) -> dict:
    """Every row that belongs to a lead; of one of them without what an undo must write anew."""
    found = {}
    for table, key in OF_LEADS.items():
        rows = [row._asdict() for row in sql(f"SELECT * FROM {table} ORDER BY {key}")]
        for row in rows:
            if table == "leads" and but is not None and row["lead_id"] == but.lead_id:
                row |= dict.fromkeys(ALWAYS_NEW)
        found[table] = rows
    found["agents"] = sql("SELECT agent_id, active_leads_count, last_assigned_at FROM agents ORDER BY 1")
    found["days"] = sql(
        """SELECT day, source_type, owner_id, ARRAY[sum(leads), sum(converted), sum(lost), sum(score)] AS counts
           FROM lead_days GROUP BY 1, 2, 3 HAVING (sum(leads), sum(converted), sum(lost), sum(score)) <> (0, 0, 0, 0)
           ORDER BY 1, 2, 3"""
    )
    return found


def findings() -> list:
    return [(finding.check.name, finding.differences) for finding in doctor.examine() if not finding.kept]


@pytest.fixture
def pair(aisha, yousef):
    """A lead of Aisha's and, a day older, one of Yousef's, with something of everything."""
    sql("UPDATE agents SET on_duty = true")
    hers = a_lead(source=Source.BAYUT, by=aisha, first_name="Layla", last_name="Haddad", budget_max=Decimal(3_000_000))
    his = a_lead(
        source=Source.WEBSITE, by=yousef, first_name="ليلى", last_name="حداد", email="layla@example.com",
        property_type=PropertyType.VILLA, preferred_areas=("Dubai Marina",), consent=True,
    )  # fmt: skip
    his = backdated(his, days=1)
    for lead, who in ((hers, aisha), (his, yousef)):
        activities.log(lead.lead_id, by=who, type=ActivityType.CALL, outcome=Outcome.POSITIVE)
        tasks.schedule(lead.lead_id, FollowUp(TaskType.VIEWING, now() + timedelta(days=3)), by=who)
        enquiries.add_visit(lead.lead_id, by=who)
    return leads.find(hers.lead_id, by=aisha), leads.find(his.lead_id, by=yousef)


class TestMake:
    def test_everything_that_happened_with_either_is_the_survivors(self, mariam, aisha, yousef, pair):
        hers, his = pair
        before = tally(*OF_LEADS)

        merged(hers, his, by=mariam)

        after = tally(*OF_LEADS)
        gone = {table for table in OF_LEADS if before[table] != after[table]}
        assert gone == {"leads", "lead_assignments", "lead_conversion_history"}
        for table in ("lead_activities", "follow_up_tasks", "lead_sources", "enquiries", "visits"):
            assert value(f"SELECT count(*) FROM {table} WHERE lead_id <> %s", hers.lead_id) == 0
        assert [the_agent(who).active_leads_count for who in (aisha, yousef)] == [1, 0]
        assert findings() == []

    def test_what_nobody_chose_is_the_survivors_or_where_it_says_nothing_the_others(self, mariam, aisha, pair):
        hers, his = pair

        merged(hers, his, by=mariam, budget=Side.OTHER)

        now_ = leads.find(hers.lead_id, by=mariam)
        assert (now_.name, now_.phone, now_.email) == ("Layla Haddad", hers.phone, "layla@example.com")
        assert (now_.property_type, now_.preferred_areas, now_.budget_max) == ("villa", ["Dubai Marina"], None)
        assert now_.consent_at == his.consent_at
        assert (now_.created_at, now_.source_type) == (his.created_at, Source.WEBSITE)
        assert (now_.status, now_.owner_id) == (Status.CONTACTED, aisha.agent_id)

    def test_its_score_is_that_of_one_lead_to_which_all_of_it_happened(self, mariam, pair):
        hers, his = pair
        merged(hers, his, by=mariam)

        points = {line.rule_name: line.points for line in _lines(hers)}
        assert points["Source: website"] == 80 and "Source: Bayut" not in points
        assert [name for name in points if name.startswith("Answered")] == ["Answered within 72 hours"]
        assert sum(line.points for line in _lines(hers) if line.rule_name == "Positive outcome") == 10

    def test_the_owner_may_be_chosen_and_clashing_follow_ups_get_another_time(self, mariam, aisha, yousef, pair):
        hers, his = pair
        merged(hers, his, by=mariam, owner=Side.OTHER)

        assert owner(hers) == yousef.agent_id
        due = [
            row.due_date for row in sql("SELECT * FROM follow_up_tasks WHERE status <> 'completed' ORDER BY due_date")
        ]
        assert all(later - earlier >= timedelta(minutes=30) for earlier, later in pairwise(due))
        assert value("SELECT count(*) FROM follow_up_tasks WHERE agent_id <> %s", yousef.agent_id) == 0
        assert NoticeKind.LEAD_TAKEN in told(aisha)
        assert findings() == []

    def test_of_two_interests_in_one_property_the_stronger_stays(self, mariam, aisha, yousef, pair):
        hers, his = pair
        flat, villa = (value("SELECT gen_random_uuid()") for _ in range(2))
        interests.add(hers.lead_id, flat, by=aisha, interest_level=InterestLevel.LOW)
        interests.add(his.lead_id, flat, by=yousef, interest_level=InterestLevel.HIGH)
        interests.add(his.lead_id, villa, by=yousef, interest_level=InterestLevel.MEDIUM)

        merged(hers, his, by=mariam)

        found = sql("SELECT property_id, interest_level FROM lead_property_interests WHERE lead_id = %s", hers.lead_id)
        assert {(row.property_id, row.interest_level) for row in found} == {(flat, "high"), (villa, "medium")}

    def test_the_open_lead_stays_and_keeps_its_status(self, mariam, aisha, pair):
        hers, his = pair
        brought_to(hers, Status.LOST)

        with pytest.raises(Invalid, match="open lead stays"):
            merged(hers, his, by=mariam)
        merged(hers, his, by=mariam, survivor=Side.OTHER)

        assert leads.find(his.lead_id, by=mariam).status == Status.CONTACTED

    def test_the_other_one_is_nowhere_but_its_address_leads_on(self, mariam, aisha, yousef, pair):
        hers, his = pair
        merged(hers, his, by=mariam)

        assert [lead.lead_id for lead in leads.page(Filters(), by=mariam).rows] == [hers.lead_id]
        assert leads.page(Filters(q=f"#{his.number}"), by=mariam).rows == []
        assert [lead.lead_id for lead in leads.page(Filters(q=his.phone), by=mariam).rows] == [hers.lead_id]
        with pytest.raises(Moved) as moved:
            leads.find(his.lead_id, by=aisha)
        assert moved.value.lead_id == hers.lead_id
        with pytest.raises(Missing):
            leads.find(his.lead_id, by=yousef)

    def test_an_enquiry_from_the_other_number_finds_the_person(self, mariam, aisha, pair):
        hers, his = pair
        merged(hers, his, by=mariam)

        again = a_capture(his.phone, Source.REFERRAL)
        repeated = a_capture(hers.phone, Source.BAYUT)

        assert again.created and again.assignment.agent_id == aisha.agent_id
        assert not repeated.created and repeated.lead.lead_id == hers.lead_id
        known = people.find(his.phone, today=now())
        assert known.lead_id in (hers.lead_id, again.lead.lead_id) and known.leads == 2

    def test_who_saw_an_older_state_compares_again(self, mariam, pair):
        hers, his = pair
        seen = versions(hers, his)
        sql("UPDATE leads SET version = version + 1 WHERE lead_id = %s", his.lead_id)

        with pytest.raises(Conflict, match="Compare them again"):
            merges.make(hers.lead_id, his.lead_id, Wish(Side.LEAD, seen), by=mariam)

    def test_an_agent_merges_what_is_theirs_alone(self, aisha, yousef, pair):
        hers, his = pair
        with pytest.raises(Missing):
            merged(hers, his, by=aisha)
        assert tally("leads", "merges") == {"leads": 2, "merges": 0}

        own = a_lead(by=aisha)
        merged(hers, own, by=aisha)
        assert value("SELECT count(*) FROM leads WHERE owner_id = %s", aisha.agent_id) == 1

    def test_with_itself_no_lead_is_merged(self, mariam, pair):
        with pytest.raises(Invalid):
            merges.make(pair[0].lead_id, pair[0].lead_id, Wish(Side.LEAD, (1, 1)), by=mariam)


def _lines(lead):
    return sql(
        "SELECT rule_name, points, counted FROM standing_lines WHERE lead_id = %s ORDER BY line_id, part",
        lead.lead_id,
    )


class TestUndo:
    @pytest.mark.parametrize("chosen", [{}, {"owner": Side.OTHER, "name": Side.OTHER, "phone": Side.OTHER}])
    def test_both_are_as_they_were(self, mariam, aisha, yousef, pair, chosen):
        hers, his = pair
        flat = value("SELECT gen_random_uuid()")
        interests.add(hers.lead_id, flat, by=aisha, interest_level=InterestLevel.LOW)
        interests.add(his.lead_id, flat, by=yousef, interest_level=InterestLevel.HIGH)
        other = a_lead(by=yousef)
        people.tell_apart(his.lead_id, other.lead_id, by=mariam)
        before, lines = state(but=hers), (_lines(hers), _lines(his))

        undone = merges.undo(merged(hers, his, by=mariam, **chosen), by=mariam)

        assert undone.stays == []
        after = state(but=hers)
        if chosen:
            forget_moves(before, after)
        assert after == before
        assert sorted(_lines(hers)) == sorted(lines[0]) and _lines(his) == lines[1]
        assert findings() == []

    def test_what_came_since_stays_and_what_was_changed_is_told(self, mariam, aisha, yousef, pair):
        hers, his = pair
        score = value("SELECT score FROM leads WHERE lead_id = %s", his.lead_id)
        merge = merged(hers, his, by=mariam, email=Side.OTHER)
        since = activities.log(hers.lead_id, by=aisha, type=ActivityType.VIEWING)
        sql("UPDATE leads SET email = 'new@example.com' WHERE lead_id = %s", hers.lead_id)
        viewing = value(
            "SELECT task_id FROM follow_up_tasks WHERE type = 'viewing' AND lead_id = %s LIMIT 1", hers.lead_id
        )
        tasks.complete(viewing, by=aisha)

        undone = merges.undo(merge, by=mariam)

        assert {sentence.partition(" ")[0] for sentence in undone.stays} == {"The", "Its", "What"}
        assert leads.find(hers.lead_id, by=mariam).email == "new@example.com"
        assert value("SELECT lead_id FROM lead_activities WHERE activity_id = %s", since.activity_id) == hers.lead_id
        back = leads.find(his.lead_id, by=yousef)
        assert (back.email, back.score, back.number) == ("layla@example.com", score, his.number)
        assert findings() == []

    def test_whoever_has_no_room_any_more_does_not_get_it_back(self, mariam, yousef, pair):
        hers, his = pair
        merge = merged(hers, his, by=mariam)
        busy(yousef, 50)

        undone = merges.undo(merge, by=mariam)

        assert undone.stays[0] == f"Nobody owns #{his.number}: Yousef Haddad has no room."
        assert owner(his) is None and leads.find(his.lead_id, by=mariam).owner_id is None
        assert NoticeKind.LEAD_UNASSIGNED not in told(yousef)
        assert findings() == []

    def test_a_time_that_is_taken_meanwhile_is_told(self, mariam, aisha, yousef, pair):
        hers, his = pair
        merge = merged(hers, his, by=mariam, owner=Side.LEAD)
        due = value("SELECT due_date FROM follow_up_tasks WHERE type = 'viewing' ORDER BY created_at DESC LIMIT 1")
        other = a_lead(by=yousef)
        tasks.schedule(other.lead_id, FollowUp(TaskType.CALL, due), by=yousef)

        undone = merges.undo(merge, by=mariam)

        assert undone.stays == ["Its follow-ups have changed since, or their time is taken."]
        assert value("SELECT count(*) FROM follow_up_tasks WHERE lead_id = %s AND agent_id = %s", his.lead_id,
                     yousef.agent_id) == 2  # fmt: skip
        assert findings() == []

    def test_it_is_over_after_thirty_days_and_done_once(self, mariam, pair):
        merge = merged(*pair, by=mariam)
        sql("UPDATE merges SET merged_at = merged_at - interval '30 days'")
        with pytest.raises(Conflict, match="30 days have passed"):
            merges.undo(merge, by=mariam)

        sql("UPDATE merges SET merged_at = merged_at + interval '1 minute'")
        merges.undo(merge, by=mariam)
        with pytest.raises(Conflict, match="Mariam Saleh has undone it already"):
            merges.undo(merge, by=mariam)

    def test_of_several_merges_the_last_is_undone_first_and_addresses_lead_all_the_way(self, mariam, aisha, pair):
        hers, his = pair
        third = a_lead(by=aisha)
        before = state(but=third)
        first = merged(hers, his, by=mariam)
        second = merged(third, hers, by=mariam)
        with pytest.raises(Moved) as moved:
            leads.find(his.lead_id, by=mariam)
        assert moved.value.lead_id == third.lead_id
        with pytest.raises(Conflict, match=f"Undo the merge with #{hers.number} first."):
            merges.undo(first, by=mariam)

        assert merges.undo(second, by=mariam).stays == []
        assert merges.undo(first, by=mariam).stays == []
        sql("UPDATE leads SET version = 1 WHERE lead_id = %s", hers.lead_id)
        after = state(but=third)
        for one in (before, after):
            [row.update(updated_at=None) for row in one["leads"]]
        assert after == before

    def test_an_agent_undoes_what_was_theirs_on_both_sides(self, mariam, aisha, pair):
        hers, his = pair
        merge = merged(hers, his, by=mariam)
        with pytest.raises(Missing):
            merges.undo(merge, by=aisha)
        merges.undo(merge, by=mariam)

        own = merged(hers, a_lead(by=aisha), by=aisha)
        assert merges.undo(own, by=aisha).stays == []

    def test_a_lead_that_was_nobodys_is_nobodys_again(self, mariam, pair):
        _hers, his = pair
        sql("UPDATE agents SET on_duty = false")
        free = a_lead()
        merge = merged(free, his, by=mariam)
        assert owner(free) == his.owner_id and findings() == []

        assert merges.undo(merge, by=mariam).stays == []
        assert owner(free) is None and owner(his) == his.owner_id
        assert findings() == []


def forget_moves(*states) -> None:
    """An owner who was changed and changed back leaves two lines in the history, and was on turn."""
    for one in states:
        one["agents"] = [(row.agent_id, row.active_leads_count) for row in one["agents"]]
        one["assignment_history"] = [row for row in one["assignment_history"] if row["from_agent_id"] is None]


SAME = st.sampled_from([Side.LEAD, Side.OTHER])
DEEDS = st.one_of(
    st.tuples(st.just("log"), st.sampled_from(ActivityType), st.sampled_from([None, *Outcome])),
    st.tuples(st.just("strike")),
    st.tuples(st.just("plan"), st.integers(0, 3)),
    st.tuples(st.just("complete")),
    st.tuples(st.just("like"), st.integers(0, 1), st.sampled_from(InterestLevel)),
    st.tuples(st.just("visit")),
    st.tuples(st.just("amend"), st.sampled_from([None, 1, 20_000_000]), st.sampled_from([None, "UAE"])),
    st.tuples(st.just("wait"), st.integers(1, 9)),
    st.tuples(st.just("move"), st.sampled_from([Status.QUALIFIED, Status.NEGOTIATION, Status.CONVERTED, Status.LOST])),
)
STORIES = st.tuples(st.sampled_from([Source.BAYUT, Source.REFERRAL]), st.lists(DEEDS, max_size=5))
PARTS = st.sampled_from(["name", "phone", "email", "nationality", "budget", "consent"])


def a_story(who, source, deeds) -> Lead:
    """A lead of theirs with all of this."""
    lead = a_lead(source=source, by=who, first_name="Sara", last_name="Haddad", consent=source == Source.BAYUT)
    logged = []
    for deed, *what in deeds:
        lead = leads.find(lead.lead_id, by=who)
        if deed == "log":
            logged.append(activities.log(lead.lead_id, by=who, type=what[0], outcome=what[1]).activity_id)
        elif deed == "strike" and logged:
            activities.strike(logged.pop(), by=who)
        elif deed == "plan" and not lead.status.is_closed:
            due = tasks.next_free_slot(who.agent_id, now() + timedelta(days=what[0], minutes=1))
            tasks.schedule(lead.lead_id, FollowUp(TaskType.CALL, due), by=who)
        elif deed == "complete" and lead.next_step_at:
            earliest = "SELECT task_id FROM follow_up_tasks WHERE lead_id = %s AND status <> 'completed' LIMIT 1"
            tasks.complete(value(earliest, lead.lead_id), by=who)
        elif deed == "like" and not interests.of_property(lead.lead_id, PROPERTIES[what[0]]):
            interests.add(lead.lead_id, PROPERTIES[what[0]], by=who, interest_level=what[1])
        elif deed == "visit" and not value("SELECT count(*) FROM visits WHERE lead_id = %s", lead.lead_id):
            enquiries.add_visit(lead.lead_id, by=who)
        elif deed == "amend":
            budget, nationality = what
            details = Details(lead.phone, source, budget_max=budget and Decimal(budget), nationality=nationality)
            leads.amend(lead.lead_id, details, by=who, version=lead.version)
        elif deed == "wait":
            backdated(lead, days=what[0])
            scoring.charge_silences()
        elif deed == "move" and lead.status == Status.NEW:
            brought_to(lead, what[0])
    return leads.find(lead.lead_id, by=who)


PROPERTIES = [UUID(int=1), UUID(int=2)]


@pytest.fixture
def examples(full) -> int:
    return 300 if full else 8


class TestAnyTwo:
    def test_merged_and_unmerged_both_are_equal_to_what_they_were(self, mariam, aisha, yousef, examples):
        sql("UPDATE agents SET on_duty = true")

        @settings(max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
        @given(
            one=STORIES, other=STORIES, same=st.booleans(), chosen=st.dictionaries(PARTS, SAME), stays=SAME, owner=SAME
        )
        def merge_and_unmerge(one, other, same, chosen, stays, owner):
            sql("DELETE FROM leads")
            sql("TRUNCATE assignment_history")
            first, second = a_story(aisha, *one), a_story(aisha if same else yousef, *other)
            if first.status.is_closed != second.status.is_closed:
                stays = Side.OTHER if first.status.is_closed else Side.LEAD
            survivor = first if stays == Side.LEAD else second
            before, known = state(but=survivor), findings()

            merge = merged(first, second, by=mariam, survivor=stays, owner=owner, **chosen)
            assert {name for name, _differences in findings()} <= {name for name, _differences in known}
            assert merges.undo(merge, by=mariam).stays == []

            after = state(but=survivor)
            forget_moves(before, after)
            assert after == before
            assert findings() == known

        merge_and_unmerge()
