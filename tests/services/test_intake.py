"""What portals deliver, from the bytes to a lead, a touch or somebody's to review (R1, R2)."""

import json
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from tests.factories import a_lead, a_phone, an_agent, brought_to, now, owner, sql, tally, told, value
from tests.portals import FIXTURES, a_phone_of, an_event, bodies, source_of
from tests.races.bursts import broken_rules
from webapp.errors import Conflict, Invalid, Missing
from webapp.extensions import db
from webapp.models import Enquiry
from webapp.services import activities, enquiries
from webapp.services.access import SYSTEM
from webapp.services.enquiries import Filters
from webapp.vocabulary import ActivityType, EnquiryState, NoticeKind, Source, Status, Why

WITHOUT_PHONE = ("pf_lead_created_whatsapp_username.json", "pf_lead_assigned_project_email.json")
EARLY, NOON, LATE = "2026-03-04T09:00:00Z", "2026-03-04T12:00:00Z", "2026-03-04T18:00:00Z"


def arrives(raw: bytes, source: Source = Source.PROPERTY_FINDER) -> Enquiry | None:
    """What becomes of a delivery, as a hook would do it; None for one that is here already."""
    delivery_id = enquiries.keep(source, raw, by=SYSTEM)
    return enquiries.take(delivery_id, by=SYSTEM) if delivery_id else None


def one() -> Enquiry:
    """The only enquiry there is, as it is now."""
    return db.session.get(Enquiry, value("SELECT enquiry_id FROM enquiries"))


def one_of(enquiry_id) -> Enquiry:
    return db.session.get(Enquiry, enquiry_id)


def without_phone(number: int = 1, **payload) -> Enquiry:
    contacts = [{"type": "email", "value": "b@example.invalid"}]
    return arrives(an_event(number, number, at=NOON, contacts=contacts, **payload))


@pytest.mark.parametrize("name", FIXTURES)
class TestFixtures:
    def test_with_a_phone_it_is_a_lead_and_without_one_it_waits(self, aisha, mariam, name):
        for raw, expected in zip(bodies(name), FIXTURES[name]["expected"], strict=True):
            enquiry = arrives(raw, source_of(name))

            assert enquiry.portal_lead_id == expected["portal_lead_id"]
            assert enquiry.received_at == datetime.fromisoformat(expected["received_at"])
            assert (enquiry.lead_id is None) == (name in WITHOUT_PHONE)
            if enquiry.lead_id is None:
                assert (enquiry.state, enquiry.why) == (EnquiryState.NEEDS_REVIEW, Why.NO_PHONE)
            else:
                assert enquiry.state == EnquiryState.CAPTURED
                lead = sql("SELECT * FROM leads WHERE lead_id = %s", enquiry.lead_id)[0]
                assert (lead.phone, lead.source_type) == (expected["phone_e164"], expected["source"])
                assert f"{lead.first_name} {lead.last_name}".strip() == (expected["name"] or "")
                assert owner(lead) == aisha.agent_id

    def test_the_same_bytes_again_change_nothing(self, aisha, name):
        for raw in bodies(name):
            arrives(raw, source_of(name))
        before = tally("deliveries", "enquiries", "leads", "notices", "audit_entries")
        for raw in bodies(name):
            assert enquiries.keep(source_of(name), raw, by=SYSTEM) is None

        assert tally("deliveries", "enquiries", "leads", "notices", "audit_entries") == before


