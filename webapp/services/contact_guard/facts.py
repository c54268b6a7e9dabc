"""What the contact guard knows of people, in an expression for a query that is made anyway, and its verdicts."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, any_, case, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from webapp.extensions import db
from webapp.models import Consent, ContactStop, Enquiry, Lead, LeadActivity, Merge, OfficeSettings, User
from webapp.services import access
from webapp.services.access import Actor
from webapp.services.contact_guard.judge import DAY, WEEK, Call, Facts, Rules, Stop, Verdict, judge
from webapp.vocabulary import (
    ActivityType,
    CallResult,
    Channel,
    ConsentChannel,
    ConsentPurpose,
    ContactChannel,
    ContactWhy,
    StopChannel,
    StopReason,
)

WAYS = {
    ActivityType.CALL: ContactChannel.CALL,
    ActivityType.WHATSAPP: ContactChannel.WHATSAPP,
    ActivityType.EMAIL: ContactChannel.EMAIL,
}
"""The contacts that the guard judges, by the way they take."""
CONSENTS = {
    ContactChannel.CALL: (ConsentChannel.CALL,),
    ContactChannel.WHATSAPP: (ConsentChannel.WHATSAPP,),
    ContactChannel.EMAIL: (ConsentChannel.EMAIL,),
    ContactChannel.SMS: (),
}
SEARCH = f"{ConsentPurpose.SEARCH}/{ConsentChannel.ANY}"
"""What older leads agreed to, of whom no line is on record."""
RULES = select(
    func.jsonb_build_array(
        OfficeSettings.calls_from,
        OfficeSettings.calls_until,
        OfficeSettings.unanswered_a_day,
        OfficeSettings.unanswered_a_week,
        OfficeSettings.guard_blocks,
    )
).scalar_subquery()


@dataclass(frozen=True)
class Guarded:
    """A person as the guard sees them now: the verdict on each way, and how often they were called."""

    facts: Facts
    rules: Rules
    verdicts: dict[ContactChannel, Verdict]

    @property
    def call(self) -> Verdict:
        return self.verdicts[ContactChannel.CALL]

    @property
    def whatsapp(self) -> Verdict:
        return self.verdicts[ContactChannel.WHATSAPP]

    @property
    def email(self) -> Verdict:
        return self.verdicts[ContactChannel.EMAIL]

    @property
    def a_day(self) -> int:
        """How often they were called in the last 24 hours."""
        return len(self.facts.attempts(DAY))

    @property
    def a_week(self) -> int:
        """How often they were called in the last 7 days."""
        return len(self.facts.attempts(WEEK))

    @property
    def told(self) -> list[tuple[list[ContactChannel], Verdict]]:
        """What people are told beside the links: each reason once with its ways, and the gravest it comes to. That
        nothing is on record of their consent stands where the consent does.
        """
        told: dict[tuple, list[ContactChannel]] = {}
        for channel in WAYS.values():
            verdict = self.verdicts[channel]
            if not verdict.is_free and verdict.why != ContactWhy.NO_CONSENT:
                told.setdefault((verdict.why, verdict.stop), []).append(channel)
        return [
            (channels, max((self.verdicts[one] for one in channels), key=lambda verdict: verdict.is_blocked))
            for channels in told.values()
        ]

    def by_number(self, phone: str) -> Verdict:
        """What holds of calls to another number of theirs."""
        return judge(replace(self.facts, phone=phone), self.rules)[ContactChannel.CALL]


def facts(at: datetime | None = None) -> ColumnElement:
    """What the guard asks of a lead, for a query of leads; `read` reads it. `at`: as it was then, else now."""
    moment: Any = func.now() if at is None else at
    theirs, made = aliased(Lead), LeadActivity
    stands = made.struck_at.is_(None), made.activity_at <= moment
    merged = select(func.unnest(Merge.phones)).where(Merge.survivor_id == Lead.lead_id, Merge.undone_at.is_(None))
    # As an array, so that the stops are found by their index.
    numbers = func.array_append(func.array(merged.correlate(Lead).scalar_subquery()), Lead.phone)
    in_a_file = (Enquiry.channel == Channel.FILE).is_(True)
    enquired = select(
        case(
            (func.coalesce(func.bool_or(in_a_file), False), None),
            else_=func.least(Lead.created_at, moment),
        )
    ).where(Enquiry.lead_id == Lead.lead_id)
    asked = select(func.max(Enquiry.received_at)).where(
        Enquiry.lead_id == Lead.lead_id, ~in_a_file, Enquiry.received_at <= moment
    )
    last = (
        select(func.jsonb_build_array(made.activity_at, made.call_result))
        .where(made.lead_id == Lead.lead_id, *stands)
        .order_by(made.activity_at.desc(), made.logged_at.desc())
        .limit(1)
    )
    calls = (
        select(func.jsonb_agg(func.jsonb_build_array(made.activity_at, made.call_result)))
        .join(theirs, theirs.lead_id == made.lead_id)
        .where(
            theirs.phone == Lead.phone,
            Lead.phone != "",
            made.type == ActivityType.CALL,
            made.activity_at > moment - WEEK,
            *stands,
        )
    )
    stop = ContactStop
    stopped = (
        select(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_array(
                        stop.channel, stop.reason, stop.stopped_at, stop.phone, stop.note, User.name, stop.stop_id
                    ),
                    stop.stopped_at,
                )
            )
        )
        .outerjoin(User, User.user_id == stop.stopped_by)
        .where(stop.phone == any_(numbers), stop.phone != "", stop.lifted_at.is_(None), stop.stopped_at <= moment)
    )
    said = select(
        func.jsonb_object_agg(
            Consent.purpose + "/" + Consent.channel, aggregate_order_by(Consent.is_given, Consent.said_at)
        )
    ).where(Consent.lead_id == Lead.lead_id, Consent.said_at <= moment)
    return func.jsonb_build_object(
        *("now", moment, "phone", Lead.phone, "rules", RULES),
        *("asked", func.jsonb_build_array(*(part.correlate(Lead).scalar_subquery() for part in (enquired, asked)))),
        *("last", last.correlate(Lead).scalar_subquery()),
        *("calls", calls.correlate(Lead).scalar_subquery()),
        *("stops", stopped.correlate(Lead).scalar_subquery()),
        *("said", said.correlate(Lead).scalar_subquery(), "agreed", Lead.consent_at.is_not(None)),
    )


def read(found: dict) -> Guarded:
    """The verdicts on what `facts` found."""
    contacted_at, result = found["last"] or (None, None)
    known = Facts(
        now=datetime.fromisoformat(found["now"]),
        phone=found["phone"],
        asked_at=max((datetime.fromisoformat(at) for at in found["asked"] if at), default=None),
        contacted_at=datetime.fromisoformat(contacted_at) if contacted_at else None,
        wants_callback=result == CallResult.CALLBACK_REQUESTED,
        calls=tuple(
            Call(datetime.fromisoformat(at), CallResult.stored(word) if word else None)
            for at, word in found["calls"] or ()
        ),
        stops=tuple(
            Stop(
                StopChannel.stored(channel),
                StopReason.stored(reason),
                datetime.fromisoformat(at),
                phone,
                note,
                by,
                UUID(stop_id),
            )
            for channel, reason, at, phone, note, by, stop_id in found["stops"] or ()
        ),
        agreed=_agreed(({SEARCH: True} if found["agreed"] else {}) | (found["said"] or {})),
    )
    rules = _rules(found["rules"])
    return Guarded(known, rules, judge(known, rules))


def of(lead_ids: Iterable[UUID], *, by: Actor) -> dict[UUID, Guarded]:
    """What the guard says of these leads, as far as `by` may see them, in one round trip; none: not asked."""
    ids = list(lead_ids)
    query = select(Lead.lead_id, facts()).where(Lead.lead_id.in_(ids), access.leads(by=by))
    return {lead_id: read(found) for lead_id, found in db.session.execute(query)} if ids else {}


def blocked(lead: Lead, type: ActivityType, *, at: datetime) -> Verdict | None:
    """Why this contact with a lead was blocked when it was made, None where it was not."""
    if type not in WAYS:
        return None
    found = db.session.scalars(select(facts(at)).where(Lead.lead_id == lead.lead_id)).one()
    verdict = read(found).verdicts[WAYS[type]]
    return verdict if verdict.is_blocked else None


def _rules(found: list | None) -> Rules:
    if found is None:
        return Rules()
    opens, closes, *caps = found
    return Rules(time.fromisoformat(opens), time.fromisoformat(closes), *caps)


def _agreed(said: dict[str, bool]) -> dict[ContactChannel, bool]:
    """By each way what they said of marketing, else of their search; of the way itself before all ways."""
    agreed = {}
    for channel, own in CONSENTS.items():
        ways = (*own, ConsentChannel.ANY)
        words = [said.get(f"{purpose}/{way}") for purpose in reversed(ConsentPurpose) for way in ways]
        heard = next((word for word in words if word is not None), None)
        if heard is not None:
            agreed[channel] = heard
    return agreed
