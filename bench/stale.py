"""The bar of the job `reassign-stale`: among all leads it finds those that nobody answers, and moves them on."""

from sqlalchemy import text

from bench.worker import turn
from webapp.extensions import db
from webapp.services.assignments.stale import PATIENCE, STALE

SILENT = 1_000
BARS = {"took s": f"at most 30 for {SILENT:,} leads that nobody answers", "most MB": "at most 150, the whole process"}

FRESH = text("UPDATE lead_assignments SET reassigned_at = now() WHERE lead_id = ANY (:leads)")
LATE = text("UPDATE lead_assignments SET assigned_at = now() - interval '2 days', reassigned_at = NULL"
            " WHERE lead_id = ANY (:leads)")  # fmt: skip
QUIET = text("""
    SELECT lead_id FROM leads l JOIN lead_assignments a USING (lead_id)
    WHERE l.status = 'new' AND l.last_contact_at IS NULL AND a.escalated_at IS NULL LIMIT :some
""")


def measure() -> dict:
    """Let just so many leads be silent, then run the job as the worker does, in a process of its own."""
    stale = db.session.scalars(STALE, {"patience": PATIENCE}).all()
    db.session.execute(FRESH, {"leads": stale[SILENT:]})
    if len(stale) < SILENT:
        db.session.execute(LATE, {"leads": db.session.scalars(QUIET, {"some": SILENT - len(stale)}).all()})
    db.session.commit()
    took = turn("reassign-stale")
    return {"moved": took.done, "took s": round(took.seconds, 1), "most MB": round(took.megabytes)}