class TestKeep:
    @pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"[]", b"x" * 1_000_000, b'{"id":"\\ud800"}'])
    def test_whatever_it_is_it_is_kept_as_it_came_and_waits_for_somebody(self, app, raw):
        enquiry = arrives(raw)

        assert bytes(value("SELECT payload FROM deliveries")) == raw
        assert (enquiry.state, enquiry.why) == (EnquiryState.NEEDS_REVIEW, Why.UNREADABLE)
        assert arrives(raw) is None

    def test_one_id_of_two_portals_is_two_events(self, aisha):
        (raw,) = bodies("bayut_push_whatsapp.json")
        arrives(raw, Source.BAYUT)
        arrives(raw, Source.DUBIZZLE)

        assert tally("deliveries", "enquiries", "leads") == {"deliveries": 2, "enquiries": 2, "leads": 2}
        assert value("SELECT count(DISTINCT agent_id) FROM lead_assignments") == 1

    def test_nobody_changes_what_was_delivered(self, app):
        arrives(b"{}")
        with pytest.raises(Exception, match="permission denied"):
            db.session.execute(db.text("UPDATE deliveries SET payload = ''"))
        db.session.rollback()


class TestTake:
    def test_a_repeat_within_a_day_is_a_touch_whose_owner_is_told(self, aisha):
        phone = a_phone()
        first = arrives(an_event(1, 1, at=NOON, contacts=a_phone_of(phone)))
        again = arrives(an_event(2, 2, at=LATE, contacts=a_phone_of(phone)))

        assert again.state == EnquiryState.ATTACHED and again.lead_id == first.lead_id
        assert told(aisha) == [NoticeKind.LEAD_ASSIGNED, NoticeKind.REPEAT_ENQUIRY]

    @pytest.mark.parametrize("order", list(permutations(range(3))))
    def test_events_of_one_lead_in_any_order_are_one_enquiry_with_the_newest_words(self, aisha, order):
        phone = a_phone()
        listing = {"reference": "TST-S-1001"}
        events = [
            an_event(1, 7, at=EARLY, kind="lead.created", name="Old Name", contacts=a_phone_of(phone)),
            an_event(2, 7, at=NOON, kind="lead.updated", name="Middle Name", listing=listing),
            an_event(3, 7, at=LATE, kind="lead.assigned", name="New Name", responseLink="https://example.invalid/r"),
        ]
        for nth in order:
            arrives(events[nth])

        enquiry = one()
        assert (enquiry.name, enquiry.phone, enquiry.listing_reference) == ("New Name", phone, "TST-S-1001")
        assert enquiry.reply_link == "https://example.invalid/r"
        assert enquiry.received_at == datetime.fromisoformat(EARLY) and enquiry.state == EnquiryState.CAPTURED
        assert tally("leads", "enquiries", "deliveries") == {"leads": 1, "enquiries": 1, "deliveries": 3}

    def test_a_phone_that_comes_later_makes_the_lead(self, aisha, mariam):
        without_phone()
        enquiry = arrives(an_event(2, 1, at=LATE, kind="lead.updated", contacts=a_phone_of("+971501234567")))

        assert enquiry.state == EnquiryState.CAPTURED and enquiry.why is None
        assert told(mariam) == [NoticeKind.ENQUIRY_WAITING]

    def test_with_no_agent_free_it_is_captured_all_the_same(self, mariam):
        enquiry = arrives(an_event(1, 1, at=NOON, contacts=a_phone_of("+971501234567")))

        assert enquiry.state == EnquiryState.CAPTURED
        assert value("SELECT count(*) FROM lead_assignments") == 0
        assert told(mariam) == [NoticeKind.LEAD_UNASSIGNED]

    def test_without_a_time_or_with_one_to_come_it_is_when_it_arrived(self, aisha):
        arrives(an_event(1, 1, at="", contacts=a_phone_of(a_phone())))
        arrives(an_event(2, 2, at="2099-01-01T00:00:00Z", contacts=a_phone_of(a_phone())))

        late = "SELECT count(*) FROM enquiries WHERE is_estimated AND received_at > now() - interval '1 minute'"
        assert value(late) == 2

    def test_a_service_number_is_nobody_s_and_waits(self, aisha):
        enquiry = arrives(an_event(1, 1, at=NOON, contacts=a_phone_of("80012345")))

        assert (enquiry.why, enquiry.phone, enquiry.lead_id) == (Why.BAD_PHONE, "80012345", None)

    def test_a_listing_of_ours_is_what_was_asked_about(self, aisha):
        sql("INSERT INTO listings (reference, title) VALUES ('TST-S-1001', 'Flat')")
        arrives(bodies("bayut_push_whatsapp.json")[0], Source.BAYUT)

        assert value("SELECT title FROM lead_sources JOIN listings USING (property_id)") == "Flat"

    def test_the_website_s_wish_and_consent_come_along(self, aisha):
        body = {"id": "f1", "phone": "0501234567", "purpose": "rent", "consent": {"at": NOON}, "utm_source": "mail"}
        arrives(json.dumps(body).encode(), Source.WEBSITE)

        lead = sql("SELECT purpose, consent_at, utm_source FROM leads JOIN lead_sources USING (lead_id)")[0]
        assert (lead.purpose, lead.utm_source) == ("rent", "mail") and lead.consent_at

    def test_a_name_longer_than_a_lead_s_is_whole_on_the_enquiry(self, aisha):
        enquiry = arrives(an_event(1, 1, at=NOON, name="a" * 300, contacts=a_phone_of("+971501234567")))

        assert len(enquiry.name) == 300 and value("SELECT length(first_name) FROM leads") == 100


