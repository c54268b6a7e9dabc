"""What the production server refuses to start with (docs/operations.md)."""

import os

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from webapp.extensions import db
from webapp.models import User
from webapp.services import health

SHORTEST_KEY = 32


def problem() -> str | None:
    """The first thing that must be mended, as a sentence, or None."""
    key = os.environ.get("SECRET_KEY", "")
    if len(key) < SHORTEST_KEY:
        return f"SECRET_KEY is missing or shorter than {SHORTEST_KEY} characters: set a long random one."
    if current_app.debug:
        return "FLASK_DEBUG is on: unset it."
    return _schema() or (None if _is_loopback() else _seen_from_outside())


def _schema() -> str | None:
    state = health.look()
    if not state.database:
        return "The database does not answer: check DATABASE_URL."
    if not state.revision:
        return "The database is on another revision than the code: run `flask --app wsgi db upgrade` first."
    return None


def _seen_from_outside() -> str | None:
    if not current_app.config["BASE_URL"].startswith("https://"):
        return "BASE_URL is not an https address, and the server would be seen from outside: set it."
    if not current_app.config["TRUSTED_HOSTS"]:
        return "TRUSTED_HOSTS is empty, and the server would be seen from outside: name your hosts."
    try:
        demo = db.session.scalar(select(User.email).where(User.is_demo, User.is_active).limit(1))
    except SQLAlchemyError:
        return "The database does not answer: check DATABASE_URL."
    return f"The demo account {demo} is active: use a database of your own." if demo else None


def _is_loopback() -> bool:
    host = os.environ.get("HOST", "127.0.0.1")
    return host in ("localhost", "::1") or host.startswith("127.")
