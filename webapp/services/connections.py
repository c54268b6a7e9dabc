"""The doors that portals deliver at: their addresses and secrets, which nobody reads again."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from webapp import doors
from webapp.doors import Door
from webapp.errors import Conflict, Invalid, Missing
from webapp.extensions import db
from webapp.models import Connection, Delivery
from webapp.services import audit
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import DeliveryState, Portal

SHORTEST_SECRET, LONGEST_SECRET = 8, 200
LONGEST_OF_PROPERTY_FINDER = 32
SLUGS = {portal.slug: portal for portal in Portal}


@dataclass(frozen=True)
class State:
    """A portal's door as the admin sees it: no secret, only whether there is one that works."""

    portal: Portal
    path: str | None
    is_enabled: bool
    has_secret: bool
    is_given: bool
    """Whether the environment opens it."""
    delivered_at: datetime | None
    waiting: int


def named(slug: str) -> Portal:
    """The portal of this name in an address."""
    if slug not in SLUGS:
        raise Missing(_("That is not here, or not yours to see."))
    return SLUGS[slug]


def door(portal: Portal) -> Door | None:
    """The portal's open door; None where it is closed. A secret that cannot be read any more is None in it."""
    if given := doors.of_environment(portal.slug):
        return given
    kept = db.session.scalar(select(Connection).where(Connection.source == portal, Connection.is_enabled))
    return Door(kept.path, doors.unseal(kept.secret) if kept.secret else None) if kept else None


def every() -> list[State]:
    """Every portal's door, with when it last delivered and how much of that is still to be taken up."""
    kept = {found.source: found for found in db.session.scalars(select(Connection))}
    delivered = db.session.execute(
        select(*(_last(portal) for portal in Portal), *(_behind(portal) for portal in Portal))
    )
    facts = delivered.one()
    return [_state(portal, kept.get(portal), facts[nth], facts[len(Portal) + nth]) for nth, portal in enumerate(Portal)]


@transactional
def change(portal: Portal, *, by: Actor, secret: str, is_enabled: bool) -> None:
    """Open or close the portal's door; an empty `secret` leaves the one so far.

    The first time it gets its address. A secret is 8 characters and more, Property Finder takes 32 at most.
    """
    _refuse_given(portal)
    kept = _held(portal)
    longest = LONGEST_OF_PROPERTY_FINDER if portal == Portal.PROPERTY_FINDER else LONGEST_SECRET
    if secret and not SHORTEST_SECRET <= len(secret) <= longest:
        raise Invalid(
            _("A secret has %(least)s to %(most)s characters.", least=SHORTEST_SECRET, most=longest), field="secret"
        )
    if secret:
        kept.secret = doors.seal(secret)
    if is_enabled and kept.secret is None:
        raise Invalid(_("Without a secret nobody could know who delivers. Type one."), field="secret")
    kept.is_enabled, kept.changed_at = is_enabled, func.now()
    audit.record(
        "connections.change",
        by=by,
        after={"source": portal, "is_enabled": is_enabled, "has_new_secret": bool(secret)},
    )


@transactional
def readdress(portal: Portal, *, by: Actor) -> None:
    """Give the portal's door another address: the one so far leads nowhere from now on."""
    _refuse_given(portal)
    kept = _held(portal)
    kept.path, kept.changed_at = _new_path(), func.now()
    audit.record("connections.readdress", by=by, after={"source": portal})


def _refuse_given(portal: Portal) -> None:
    if doors.of_environment(portal.slug):
        raise Conflict(_("The environment opens this door; change it there."), code="stale")


def _held(portal: Portal) -> Connection:
    kept = db.session.scalar(select(Connection).where(Connection.source == portal).with_for_update())
    if kept is None:
        kept = Connection(source=portal, path=_new_path(), is_enabled=False)
        db.session.add(kept)
        db.session.flush()
    return kept


def _new_path() -> str:
    return secrets.token_urlsafe(32)


def _last(portal: Portal):
    """When this portal delivered last, looked up in an index."""
    return select(func.max(Delivery.received_at)).where(Delivery.source == portal.source).scalar_subquery()


def _behind(portal: Portal):
    waiting = Delivery.source == portal.source, Delivery.state == DeliveryState.RECEIVED
    return select(func.count()).where(*waiting).scalar_subquery()


def _state(portal: Portal, kept: Connection | None, delivered_at: datetime | None, waiting: int) -> State:
    if given := doors.of_environment(portal.slug):
        return State(portal, given.path, True, True, True, delivered_at, waiting)
    if kept is None:
        return State(portal, None, False, False, False, delivered_at, waiting)
    has_secret = kept.secret is not None and doors.unseal(kept.secret) is not None
    return State(portal, kept.path, kept.is_enabled, has_secret, False, delivered_at, waiting)
