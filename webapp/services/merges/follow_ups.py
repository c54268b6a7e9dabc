"""The open follow-ups of merged leads: how they stood, and back to whose they were (R7)."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select, update

from webapp.database import locks
from webapp.extensions import db
from webapp.models import FollowUpTask
from webapp.services import tasks
from webapp.vocabulary import OPEN_TASKS, TaskStatus

Slots = dict[str, dict]


def of(*lead_ids: UUID) -> Slots:
    """The leads' open follow-ups: of which lead, whose, when and since when so, in JSON's types."""
    db.session.flush()
    query = select(FollowUpTask).where(FollowUpTask.lead_id.in_(lead_ids), FollowUpTask.status.in_(OPEN_TASKS))
    found = db.session.scalars(query.execution_options(populate_existing=True))
    return {
        str(task.task_id): {
            "lead_id": str(task.lead_id),
            "agent_id": str(task.agent_id),
            "due_date": task.due_date.astimezone(UTC).isoformat(),
            "status": task.status,
            "updated_at": task.updated_at.astimezone(UTC).isoformat(),
        }
        for task in found
    }


def put_back(before: Slots, after: Slots, owners: dict[str, UUID | None]) -> bool:
    """Every follow-up that nobody has touched since is as it was, if its agent owns its lead again; False where one
    could not be.

    One that was moved since keeps its moment, and one whose time is taken goes to the next free slot; both are the
    owner's. Do it `as_one_merges`.
    """
    now = of(*{UUID(slot["lead_id"]) for slot in [*before.values(), *after.values()]})
    for agent_id in sorted({agent_id for agent_id in owners.values() if agent_id}):
        locks.calendar(agent_id)
    done = [_as_it_was(task_id, slot, after, now, owners) for task_id, slot in sorted(before.items(), key=_when)]
    return all(done)


def _as_it_was(task_id: str, slot: dict, after: Slots, now: Slots, owners: dict[str, UUID | None]) -> bool:
    owner, here, left = owners[slot["lead_id"]], now.get(task_id), after.get(task_id, {})
    if here is None or owner is None:
        return False
    untouched = _place(here) == _place(left)
    wish = datetime.fromisoformat(slot["due_date"] if untouched else here["due_date"])
    due_date = tasks.next_free_slot(owner, wish, moving=UUID(task_id))
    exactly = untouched and due_date == wish and str(owner) == slot["agent_id"]
    if (str(owner), due_date) != (here["agent_id"], datetime.fromisoformat(here["due_date"])):
        values = {"agent_id": owner, "due_date": due_date, "updated_at": func.now()}
        if exactly and here["status"] == left["status"]:
            values |= {"status": TaskStatus(slot["status"]), "updated_at": datetime.fromisoformat(slot["updated_at"])}
        db.session.execute(update(FollowUpTask).where(FollowUpTask.task_id == UUID(task_id)).values(values))
    return exactly


def _place(slot: dict) -> tuple:
    return slot.get("agent_id"), slot.get("due_date")


def _when(item: tuple[str, dict]) -> str:
    return item[1]["due_date"]
