"""Before each request: who is it, may they, and a transaction that cannot write where the request only reads."""

from contextlib import suppress
from uuid import UUID

from flask import g, has_request_context, redirect, request, session, url_for
from flask_babel import gettext as _

from webapp.database.engine import read_only
from webapp.errors import Forbidden, Unavailable
from webapp.extensions import db
from webapp.policy import allows
from webapp.responses import is_htmx, way_back
from webapp.services import audit, notifications, users
from webapp.uploads import MOST_BYTES
from webapp.vocabulary import Interface

READS = ("GET", "HEAD", "OPTIONS")
POLLED = ("notifications.bell", "front_desk.visitors")
OWN_PAGES = ("same-origin", "none")
MACHINES = ("api", "hooks")
"""Blueprints where nobody signs in and no cookie says who it is."""
PUBLIC = ("website",)
"""Blueprints for people who are no users: no cookie is read there either, and their pages speak their language."""
WITHOUT_SESSION = ("feeds.show",)
"""Asked by programs: whose it is the address says, whoever is signed in to the browser that opens it."""
FROM_OTHER_SITES = ("website.send",)
"""What the company's own pages send; it carries the key of its site and nothing of whoever is signed in."""
LARGER = {"imports.upload": MOST_BYTES + 1_000_000}
"""What may be sent to an endpoint in bytes, where it is more than forms are."""
WITHOUT_DATABASE = ("static", "health.live", "sessions.speak", "api.describe")


def init_app(app) -> None:
    app.before_request(identify)
    app.before_request(refuse_other_sites)
    app.before_request(authorise)
    app.after_request(mark_seen)
    app.after_request(mark_read)
    app.after_request(note_denial)


def identify():
    """Put the signed-in actor, or None, where everything finds them."""
    g.actor, g.unseen = None, False
    if request.endpoint in WITHOUT_DATABASE:
        return
    if request.method in READS:
        read_only(db.session())
    if request.blueprint in (*MACHINES, *PUBLIC) or request.endpoint in WITHOUT_SESSION:
        return
    if token := session.get("token"):
        found = users.resume(token)
        if found:
            g.actor, g.unseen = found


def refuse_other_sites() -> None:
    """Refuse a write that a browser says another site's page has sent, whatever token it carries."""
    if request.endpoint in FROM_OTHER_SITES:
        return
    if request.method not in READS and request.headers.get("Sec-Fetch-Site", "none") not in OWN_PAGES:
        raise Forbidden(_("That was sent from another site. Open the page here and send it again."))


def authorise():
    """Refuse whatever the policy does not allow; who is not signed in is asked to."""
    if request.endpoint is None:
        return None
    if allows(g.actor.role if g.actor else None, request.endpoint):
        # Only now: nobody else is listened to for so long.
        request.max_content_length = LARGER.get(request.endpoint, request.max_content_length)
        return None
    if g.actor:
        raise Forbidden(_("Your role does not include this."))
    if request.endpoint in POLLED:
        return "", 401, {"HX-Reswap": "none"}
    target = url_for("sessions.new", next=way_back())
    if is_htmx():
        return "", 401, {"HX-Redirect": target}
    return redirect(target)


def mark_seen(response):
    """Keep the session alive, at most once a minute and never by polling."""
    if g.get("unseen") and request.endpoint not in POLLED and session.get("token"):
        # What was answered stands; a session that cannot be marked now is marked by the next request.
        with suppress(Unavailable):
            db.session.rollback()
            users.mark_seen(session["token"])
    return response


def mark_read(response):
    """What was opened through its notice has been read; a browser that only looks ahead, or asks for less, has not."""
    opened = g.get("opened")
    if opened and request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        # The link works all the same where nothing can be written now.
        with suppress(Unavailable):
            db.session.rollback()
            notifications.read_about(opened, whose=g.actor.user_id)
    return response


def note_denial(response):
    """What somebody who is signed in was refused is in the audit, hidden and missing rows alike.

    The answer is the same where the audit cannot be reached: it refuses already.
    """
    if g.get("actor") and request.endpoint and response.status_code in (403, 404):
        asked = (part for part in (request.view_args or {}).values() if isinstance(part, UUID))
        with suppress(Unavailable):
            db.session.rollback()
            audit.deny(by=g.actor, endpoint=request.endpoint, status=response.status_code, subject_id=next(asked, None))
    return response


def locale() -> str:
    """The language of this page: the user's, else what the login page was switched to, else the browser's.

    A form of the website says itself in which language it stands on its page.

    Commands, jobs and machines speak English.
    """
    if not has_request_context() or request.blueprint in MACHINES:
        return Interface.ENGLISH
    if g.get("actor"):
        return g.actor.language
    known = [language.value for language in Interface]
    asked = request.args.get("language") if request.blueprint in PUBLIC else None
    chosen = asked if asked in known else request.cookies.get("language")
    return chosen if chosen in known else request.accept_languages.best_match(known) or Interface.ENGLISH
