"""What portals need of the app's settings: doors and keys that the environment gives, and the seal on kept secrets.

Why the secrets are encrypted, and not hashed, is in docs/decisions/0007-secrets-of-portals.md.
"""

import base64
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


@dataclass(frozen=True)
class Door:
    """Where a portal delivers, and what it signs with. The secret shows in no repr, log or page."""

    path: str
    secret: bytes | None

    def __repr__(self) -> str:
        return "Door(...)"


@dataclass(frozen=True)
class Account:
    """Where a portal is asked for what it holds, and with which key; None where the key cannot be read any more."""

    url: str
    key: str | None
    secret: str = ""

    def __repr__(self) -> str:
        return "Account(...)"


def of_environment(slug: str) -> Door | None:
    """The door that the environment gives this portal, if it does (docs/portals.md)."""
    given = current_app.config["DOORS"].get(slug)
    return Door(given[0], given[1].encode()) if given else None


def account_of_environment(slug: str) -> Account | None:
    """The account that the environment gives for this portal, if it does."""
    given = current_app.config["PORTAL_KEYS"].get(slug)
    return Account(address_of(slug), *given) if given else None


def address_of(slug: str) -> str:
    """Where this portal is asked."""
    return current_app.config["PORTAL_URLS"][slug].rstrip("/")


def seal(secret: str) -> bytes:
    """The secret as it may lie in the database."""
    return _key().encrypt(secret.encode())


def unseal(sealed: bytes) -> bytes | None:
    """The secret again; None where another SECRET_KEY sealed it."""
    try:
        return _key().decrypt(sealed)
    except InvalidToken:
        return None


def _key() -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"secrets of portals").derive(
        current_app.config["SECRET_KEY"].encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
