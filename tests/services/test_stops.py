"""Who is not to be contacted: noted once, lifted by whoever may, kept for good, and nobody's once they are erased."""

from datetime import timedelta

import pytest

from tests.factories import a_lead, sql, value
from webapp.errors import Conflict, Invalid, Missing
from webapp.extensions import db
from webapp.models.stops import STANDS
from webapp.services import contact_guard, enquiries, people, privacy, stops, timeline
from webapp.services.access import SYSTEM
from webapp.services.timeline import Part
from webapp.vocabulary import ErasureReason, History, Source, StopChannel, StopReason

CALL, ALL = StopChannel.CALL, StopChannel.ALL
ASKED, OTHER = StopReason.ASKED, StopReason.OTHER
PHONE = "+971501234567"


@pytest.fixture
def lead(app, aisha):
    return a_lead(PHONE, first_name="Layla", by=aisha)


def call_of(lead):
    db.session.rollback()
    return contact_guard.of([lead.lead_id], by=SYSTEM)[lead.lead_id].call


def standing() -> int:
    return value(f"SELECT count(*) FROM contact_stops WHERE {STANDS}")


class TestAdd:
    def test_it_holds_for_the_person_on_every_lead_of_theirs(self, lead, aisha, mariam):
        other = a_lead(PHONE, Source.BAYUT, by=mariam)
        stranger = a_lead(by=mariam)

        stops.add(lead.lead_id, by=aisha, channel=CALL, reason=ASKED, note="On holiday until spring")

        assert call_of(lead).is_blocked and call_of(other).is_blocked and not call_of(stranger).is_blocked
        row = sql("SELECT * FROM contact_stops")[0]
        assert (row.phone, row.channel, row.reason, row.note) == (PHONE, "call", "asked", "On holiday until spring")
        assert row.stopped_by == aisha.user_id
        after = value("SELECT after FROM audit_entries WHERE verb = 'stops.add'")
        assert after == {"channel": "call", "reason": "asked"}

    def test_who_comes_back_as_a_new_lead_is_still_not_to_be_called_for_marketing(self, lead, aisha):
        stops.add(lead.lead_id, by=aisha, channel=ALL, reason=ASKED)
        again = a_lead(PHONE, Source.DUBIZZLE, by=aisha)

        assert (call_of(again).state, call_of(again).why) == ("warn", "stopped")

    def test_the_same_again_is_refused_and_another_way_is_not(self, lead, aisha, mariam):
        stops.add(lead.lead_id, by=aisha, channel=CALL, reason=ASKED)
        with pytest.raises(Conflict) as refused:
            stops.add(lead.lead_id, by=mariam, channel=CALL, reason=StopReason.REFUSED)
        assert refused.value.code == "stale"

        stops.add(lead.lead_id, by=mariam, channel=StopChannel.SMS, reason=ASKED)

        assert standing() == 2

    def test_another_reason_needs_words(self, lead, aisha):
        with pytest.raises(Invalid) as refused:
            stops.add(lead.lead_id, by=aisha, channel=CALL, reason=OTHER)

        assert refused.value.field == "note" and standing() == 0

    def test_only_of_leads_that_they_may_see(self, lead, yousef):
        with pytest.raises(Missing):
            stops.add(lead.lead_id, by=yousef, channel=CALL, reason=ASKED)