class TestOwner:
    @pytest.mark.parametrize("by", ["email", "number", "nobody"])
    def test_the_agent_whom_the_portal_names_reviews_it_else_the_managers(self, aisha, mariam, by):
        sql("UPDATE agents SET email = 'agent1@example.invalid', phone = '+971501112233'")
        body = json.loads(bodies("bayut_push_call.json")[0])
        del body["enquirer"]["phone_number"]
        if by != "email":
            body["agent"]["email"] = "nobody@example.invalid"
        if by != "number":
            body["agent"].pop("phone")
            body["call_details"]["receiver_number"] = []
        enquiry = arrives(json.dumps(body).encode(), Source.BAYUT)

        assert enquiry.owner_id == (None if by == "nobody" else aisha.agent_id)
        assert (told(aisha), told(mariam)) == (
            ([], [NoticeKind.ENQUIRY_WAITING]) if by == "nobody" else ([NoticeKind.ENQUIRY_WAITING], [])
        )

    def test_only_they_and_the_managers_see_it(self, aisha, yousef, mariam, rashid):
        enquiry_id = without_phone().enquiry_id
        sql("UPDATE enquiries SET owner_id = %s", aisha.agent_id)

        for who in (aisha, mariam):
            assert enquiries.shown(enquiry_id, by=who).enquiry.enquiry_id == enquiry_id
            assert len(enquiries.page(Filters(), by=who).rows) == 1
        for who in (yousef, rashid):
            with pytest.raises(Missing):
                enquiries.shown(enquiry_id, by=who)
            assert enquiries.page(Filters(), by=who).rows == []


class TestTakeWaiting:
    def test_what_a_kill_left_is_taken_up(self, aisha):
        for name in FIXTURES:
            for raw in bodies(name):
                enquiries.keep(source_of(name), raw, by=SYSTEM)
        assert value("SELECT count(*) FROM enquiries") == 0

        assert enquiries.take_waiting().done == 11
        assert enquiries.take_waiting().done == 0
        assert value("SELECT count(*) FROM deliveries WHERE state = 'taken' AND enquiry_id IS NOT NULL") == 11
        assert value("SELECT count(*) FROM enquiries WHERE state IN ('captured', 'attached')") == 9

    def test_one_that_breaks_is_put_aside_with_its_reason_and_the_others_are_done(self, aisha, mariam, caplog):
        sql("""
            CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''broken''; END';
            CREATE TRIGGER break BEFORE INSERT ON leads FOR EACH ROW WHEN (NEW.first_name = 'Poison')
                EXECUTE FUNCTION break()""")
        try:
            for number, name in enumerate(("Poison", "Layla"), start=1):
                raw = an_event(number, number, at=NOON, name=name, contacts=a_phone_of(a_phone()))
                enquiries.keep(Source.PROPERTY_FINDER, raw, by=SYSTEM)
            done = enquiries.take_waiting()
        finally:
            sql("DROP FUNCTION break() CASCADE")

        assert (done.done, done.failed) == (1, 1)
        assert told(mariam) == [NoticeKind.ENQUIRY_WAITING]
        failed = sql("SELECT * FROM enquiries WHERE state = 'failed'")[0]
        assert (failed.why, failed.name, failed.lead_id) == ("broke", "Poison", None)
        assert value("SELECT count(*) FROM deliveries WHERE state = 'failed' AND enquiry_id IS NOT NULL") == 1

        again = enquiries.retry(failed.enquiry_id, by=mariam)
        assert again.state == EnquiryState.CAPTURED and again.why is None
        assert value("SELECT count(*) FROM deliveries WHERE state <> 'taken'") == 0


