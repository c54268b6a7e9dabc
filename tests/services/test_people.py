from datetime import timedelta

import pytest

from tests.factories import a_lead, a_phone, backdated, brought_to, now, sql, value
from webapp.errors import Conflict, Invalid, Missing
from webapp.services import activities, enquiries, leads, people, tasks
from webapp.services.leads import Details, Origin
from webapp.services.tasks import FollowUp
from webapp.vocabulary import (
    ActivityType,
    Alike,
    Channel,
    Language,
    Source,
    SpokenLanguage,
    Status,
    TaskType,
    VisitStatus,
)


@pytest.fixture
def today():
    return now().replace(hour=0, minute=0, second=0, microsecond=0)


class TestFind:
    def test_a_new_number_is_nobody(self, aisha, today):
        assert people.find(a_phone(), today=today) is None

    def test_a_known_one_is_enough_to_greet_and_route(self, aisha, today):
        lead = a_lead(
            source=Source.BAYUT, first_name="Noor", last_name="Saeed", spoken_language=SpokenLanguage.RUSSIAN, by=aisha
        )
        call = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL)

        person = people.find(lead.phone, today=today)

        assert (person.name, person.phone, person.speaks) == ("Noor Saeed", lead.phone, SpokenLanguage.RUSSIAN)
        assert (person.agent_id, person.agent_name, person.on_duty) == (aisha.agent_id, "Aisha Rahman", True)
        assert (person.contacted_at, person.contacted_by) == (call.activity_at, "call")
        assert (person.leads, person.is_closed, person.times, person.waiting) == (1, False, 0, None)

    def test_budgets_and_notes_are_not_in_it(self, aisha, today):
        person = people.find(a_lead(first_name="Noor").phone, today=today)

        assert {name for name in vars(person) if "budget" in name or "note" in name} == set()

    def test_without_a_name_it_is_an_unnamed_caller(self, aisha, today):
        person = people.find(a_lead(language_preference=Language.ARABIC).phone, today=today)

        assert (person.name, person.speaks) == ("Unnamed caller", Language.ARABIC)

    def test_the_open_lead_speaks_for_the_person(self, aisha, today):
        phone = a_phone()
        opened = backdated(a_lead(phone, Source.BAYUT), hours=3)
        brought_to(a_lead(phone, Source.WALK_IN), Status.LOST)

        person = people.find(phone, today=today)

        assert (person.lead_id, person.leads, person.is_closed) == (opened.lead_id, 2, False)

    def test_of_open_leads_the_one_assigned_last(self, aisha, today):
        phone = a_phone()
        first, second = a_lead(phone, Source.BAYUT), a_lead(phone, Source.WALK_IN)
        sql("UPDATE lead_assignments SET reassigned_at = now() + interval '1 minute' WHERE lead_id = %s", first.lead_id)

        assert people.find(phone, today=today).lead_id == first.lead_id != second.lead_id

    def test_a_closed_one_alone_is_known_too(self, aisha, today):
        lead = brought_to(a_lead(), Status.LOST)

        assert people.find(lead.phone, today=today).is_closed

    def test_a_struck_contact_is_none(self, aisha, today):
        lead = a_lead()
        call = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL)
        activities.strike(call.activity_id, by=aisha)

        assert people.find(lead.phone, today=today).contacted_at is None

    def test_todays_viewing_is_shown_and_tomorrows_is_not(self, aisha, clock):
        sql("UPDATE stopped.clock SET stands_at = '2026-03-02 06:00+00'")
        lead, today = a_lead(), clock.now - timedelta(hours=10)
        tasks.schedule(lead.lead_id, FollowUp(TaskType.VIEWING, today + timedelta(hours=24)), by=aisha)
        assert people.find(lead.phone, today=today).viewing_at is None

        viewing = FollowUp(TaskType.VIEWING, today + timedelta(hours=20))
        tasks.schedule(lead.lead_id, viewing, by=aisha)

        assert people.find(lead.phone, today=today).viewing_at == viewing.due_date

    def test_visits_are_counted_over_all_leads(self, aisha, rashid, today):
        phone = a_phone()
        enquiries.register(Details(phone, Source.WALK_IN), Origin(Channel.VISIT), by=rashid)
        other = a_lead(phone, Source.BAYUT)
        visit = enquiries.add_visit(other.lead_id, by=rashid)

        person = people.find(phone, today=today)
        assert (person.times, person.visited_at, person.waiting) == (2, visit.arrived_at, True)

        for (visit_id,) in sql("SELECT visit_id FROM visits"):
            enquiries.mark_visit(visit_id, by=rashid, status=VisitStatus.LEFT)
        assert people.find(phone, today=today).waiting is False


