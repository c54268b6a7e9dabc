"""The doors that portals deliver at and the keys to what they hold: secrets go in, and nobody reads them again."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import ScalarSelect, func, select, update

from webapp import doors
from webapp.doors import Account, Door
from webapp.errors import Conflict, Invalid, Missing
from webapp.extensions import db
from webapp.models import Connection, Delivery, Pull
from webapp.services import audit
from webapp.services.access import Actor
from webapp.transaction import transactional
from webapp.vocabulary import DeliveryState, Portal, PullFailure

SHORTEST_SECRET, LONGEST_SECRET = 8, 200
LONGEST_OF_PROPERTY_FINDER = 32
SLUGS = {portal.slug: portal for portal in Portal}


LONGEST_KEY = 500
KEYS_LAST = timedelta(days=365)
"""Property Finder's keys end after a year at the latest."""
WARNED_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class Fetching:
    """How asking a portal stands: no key, only whether there is one that works."""

    is_on: bool
    has_key: bool
    is_given: bool
    """Whether the environment gives the key."""
    read_at: datetime | None = None
    read_up_to: datetime | None = None
    failed_at: datetime | None = None
    failure: PullFailure | None = None
    is_failing: bool = False
    not_before: datetime | None = None
    key_ends_at: datetime | None = None
    """When a key of Property Finder ends at the latest, once that is near."""


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
    quiet_since: datetime | None
    fetching: Fetching | None
    """None for the website, which holds nothing."""


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


def account(portal: Portal) -> Account | None:
    """Where and with which key the portal is asked; None where it is not to be. A key that cannot be read is None."""
    if given := doors.account_of_environment(portal.slug):
        return given
    kept = db.session.scalar(select(Connection).where(Connection.source == portal, Connection.is_pulled))
    if kept is None:
        return None
    key = doors.unseal(kept.api_key) if kept.api_key else None
    secret = doors.unseal(kept.api_secret) if kept.api_secret else b""
    readable = key is not None and secret is not None
    return Account(doors.address_of(portal.slug), key.decode() if key and readable else None, (secret or b"").decode())


def is_open(portal: Portal) -> bool:
    """Whether anything can come from this portal."""
    return door(portal) is not None or (portal.serves and account(portal) is not None)


def delivered_at(portal: Portal) -> datetime | None:
    """When the last came from this portal, delivered or fetched."""
    return db.session.scalar(select(_last(portal)))


def every() -> list[State]:
    """Every portal's door, with when it last delivered and how much of that is still to be taken up."""
    kept = {found.source: found for found in db.session.scalars(select(Connection))}
    pulls = {found.source: found for found in db.session.scalars(select(Pull))}
    delivered = db.session.execute(
        select(*(_last(portal) for portal in Portal), *(_behind(portal) for portal in Portal), key_ends_at())
    )
    *facts, ends_at = delivered.one()
    return [
        _state(portal, kept.get(portal), pulls.get(portal), facts[nth], facts[len(Portal) + nth], ends_at)
        for nth, portal in enumerate(Portal)
    ]


def key_ends_at() -> ScalarSelect:
    """When the key with which Property Finder is asked ends at the latest; NULL until that is near."""
    is_near = Connection.key_saved_at < func.now() - (KEYS_LAST - WARNED_BEFORE)
    asked = Connection.source == Portal.PROPERTY_FINDER, Connection.is_pulled, is_near
    return select(Connection.key_saved_at + KEYS_LAST).where(*asked).scalar_subquery()


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


@transactional
def set_key(portal: Portal, *, by: Actor, api_key: str, api_secret: str, is_pulled: bool) -> None:
    """Ask the portal for what it holds, or stop it; an empty key leaves the one so far.

    Property Finder's key has a second part; a new first part needs its own.
    """
    if not portal.serves:
        raise Missing(_("That is not here, or not yours to see."))
    if doors.account_of_environment(portal.slug):
        raise Conflict(_("The environment gives this key; change it there."), code="stale")
    for name, said in (("api_key", api_key), ("api_secret", api_secret)):
        if not (said.isascii() and said.isprintable()) or len(said) > LONGEST_KEY:
            raise Invalid(_("A key is letters and digits, as the portal shows it."), field=name)
    kept = _held(portal)
    has_two = portal == Portal.PROPERTY_FINDER
    if has_two and bool(api_key) != bool(api_secret):
        raise Invalid(_("Type both parts of the key."), field="api_secret" if api_key else "api_key")
    if api_key:
        kept.api_key, kept.key_saved_at = doors.seal(api_key), func.now()
        kept.api_secret = doors.seal(api_secret) if has_two else None
        # A new key is tried at once, whatever came of the one before.
        db.session.execute(update(Pull).where(Pull.source == portal).values(not_before=None, failures=0))
    if is_pulled and kept.api_key is None:
        raise Invalid(_("Without a key the portal tells nothing. Type it."), field="api_key")
    kept.is_pulled = is_pulled
    audit.record(
        "connections.set_key",
        by=by,
        after={"source": portal, "is_pulled": is_pulled, "has_new_key": bool(api_key)},
    )


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


def _state(
    portal: Portal,
    kept: Connection | None,
    pull: Pull | None,
    delivered_at: datetime | None,
    waiting: int,
    key_ends_at: datetime | None,
) -> State:
    quiet_since = pull.quiet_since if pull else None
    fetching = _fetching(portal, kept, pull, key_ends_at if portal == Portal.PROPERTY_FINDER else None)
    heard = delivered_at, waiting, quiet_since, fetching
    if given := doors.of_environment(portal.slug):
        return State(portal, given.path, True, True, True, *heard)
    if kept is None:
        return State(portal, None, False, False, False, *heard)
    has_secret = kept.secret is not None and doors.unseal(kept.secret) is not None
    return State(portal, kept.path, kept.is_enabled, has_secret, False, *heard)


def _fetching(
    portal: Portal, kept: Connection | None, pull: Pull | None, key_ends_at: datetime | None
) -> Fetching | None:
    if not portal.serves:
        return None
    is_given = doors.account_of_environment(portal.slug) is not None
    has_key = is_given or bool(kept and kept.api_key and doors.unseal(kept.api_key) is not None)
    is_on = is_given or bool(kept and kept.is_pulled)
    if pull is None:
        return Fetching(is_on, has_key, is_given, key_ends_at=key_ends_at)
    cursors = [datetime.fromisoformat(cursor) for cursor in pull.cursors.values()]
    return Fetching(
        is_on,
        has_key,
        is_given,
        read_at=pull.read_at,
        read_up_to=min(cursors, default=None),
        failed_at=pull.failed_at,
        failure=pull.failure,
        is_failing=pull.failures > 0,
        not_before=pull.not_before,
        key_ends_at=key_ends_at,
    )
