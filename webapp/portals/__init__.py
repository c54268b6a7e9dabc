"""What portals and the website send: bytes in, one `Arrival` out, whatever they hold."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from webapp.portals import bayut, property_finder, website
from webapp.portals.arrival import Arrival, Call, LoggedCall, NamedAgent
from webapp.portals.values import items, parsed
from webapp.vocabulary import Source

__all__ = ["READERS", "Arrival", "Call", "LoggedCall", "NamedAgent", "pulled", "read"]

READERS: dict[Source, Callable[[dict, Source], Arrival | None]] = {
    Source.PROPERTY_FINDER: property_finder.read,
    Source.BAYUT: bayut.read,
    Source.DUBIZZLE: bayut.read,
    Source.WEBSITE: website.read,
}


def read(source: Source, raw: bytes) -> Arrival:
    """What arrived. Bytes that are no JSON object of a known shape are an `Arrival` with nothing but its id.

    Where the sender gives no id, or one that no column takes, the body's SHA-256 is the id: the same body is the same
    event.
    """
    body = parsed(raw)
    found = READERS[source](body, source) if isinstance(body, dict) else None
    found = found or Arrival(source)
    return found if found.external_id else replace(found, external_id=fingerprint(raw))


def pulled(raw: bytes) -> list[bytes]:
    """The items of what a portal served when it was asked, each as bytes for `read`."""
    return items(raw)


def fingerprint(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"