class TestMet:
    def test_who_runs_into_a_foreign_lead_may_not_open_it(self, aisha, yousef, mariam, rashid):
        lead = a_lead(by=aisha)

        assert [people.met(lead.lead_id, by=who).may_open for who in (aisha, mariam, yousef, rashid)] == [
            *(True, True),
            *(False, False),
        ]

    def test_its_source_and_owner_are_known(self, aisha, yousef):
        met = people.met(a_lead(source=Source.DUBIZZLE, by=aisha).lead_id, by=yousef)

        assert (met.lead.source_type, met.lead.assignment.agent.full_name) == (Source.DUBIZZLE, "Aisha Rahman")

    def test_one_that_has_just_gone_is_said_to_have_gone(self, aisha, mariam):
        lead_id = a_lead(by=aisha).lead_id
        enquiries.mark_broker(value("SELECT enquiry_id FROM enquiries"), by=mariam)

        with pytest.raises(Conflict, match="just set aside or merged"):
            people.met(lead_id, by=mariam)


class TestOtherLeads:
    def test_all_leads_of_one_phone_are_one_person(self, aisha, yousef):
        phone = a_phone()
        first = backdated(a_lead(phone, Source.BAYUT, by=aisha), hours=3)
        second = backdated(a_lead(phone, Source.DUBIZZLE, by=aisha), hours=2)
        third = a_lead(phone, Source.REFERRAL)
        a_lead(by=aisha)
        sql("UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s", yousef.agent_id, second.lead_id)

        others = people.other_leads(leads.find(third.lead_id, by=aisha), by=aisha)

        found = [(other.lead.lead_id, other.may_open, other.alike) for other in others]
        assert found == [(second.lead_id, False, Alike.PHONE), (first.lead_id, True, Alike.PHONE)]

    @pytest.mark.parametrize(
        ("name", "other"),
        [
            (("Muhammad", "Al Mansouri"), ("محمد", "المنصوري")),
            (("Mohammed", "Almansoori"), ("Mohamad", "al-Mansuri")),
            (("Aisha", "Khaled"), ("عائشة", "خالد")),
            (("Fatimah", "Abdullah"), ("فاطمة", "عبد الله")),
            (("Layla", "Haddad"), ("Haddad", "Leila")),
            (("Youssef", "Qasim"), ("يوسف", "قاسم")),
        ],
    )
    def test_one_name_in_two_spellings_is_suggested(self, aisha, name, other):
        lead = a_lead(by=aisha, first_name=name[0], last_name=name[1])
        same = a_lead(by=aisha, first_name=other[0], last_name=other[1])

        assert suggested(lead, aisha) == [(same.lead_id, Alike.NAME)]

    @pytest.mark.parametrize(
        ("name", "other"),
        [
            (("Layla", "Mansour"), ("Ali", "Mansour")),
            (("Mohammed", ""), ("Mohammed", "")),
            (("", ""), ("", "")),
            (("Omar", "Khan"), ("Omar", "Saleh")),
        ],
    )
    def test_other_names_and_first_names_alone_are_not(self, aisha, name, other):
        lead = a_lead(by=aisha, first_name=name[0], last_name=name[1])
        a_lead(by=aisha, first_name=other[0], last_name=other[1])

        assert suggested(lead, aisha) == []

    def test_the_most_telling_come_first_and_only_those_that_somebody_may_open(self, aisha, yousef, mariam):
        lead = a_lead(by=aisha, first_name="Sara", last_name="Haddad", email="Sara@example.com")
        by_name = a_lead(by=aisha, first_name="سارة", last_name="حداد")
        by_email = a_lead(by=aisha, first_name="S.", email="sara@Example.com")
        by_whatsapp = a_lead(by=aisha)
        sql("UPDATE enquiries SET whatsapp_username = 'sara_h' WHERE lead_id = ANY(%s)",
            [lead.lead_id, by_whatsapp.lead_id])  # fmt: skip
        sql("UPDATE agents SET on_duty = agent_id = %s", yousef.agent_id)
        his = a_lead(first_name="Sara", last_name="Hadad")

        theirs = [(by_email, Alike.EMAIL), (by_whatsapp, Alike.WHATSAPP), (by_name, Alike.NAME)]
        assert suggested(lead, aisha) == [(one.lead_id, word) for one, word in theirs]
        assert (his.lead_id, Alike.NAME) in suggested(lead, mariam)

    def test_who_is_not_the_same_is_remembered_on_both_sides(self, aisha, mariam):
        lead, other = (a_lead(by=aisha, first_name="Sara", last_name="Haddad") for _ in range(2))
        with pytest.raises(Invalid):
            people.tell_apart(lead.lead_id, lead.lead_id, by=mariam)

        people.tell_apart(lead.lead_id, other.lead_id, by=aisha)
        people.tell_apart(other.lead_id, lead.lead_id, by=mariam)

        assert (suggested(lead, mariam), suggested(other, aisha)) == ([], [])

    def test_leads_of_others_are_not_told_apart(self, aisha, yousef):
        lead, his = a_lead(by=aisha), a_lead(by=yousef)
        with pytest.raises(Missing):
            people.tell_apart(lead.lead_id, his.lead_id, by=aisha)
        assert value("SELECT count(*) FROM distinctions") == 0


def suggested(lead, who) -> list:
    """The leads that may be the same person's, with why."""
    others = people.other_leads(leads.find(lead.lead_id, by=who), by=who)
    return [(other.lead.lead_id, other.alike) for other in others if not other.is_theirs]