class TestReview:
    def test_a_phone_makes_it_a_lead(self, aisha, mariam):
        enquiry = enquiries.add_phone(without_phone().enquiry_id, by=mariam, phone="050 123 4567")

        assert enquiry.state == EnquiryState.CAPTURED and (enquiry.why, enquiry.note) == (None, None)
        assert value("SELECT phone FROM leads") == "+971501234567"

    def test_a_phone_that_is_here_makes_it_a_touch(self, aisha, mariam):
        lead = a_lead("+971501234567", Source.PROPERTY_FINDER)

        assert enquiries.add_phone(without_phone().enquiry_id, by=mariam, phone="0501234567").lead_id == lead.lead_id

    def test_a_phone_that_is_none_is_refused_in_words(self, aisha, mariam):
        enquiry_id = without_phone().enquiry_id
        with pytest.raises(Invalid) as refused:
            enquiries.add_phone(enquiry_id, by=mariam, phone="80012345")

        assert refused.value.field == "phone" and one().state == EnquiryState.NEEDS_REVIEW

    def test_it_is_added_to_a_lead_by_its_number(self, aisha, mariam):
        lead = a_lead()
        enquiry_id = without_phone().enquiry_id
        enquiries.attach(enquiry_id, by=mariam, number=lead.number)

        enquiry = one_of(enquiry_id)
        assert (enquiry.state, enquiry.lead_id) == (EnquiryState.ATTACHED, lead.lead_id)
        assert NoticeKind.REPEAT_ENQUIRY in told(aisha)

    def test_on_a_closed_lead_the_managers_are_told_too(self, aisha, mariam, omar):
        lead = brought_to(a_lead(), Status.LOST)
        enquiry_id = without_phone().enquiry_id
        sql("UPDATE enquiries SET owner_id = %s", aisha.agent_id)
        enquiries.attach(enquiry_id, by=aisha, number=lead.number)

        assert NoticeKind.REPEAT_ENQUIRY in told(mariam)

    def test_an_agent_adds_it_to_no_lead_of_somebody_else(self, aisha, yousef, mariam):
        lead = a_lead()
        other = yousef if owner(lead) == aisha.agent_id else aisha
        enquiry_id = without_phone().enquiry_id
        sql("UPDATE enquiries SET owner_id = %s", other.agent_id)

        with pytest.raises(Invalid):
            enquiries.attach(enquiry_id, by=other, number=lead.number)

    def test_a_broker_s_is_set_aside_and_comes_back(self, mariam):
        enquiry_id = without_phone().enquiry_id
        enquiries.mark_broker(enquiry_id, by=mariam)
        assert (one().state, one().why) == (EnquiryState.IGNORED, Why.BROKER)
        arrives(an_event(2, 1, at=LATE, kind="lead.updated", contacts=a_phone_of("+971501234567")))
        assert tally("leads") == {"leads": 0}

        enquiries.bring_back(enquiry_id, by=mariam)
        assert one().state == EnquiryState.CAPTURED and tally("leads") == {"leads": 1}

    def test_a_broker_s_touch_stays_on_its_lead_and_comes_back(self, aisha, mariam):
        lead = a_lead()
        enquiry_id = without_phone().enquiry_id
        enquiries.attach(enquiry_id, by=mariam, number=lead.number)
        enquiries.mark_broker(enquiry_id, by=mariam)
        enquiries.bring_back(enquiry_id, by=mariam)

        found = one_of(enquiry_id)
        assert (found.state, found.why, found.lead_id) == (EnquiryState.ATTACHED, None, lead.lead_id)

    def test_a_broker_s_lead_that_nobody_has_worked_with_is_in_no_figure_and_comes_back(self, aisha, mariam):
        contacts = a_phone_of("+971501234567")
        enquiry_id = arrives(an_event(1, 1, at=NOON, contacts=contacts)).enquiry_id
        enquiries.mark_broker(enquiry_id, by=mariam)

        assert (one().state, one().why, one().lead_id) == (EnquiryState.IGNORED, Why.BROKER, None)
        assert tally("leads", "lead_assignments", "follow_up_tasks") == {
            "leads": 0,
            "lead_assignments": 0,
            "follow_up_tasks": 0,
        }
        assert value("SELECT sum(active_leads_count) FROM agents") == 0
        assert value("SELECT coalesce(sum(leads), 0) FROM lead_days") == 0
        arrives(an_event(2, 1, at=LATE, kind="lead.updated", contacts=contacts))
        assert tally("leads") == {"leads": 0}

        enquiries.bring_back(enquiry_id, by=mariam)
        assert one().state == EnquiryState.CAPTURED and tally("leads") == {"leads": 1}
        assert broken_rules() == {}

    def test_a_lead_that_somebody_has_worked_with_or_that_enquired_again_goes_whole(self, aisha, mariam):
        worked = arrives(an_event(1, 1, at=NOON, contacts=a_phone_of("+971501234567")))
        activities.log(worked.lead_id, by=aisha, type=ActivityType.CALL)
        asked = arrives(an_event(2, 2, at=NOON, contacts=a_phone_of("+971501234568")))
        arrives(an_event(3, 3, at=NOON, contacts=a_phone_of("+971501234568")))
        by_hand = a_lead()
        typed = value("SELECT enquiry_id FROM enquiries WHERE lead_id = %s", by_hand.lead_id)
        lead_ids = worked.lead_id, asked.lead_id, by_hand.lead_id

        for enquiry_id in (worked.enquiry_id, asked.enquiry_id, typed):
            enquiries.mark_broker(enquiry_id, by=mariam)
        assert tally("leads", "broker_leads") == {"leads": 0, "broker_leads": 3}

        for enquiry_id, lead_id in zip((worked.enquiry_id, asked.enquiry_id, typed), lead_ids, strict=True):
            assert enquiries.bring_back(enquiry_id, by=mariam).enquiry.lead_id == lead_id
        assert tally("leads", "broker_leads") == {"leads": 3, "broker_leads": 0}

    def test_closed_it_is_set_aside_with_the_reason(self, mariam):
        enquiries.close(without_phone().enquiry_id, by=mariam, note="Spam")

        assert (one().state, one().why, one().note) == (EnquiryState.IGNORED, Why.CLOSED, "Spam")

    def test_what_somebody_has_dealt_with_is_not_dealt_with_again(self, aisha, mariam):
        enquiry_id = without_phone().enquiry_id
        enquiries.add_phone(enquiry_id, by=mariam, phone="0501234567")

        for again in (
            lambda: enquiries.add_phone(enquiry_id, by=mariam, phone="0501234568"),
            lambda: enquiries.attach(enquiry_id, by=mariam, number=10001),
            lambda: enquiries.close(enquiry_id, by=mariam, note="x"),
            lambda: enquiries.bring_back(enquiry_id, by=mariam),
            lambda: enquiries.retry(enquiry_id, by=mariam),
        ):
            with pytest.raises(Conflict):
                again()
        assert tally("leads") == {"leads": 1}

    def test_every_deed_is_on_record(self, aisha, mariam):
        enquiry_id = without_phone().enquiry_id
        enquiries.close(enquiry_id, by=mariam, note="x")
        enquiries.bring_back(enquiry_id, by=mariam)
        enquiries.retry(enquiry_id, by=mariam)
        enquiries.add_phone(enquiry_id, by=mariam, phone="0501234567")

        verbs = [row.verb for row in sql("SELECT verb FROM audit_entries WHERE subject_id = %s ORDER BY 1", enquiry_id)]
        assert verbs == ["enquiries.add_phone", "enquiries.bring_back", "enquiries.retry", "enquiries.set_aside"]


