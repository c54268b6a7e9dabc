"""Notices on the bell. Always written after the commit, so that nothing here can undo a deed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from sqlalchemy import String, case, insert, literal, select, true
from sqlalchemy.dialects.postgresql import JSONB

from webapp.extensions import db
from webapp.models import Lead, Notice, User
from webapp.services.access import Actor
from webapp.services.notifications.choices import chosen
from webapp.transaction import after_commit, transactional
from webapp.vocabulary import NoticeKind, Role

_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


@contextmanager
def quietly() -> Iterator[None]:
    """What is done in here tells nobody: whoever does very many things at once tells people once, at the end."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def tell_user(user_id: UUID, kind: NoticeKind, *, by: Actor, **facts) -> None:
    """Tell this user, of something that is no lead."""
    _tell_later(User.user_id == user_id, _word(kind), None, by, facts)


def tell_agent(agent_id: UUID | None, kind: NoticeKind, *, lead_id: UUID | None = None, by: Actor, **facts) -> None:
    """Tell the user who is this agent, unless they did it themselves; of one lead, or of something else (None)."""
    if agent_id:
        _tell_later(User.agent_id == agent_id, _word(kind), lead_id, by, facts)


def tell_of_move(lead_id: UUID, before: UUID | None, after: UUID | None, *, by: Actor) -> None:
    """Tell the agent whose lead it was, and the agent whose it is, unless they did it themselves."""
    news = {before: NoticeKind.LEAD_TAKEN, after: NoticeKind.LEAD_ASSIGNED}
    news.pop(None, None)
    if news:
        _tell_later(User.agent_id.in_(news), case(news, value=User.agent_id), lead_id, by, {})


def tell_managers(kind: NoticeKind, *, lead_id: UUID | None = None, by: Actor, **facts) -> None:
    """Tell every active manager, except the one who did it; of one lead, or of something else (None)."""
    _tell_later(User.role == Role.MANAGER, _word(kind), lead_id, by, facts)


def _word(kind: NoticeKind):
    return literal(kind.value, String())


def _tell_later(whom, kind, lead_id, by, facts):
    if _quiet.get():
        return
    after_commit(lambda: _tell(whom, kind, lead_id, by.user_id, facts))


@transactional
def _tell(whom, kind, lead_id, doer, facts):
    # The lead may have been deleted since the commit: then there is nothing to tell.
    still_here = select(Lead.lead_id).where(Lead.lead_id == lead_id).with_for_update(read=True, key_share=True)
    told = User.user_id, kind, literal(lead_id, Notice.lead_id.type), literal(facts, JSONB), chosen(kind)
    people = select(*told).where(
        whom, User.is_active, User.user_id.is_distinct_from(doer), still_here.exists() if lead_id else true()
    )
    columns = ["user_id", "kind", "lead_id", "facts", "waits_for_mail"]
    db.session.execute(insert(Notice).from_select(columns, people))
