"""The heart of the contact guard: from facts and rules to what holds of every way to a person. It asks nobody."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from uuid import UUID

from webapp.clock import DUBAI
from webapp.vocabulary import (
    CallResult,
    ContactChannel,
    ContactOrigin,
    ContactState,
    ContactWhy,
    StopChannel,
    StopReason,
)

DAY, WEEK = timedelta(hours=24), timedelta(days=7)
AT_ANY_HOUR = (ContactChannel.EMAIL,)


@dataclass(frozen=True)
class Rules:
    """When the office calls, how often it calls who does not answer, and whether the guard blocks or only warns."""

    opens: time = time(9)
    closes: time = time(18)
    a_day: int = 1
    a_week: int = 2
    blocks: bool = False


@dataclass(frozen=True)
class Stop:
    """That a person is not to be contacted by a way. A reason that is the number's alone holds for `phone` alone."""

    channel: StopChannel
    reason: StopReason
    stopped_at: datetime
    phone: str = ""
    note: str | None = None
    by: str | None = None
    stop_id: UUID | None = None


@dataclass(frozen=True)
class Call:
    """A call to a person, whoever made it."""

    at: datetime
    result: CallResult | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a person at a moment, as far as the guard asks."""

    now: datetime
    phone: str = ""
    asked_at: datetime | None = None
    """When they last enquired or visited; a row of a file is no enquiry."""
    contacted_at: datetime | None = None
    """When we last had to do with them."""
    wants_callback: bool = False
    """Whether they asked in our last call to be called back."""
    calls: tuple[Call, ...] = ()
    stops: tuple[Stop, ...] = ()
    agreed: Mapping[ContactChannel, bool] = field(default_factory=dict)
    """What they last said of a way: agreed or withdrawn; nothing of the others."""

    @property
    def origin(self) -> ContactOrigin:
        """Whether a contact now answers an enquiry, or is marketing."""
        asked = self.asked_at and (self.contacted_at is None or self.asked_at > self.contacted_at)
        return ContactOrigin.ENQUIRY if asked or self.wants_callback else ContactOrigin.MARKETING

    def attempts(self, within: timedelta, *, unanswered: bool = False) -> list[datetime]:
        """When they were called within so long, the latest first; all calls, or those that nobody answered."""
        return sorted(
            (
                call.at
                for call in self.calls
                if self.now - within < call.at <= self.now
                and (not unanswered or (call.result is not None and call.result.is_unanswered))
            ),
            reverse=True,
        )


@dataclass(frozen=True)
class Verdict:
    """What holds of a way now; why, by which stop, and until when where time heals it."""

    state: ContactState = ContactState.FREE
    why: ContactWhy | None = None
    until: datetime | None = None
    stop: Stop | None = None

    @property
    def is_blocked(self) -> bool:
        return self.state == ContactState.BLOCKED

    @property
    def is_free(self) -> bool:
        return self.state == ContactState.FREE


def judge(facts: Facts, rules: Rules | None = None) -> dict[ContactChannel, Verdict]:
    """What holds of each way: the gravest block, else the gravest warning, else it is free.

    Answers to enquiries are only warned of outside the hours. Marketing is blocked after a stop or a withdrawal, and
    marketing calls outside the hours and above the caps; where the office says so, hours and caps only warn.
    """
    found = {}
    for channel in ContactChannel:
        said = list(_said(channel, facts, rules or Rules()))
        found[channel] = next((one for one in said if one.is_blocked), said[0] if said else Verdict())
    return found


def _said(channel: ContactChannel, facts: Facts, rules: Rules) -> Iterator[Verdict]:
    """All that speaks against this way, the gravest first."""
    answers = facts.origin == ContactOrigin.ENQUIRY
    for stop in facts.stops:
        if stop.channel.closes(channel) and (not stop.reason.is_of_number or stop.phone == facts.phone):
            yield Verdict(_of_stop(stop, facts), ContactWhy.STOPPED, stop=stop)
    if not answers and facts.agreed.get(channel) is False:
        yield Verdict(ContactState.BLOCKED, ContactWhy.WITHDRAWN)
    marketing_call = channel == ContactChannel.CALL and not answers
    strict = ContactState.BLOCKED if marketing_call and rules.blocks else ContactState.WARN
    ends = _caps_end(facts, rules) if marketing_call else {}
    for why in ends:
        yield Verdict(strict, why, _opening(max(ends.values()), rules))
    opens = _opening(facts.now, rules)
    if opens > facts.now and channel not in AT_ANY_HOUR and (channel == ContactChannel.CALL or not answers):
        yield Verdict(strict, ContactWhy.OUTSIDE_HOURS, opens)
    if not answers and channel not in facts.agreed:
        yield Verdict(ContactState.WARN, ContactWhy.NO_CONSENT)


def _of_stop(stop: Stop, facts: Facts) -> ContactState:
    """A stop closes a way but for the answer to what they asked later; the register forbids marketing only."""
    if facts.origin == ContactOrigin.ENQUIRY and (
        stop.reason == StopReason.DNC_REGISTER or (facts.asked_at and facts.asked_at > stop.stopped_at)
    ):
        return ContactState.WARN
    return ContactState.BLOCKED


def _caps_end(facts: Facts, rules: Rules) -> dict[ContactWhy, datetime]:
    """Which caps are reached by calls that nobody answered, and when each no longer is."""
    ends = {}
    for why, within, most in (
        (ContactWhy.UNANSWERED_TODAY, DAY, rules.a_day),
        (ContactWhy.UNANSWERED_THIS_WEEK, WEEK, rules.a_week),
    ):
        tries = facts.attempts(within, unanswered=True)
        if len(tries) >= most:
            ends[why] = tries[most - 1] + within
    return ends


def _opening(moment: datetime, rules: Rules) -> datetime:
    """The moment itself where calls are made then, else when they are made next, in Dubai."""
    local = moment.astimezone(DUBAI)
    if rules.opens <= local.time() < rules.closes:
        return moment
    day = local.date() + timedelta(days=int(local.time() >= rules.closes))
    return datetime.combine(day, rules.opens, DUBAI)
