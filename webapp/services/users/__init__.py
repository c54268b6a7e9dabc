"""The people who sign in (R14): their accounts, their sessions, and links by which they choose a password."""

from webapp.services.users import links
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
    set_password,
)
from webapp.services.users.hashes import one_hash_at_a_time, passwords
from webapp.services.users.sessions import (
    end_others,
    mark_seen,
    open_sessions,
    resume,
    sign_in,
    sign_out,
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
    "invite",
    "links",
    "mark_seen",
    "one_hash_at_a_time",
    "open_sessions",
    "passwords",
    "prefer",
    "resume",
    "set_password",
    "sign_in",
    "sign_out",
    "sweep_sessions",
]
