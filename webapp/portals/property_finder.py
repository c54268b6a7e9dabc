"""Property Finder's lead events and the items of its lead pages."""

from webapp.portals.arrival import Arrival, Call, NamedAgent
from webapp.portals.values import at, ident, line, link, moment, phone, text
from webapp.vocabulary import Channel, Source

CHANNELS = {"whatsapp": Channel.WHATSAPP, "call": Channel.CALL, "email": Channel.EMAIL}
EVENTS = ("lead.created", "lead.updated", "lead.assigned")
CALLS = {"replied": "answered", "delivered": "voicemail"}


def read(body: dict, source: Source) -> Arrival | None:
    """A lead event or a pulled lead; None where it is neither."""
    if text(body.get("type")) in EVENTS and ident(at(body, "entity", "id")):
        return _arrival(
            body.get("payload"),
            source,
            event_type=text(body.get("type")),
            external_id=ident(body.get("id")),
            portal_lead_id=ident(at(body, "entity", "id")),
            received_at=moment(body.get("timestamp")),
        )
    if "createdAt" in body and ident(body.get("id")):
        lead_id = ident(body.get("id"))
        return _arrival(
            body, source, external_id=lead_id, portal_lead_id=lead_id, received_at=moment(body.get("createdAt"))
        )
    return None


def _arrival(lead, source: Source, **ids) -> Arrival | None:
    channel = CHANNELS.get(text(at(lead, "channel")) or "")
    if channel is None:
        return None
    contacts = _contacts(at(lead, "sender", "contacts"))
    as_sent, e164 = phone(contacts.get("phone"))
    profile = ident(at(lead, "publicProfile", "id"))
    status = text(at(lead, "status"))
    return Arrival(
        source=source,
        channel=channel,
        origin=line(at(lead, "entityType")),
        name=line(at(lead, "sender", "name")),
        phone=as_sent,
        phone_e164=e164,
        email=line(contacts.get("email")),
        whatsapp_username=line(contacts.get("whatsappUsername")),
        listing_reference=line(at(lead, "listing", "reference")),
        listing_id=ident(at(lead, "listing", "id")),
        project_id=ident(at(lead, "project", "id")),
        reply_link=link(at(lead, "responseLink")),
        agent=NamedAgent(portal_id=profile) if profile else None,
        call=Call(CALLS.get(status, status)) if channel == Channel.CALL and status else None,
        **ids,
    )


def _contacts(given) -> dict:
    """The first of each kind of contact that says something."""
    found: dict = {}
    for contact in given if isinstance(given, list) else ():
        kind, value = text(at(contact, "type")), text(at(contact, "value"))
        if kind and value:
            found.setdefault(kind, value)
    return found
