"""Notices by e-mail: those of a user that wait are put into one mail, and a worker sends it.

Each step is a transaction of its own, and none is open while a mail is sent: a mail is claimed, sent, marked. So any
number of workers send it once. Only where the database is lost between the mail server's yes and the mark does it go
out again, under the same id.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import joinedload

from webapp import stopping
from webapp.errors import Unavailable
from webapp.extensions import db
from webapp.mail.sending import ServerTrouble, Undelivered
from webapp.models import Mail, Notice, User
from webapp.services.access import SYSTEM, Actor
from webapp.services.notifications.choices import chosen
from webapp.services.notifications.quiet import quiet_until
from webapp.stopping import Tally
from webapp.transaction import release, transactional
from webapp.vocabulary import Interface, MailFailure, MailState, NoticeKind

A_MINUTE, A_DAY, KEPT = timedelta(minutes=1), timedelta(days=1), timedelta(days=7)
LOST_AFTER = timedelta(minutes=5)
"""A worker that has not said for so long how its mail ended is taken for dead."""
LONGEST_WAIT = 64
FEW = 20
OPEN = (MailState.WAITING, MailState.SENDING)
READY = or_(
    and_(Mail.state == MailState.WAITING, Mail.not_before <= func.now()),
    and_(Mail.state == MailState.SENDING, Mail.claimed_at < func.now() - LOST_AFTER),
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Whom:
    """The person whom a notice is about, as far as the bell names them."""

    name: str


@dataclass(frozen=True)
class Line:
    """A notice as a mail tells it."""

    notice_id: int
    kind: NoticeKind
    facts: dict
    lead: Whom | None
    created_at: datetime


@dataclass(frozen=True)
class Letter:
    """A mail that was claimed: to whom, in which language, and what it tells, oldest first."""

    mail_id: UUID
    attempt: int
    email: str
    language: Interface
    lines: tuple[Line, ...]


def mail_waiting(send: Callable[[Letter], object] | None) -> Tally:
    """The job `mails`: put together what waits, and send it; without `send` only what is not wanted any more goes.

    What `send` cannot deliver (`Undelivered`) is tried again or given up, and stops no other. Where the mail server
    itself is the trouble (`ServerTrouble`) all wait, and the turn breaks.
    """
    _let_go(by=SYSTEM)
    if send is None:
        return Tally()
    gathered = stopping.one_by_one(_whoever_waits(), _gather, otherwise="The notices of %s are not put into a mail")
    sent, failed = 0, gathered.failed
    for mail_id in stopping.until_told(_ready()):
        came = _send(mail_id, send)
        sent, failed = sent + (came is True), failed + (came is False)
    return Tally(sent, failed)


def troubles() -> list[Mail]:
    """The latest mails of a week that did not get through at first, or not at all, with whom they are for."""
    query = select(Mail).where(Mail.failure.is_not(None), Mail.made_at > func.now() - KEPT)
    return list(db.session.scalars(query.options(joinedload(Mail.user)).order_by(Mail.made_at.desc()).limit(FEW)))


@transactional
def forget_mails() -> int:
    """Forget the mails that ended more than a week ago; how many."""
    old = delete(Mail).where(Mail.state.not_in(OPEN), Mail.ended_at < func.now() - KEPT)
    return len(db.session.scalars(old.returning(Mail.mail_id)).all())


@transactional
def _let_go(*, by: Actor) -> None:
    """What was read on the bell meanwhile, is a day old or is no longer asked for goes out by no mail."""
    stale = Notice.read_at.is_not(None) | (Notice.created_at < func.now() - A_DAY) | ~User.is_active
    query = update(Notice).where(Notice.waits_for_mail, Notice.user_id == User.user_id)
    db.session.execute(
        query.where(stale | ~chosen(Notice.kind))
        .values(waits_for_mail=False)
        .execution_options(synchronize_session=False)
    )


def _whoever_waits() -> list[UUID]:
    found = list(db.session.scalars(select(Notice.user_id).where(Notice.waits_for_mail).distinct()))
    release()
    return found


@transactional
def _gather(user_id: UUID, *, by: Actor = SYSTEM) -> bool:
    """Put all that waits for a user into one mail, unless it is quiet or an earlier one is still on its way."""
    user = _held(select(User).where(User.user_id == user_id))
    on_its_way = select(Mail.mail_id).where(Mail.user_id == user_id, Mail.state.in_(OPEN))
    if user is None or quiet_until(_now(), user.quiet_from, user.quiet_until) or db.session.scalar(on_its_way):
        return False
    mail = Mail(user_id=user_id, made_at=func.now(), not_before=func.now())
    db.session.add(mail)
    db.session.flush()
    waiting = update(Notice).where(Notice.user_id == user_id, Notice.waits_for_mail)
    db.session.execute(
        waiting.values(waits_for_mail=False, mail_id=mail.mail_id).execution_options(synchronize_session=False)
    )
    return True


def _ready() -> list[UUID]:
    found = list(db.session.scalars(select(Mail.mail_id).where(READY).order_by(Mail.attempt, Mail.made_at)))
    release()
    return found


def _send(mail_id: UUID, send: Callable[[Letter], object]) -> bool | None:
    """Whether a mail got through; None where there was nothing to send (any more)."""
    letter = _claim(mail_id, by=SYSTEM)
    if letter is None:
        return None
    try:
        send(letter)
    except ServerTrouble:
        _put_back(letter, by=SYSTEM)
        raise
    except Undelivered as failed:
        log.warning("Mail %s, attempt %s: %s %s", mail_id, letter.attempt, failed.why, failed.code or "")
        _put_off(letter, failed, by=SYSTEM)
        return False
    except Unavailable:
        raise
    except Exception:
        log.exception("Mail %s could not be written", mail_id)
        _put_off(letter, Undelivered(MailFailure.BROKEN), by=SYSTEM)
        return False
    _mark_sent(letter, by=SYSTEM)
    return True


@transactional
def _claim(mail_id: UUID, *, by: Actor) -> Letter | None:
    """Take a mail to send it, so that nobody else does; None where somebody has, or it is not to go out (now)."""
    mail = _held(select(Mail).where(Mail.mail_id == mail_id, READY))
    if mail is None:
        return None
    user = db.session.get_one(User, mail.user_id)
    now = _now()
    lines = _lines(mail_id)
    if not user.is_active or not lines:
        mail.state, mail.ended_at = MailState.DROPPED, now
    elif mail.made_at < now - A_DAY:
        mail.state, mail.ended_at, mail.failure = MailState.FAILED, now, MailFailure.GIVEN_UP
    elif quiet := quiet_until(now, user.quiet_from, user.quiet_until):
        mail.state, mail.not_before = MailState.WAITING, quiet
    else:
        mail.state, mail.claimed_at, mail.attempt = MailState.SENDING, now, mail.attempt + 1
        return Letter(mail_id, mail.attempt, user.email, user.language, lines)
    return None


def _lines(mail_id: UUID) -> tuple[Line, ...]:
    query = select(Notice).where(Notice.mail_id == mail_id).options(joinedload(Notice.lead))
    return tuple(
        Line(one.notice_id, one.kind, one.facts, Whom(one.lead.name) if one.lead else None, one.created_at)
        for one in db.session.scalars(query.order_by(Notice.notice_id))
    )


@transactional
def _mark_sent(letter: Letter, *, by: Actor) -> None:
    db.session.execute(_claimed(letter).values(state=MailState.SENT, ended_at=func.now()))


@transactional
def _put_back(letter: Letter, *, by: Actor) -> None:
    """It was nothing of this mail's: its attempt does not count."""
    db.session.execute(_claimed(letter).values(state=MailState.WAITING, attempt=Mail.attempt - 1))


@transactional
def _put_off(letter: Letter, failed: Undelivered, *, by: Actor) -> None:
    """Give up what is refused for good; try the rest again after 1, 2, 4 and at last 64 minutes, for a day."""
    told = {"failure": failed.why, "code": failed.code}
    if failed.for_good:
        db.session.execute(_claimed(letter).values(state=MailState.FAILED, ended_at=func.now(), **told))
        return
    wait = min(2 ** (min(letter.attempt, 10) - 1), LONGEST_WAIT) * A_MINUTE
    db.session.execute(_claimed(letter).values(state=MailState.WAITING, not_before=func.now() + wait, **told))


def _claimed(letter: Letter):
    mine = Mail.mail_id == letter.mail_id, Mail.state == MailState.SENDING, Mail.attempt == letter.attempt
    return update(Mail).where(*mine).execution_options(synchronize_session=False)


def _held(query):
    """The row, held until the transaction ends; None where somebody else holds it."""
    held = query.with_for_update(key_share=True, skip_locked=True).execution_options(populate_existing=True)
    return db.session.scalar(held)


def _now() -> datetime:
    return db.session.scalars(select(func.now())).one()
