"""The contact guard: whom we may call, message and write to, case by case, and what of it the database knows."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from tests.factories import a_lead, backdated, now, sql, told, value
from webapp.clock import DUBAI
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import activities, calls, consents, contact_guard, enquiries, merges, office, stops
from webapp.services.access import SYSTEM
from webapp.services.contact_guard import Call, Facts, Rules, Stop, judge
from webapp.services.leads import Origin
from webapp.services.merges import Wish
from webapp.vocabulary import (
    ActivityType,
    CallResult,
    Channel,
    ConsentChannel,
    ConsentHow,
    ConsentPurpose,
    ContactChannel,
    ContactOrigin,
    ContactState,
    ContactWhy,
    NoticeKind,
    Side,
    Source,
    StopChannel,
    StopReason,
)

# Mon 23 Nov 2026 in Dubai; the office's hours are 09:00 to 18:00.
NOON = datetime(2026, 11, 23, 12, tzinfo=DUBAI)
MORNING, EVENING, NIGHT = NOON.replace(hour=8, minute=59), NOON.replace(hour=18), NOON.replace(hour=23, minute=30)
OPENS, LAST_MINUTE = NOON.replace(hour=9), NOON.replace(hour=17, minute=59, second=59)
TOMORROW = OPENS + timedelta(days=1)
ANSWERED, NO_ANSWER, BUSY = CallResult.ANSWERED, CallResult.NO_ANSWER, CallResult.BUSY
CALL, WHATSAPP, EMAIL, SMS = ContactChannel
FREE, ALONE, WARN_STOPPED = "free", "blocked stopped", "warn stopped"
LATE, TOO_LATE = "warn outside_hours", "blocked outside_hours"
TODAY, WEEK = "blocked unanswered_today", "blocked unanswered_this_week"
UNSAID, WITHDRAWN = "warn no_consent", "blocked withdrawn"
ASKED, REFUSED, REGISTER = StopReason.ASKED, StopReason.REFUSED, StopReason.DNC_REGISTER
WRONG = StopReason.WRONG_NUMBER
HERS, ANOTHER = "+971501234567", "+971507654321"
AGREES, WITHDREW = dict.fromkeys(ContactChannel, True), dict.fromkeys(ContactChannel, False)


def ago(**span) -> datetime:
    return NOON - timedelta(**span)


def tries(*times: datetime, result: CallResult = NO_ANSWER) -> tuple[Call, ...]:
    return tuple(Call(at, result) for at in times)


def a_stop(reason: StopReason, channel: StopChannel = StopChannel.CALL, at: datetime | None = None, phone=HERS) -> Stop:
    return Stop(channel, reason, at or ago(days=2), phone)


def enquired(**more) -> dict:
    """They enquired this morning and nobody has answered."""
    return {"asked_at": ago(hours=4), **more}


def contacted(**more) -> dict:
    """They enquired, we answered, they agreed to offers: whatever comes now is marketing."""
    return {"asked_at": ago(days=20), "contacted_at": ago(days=9), "agreed": AGREES, **more}


def stopped(reason: StopReason, channel: StopChannel = StopChannel.CALL, *, on: dict, at=None, phone=HERS) -> dict:
    """The same person, not to be contacted since this moment (two days ago)."""
    return on | {"stops": (Stop(channel, reason, at or ago(days=2), phone),)}


STRICT, MILD = Rules(blocks=True), Rules()
LATER, OFTEN = replace(STRICT, closes=time(20)), replace(STRICT, a_day=3, a_week=9)


@dataclass(frozen=True)
class Case:
    """A moment, a person, and what the guard says of calls and of WhatsApp; until when it says it of calls."""

    name: str
    now: datetime
    facts: dict
    call: str
    message: str = FREE
    until: datetime | None = None
    rules: Rules = STRICT


WAY, MESSAGES = StopChannel.ALL, StopChannel.WHATSAPP
HOUR = ago(hours=1)
CASES = (
    # The hours, which begin with their first minute and end before their last.
    Case("an enquiry at noon", NOON, enquired(), FREE),
    Case("an enquiry a minute too early", MORNING, enquired(), LATE, FREE, OPENS),
    Case("an enquiry as the office closes", EVENING, enquired(), LATE, FREE, TOMORROW),
    Case("an enquiry at night", NIGHT, enquired(), LATE, FREE, TOMORROW),
    Case("marketing at noon", NOON, contacted(), FREE),
    Case("marketing as the office opens", OPENS, contacted(), FREE),
    Case("marketing in the last second", LAST_MINUTE, contacted(), FREE),
    Case("marketing a minute too early", MORNING, contacted(), TOO_LATE, LATE, OPENS),
    Case("marketing as the office closes", EVENING, contacted(), TOO_LATE, LATE, TOMORROW),
    Case("marketing at night, only warned of", NIGHT, contacted(), LATE, LATE, TOMORROW, MILD),
    Case("the office closes later", EVENING, contacted(), FREE, rules=LATER),
    # Whether a contact answers an enquiry.
    Case("asked again since we spoke", NIGHT, enquired(contacted_at=ago(days=1)), LATE, FREE, TOMORROW),
    Case("asked in the moment we spoke", NIGHT, contacted(asked_at=ago(days=9)), TOO_LATE, LATE, TOMORROW),
    Case("asked to be called back", NIGHT, contacted(wants_callback=True), LATE, FREE, TOMORROW),
    Case("never asked for anything", NIGHT, {"agreed": AGREES}, TOO_LATE, LATE, TOMORROW),
    # How often somebody who does not answer is called.
    Case("in vain an hour ago", NOON, contacted(calls=tries(HOUR)), TODAY, FREE, HOUR + timedelta(days=1)),
    Case("busy an hour ago", NOON, contacted(calls=tries(HOUR, result=BUSY)), TODAY, FREE, HOUR + timedelta(days=1)),
    Case("answered an hour ago", NOON, contacted(calls=tries(HOUR, result=ANSWERED)), FREE),
    Case("in vain 24 hours ago", NOON, contacted(calls=tries(ago(hours=24))), FREE),
    Case("twice in vain in 7 days", NOON, contacted(calls=tries(ago(days=5), ago(days=2))), WEEK, FREE, ago(days=-2)),
    Case("in vain 7 and 2 days ago", NOON, contacted(calls=tries(ago(days=7), ago(days=2))), FREE),
    Case("over the cap until night", NOON, contacted(calls=tries(ago(hours=14))), TODAY, FREE, TOMORROW),
    Case("over the cap, only warned of", NOON, contacted(calls=tries(ago(hours=14))), "warn unanswered_today", FREE,
         TOMORROW, MILD),
    Case("an enquiry, often in vain", NOON, enquired(calls=tries(ago(hours=3), ago(hours=2), HOUR)), FREE),
    Case("the office calls oftener", NOON, contacted(calls=tries(ago(hours=2), HOUR)), FREE, rules=OFTEN),
    # What the person said.
    Case("refused this offer", NOON, stopped(REFUSED, on=contacted()), ALONE),
    Case("left alone every way", NOON, stopped(ASKED, WAY, on=contacted()), ALONE, ALONE),
    Case("left alone, the guard only warns", NOON, stopped(ASKED, on=contacted()), ALONE, rules=MILD),
    Case("no messages", NOON, stopped(ASKED, MESSAGES, on=contacted()), FREE, ALONE),
    Case("refused, and enquired since", NOON, stopped(REFUSED, on=enquired()), WARN_STOPPED),
    Case("enquired, then left alone", NOON, stopped(ASKED, on=enquired(), at=HOUR), ALONE),
    Case("on the register", NOON, stopped(REGISTER, on=contacted()), ALONE),
    Case("on the register, enquired", NOON, stopped(REGISTER, on=enquired(), at=HOUR), WARN_STOPPED),
    Case("a wrong number", NOON, stopped(WRONG, on=contacted()), ALONE),
    Case("another number was wrong", NOON, stopped(WRONG, on=contacted(), phone=ANOTHER), FREE),
    # Consent, and what is graver.
    Case("no consent on record", NOON, contacted(agreed={}), UNSAID, UNSAID),
    Case("an enquiry needs none", NOON, enquired(agreed={}), FREE),
    Case("consent withdrawn", NOON, contacted(agreed=WITHDREW), WITHDRAWN, WITHDRAWN),
    Case("withdrawn, and enquired since", NOON, enquired(agreed=WITHDREW), FREE),
    Case("a stop before the hour", NIGHT, stopped(REFUSED, on=contacted()), ALONE, LATE),
    Case("a block before a warning", MORNING, stopped(ASKED, MESSAGES, on=enquired(), at=HOUR), LATE, ALONE, OPENS),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_table(case):
    found = judge(Facts(now=case.now, phone=HERS, **case.facts), case.rules)

    said = {way: " ".join(filter(None, (one.state, one.why))) for way, one in found.items()}
    assert (said[CALL], said[WHATSAPP], found[CALL].until) == (case.call, case.message, case.until)


class TestJudge:
    def test_sms_is_judged_as_whatsapp_is_and_mail_knows_no_hours(self):
        found = judge(Facts(now=NIGHT, phone=HERS, **contacted()))

        assert found[SMS] == found[WHATSAPP] and not found[SMS].is_free
        assert found[EMAIL].is_free

    def test_there_are_more_than_thirty_cases_and_every_verdict_is_among_them(self):
        assert len(CASES) >= 30
        assert {case.call.partition(" ")[0] for case in CASES} == {state.value for state in ContactState}
        assert {word for case in CASES for word in case.call.split()[1:]} == {why.value for why in ContactWhy}


@pytest.fixture
def lead(app, aisha):
    """Layla, who has enquired."""
    return a_lead(HERS, by=aisha, consent=True)


def guarded(lead, by=SYSTEM):
    db.session.rollback()
    return contact_guard.of([lead.lead_id], by=by)[lead.lead_id]


class TestOf:
    def test_a_new_lead_is_an_enquiry_that_nobody_has_answered(self, lead):
        facts = guarded(lead).facts

        assert facts.origin == ContactOrigin.ENQUIRY
        assert (facts.phone, facts.calls, facts.stops, facts.contacted_at) == (HERS, (), (), None)
        assert facts.agreed == AGREES

    def test_spoken_with_it_is_marketing_until_they_ask_again(self, lead, aisha):
        backdated(lead, hours=5)
        activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, call_result=ANSWERED)
        assert guarded(lead).facts.origin == ContactOrigin.MARKETING

        enquiries.add_visit(lead.lead_id, by=aisha)

        assert guarded(lead).facts.origin == ContactOrigin.ENQUIRY

    def test_who_asks_to_be_called_back_is_answered(self, lead, aisha):
        activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, call_result=CallResult.CALLBACK_REQUESTED)

        assert guarded(lead).facts.origin == ContactOrigin.ENQUIRY

    def test_a_row_of_a_file_is_no_enquiry(self, aisha):
        lead = a_lead(origin=Origin(channel=Channel.FILE), by=aisha)

        assert guarded(lead).facts.origin == ContactOrigin.MARKETING

    def test_calls_count_whoever_made_them_on_whichever_lead_and_what_is_struck_out_does_not(self, lead, aisha, mariam):
        other = a_lead(HERS, Source.BAYUT, by=mariam)
        activities.log(other.lead_id, by=mariam, type=ActivityType.CALL, call_result=NO_ANSWER)
        wrong = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, call_result=BUSY)
        activities.log(lead.lead_id, by=aisha, type=ActivityType.EMAIL)
        found = guarded(lead)
        assert (found.a_day, found.a_week) == (2, 2)

        activities.strike(wrong.activity_id, by=aisha)

        assert (guarded(lead).a_day, [call.result for call in guarded(lead).facts.calls]) == (1, [NO_ANSWER])

    def test_the_office_says_when_it_calls(self, lead, omar):
        office.limit_calls(
            by=omar,
            calls_from=time(10),
            calls_until=time(20, 30),
            unanswered_a_day=2,
            unanswered_a_week=3,
            guard_blocks=True,
        )

        assert guarded(lead).rules == Rules(time(10), time(20, 30), 2, 3, True)
        assert value("SELECT before ->> 'calls_from' FROM audit_entries WHERE verb = 'office.limit_calls'") == "09:00"

    @pytest.mark.parametrize(
        "wish, field",
        [
            ({"calls_until": time(9)}, "calls_until"),
            ({"unanswered_a_day": 0}, "unanswered_a_day"),
            ({"unanswered_a_day": 3}, "unanswered_a_week"),
            ({"unanswered_a_week": 51}, "unanswered_a_week"),
        ],
    )
    def test_hours_and_caps_that_cannot_be_are_refused(self, omar, wish, field):
        with pytest.raises(Invalid) as refused:
            office.limit_calls(by=omar, **office.CALLS | wish)

        assert refused.value.field == field

    @pytest.mark.parametrize(
        "purpose, way, is_given, expected",
        [
            (ConsentPurpose.MARKETING, ConsentChannel.CALL, False, {CALL: False}),
            (ConsentPurpose.MARKETING, ConsentChannel.ANY, False, dict.fromkeys(ContactChannel, False)),
            (ConsentPurpose.SEARCH, ConsentChannel.WHATSAPP, False, {WHATSAPP: False}),
        ],
    )
    def test_what_they_said_of_marketing_comes_before_what_they_said_of_their_search(
        self, lead, aisha, purpose, way, is_given, expected
    ):
        said = {"purpose": purpose, "channel": way, "how": ConsentHow.BY_PHONE}
        consents.record(lead.lead_id, by=aisha, is_given=is_given, **said)

        assert guarded(lead).facts.agreed == AGREES | expected

        consents.record(lead.lead_id, by=aisha, is_given=True, **said)
        assert guarded(lead).facts.agreed == AGREES

    def test_an_agent_asks_of_their_own_leads_only(self, lead, yousef):
        assert contact_guard.of([lead.lead_id], by=yousef) == {}

    def test_a_refusal_goes_where_a_merge_takes_the_person_and_a_wrong_number_stays_with_its_number(
        self, lead, aisha, mariam
    ):
        other = a_lead(ANOTHER, Source.BAYUT, by=mariam)
        stops.add(other.lead_id, by=mariam, channel=StopChannel.WHATSAPP, reason=ASKED)
        stops.add(other.lead_id, by=mariam, channel=StopChannel.CALL, reason=WRONG)
        versions = tuple(row.version for row in sql("SELECT version FROM leads ORDER BY number"))
        merge = merges.make(lead.lead_id, other.lead_id, Wish(Side.LEAD, versions), by=mariam)

        found = guarded(lead)

        assert found.whatsapp.is_blocked and not found.call.is_blocked
        assert found.by_number(ANOTHER).is_blocked
        merges.undo(merge.merge_id, by=mariam)
        assert not guarded(lead).whatsapp.is_blocked and guarded(other).whatsapp.is_blocked


class TestBlocked:
    """What was contacted in spite of the guard is on record, and the managers are told."""

    def test_it_is_logged_all_the_same_and_told(self, lead, aisha, mariam):
        stops.add(lead.lead_id, by=mariam, channel=StopChannel.CALL, reason=ASKED)

        logged = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, call_result=ANSWERED)

        assert value("SELECT call_result FROM lead_activities") == "answered"
        assert told(mariam) == [NoticeKind.CONTACT_BLOCKED]
        facts = value("SELECT facts FROM notices WHERE kind = 'contact_blocked'")
        assert facts == {"who": "Aisha Rahman", "type": "call", "why": "stopped"}
        after = value("SELECT after FROM audit_entries WHERE subject_id = %s", logged.activity_id)
        assert after["in_spite_of"] == "stopped"

    def test_other_ways_and_what_was_only_warned_of_are_not_told(self, lead, aisha, mariam):
        stops.add(lead.lead_id, by=mariam, channel=StopChannel.CALL, reason=ASKED)

        activities.log(lead.lead_id, by=aisha, type=ActivityType.EMAIL)
        activities.log(lead.lead_id, by=aisha, type=ActivityType.MEETING)

        assert told(mariam) == []

    def test_it_is_judged_as_of_the_moment_it_was_made(self, lead, aisha, mariam, omar):
        office.limit_calls(by=omar, **office.CALLS | {"guard_blocks": True})
        before = NOON.astimezone(UTC).replace(year=2020)
        sql("UPDATE leads SET created_at = %s", before - timedelta(days=3))
        sql("UPDATE enquiries SET received_at = %s", before - timedelta(days=3))
        activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, activity_at=before - timedelta(days=2))

        activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, activity_at=before)
        assert told(mariam) == []
        activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, activity_at=before + timedelta(hours=8))

        assert told(mariam) == [NoticeKind.CONTACT_BLOCKED]

    @pytest.mark.parametrize("result, reason", [(CallResult.REFUSED, REFUSED), (CallResult.WRONG_NUMBER, WRONG)])
    def test_who_refuses_or_has_another_number_is_not_offered_for_calls_again(self, lead, aisha, result, reason):
        for _again in range(2):
            activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, call_result=result)

        (stop,) = guarded(lead).facts.stops
        assert (stop.channel, stop.reason, stop.by) == (StopChannel.CALL, reason, "Aisha Rahman")
        assert guarded(lead).call.why == ContactWhy.STOPPED

    def test_only_a_call_has_a_result(self, lead, aisha):
        with pytest.raises(Invalid) as refused:
            activities.log(lead.lead_id, by=aisha, type=ActivityType.EMAIL, call_result=ANSWERED)

        assert refused.value.field == "call_result"


class TestRegister:
    """The call register says of a call what the guard said when it was made."""

    def test_first_answers_second_calls_calls_back_and_calls_after_another_enquiry(self, lead, aisha):
        backdated(lead, days=9)
        said = []
        for days, result in ((8, None), (7, None), (6, CallResult.CALLBACK_REQUESTED), (5, None), (3, None)):
            at = now() - timedelta(days=days)
            found = db.session.scalars(select(contact_guard.facts(at)).where(Lead.lead_id == lead.lead_id)).one()
            said.append(contact_guard.read(found).facts.origin)
            activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, call_result=result, activity_at=at)
            if days == 5:
                sql(
                    """INSERT INTO enquiries (lead_id, source_type, channel, state, received_at)
                       VALUES (%s, 'bayut', 'email', 'attached', now() - interval '4 days')""",
                    lead.lead_id,
                )

        enquiry, marketing = ContactOrigin.ENQUIRY, ContactOrigin.MARKETING
        assert said == [enquiry, marketing, marketing, enquiry, enquiry]
        assert [call.origin for call in reversed(calls.page(calls.Filters()))] == said

    def test_of_what_came_in_a_file_the_first_call_is_marketing(self, aisha):
        lead = a_lead(origin=Origin(channel=Channel.FILE), by=aisha)
        activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL)

        assert [call.origin for call in calls.page(calls.Filters())] == [ContactOrigin.MARKETING]

    def test_it_is_narrowed_by_day_agent_and_result_and_keeps_what_was_struck_out(self, lead, aisha, yousef):
        backdated(lead, days=9)
        wrong = activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, call_result=BUSY)
        activities.log(lead.lead_id, by=aisha, type=ActivityType.EMAIL)
        old = now() - timedelta(days=3)
        activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, call_result=ANSWERED, activity_at=old)
        activities.strike(wrong.activity_id, by=aisha)

        def results(**wish):
            db.session.rollback()
            filters = calls.Filters(**wish)
            found = [call.result for call in calls.page(filters)]
            assert calls.count(filters) == len(found) == len(list(calls.rows(filters))) - 1
            return found

        assert results() == [BUSY, ANSWERED]
        assert calls.page(calls.Filters())[0].origin is None
        assert results(until=old) == [] and results(since=old) == [BUSY, ANSWERED]
        assert results(since=old + timedelta(hours=1)) == [BUSY]
        assert results(agent_id=yousef.agent_id) == [] and results(agent_id=aisha.agent_id) == [BUSY, ANSWERED]
        assert results(result=ANSWERED) == [ANSWERED]
        assert list(calls.rows(calls.Filters()))[1][1:] == [
            "Aisha Rahman",
            "Aisha Rahman",
            HERS,
            lead.number,
            "Busy",
            None,
            "yes",
        ]
