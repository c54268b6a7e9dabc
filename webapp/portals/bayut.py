"""What Bayut pushes and serves; dubizzle is of the same group and speaks the same."""

from webapp.portals.arrival import Arrival, LoggedCall, NamedAgent
from webapp.portals.values import at, e164, ident, line, link, moment, phone, seconds, text
from webapp.vocabulary import Channel, Source

PULLED = {"email": Channel.EMAIL, "whatsapp": Channel.WHATSAPP, "phone": Channel.CALL}


def read(body: dict, source: Source) -> Arrival | None:
    """A pushed lead, a row of a pull, or None where it is neither."""
    if ident(body.get("call_log_id")):
        return _logged_call(body, source)
    if ident(body.get("lead_id")):
        return _pulled(body, source)
    if ident(body.get("id")) and isinstance(body.get("enquirer"), dict):
        return _pushed(body, source)
    return None


def _pushed(body: dict, source: Source) -> Arrival:
    calls, story, listing = _thing(body, "call_details"), _thing(body, "story"), _thing(body, "listing")
    as_sent, number = phone(at(body, "enquirer", "phone_number"))
    received_at = (
        moment(body.get("received_at")) or moment(calls.get("pickup_timestamp")) or moment(listing.get("received_at"))
    )
    return Arrival(
        source=source,
        channel=Channel.CALL if calls else Channel.WHATSAPP,
        origin="story" if story else "listing" if listing else None,
        external_id=ident(body.get("id")),
        portal_lead_id=ident(body.get("id")),
        name=line(at(body, "enquirer", "name")),
        phone=as_sent,
        phone_e164=number,
        listing_reference=line(listing.get("reference")) or line(story.get("listing_reference")),
        listing_url=link(listing.get("url")) or link(story.get("listing_url")),
        message=text(body.get("message")),
        reply_link=link(at(body, "enquirer", "contact_link")),
        agent=_agent(_thing(body, "agent")),
        intent=line(at(body, "enquirer", "intent")),
        call=_call_of_push(calls) if calls else None,
        received_at=received_at,
    )


def _pulled(body: dict, source: Source) -> Arrival:
    story, listing = _thing(body, "story_details"), _thing(body, "listing_details")
    as_sent, number = phone(at(body, "inquirer_details", "cell"))
    lead_id = ident(body.get("lead_id"))
    kind = PULLED.get((lead_id or "").partition("|")[0], Channel.UNKNOWN)
    return Arrival(
        source=source,
        channel=Channel.WHATSAPP if story else kind,
        origin="story" if story else line(body.get("lead_target")),
        external_id=lead_id,
        portal_lead_id=lead_id,
        name=line(at(body, "inquirer_details", "name")),
        phone=as_sent,
        phone_e164=number,
        email=line(at(body, "inquirer_details", "email")),
        listing_reference=line(listing.get("listing_reference")) or line(story.get("listing_reference")),
        listing_id=ident(listing.get("listing_id")),
        listing_url=link(listing.get("listing_url")) or link(story.get("listing_url")),
        message=text(at(body, "inquirer_details", "message")),
        agent=_agent(_thing(body, "agent_details")),
        intent=line(body.get("visitor_intent")),
        received_at=moment(body.get("date_time")),
    )


def _logged_call(body: dict, source: Source) -> Arrival:
    as_sent, number = phone(body.get("caller_number"))
    day, time = text(body.get("date")), text(body.get("time"))
    return Arrival(
        source=source,
        channel=Channel.CALL,
        external_id=ident(body.get("call_log_id")),
        portal_lead_id=ident(body.get("lead_id")) or ident(body.get("call_log_id")),
        phone=as_sent,
        phone_e164=number,
        listing_reference=line(body.get("listing_reference")),
        agent=_agent(_thing(body, "agent_details")),
        call=LoggedCall(
            status=line(body.get("call_status")),
            duration_s=seconds(body.get("call_connected_duration")),
            total_s=seconds(body.get("call_total_duration")),
            proxy_e164=e164(body.get("proxy_number")),
            receiver_e164=_numbers(body.get("receiver_number")),
            recording_url=link(body.get("call_recordingurl")),
        ),
        received_at=moment(f"{day} {time}") if day and time else None,
    )


def _call_of_push(calls: dict) -> LoggedCall:
    return LoggedCall(
        status=line(calls.get("call_status")),
        duration_s=seconds(calls.get("call_duration")),
        total_s=seconds(calls.get("call_total_duration")),
        proxy_e164=e164(calls.get("proxy_number")),
        receiver_e164=_numbers(calls.get("receiver_number")),
        recording_url=link(calls.get("call_recordingurl")),
    )


def _thing(body: dict, name: str) -> dict:
    """The object of this name; empty where there is none."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def _agent(given: dict) -> NamedAgent | None:
    named = NamedAgent(
        portal_id=ident(given.get("id")),
        name=line(given.get("name")),
        email=line(given.get("email")),
        phone_e164=e164(given.get("phone_number")) or e164(given.get("phone")),
    )
    return None if named == NamedAgent() else named


def _numbers(given) -> tuple[str, ...]:
    """The numbers that were called: an array in a push, a text in a pull."""
    found = (e164(one) for one in (given if isinstance(given, list) else [given]))
    return tuple(dict.fromkeys(number for number in found if number))
