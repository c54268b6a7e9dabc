"""Errors in words: for a browser a page, for htmx a notice where it cannot be missed."""

import logging
import secrets

from flask import g, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, TimeoutError
from werkzeug.exceptions import HTTPException, SecurityError

from webapp.errors import Refused
from webapp.extensions import db
from webapp.guard import POLLED
from webapp.responses import is_htmx
from webapp.transaction import refusal

log = logging.getLogger(__name__)


def init_app(app) -> None:
    app.register_error_handler(Refused, refused)
    app.register_error_handler(CSRFError, forged)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(SecurityError, elsewhere)
    app.register_error_handler(DBAPIError, database)
    app.register_error_handler(TimeoutError, database)
    app.register_error_handler(UnicodeError, malformed)
    app.register_error_handler(RecursionError, malformed)
    app.register_error_handler(Exception, unexpected)


def refused(error: Refused):
    if error.status == 503:
        # The frame of a page counts notices; a database that is away must not be asked again.
        g.actor = None
    return page(error.status, error.message, retry_after=getattr(error, "retry_after", None))


def forged(_error: CSRFError):
    return page(400, _("This form was opened before you signed in, or long ago. Open it again and send it once more."))


def elsewhere(_error: SecurityError):
    """Another host's name: a page would have links, and links need a host."""
    return _("That request cannot be understood."), 400, {"Content-Type": "text/plain; charset=utf-8"}


def http(error: HTTPException):
    sentences = {
        404: _("There is nothing at this address, or it is not yours to see."),
        405: _("This address does not do that."),
        413: _("That is more than can be sent at once."),
    }
    response = page(error.code or 500, sentences.get(error.code or 500) or _("That request cannot be understood."))
    if error.code == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return response


def database(error: Exception):
    db.session.rollback()
    known = refusal(error)
    if isinstance(known, Refused):
        return refused(known)
    if isinstance(error, DBAPIError) and _state(error) is None and _is_data_error(error):
        return malformed(error)
    return unexpected(error)


def malformed(_error: Exception):
    return page(400, _("That request cannot be understood."))


def unexpected(error: Exception):
    incident = secrets.token_hex(4)
    log.error("incident %s at %s %s", incident, request.method, request.endpoint, exc_info=error)
    return page(500, _("Something broke on our side. Tell your admin the number %(incident)s.", incident=incident))


def page(status: int, message, retry_after: int | None = None):
    """The error as a page; what was typed into an htmx form stays, because only the notice is replaced."""
    titles = {
        400: _("That did not work"),
        403: _("Not for your role"),
        404: _("Not here"),
        405: _("Not possible"),
        413: _("Too much at once"),
        429: _("Too many tries"),
        503: _("One moment"),
    }
    title = titles.get(status) or (_("Something broke") if status >= 500 else _("That did not work"))
    keeps_form = is_htmx() and request.method != "GET"
    template = "errors/_notice.html" if keeps_form else "errors/error.html"
    body = render_template(template, status=status, title=title, message=message)
    response = make_response(body, status)
    if is_htmx():
        response.headers["HX-Push-Url"] = "false"
        response.headers["HX-Retarget"] = "#toasts" if keeps_form else "#main"
        response.headers["HX-Reswap"] = "innerHTML" if keeps_form else "outerHTML show:window:top"
    if request.endpoint in POLLED:
        # Nobody asked: a poll that fails disturbs nothing and is tried again.
        response.headers["HX-Reswap"] = "none"
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    response.headers["Cache-Control"] = "no-store"
    return response


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _is_data_error(error: DBAPIError) -> bool:
    return type(error).__name__ == "DataError"
