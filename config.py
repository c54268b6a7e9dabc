"""Settings, read once from the environment (docs/operations.md lists them)."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from webapp.database import embedded, engine
from webapp.mail import settings as mail

ROOT = Path(__file__).resolve().parent
PORTAL_URLS = {
    "property-finder": "https://atlas.propertyfinder.com",
    "bayut": "https://www.bayut.com",
    "dubizzle": "https://dubizzle.com/profolio",
}


def data_dir() -> Path:
    """Where the embedded server and the demo's secret key live."""
    return Path(os.environ.get("DATA_DIR") or ROOT / "instance").resolve()


def database_url() -> str:
    """The configured server's address for SQLAlchemy, or the embedded server's, started where it is down."""
    given = os.environ.get("DATABASE_URL")
    return sqlalchemy_url(given) if given else embedded.running_url(data_dir())


def sqlalchemy_url(url: str) -> str:
    """The same address, whichever of its three usual spellings it came in."""
    _, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}"


def replica_urls() -> dict[str, str]:
    """The server that reports are read from, where READ_DATABASE_URL names one."""
    given = os.environ.get("READ_DATABASE_URL")
    return {engine.REPLICA: sqlalchemy_url(given)} if given else {}


def secret_key() -> str:
    """SECRET_KEY, or one made once and kept in DATA_DIR (enough for the demo; the server demands a real one)."""
    if given := os.environ.get("SECRET_KEY"):
        return given
    kept = data_dir() / "secret_key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(secrets.token_hex(32))
        kept.chmod(0o600)
    return kept.read_text()


def portal_keys() -> dict[str, tuple[str, str]]:
    """The keys to what portals hold that the environment gives: PROPERTY_FINDER_API_KEY and _API_SECRET, and so on."""
    given = {
        slug: (os.environ.get(f"{name}_API_KEY", ""), os.environ.get(f"{name}_API_SECRET", ""))
        for slug, name in _named(PORTAL_URLS).items()
    }
    return {slug: key for slug, key in given.items() if key[0]}


def portal_urls() -> dict[str, str]:
    """Where portals are asked: the vendors' own hosts, unless BAYUT_URL and so on point to a stand-in."""
    return {slug: os.environ.get(f"{name}_URL") or PORTAL_URLS[slug] for slug, name in _named(PORTAL_URLS).items()}


def doors() -> dict[str, tuple[str, str]]:
    """The doors of portals that the environment opens: BAYUT_PATH and BAYUT_SECRET, and so on for each."""
    given = {
        slug: (os.environ.get(f"{name}_PATH", ""), os.environ.get(f"{name}_SECRET", ""))
        for slug, name in _named((*PORTAL_URLS, "website")).items()
    }
    return {slug: door for slug, door in given.items() if all(door)}


def _named(slugs: Iterable[str]) -> dict[str, str]:
    """The names of portals as variables of the environment spell them."""
    return {slug: slug.upper().replace("-", "_") for slug in slugs}


def load(database: str | None = None) -> dict:
    """Every setting of the app; where `database` is given, no other is looked for or started."""
    base_url = os.environ.get("BASE_URL", "").rstrip("/")
    secure = base_url.startswith("https://")
    hosts = [host.strip() for host in os.environ.get("TRUSTED_HOSTS", "").split(",") if host.strip()]
    return {
        "SECRET_KEY": secret_key(),
        "SQLALCHEMY_DATABASE_URI": database or database_url(),
        "SQLALCHEMY_BINDS": replica_urls(),
        "SQLALCHEMY_ENGINE_OPTIONS": engine.OPTIONS,
        "BASE_URL": base_url,
        "TRUSTED_HOSTS": hosts or None,
        "SESSION_COOKIE_NAME": "__Host-desk" if secure else "desk",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "DOORS": doors(),
        "MAIL": mail.read(os.environ),
        "PORTAL_KEYS": portal_keys(),
        "PORTAL_URLS": portal_urls(),
        "LOG_REQUESTS": os.environ.get("LOG_REQUESTS") == "1",
        "MAX_CONTENT_LENGTH": 1_000_000,
        "MAX_FORM_PARTS": 1_000,
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Dubai",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "webapp" / "translations"),
    }
