"""Passwords and tokens as they are kept: never what somebody could type or send."""

import hashlib
import secrets
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from webapp.errors import Invalid
from webapp.passwords import refusal, spelled

passwords = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
nobodys_hash = passwords.hash(secrets.token_hex(16))
"""Of a password that nobody knows: for who is not there, and for who has not chosen one yet."""
one_hash_at_a_time = Lock()


def hash_of(password: str, *, about: tuple[str, ...]) -> str:
    """The slow hash of a password that may be taken. Make it before the transaction, which is not to wait for it."""
    if reason := refusal(password, about=about):
        raise Invalid(reason, field="password")
    return passwords.hash(spelled(password))


def matches(password_hash: str, password: str) -> bool:
    """Whether this is the password, one comparison at a time in each process."""
    with one_hash_at_a_time:
        try:
            return passwords.verify(password_hash, spelled(password))
        except VerifyMismatchError:
            return False


def hashed(token: str) -> bytes:
    """What is kept of a random token."""
    return hashlib.sha256(token.encode()).digest()