class TestPage:
    def test_pages_hold_every_enquiry_once_the_newest_first(self, mariam):
        sql("""INSERT INTO enquiries (source_type, channel, state, received_at)
               SELECT 'bayut', 'call', 'needs_review', now() - (n / 3) * interval '1 minute'
               FROM generate_series(1, 120) n""")
        seen, after = [], None
        for _ in range(3):
            found = enquiries.page(Filters(), by=mariam, after=after)
            seen += [enquiry for enquiry, _open in found.rows]
            after = found.after

        assert after is None and len({enquiry.enquiry_id for enquiry in seen}) == 120
        assert [e.received_at for e in seen] == sorted((e.received_at for e in seen), reverse=True)

    def test_it_is_narrowed_by_state_and_source(self, aisha, mariam):
        without_phone()
        a_lead(source=Source.WEBSITE)

        def count(**filters):
            return len(enquiries.page(Filters(**filters), by=mariam).rows)

        assert count() == 2
        assert count(states=[EnquiryState.NEEDS_REVIEW]) == count(sources=[Source.WEBSITE]) == 1
        assert count(states=[EnquiryState.NEEDS_REVIEW], sources=[Source.WEBSITE]) == 0

    @pytest.mark.parametrize("after", ["x", "é", "AAAA", "MjAyNg"])
    def test_a_place_that_cannot_be_read_is_the_newest(self, mariam, after):
        without_phone()

        assert len(enquiries.page(Filters(), by=mariam, after=after).rows) == 1


