"""What the production server refuses to start with, and what it only warns of (docs/operations.md)."""

import ipaddress
import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import current_app
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.sansio.utils import host_is_trusted

import config
from webapp.extensions import db
from webapp.mail import settings as mail
from webapp.models import User
from webapp.services import health

SHORTEST_KEY = 32
SPELLINGS = ("postgres", "postgresql", "postgresql+psycopg")
HOST_NAME = re.compile(r"\.?[\w-]+(\.[\w-]+)*(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?")
SILENT = "The database does not answer: check DATABASE_URL."
IS_SUPERUSER = text("SELECT rolname::text FROM pg_roles WHERE rolname = session_user AND rolsuper")


def problems() -> list[str]:
    """Everything that must be mended before the server starts, each as a sentence that says what to do."""
    return [*_key(), *_debug(), *_address(), *mail.problems(os.environ), *_database()]


def warnings() -> list[str]:
    """What the server starts with, though it would be better otherwise."""
    try:
        superuser = db.session.scalar(IS_SUPERUSER)
    except SQLAlchemyError:
        return []
    return [f"The database user {superuser} is a superuser: an ordinary owner is enough."] if superuser else []


def unreadable_url(url: str) -> str | None:
    """Why an address cannot be a PostgreSQL server's, as a sentence without the password that may be in it."""
    scheme, _, rest = url.partition("://")
    if scheme not in SPELLINGS:
        return "DATABASE_URL is not an address of PostgreSQL: write it as postgresql://user:password@host/database."
    try:
        conninfo_to_dict(f"postgresql://{rest}")
    except ProgrammingError:
        return "DATABASE_URL cannot be read: write it as postgresql://user:password@host/database."
    return None


def is_loopback(host: str) -> bool:
    """Whether a server that listens there is seen from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _key() -> Iterator[str]:
    key = os.environ.get("SECRET_KEY", "").strip()
    kept = config.data_dir() / "secret_key"
    if len(key) < SHORTEST_KEY:
        yield f"SECRET_KEY is missing or shorter than {SHORTEST_KEY} characters: set a long random one."
    elif kept.exists() and key == kept.read_text().strip():
        yield f"SECRET_KEY is the demo's own, which lies in {kept}: set another."


def _debug() -> Iterator[str]:
    if current_app.debug:
        yield "FLASK_DEBUG is on: unset it."


def _address() -> Iterator[str]:
    """Links, cookies and HSTS go by BASE_URL; TRUSTED_HOSTS are the names that are answered."""
    base, hosts = current_app.config["BASE_URL"], current_app.config["TRUSTED_HOSTS"] or []
    host = _only_host(base)
    if base and host is None:
        yield "BASE_URL is not a scheme, a host and nothing more: write it as https://desk.example."
    for name in hosts:
        if not HOST_NAME.fullmatch(name):
            yield f"TRUSTED_HOSTS has {name!r}, which is no host name: name your hosts, such as desk.example."
    if host and hosts and not host_is_trusted(host, hosts):
        yield f"TRUSTED_HOSTS does not have {host}, the host of BASE_URL: add it."
    if _is_seen_from_outside() and not base.startswith("https://"):
        yield "BASE_URL is not an https address, and the server would be seen from outside: set it."
    if _is_seen_from_outside() and not hosts:
        yield "TRUSTED_HOSTS is empty, and the server would be seen from outside: name your hosts."


def _only_host(base: str) -> str | None:
    try:
        parts = urlsplit(base)
        is_web = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        return None
    has_more = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    return parts.netloc if is_web and not has_more else None


def _database() -> Iterator[str]:
    given = os.environ.get("DATABASE_URL")
    if given and (unreadable := unreadable_url(given)):
        yield unreadable
        return
    state = health.look()
    if not state.database:
        yield SILENT
    elif not state.revision:
        yield "The database is on another revision than the code: run `flask --app wsgi db upgrade` first."
    elif _is_seen_from_outside():
        yield from _demo_accounts()


def _demo_accounts() -> Iterator[str]:
    try:
        demo = db.session.scalar(select(User.email).where(User.is_demo, User.is_active).limit(1))
    except SQLAlchemyError:
        yield SILENT
    else:
        if demo:
            yield f"The demo account {demo} is active: use a database of your own."


def _is_seen_from_outside() -> bool:
    return not is_loopback(os.environ.get("HOST", "127.0.0.1"))