class TestLift:
    def test_they_may_be_contacted_again_and_both_are_on_record(self, lead, aisha, omar):
        stop_id = stops.add(lead.lead_id, by=aisha, channel=CALL, reason=ASKED)

        stops.lift(lead.lead_id, stop_id, by=omar, reason="They wrote to us")

        assert not call_of(lead).is_blocked
        row = sql("SELECT * FROM contact_stops")[0]
        assert (row.lifted_by, row.lift_reason, row.lifted_at is None) == (omar.user_id, "They wrote to us", False)
        told = [
            (event.kind, event.who, event.note) for event in timeline.tell(lead.lead_id, Part(History.CONTACTS)).events
        ]
        assert told == [("lift", "Omar Nasser", "They wrote to us"), ("stop", "Aisha Rahman", None)]
        assert stops.add(lead.lead_id, by=aisha, channel=CALL, reason=ASKED) != stop_id

    def test_once_and_with_a_reason(self, lead, aisha, mariam):
        stop_id = stops.add(lead.lead_id, by=aisha, channel=CALL, reason=ASKED)
        with pytest.raises(Invalid) as refused:
            stops.lift(lead.lead_id, stop_id, by=mariam, reason="")
        assert refused.value.field == "reason"
        stops.lift(lead.lead_id, stop_id, by=mariam, reason="A mistake")

        with pytest.raises(Conflict):
            stops.lift(lead.lead_id, stop_id, by=mariam, reason="A mistake")

    def test_a_stop_of_somebody_else_is_not_here(self, lead, aisha, mariam):
        stop_id = stops.add(lead.lead_id, by=aisha, channel=CALL, reason=ASKED)
        other = a_lead(by=mariam)

        with pytest.raises(Missing):
            stops.lift(other.lead_id, stop_id, by=mariam, reason="A mistake")


class TestShow:
    def test_what_stands_and_what_was_lifted(self, lead, aisha, mariam):
        first = stops.add(lead.lead_id, by=aisha, channel=CALL, reason=ASKED)
        stops.lift(lead.lead_id, first, by=mariam, reason="A mistake")
        stops.add(lead.lead_id, by=aisha, channel=ALL, reason=OTHER, note="Moved away")

        contact = stops.show(lead.lead_id, by=aisha)

        assert [(stop.channel, bool(stop.lifted_at), stop.stopper.name) for stop in contact.stops] == [
            ("all", False, "Aisha Rahman"),
            ("call", True, "Aisha Rahman"),
        ]
        assert contact.guard.email.is_blocked


class TestErasure:
    def test_nothing_of_it_names_them_and_the_same_number_is_a_new_person(self, lead, aisha, omar):
        stops.add(lead.lead_id, by=aisha, channel=ALL, reason=OTHER, note="Layla moved away")
        told = [line[2:] for line in privacy.export(lead.lead_id, by=omar) if line[0] == "Do not contact"]
        assert ["Reason", "Another reason"] in told and ["Note", "Layla moved away"] in told

        privacy.erase(lead.lead_id, by=omar, reason=ErasureReason.ASKED, digits="4567")

        row = sql("SELECT * FROM contact_stops")[0]
        assert (row.phone, row.note, row.channel, row.reason) == ("", None, "all", "other")
        again = a_lead(PHONE, Source.BAYUT, by=aisha)
        assert call_of(again).stop is None
        stops.add(again.lead_id, by=aisha, channel=ALL, reason=ASKED)
        privacy.erase(again.lead_id, by=omar, reason=ErasureReason.ASKED, digits="4567")
        assert (standing(), value("SELECT count(*) FROM contact_stops")) == (0, 2)


class TestBrokerLeads:
    def test_a_lead_that_is_set_aside_and_comes_back_is_still_not_to_be_called(self, lead, aisha, mariam):
        stops.add(lead.lead_id, by=aisha, channel=CALL, reason=ASKED)
        enquiry_id = value("SELECT enquiry_id FROM enquiries WHERE lead_id = %s", lead.lead_id)
        enquiries.mark_broker(enquiry_id, by=mariam)
        assert standing() == 1

        enquiries.bring_back(enquiry_id, by=mariam)

        assert call_of(lead).is_blocked


def test_the_front_desk_is_told(lead, aisha):
    stops.add(lead.lead_id, by=aisha, channel=CALL, reason=ASKED)

    person = people.find(PHONE, today=lead.created_at - timedelta(days=1))

    assert person.stopped == ["call"]