class TestAlike:
    def test_leads_of_the_same_address_or_username_are_offered_never_joined(self, aisha, mariam):
        lead = a_lead(email="B@example.invalid")
        enquiry_id = without_phone().enquiry_id

        assert [found.lead_id for found in enquiries.shown(enquiry_id, by=mariam).alike] == [lead.lead_id]
        assert one_of(enquiry_id).lead_id is None

    def test_a_username_is_known_by_its_enquiries(self, aisha, mariam):
        contacts = [{"type": "whatsappUsername", "value": "test.buyer"}]
        known = arrives(an_event(1, 1, at=NOON, contacts=contacts + a_phone_of("+971501234567")))
        enquiry_id = arrives(an_event(2, 2, at=NOON, contacts=contacts)).enquiry_id

        assert [found.lead_id for found in enquiries.shown(enquiry_id, by=mariam).alike] == [known.lead_id]


class TestWaiting:
    def test_those_that_wait_longest_come_first(self, aisha, mariam):
        for number in range(8):
            at = (now() - timedelta(hours=number)).isoformat()
            arrives(an_event(number, number, at=at, name=str(number), contacts=[]))
        found = enquiries.read_waiting(db.session.scalar(db.select(enquiries.waiting_of(by=mariam))))

        assert found.count == 8 and [one.name for one in found.rows] == list("765432")
        assert enquiries.read_waiting(db.session.scalar(db.select(enquiries.waiting_of(by=aisha)))).count == 0

    def test_an_agent_who_left_reviews_nothing(self, mariam):
        agent = an_agent("Layla Aziz")
        sql("UPDATE agents SET email = 'agent1@example.invalid', left_at = now()")
        body = json.loads(bodies("bayut_push_call.json")[0])
        del body["enquirer"]["phone_number"]

        assert arrives(json.dumps(body).encode(), Source.BAYUT).owner_id is None
        assert told(agent) == []
