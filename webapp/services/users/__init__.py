"""The people who sign in (R14): their accounts and their sessions."""

from webapp.services.users.accounts import (
    Person,
    actor,
    add,
    change,
    change_password,
    everyone,
    find,
    first_steps,
    invite,
    prefer,
    replace_password,
    set_password,
)
from webapp.services.users.hashes import hash_of, hashed, one_hash_at_a_time, passwords
from webapp.services.users.sessions import (
    end_others,
    mark_seen,
    open_sessions,
    resume,
    sign_in,
    sign_out,
    start,
    sweep_sessions,
)

__all__ = [
    "Person",
    "actor",
    "add",
    "change",
    "change_password",
    "end_others",
    "everyone",
    "find",
    "first_steps",
    "hash_of",
    "hashed",
    "invite",
    "mark_seen",
    "one_hash_at_a_time",
    "open_sessions",
    "passwords",
    "prefer",
    "replace_password",
    "resume",
    "set_password",
    "sign_in",
    "sign_out",
    "start",
    "sweep_sessions",
]
