"""How a lead stands around a hand-over: enough to give it back, and to say whether somebody has touched it since."""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import text

from webapp.extensions import db
from webapp.services.assignments.back import Before
from webapp.services.tasks import Slot
from webapp.vocabulary import Status, TaskStatus

# Counts and numbers, no moments of others: who began earlier may commit later.
FACTS = text("""
    SELECT jsonb_build_object(
        'status', l.status,
        'version', l.version,
        'agent_id', a.agent_id,
        'owner', (SELECT full_name FROM agents WHERE agent_id = a.agent_id),
        'reassigned_at', a.reassigned_at AT TIME ZONE 'UTC',
        'escalated_at', a.escalated_at AT TIME ZONE 'UTC',
        'move', (SELECT max(move_id) FROM assignment_history h WHERE h.lead_id = l.lead_id),
        'activities', (SELECT count(*) || ', struck ' || count(struck_at)
                       FROM lead_activities c WHERE c.lead_id = l.lead_id),
        'follow_ups', coalesce((
            SELECT jsonb_object_agg(task_id, jsonb_build_object(
                'agent_id', t.agent_id, 'due_date', t.due_date AT TIME ZONE 'UTC', 'status', t.status))
            FROM follow_up_tasks t
            WHERE t.lead_id = l.lead_id AND t.status IN ('pending', 'overdue')), '{}'))
    FROM leads l LEFT JOIN lead_assignments a USING (lead_id) WHERE l.lead_id = :lead_id
""")


def facts(lead_id: UUID) -> dict:
    """How the lead stands now, in JSON's types. Hold its row before."""
    db.session.flush()
    return db.session.scalars(FACTS, {"lead_id": lead_id}).one()


def before(kept: dict) -> Before:
    """What to give back, from what was kept."""
    return Before(
        agent_id=UUID(kept["agent_id"]) if kept["agent_id"] else None,
        reassigned_at=_moment(kept["reassigned_at"]),
        escalated_at=_moment(kept["escalated_at"]),
        follow_ups={
            UUID(task_id): Slot(UUID(one["agent_id"]), _at(one["due_date"]), TaskStatus(one["status"]))
            for task_id, one in kept["follow_ups"].items()
        },
    )


def touched(after: dict, now: dict) -> str | None:
    """What somebody has done with the lead since the hand-over, in words; None where nobody has."""
    if now["move"] != after["move"]:
        return _("It went to %(name)s since.", name=now["owner"]) if now["owner"] else _("Nobody owns it any more.")
    if now["activities"] != after["activities"]:
        return _("A contact was logged or struck out since.")
    if now["status"] != after["status"]:
        return _("Its status has changed since: %(status)s.", status=Status.stored(now["status"]).label)
    if _calendar(now) != _calendar(after):
        return _("Its follow-ups have changed since.")
    if now["version"] != after["version"]:
        return _("Its details were changed since.")
    return None


def moved(before: dict, after: dict) -> list[UUID]:
    """The follow-ups that got another time."""
    then, now = before["follow_ups"], after["follow_ups"]
    return [
        UUID(task_id) for task_id in now if task_id in then and then[task_id]["due_date"] != now[task_id]["due_date"]
    ]


def _calendar(kept: dict) -> dict:
    """The follow-ups but for pending and overdue, between which time alone passes."""
    return {task_id: (one["agent_id"], one["due_date"]) for task_id, one in kept["follow_ups"].items()}


def _moment(text: str | None) -> datetime | None:
    return _at(text) if text else None


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
