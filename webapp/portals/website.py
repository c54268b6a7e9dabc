"""What the company's own website sends, server to server (docs/portals.md)."""

from webapp.portals.arrival import Arrival
from webapp.portals.values import at, ident, line, link, moment, phone, text
from webapp.vocabulary import Channel, Purpose, Source, Why

SUSPICIONS = {why.value: why for why in (Why.SPAM, Why.SUSPICIOUS)}


def read(body: dict, source: Source) -> Arrival | None:
    """A form that somebody sent; None where it has no id, or nothing of ours."""
    number, e164 = phone(body.get("phone"))
    email = line(body.get("email"))
    if ident(body.get("id")) is None or not (number or email or text(body.get("message"))):
        return None
    purpose = line(body.get("purpose"))
    return Arrival(
        source=source,
        channel=Channel.WEB_FORM,
        external_id=ident(body.get("id")),
        portal_lead_id=ident(body.get("id")),
        name=line(body.get("name")),
        phone=number,
        phone_e164=e164,
        email=email,
        listing_reference=line(body.get("listing_reference")),
        listing_url=link(body.get("listing_url")),
        message=text(body.get("message")),
        received_at=moment(body.get("submitted_at")),
        purpose=purpose if purpose in list(Purpose) else None,
        consent=moment(at(body, "consent", "at")) is not None,
        consent_wording=line(at(body, "consent", "wording_version")),
        utm_source=line(body.get("utm_source")),
        campaign_id=line(body.get("campaign_id")),
        site=line(body.get("site")),
        suspicion=SUSPICIONS.get(line(body.get("suspicion")) or ""),
    )
