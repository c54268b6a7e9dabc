"""One enquiry as a portal tells it, in our words."""

from dataclasses import dataclass
from datetime import datetime

from webapp.vocabulary import Channel, Source, Why


@dataclass(frozen=True)
class NamedAgent:
    """The agent whom the portal names; `portal_id` is the portal's own number."""

    portal_id: str | None = None
    name: str | None = None
    email: str | None = None
    phone_e164: str | None = None


@dataclass(frozen=True)
class Call:
    """How a call ended."""

    status: str | None = None


@dataclass(frozen=True)
class LoggedCall(Call):
    """A call with what the portal measured of it, in seconds."""

    duration_s: int | None = None
    total_s: int | None = None
    proxy_e164: str | None = None
    receiver_e164: tuple[str, ...] = ()
    recording_url: str | None = None


@dataclass(frozen=True)
class Arrival:
    """What a portal says of one enquiry; None is what it does not say. Without a channel nobody could read it."""

    source: Source
    channel: Channel | None = None
    origin: str | None = None
    event_type: str | None = None
    external_id: str | None = None
    portal_lead_id: str | None = None
    name: str | None = None
    phone: str | None = None
    """As it was sent."""
    phone_e164: str | None = None
    email: str | None = None
    whatsapp_username: str | None = None
    listing_reference: str | None = None
    listing_id: str | None = None
    listing_url: str | None = None
    project_id: str | None = None
    message: str | None = None
    reply_link: str | None = None
    agent: NamedAgent | None = None
    intent: str | None = None
    call: Call | None = None
    received_at: datetime | None = None
    purpose: str | None = None
    consent: bool = False
    consent_wording: str | None = None
    """The version of the words that they agreed to."""
    utm_source: str | None = None
    campaign_id: str | None = None
    site: str | None = None
    """The page of ours that it was sent from."""
    suspicion: Why | None = None

    @property
    def is_known(self) -> bool:
        """Whether it has a shape that we know."""
        return self.channel is not None
