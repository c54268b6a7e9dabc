"""What every template can rely on: strict names, the actor, the menu, words and the address of static files."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import g, request, url_for
from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from jinja2 import StrictUndefined

from webapp import clock, formatting, vocabulary
from webapp.policy import allows
from webapp.responses import is_htmx, toasts
from webapp.services import notifications
from webapp.vocabulary import Role


@dataclass(frozen=True)
class Entry:
    """A line of the menu."""

    endpoint: str
    label: str
    icon: str
    roles: frozenset[Role] = frozenset(Role)
    is_own: bool = False
    """Whether its address names the reader's own row of agents."""
    short: str = ""
    """What a phone's bar has room for."""

    def url(self, actor) -> str:
        return url_for(self.endpoint, **{"agent_id": actor.agent_id} if self.is_own else {})


STATIC = Path(__file__).parents[1] / "static"
MENU = (
    Entry("home.show", _("My day"), "sun", frozenset({Role.AGENT})),
    Entry("desk.show", _("Morning board"), "sun", short=_("Morning")),
    Entry("front_desk.show", _("Front desk"), "door-enter"),
    Entry("leads.index", _("Leads"), "users"),
    Entry("calendar.show", _("Calendar"), "calendar", frozenset({Role.AGENT, Role.MANAGER, Role.ADMIN})),
    Entry("enquiries.index", _("Enquiries"), "inbox"),
    Entry("imports.index", _("Imports"), "file-upload"),
    Entry("agents.index", _("Workload"), "scale"),
    Entry("agents.show", _("My figures"), "chart-bar", frozenset({Role.AGENT}), is_own=True),
    Entry("reports.index", _("Reports"), "chart-bar"),
    Entry("scoring.show", _("Scoring rules"), "adjustments-horizontal"),
    Entry("jobs.index", _("By itself"), "refresh"),
    Entry("connections.index", _("Portals"), "rss"),
    Entry("audit.index", _("Audit"), "list"),
    Entry("office.show", _("Office"), "settings"),
    Entry("users.index", _("Users"), "id-badge-2"),
    Entry("api_keys.index", _("API keys"), "arrows-exchange"),
    Entry("notifications.index", _("Notices"), "bell"),
)


def init_app(app) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        words=vocabulary,
        now=clock.now,
        today=clock.today,
        month=clock.month,
        greeting=formatting.greeting,
        asset=asset,
        bell=lambda: notifications.bell(by=g.actor),
        toasts=toasts,
        allowed=lambda endpoint: allows(g.actor.role if g.actor else None, endpoint),
    )
    app.context_processor(shell)


def shell() -> dict:
    """The frame around a page: who is signed in, in which language and colours, the menu and the bell."""
    language = str(get_locale() or "en")
    actor = g.get("actor")
    return {
        "actor": actor,
        "language": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "theme": actor.theme if actor else vocabulary.Theme.SYSTEM,
        "menu": [entry for entry in MENU if actor and shown(entry, actor)],
        "is_htmx": is_htmx(),
        "layout": "layouts/main.html" if is_htmx() else "layouts/page.html",
        "path": request.path,
    }


def shown(entry: Entry, actor) -> bool:
    return actor.role in entry.roles and allows(actor.role, entry.endpoint) and bool(actor.agent_id or not entry.is_own)


def asset(name: str) -> str:
    """The address of a static file, with its contents' fingerprint, so that it may be kept for ever."""
    return url_for("static", filename=name, v=_fingerprint(STATIC / name))


@cache
def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
