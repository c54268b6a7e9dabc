"""The portals of the tests: their fixtures, and what they send, signed."""

import hashlib
import hmac
import http.client
import json
from contextlib import closing
from pathlib import Path

from webapp import portals
from webapp.vocabulary import Portal, Source

FOLDER = Path(__file__).parent / "fixtures" / "portals"
MANIFEST = json.loads((FOLDER / "MANIFEST.json").read_text())
FIXTURES = {fixture["file"]: fixture for fixture in MANIFEST["fixtures"]}
SECRET = MANIFEST["test_secret"]
PATH = "a-path-that-nobody-guesses"
PUSHED = [name for name, fixture in FIXTURES.items() if fixture["delivery"] == "webhook"]
HEADERS = {Portal.PROPERTY_FINDER: "X-Signature", Portal.BAYUT: "X-Bayut-Signature", Portal.WEBSITE: "X-Signature"}
HEADERS[Portal.DUBIZZLE] = "X-dubizzle-Signature"
DOORS = {portal.slug: (PATH, SECRET) for portal in Portal}
ENVIRONMENT = {
    f"{slug.upper().replace('-', '_')}_{what}": value
    for slug in DOORS
    for what, value in (("PATH", PATH), ("SECRET", SECRET))
}


def bodies(name: str) -> list[bytes]:
    """What of a fixture is one enquiry each."""
    raw = (FOLDER / name).read_bytes()
    return portals.pulled(raw) if FIXTURES[name]["delivery"] == "pull" else [raw]


def source_of(name: str) -> Source:
    return Source(FIXTURES[name]["portal"])


def signed(portal: Portal, raw: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers that this portal sends with these bytes, made without any code of ours."""
    if portal in (Portal.BAYUT, Portal.DUBIZZLE):
        signature = hashlib.md5(secret.encode() + raw).hexdigest()
    else:
        signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", HEADERS[portal]: signature}


def an_event(number: int, lead: int, *, at: str, kind: str = "lead.created", **payload) -> bytes:
    """An event of Property Finder about one of its leads."""
    sender = {"name": payload.pop("name", None), "contacts": payload.pop("contacts", [])}
    body = {
        "id": f"evt-{number}",
        "type": kind,
        "timestamp": at,
        "entity": {"id": f"PFL-{lead}", "type": "lead"},
        "payload": {"channel": "whatsapp", "status": "sent", "entityType": "listing", "sender": sender} | payload,
    }
    return json.dumps(body).encode()


def a_phone_of(e164: str) -> list[dict]:
    """The contacts of somebody with this number."""
    return [{"type": "phone", "value": e164}]


def deliver(port: int, portal: Portal, raw: bytes, path: str = PATH) -> int:
    """What a portal that delivers these bytes over HTTP is answered."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("POST", f"/hooks/{portal.slug}/{path}", raw, signed(portal, raw))
        return connection.getresponse().status
