"""How often something may be tried: counters in PostgreSQL, shared by all processes, counted before the work."""

import time
from dataclasses import dataclass

from flask_babel import gettext as _
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from psycopg import Error
from sqlalchemy import text

from webapp.errors import TooMany
from webapp.extensions import db

PER_ACCOUNT = RateLimitItemPerMinute(10, 15)
PER_ADDRESS = RateLimitItemPerHour(100)
IN_ALL = RateLimitItemPerMinute(1000, 5)
PER_KEY = RateLimitItemPerMinute(600)
WRONG_KEYS = RateLimitItemPerHour(100)
DELIVERIES = RateLimitItemPerMinute(1200)
UNSIGNED = RateLimitItemPerMinute(60)
FORMS_OF_ADDRESS = RateLimitItemPerMinute(20, 10)
FORMS_OF_SITE = RateLimitItemPerMinute(300, 10)
CHECK_INS = RateLimitItemPerMinute(30, 10)
ALL_CHECK_INS = RateLimitItemPerHour(300)
FEEDS = RateLimitItemPerHour(240)
WRONG_FEEDS = RateLimitItemPerHour(100)

COUNT = text("""
    INSERT INTO rate_counters AS c (key, hits, expires_at)
    VALUES (:key, greatest(:amount, 0), now() + make_interval(secs => :expiry))
    ON CONFLICT (key) DO UPDATE
    SET hits = CASE WHEN c.expires_at <= now() THEN excluded.hits ELSE c.hits + :amount END,
        expires_at = CASE WHEN c.expires_at <= now() THEN excluded.expires_at ELSE c.expires_at END
    RETURNING hits
""")


class CountersInPostgres(Storage):
    """The fixed-window storage of the `limits` library on our own table."""

    STORAGE_SCHEME = ["rate-counters"]

    @property
    def base_exceptions(self):
        return Error

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        with db.engine.begin() as connection:
            return connection.scalar(COUNT, {"key": key[:300], "amount": amount, "expiry": expiry})

    def get(self, key: str) -> int:
        return self._value("hits", key) or 0

    def get_expiry(self, key: str) -> float:
        return self._value("extract(epoch FROM expires_at)::float", key) or time.time()

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with db.engine.begin() as connection:
            return connection.execute(text("DELETE FROM rate_counters")).rowcount

    def clear(self, key: str) -> None:
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM rate_counters WHERE key = :key"), {"key": key[:300]})

    def _value(self, column: str, key: str):
        query = text(f"SELECT {column} FROM rate_counters WHERE key = :key AND expires_at > now()")
        with db.engine.connect() as connection:
            return connection.scalar(query, {"key": key[:300]})


limiter = FixedWindowRateLimiter(CountersInPostgres())


@dataclass(frozen=True)
class Attempt:
    """One counted try of a login."""

    keys: tuple
    left: int = 0

    def forgive(self) -> None:
        """Take the try back: it was the right password, or it was never looked at."""
        for limit, key in self.keys:
            limiter.storage.incr(limit.key_for(*key), limit.get_expiry(), -1)


def login(account: str, address: str) -> Attempt:
    """Count a try to sign in, before any hashing; past a limit it is `TooMany` with the seconds to wait.

    The narrowest limit is asked first, and what it refuses does not count for the wider ones: who hammers at one
    account from one address keeps neither that address nor the whole office out.
    """
    keys = (
        (PER_ACCOUNT, ("login", account, address)),
        (PER_ADDRESS, ("login", address)),
        (IN_ALL, ("login",)),
    )
    for nth, (limit, key) in enumerate(keys):
        if not limiter.hit(limit, *key):
            Attempt(keys[:nth]).forgive()
            wait = max(1, int(limiter.get_window_stats(limit, *key).reset_time - time.time()))
            raise TooMany(
                _("Too many tries. Wait %(minutes)s min, then try again.", minutes=-(-wait // 60)),
                retry_after=wait,
            )
    limit, key = keys[0]
    return Attempt(keys, limiter.get_window_stats(limit, *key).remaining)


def call(key: str) -> None:
    """Count a request of an API key; past 600 in a minute it is `TooMany`."""
    _count(PER_KEY, "api", key)


def wrong_key(address: str) -> None:
    """Count a token that is none; past 100 in an hour from one address it is `TooMany`."""
    _count(WRONG_KEYS, "no-key", address)


def delivery(portal: str) -> None:
    """Count what a portal delivers: a burst after a quiet night passes, a flood is `TooMany`."""
    _count(DELIVERIES, "delivery", portal)


def unsigned_delivery(portal: str, address: str) -> None:
    """Count what an address delivers without the portal's signature, apart from what the portal itself delivers."""
    _count(UNSIGNED, "unsigned", portal, address)


def form(site: str, address: str) -> None:
    """Count a form of the website: past 20 from one address or 300 of one site in ten minutes it is `TooMany`."""
    _count(FORMS_OF_ADDRESS, "form", site, address)
    _count(FORMS_OF_SITE, "form", site)


def check_in(address: str) -> None:
    """Count a visitor who checks in by themselves; a whole group on the office's network passes, a flood does not."""
    _count(CHECK_INS, "check-in", address)
    _count(ALL_CHECK_INS, "check-in")


def feed(user: str) -> None:
    """Count what calendar programs ask of one calendar: all devices of somebody pass, a flood is `TooMany`."""
    _count(FEEDS, "feed", user)


def wrong_feed(address: str) -> None:
    """Count an address of a calendar that is none; past 100 in an hour from one place it is `TooMany`."""
    _count(WRONG_FEEDS, "no-feed", address)


def _count(limit, *key: str) -> None:
    if not limiter.hit(limit, *key):
        wait = max(1, int(limiter.get_window_stats(limit, *key).reset_time - time.time()))
        raise TooMany(_("Too much at once. Send it again later."), retry_after=wait)


def sweep() -> None:
    """Forget the counters whose time is over."""
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM rate_counters WHERE expires_at <= now()"))
