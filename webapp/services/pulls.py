"""Asking portals what came in: what no delivery brought is fetched, and managers learn when a portal is not heard of.

Nothing is lost and nothing doubled: each reading begins before the last one ended, and what is known changes nothing.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from webapp import portals, stopping
from webapp.doors import Account
from webapp.extensions import db
from webapp.models import Pull
from webapp.portals.asking import Unanswered
from webapp.portals.served import SHELVES, Shelf
from webapp.services import audit, connections, enquiries, notifications
from webapp.services.access import SYSTEM, Actor
from webapp.stopping import Tally
from webapp.transaction import release, transactional
from webapp.vocabulary import NoticeKind, Portal, PullFailure

log = logging.getLogger(__name__)

FIRST = timedelta(hours=24)
"""The first reading goes back so far: who enquired earlier has been called, or comes in a file."""
OVERLAP = timedelta(hours=6)
AGAIN_AFTER, AGAIN_AT_LAST = timedelta(minutes=4), timedelta(hours=1)
"""Less than the five minutes between two turns, so that the first one is not missed."""
TOLD_AFTER = 3
"""So many failures in a row of a kind that passes by itself are worth telling."""
A_DAY = timedelta(days=1)
QUIET = text("""
    WITH lately AS (
        SELECT received_at, received_at - lag(received_at) OVER (ORDER BY received_at) AS gap
        FROM deliveries WHERE source = :source AND received_at > now() - interval '14 days'
    )
    SELECT max(received_at) FROM lately
    HAVING count(*) >= 20 AND now() - max(received_at) > greatest(1.5 * max(gap), interval '3 hours')
