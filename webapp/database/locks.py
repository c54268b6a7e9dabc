"""The advisory locks of the office, taken in this order: enquiry, phone, assignment, (lead rows, agent rows), calendar.

They last until the transaction ends and work for every process on every machine.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from webapp.extensions import db


def enquiry(source: str, portal_lead_id: str) -> None:
    """One event at a time of a portal's lead."""
    _lock(f"enquiry:{source}:{portal_lead_id}")


def phone(e164: str) -> None:
    """One capture at a time for a person, whatever the source (R2)."""
    _lock(f"phone:{e164}")


def phones(e164s: Iterable[str]) -> None:
    """One capture at a time for each of these persons, always in the same order."""
    names = [f"phone:{e164}" for e164 in sorted(set(e164s))]
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name")
    db.session.execute(lock, {"names": names})


def assignment() -> None:
    """One choice of an agent at a time in the whole office, so that turns are exact (R4)."""
    _lock("assignment")


def scoring() -> None:
    """One change of the scoring rules, or of their draft, at a time. Nothing else is locked after it but their rows."""
    _lock("scoring")


def calendar(agent_id: UUID) -> None:
    """One change at a time in an agent's calendar (R7)."""
    _lock(f"calendar:{agent_id}")


def _lock(name: str) -> None:
    db.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
