"""The bell: what somebody should know, newest first, until they have read it."""

from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import bindparam, false, func, select, update
from sqlalchemy.orm import joinedload

from webapp.errors import Missing
from webapp.extensions import db
from webapp.models import Notice
from webapp.services.access import Actor
from webapp.transaction import transactional

THINGS = ("enquiry_id", "handover_id", "import_id", "export_id")
"""What a notice may be about beside a lead, by its name among the facts."""

THEIRS = Notice.user_id == bindparam("user_id")
# Made once: every open page asks it every few seconds.
BELL = select(
    select(func.count()).where(THEIRS, Notice.read_at.is_(None)).scalar_subquery(),
    select(func.coalesce(func.max(Notice.notice_id), 0)).where(THEIRS).scalar_subquery(),
)


@dataclass(frozen=True)
class Bell:
    """How many notices wait, and the number of the newest one."""

    unread: int
    newest: int


def bell(*, by: Actor) -> Bell:
    """Their bell, in one round trip."""
    return Bell(*db.session.execute(BELL, {"user_id": by.user_id}).one())


def latest(*, by: Actor, limit: int = 30) -> list[Notice]:
    """Their newest notices with the leads they are about."""
    query = select(Notice).where(Notice.user_id == by.user_id).options(joinedload(Notice.lead))
    return list(db.session.scalars(query.order_by(Notice.notice_id.desc()).limit(limit)))


def find(notice_id: int, *, by: Actor) -> Notice:
    """One of their notices with the lead it is about; everybody else's is missing."""
    query = select(Notice).where(Notice.notice_id == notice_id, Notice.user_id == by.user_id)
    found = db.session.scalar(query.options(joinedload(Notice.lead)))
    if found is None:
        raise Missing(_("That is not here, or not yours to see."))
    return found


@transactional
def read(*, by: Actor, up_to: int) -> None:
    """Mark their notices up to this one as read."""
    db.session.execute(_unread(by.user_id, up_to))


@transactional
def read_about(notice_id: int, *, whose: UUID | None) -> None:
    """Mark this notice of a user as read, and the earlier ones of the same thing: whoever opens it sees them all."""
    this = select(Notice.lead_id, Notice.facts).where(Notice.notice_id == notice_id).subquery()
    same = [Notice.facts[name].astext == this.c.facts[name].astext for name in THINGS]
    about = select(this).where((Notice.lead_id == this.c.lead_id) | func.coalesce(*same, false())).exists()
    db.session.execute(_unread(whose, notice_id).where((Notice.notice_id == notice_id) | about))


def _unread(user_id: UUID | None, up_to: int):
    theirs = Notice.user_id == user_id, Notice.notice_id <= up_to, Notice.read_at.is_(None)
    return update(Notice).where(*theirs).values(read_at=func.now()).execution_options(synchronize_session=False)
