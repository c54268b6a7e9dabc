"""Consent as it was given and withdrawn: what for, by which way, in which words, when, how and to whom."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from webapp.extensions import db
from webapp.models import Consent, Lead, User
from webapp.services import access, audit
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import WORDING, Channel, ConsentChannel, ConsentHow, ConsentPurpose

HOW = {Channel.VISIT: ConsentHow.FRONT_DESK, Channel.WEB_FORM: ConsentHow.WEBSITE, Channel.CALL: ConsentHow.BY_PHONE}


@dataclass(frozen=True)
class Latest:
    """The latest word on a purpose and a way."""

    purpose: ConsentPurpose
    channel: ConsentChannel
    is_given: bool
    how: ConsentHow
    wording: str
    said_at: datetime
    taker: str | None


_WORD = func.jsonb_build_array(
    Consent.purpose, Consent.channel, Consent.is_given, Consent.how, Consent.wording, Consent.said_at, User.name
)
LATEST = (
    # Of two with one key the later one stays.
    select(func.jsonb_object_agg(Consent.purpose + "/" + Consent.channel, aggregate_order_by(_WORD, Consent.said_at)))
    .outerjoin(User, User.user_id == Consent.taken_by)
    .where(Consent.lead_id == Lead.lead_id)
    .correlate(Lead)
    .scalar_subquery()
)
"""What holds of a lead, as an expression for a query that is made anyway; `read` reads it."""


def read(found: dict | None) -> list[Latest]:
    """What `LATEST` found, the newest first."""
    words = [
        Latest(
            ConsentPurpose(purpose),
            ConsentChannel(channel),
            is_given,
            ConsentHow(how),
            wording,
            datetime.fromisoformat(said_at),
            taker,
        )
        for purpose, channel, is_given, how, wording, said_at, taker in (found or {}).values()
    ]
    return sorted(words, key=lambda one: one.said_at, reverse=True)


@transactional
def record(
    lead_id: UUID,
    *,
    by: Actor,
    purpose: ConsentPurpose,
    channel: ConsentChannel,
    is_given: bool,
    how: ConsentHow,
) -> Consent:
    """Keep that somebody agreed, or withdrew it. What was said before stays on record."""
    lead = access.lead(lead_id, by=by, lock=True)
    consent = put_down(lead, by=by, is_given=is_given, how=how, purpose=purpose, channel=channel)
    told = {"purpose": purpose, "channel": channel, "is_given": is_given, "how": how}
    audit.record("consents.record", by=by, lead_id=lead_id, after=told)
    return consent


def put_down(
    lead: Lead,
    *,
    by: Actor,
    is_given: bool,
    how: ConsentHow,
    purpose: ConsentPurpose = ConsentPurpose.SEARCH,
    channel: ConsentChannel = ConsentChannel.ANY,
    wording: str = WORDING,
) -> Consent:
    """The same as a part of another deed, which is on record itself. The lead says whether it may be contacted."""
    if (purpose, channel) == (ConsentPurpose.SEARCH, ConsentChannel.ANY):
        lead.consent_at = func.now() if is_given else None
    consent = Consent(
        lead_id=lead.lead_id,
        purpose=purpose,
        channel=channel,
        is_given=is_given,
        wording=wording,
        how=how,
        taken_by=by.user_id,
    )
    db.session.add(consent)
    return consent