""")
"""Since when a portal is quiet: half as long again as it ever was in a fortnight, nights and all."""


class Beginning:
    """What is known of a portal before it is read."""

    def __init__(self, pull: Pull, now: datetime):
        self.cursors, self.not_before, self.now = dict(pull.cursors), pull.not_before, now

    def since(self, stream: str) -> datetime:
        """Up to where this stream has been read."""
        kept = self.cursors.get(stream)
        return datetime.fromisoformat(kept) if kept else self.now - FIRST + OVERLAP


def fetch_all() -> Tally:
    """The job `pulls`: read every portal whose key we have, and see which has gone quiet."""
    read = stopping.one_by_one([portal for portal in Portal if portal.serves], fetch, otherwise="%s is not read")
    watched = stopping.one_by_one(Portal, watch, otherwise="Whether %s is quiet is not known")
    return Tally(read.done, read.failed + watched.failed)


def fetch(portal: Portal) -> bool:
    """Read what this portal holds since the last time, as far as it tells; whether there was anything new.

    Nothing is asked without a key, nor before the time that an earlier failure or the portal itself has set.
    """
    account = connections.account(portal)
    if account is None:
        release()
        return False
    start = _begin(portal, by=SYSTEM)
    if start.not_before and start.not_before > start.now:
        return False
    if account.key is None:
        _fail(portal, PullFailure.NO_KEY, by=SYSTEM)
        return False
    brought, failed = _read(portal, account, start)
    if failed:
        _fail(portal, failed.why, retry_after=failed.retry_after, by=SYSTEM)
    elif not stopping.is_told():
        _succeed(portal, by=SYSTEM)
    return brought > 0


@transactional
def watch(portal: Portal, *, by: Actor = SYSTEM) -> bool:
    """See whether a portal that usually delivers has gone quiet, and tell the managers once."""
    pull, latest = _held(portal), connections.delivered_at(portal)
    if pull.quiet_since and latest and latest > pull.quiet_since:
        pull.quiet_since = None
    if connections.account(portal) is None:  # nobody asks it any more: what was wrong is nobody's trouble
        pull.is_told = False
    if not connections.is_open(portal):
        pull.quiet_since = None
    elif pull.quiet_since is None:
        return _notice_silence(portal, pull, by)
    return False


def _notice_silence(portal: Portal, pull: Pull, by: Actor) -> bool:
    since = db.session.scalar(QUIET, {"source": portal.value})
    if since is None:
        return False
    pull.quiet_since = since
    notifications.tell_managers(NoticeKind.PORTAL_QUIET, by=by, source=portal.value, since=since.isoformat())
    return True


def _read(portal: Portal, account: Account, start: Beginning) -> tuple[int, Unanswered | None]:
    """Read stream by stream: how many deliveries were new, and the first failure. One stream holds no other back."""
    shelf, brought, failed = SHELVES[portal](account), 0, None
    for stream in stopping.until_told(shelf.streams):
        try:
            for until, page in _pages(portal, shelf, stream, start):
                brought += _take(portal, page)
                if until:
                    _read_up_to(portal, stream, until, by=SYSTEM)
        except Unanswered as unanswered:
            log.warning("%s, %s: %s", portal, stream, unanswered)
            if unanswered.why.is_of_account:
                return brought, unanswered
            failed = failed or unanswered
    return brought, failed


def _pages(
    portal: Portal, shelf: Shelf, stream: str, start: Beginning
) -> Iterator[tuple[datetime | None, list[bytes]]]:
    """What a stream holds, page by page; after all that came before a moment, that moment.

    Ends early, between two pages, when somebody says to stop.
    """
    oldest = start.now - shelf.reach
    read_up_to = start.since(stream)
    if read_up_to < oldest:
        _tell(portal, PullFailure.TOO_OLD, by=SYSTEM)
    since = max(read_up_to - OVERLAP, oldest)
    while since < start.now:
        until = min(since + shelf.step, start.now)
        for page in shelf.pages(stream, since, until):
            if stopping.is_told():
                return
            _refuse_older(portal, page, since)
            yield None, page
        yield until, []
        since = until


def _refuse_older(portal: Portal, page: list[bytes], since: datetime) -> None:
    """Take nothing from a portal that does not heed what it was asked: old leads would be called as new ones."""
    moments = (portals.read(portal.source, raw).received_at for raw in page)
    if any(moment and moment < since - A_DAY for moment in moments):
        raise Unanswered(PullFailure.UNKNOWN_ANSWER)


def _take(portal: Portal, page: list[bytes]) -> int:
    """Keep a page as it came and take up what is new of it; what stays behind the worker takes up."""
    if not page:
        return 0
    new = enquiries.keep_pulled(portal.source, page, by=SYSTEM)
    for delivery_id in new:
        enquiries.take_or_leave(delivery_id)
    return len(new)


@transactional
def _begin(portal: Portal, *, by: Actor) -> Beginning:
    pull = _held(portal)
    return Beginning(pull, _now())


@transactional
def _read_up_to(portal: Portal, stream: str, until: datetime, *, by: Actor) -> None:
    pull = _held(portal)
    known = pull.cursors.get(stream)
    if known is None or datetime.fromisoformat(known) < until:
        pull.cursors = pull.cursors | {stream: until.isoformat()}


@transactional
def _succeed(portal: Portal, *, by: Actor) -> None:
    pull = _held(portal)
    pull.read_at, pull.failures, pull.not_before, pull.is_told = func.now(), 0, None, False


@transactional
def _fail(portal: Portal, why: PullFailure, *, by: Actor, retry_after: int = 0) -> None:
    """Wait longer with each failure in a row, unless it is of one stream: the others are read as ever.

    What does not pass by itself is told at once, the rest when it lasts.
    """
    pull = _held(portal)
    longer = 2 ** min(pull.failures, 10) if why.is_of_account else 1
    wait = min(AGAIN_AFTER * longer, AGAIN_AT_LAST)
    pull.failed_at, pull.failure, pull.failures = func.now(), why, pull.failures + 1
    pull.not_before = func.now() + max(wait, min(timedelta(seconds=retry_after), A_DAY))
    if not pull.is_told and (not why.passes or pull.failures >= TOLD_AFTER):
        pull.is_told = True
        notifications.tell_managers(NoticeKind.PORTAL_TROUBLE, by=by, source=portal.value, failure=why.value)


@transactional
def _tell(portal: Portal, why: PullFailure, *, by: Actor) -> None:
    """Tell, once a day, of what does not keep the portal from being read."""
    pull = _held(portal)
    if pull.failure == why and pull.failed_at and pull.failed_at > _now() - A_DAY:
        return
    pull.failed_at, pull.failure = func.now(), why
    notifications.tell_managers(NoticeKind.PORTAL_TROUBLE, by=by, source=portal.value, failure=why.value)
    audit.record("pulls.gap", by=by, after={"source": portal})


def _now() -> datetime:
    return db.session.scalars(select(func.now())).one().astimezone(UTC)


def _held(portal: Portal) -> Pull:
    db.session.execute(insert(Pull).values(source=portal).on_conflict_do_nothing())
    held = select(Pull).where(Pull.source == portal).with_for_update(key_share=True)
    return db.session.scalars(held.execution_options(populate_existing=True)).one()
