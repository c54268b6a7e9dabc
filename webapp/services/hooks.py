"""What portals bring to their doors: signed or refused, kept before it is answered, then taken up."""

import hashlib
import hmac
from collections.abc import Callable

from flask_babel import gettext as _

from webapp.database import rate_limits
from webapp.errors import Missing, Unavailable, Unsigned
from webapp.services import connections, enquiries
from webapp.services.access import SYSTEM
from webapp.transaction import release
from webapp.vocabulary import Portal

Header = Callable[[str], str | None]
"""The header of this name that came with it."""
HEADERS = {
    Portal.PROPERTY_FINDER: ("X-Signature",),
    Portal.BAYUT: ("X-Bayut-Signature",),
    Portal.DUBIZZLE: ("X-dubizzle-Signature", "X-Bayut-Signature"),
    Portal.WEBSITE: ("X-Signature",),
}


def receive(slug: str, path: str, raw: bytes, header: Header, *, address: str) -> bool:
    """Keep what a portal delivers and take it up; whether it is new (docs/portals.md has the answers).

    It is kept and committed first. Whatever becomes of the taking up, the portal is answered: what stays behind the
    worker takes up within a minute. A wrong signature is `Unsigned` and stores nothing, a wrong address `Missing`.
    """
    portal = connections.named(slug)
    door = connections.door(portal)
    release()
    if door is None or not hmac.compare_digest(door.path.encode(), path.encode()):
        raise Missing(_("That is not here, or not yours to see."))
    if door.secret is None:
        raise Unavailable(_("The secret of this door must be set again."), retry_after=600)
    if not is_signed(portal, door.secret, raw, header):
        rate_limits.unsigned_delivery(portal, address)
        raise Unsigned(_("The signature is missing or wrong."))
    rate_limits.delivery(portal)
    delivery_id = enquiries.keep(portal.source, raw, by=SYSTEM)
    if delivery_id is None:
        return False
    enquiries.take_or_leave(delivery_id)
    return True


def is_signed(portal: Portal, secret: bytes, raw: bytes, header: Header) -> bool:
    """Whether these very bytes carry the portal's signature, compared in constant time."""
    given = next(filter(None, map(header, HEADERS[portal])), "").lower()
    return hmac.compare_digest(signature(portal, secret, raw).encode(), given.encode())


def signature(portal: Portal, secret: bytes, raw: bytes) -> str:
    """What the portal signs these bytes with: HMAC-SHA256, or with Bayut and dubizzle MD5 of secret and bytes."""
    if portal in (Portal.BAYUT, Portal.DUBIZZLE):
        return hashlib.md5(secret + raw, usedforsecurity=False).hexdigest()
    return hmac.new(secret, raw, hashlib.sha256).hexdigest()
