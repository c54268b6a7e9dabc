"""The next steps of a lead: the first call, what was agreed on the way, and what is open now (R7)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from webapp.demo import words
from webapp.demo.brokers import Broker
from webapp.demo.cases import Case
from webapp.demo.chance import Odds, make_uuid
from webapp.demo.paths import Path
from webapp.demo.rhythm import half_hour
from webapp.demo.stage import Stage
from webapp.services.tasks import FIRST_DUE, TOO_LATE
from webapp.vocabulary import ActivityType, NoticeKind, Priority, Status, TaskStatus, TaskType

AGREED = 0.42
LEFT_OPEN = 0.6
NEXT = Odds({"ahead": 66, "late": 16, "none": 18})
TYPES = Odds({TaskType.CALL: 55, TaskType.WHATSAPP: 27, TaskType.EMAIL: 18})
PRIORITIES = Odds({Priority.HIGH: 22, Priority.MEDIUM: 58, Priority.LOW: 20})
SAME_AS = {
    ActivityType.EMAIL: TaskType.EMAIL,
    ActivityType.WHATSAPP: TaskType.WHATSAPP,
    ActivityType.VIEWING: TaskType.VIEWING,
}
HALF_HOUR = timedelta(minutes=30)


class NextStep(NamedTuple):
    """What is open now."""

    due: datetime
    kind: TaskType


def plan(stage: Stage, case: Case, path: Path) -> NextStep | None:
    """Write all follow-ups of one lead; the open one, of which there is at most one, is its next step."""
    if case.owner is None or case.assigned_at is None:
        return None
    planner = _Planner(stage, case, path)
    planner.plan(case.owner, case.assigned_at)
    return planner.next_step


class _Planner:
    def __init__(self, stage: Stage, case: Case, path: Path):
        self.case, self.path = case, path
        self.tables, self.bell, self.rng, self.moment = stage.tables, stage.bell, stage.rng, stage.moment
        self.next_step: NextStep | None = None

    def plan(self, owner: Broker, assigned_at: datetime) -> None:
        first_due = max(self.case.created + FIRST_DUE, assigned_at)
        if not self.path.contacts:
            self._unanswered(owner, assigned_at, first_due)
            return
        self._add(assigned_at, first_due, TaskType.CALL, Priority.HIGH, done=self.path.contacts[0].logged_at)
        self._agreed()
        if self.path.closed_at:
            self._cut_short(self.path.closed_at)
        else:
            self._next_step(owner)

    def _unanswered(self, owner: Broker, assigned_at: datetime, due: datetime) -> None:
        """The first call, still to be made or cancelled with the lead."""
        if self.path.closed_at:
            self._add(assigned_at, due, TaskType.CALL, Priority.HIGH, cancelled=self.path.closed_at)
        else:
            self._add(assigned_at, owner.diary.book(due), TaskType.CALL, Priority.HIGH)

    def _agreed(self) -> None:
        """What was planned after one contact and done with the next."""
        for before, after in zip(self.path.contacts, self.path.contacts[1:], strict=False):
            due = _round(after.at)
            if not before.struck_at and due > before.logged_at and self.rng.random() < AGREED:
                kind = SAME_AS.get(after.type, TaskType.CALL)
                self._add(before.logged_at, due, kind, PRIORITIES.draw(self.rng), done=after.logged_at)

    def _cut_short(self, closed_at: datetime) -> None:
        if self.rng.random() < LEFT_OPEN:
            agreed_at = self.path.contacts[-1].logged_at
            due = half_hour(closed_at + timedelta(days=self.rng.randint(1, 5)), self.rng)
            self._add(agreed_at, due, TYPES.draw(self.rng), PRIORITIES.draw(self.rng), cancelled=closed_at)

    def _next_step(self, owner: Broker) -> None:
        """What is open now: ahead, late or forgotten."""
        due = self._due(owner)
        if due is None:
            return
        kind = TaskType.VIEWING if self._expects_viewing() else TYPES.draw(self.rng)
        priority = Priority.HIGH if kind == TaskType.VIEWING else PRIORITIES.draw(self.rng)
        self._add(self.path.contacts[-1].logged_at, due, kind, priority)

    def _due(self, owner: Broker) -> datetime | None:
        agreed_at = self.path.contacts[-1].logged_at
        if self.case.silent:
            return None
        if self.case.overdue:
            day = self.moment - self.case.overdue - timedelta(days=1)
            return owner.diary.book(max(half_hour(day, self.rng), _round(agreed_at) + HALF_HOUR))
        if owner.off_since:
            return owner.diary.book(half_hour(owner.off_since + timedelta(days=self.rng.randint(1, 4)), self.rng))
        kept = next((time for time in owner.diary.kept if time > agreed_at), None)
        if kept:
            owner.diary.kept.remove(kept)
            return kept
        when = "ahead" if self._expects_viewing() else NEXT.draw(self.rng)
        if when == "none":
            return None
        if when == "ahead":
            return owner.diary.book(self._ahead())
        late = half_hour(self.moment - timedelta(days=1 + int(self.rng.expovariate(1 / 1.4))), self.rng)
        return owner.diary.book(max(late, _round(agreed_at) + HALF_HOUR))

    def _ahead(self) -> datetime:
        """An appointment of the coming days that has not begun."""
        while True:
            wish = half_hour(self.moment + timedelta(days=int(self.rng.expovariate(1 / 2.4))), self.rng)
            if wish > self.moment:
                return wish

    def _expects_viewing(self) -> bool:
        held = any(contact.type == ActivityType.VIEWING for contact in self.path.contacts)
        return self.case.status == Status.VIEWING_SCHEDULED and not held

    def _add(
        self,
        created_at: datetime,
        due: datetime,
        kind: TaskType,
        priority: Priority,
        *,
        done: datetime | None = None,
        cancelled: datetime | None = None,
    ) -> None:
        owner = self.case.owner_at(done or cancelled or self.moment)
        assert owner and self.case.status
        is_open = not (done or cancelled)
        if is_open:
            self.next_step = NextStep(due, kind)
        escalated = due + TOO_LATE if is_open and self.moment - due >= TOO_LATE else None
        late = TaskStatus.OVERDUE if due < self.moment else TaskStatus.PENDING
        self.tables.add(
            "follow_up_tasks",
            task_id=make_uuid(self.rng),
            lead_id=self.case.lead_id,
            agent_id=owner.agent_id,
            type=kind,
            due_date=due,
            priority=priority,
            status=late if is_open else TaskStatus.COMPLETED,
            created_at=created_at,
            updated_at=done or cancelled or escalated or created_at,
            notes=self.rng.choice(words.NEXT_STEPS) if self.rng.random() < 0.25 else None,
            cancelled_at=cancelled,
            cancel_reason=self.case.status if cancelled else None,
            escalated_at=escalated,
        )
        if escalated:
            self.bell.tell_manager(NoticeKind.FOLLOW_UP_ESCALATED, self.case, escalated)


def _round(at: datetime) -> datetime:
    """The nearest half hour."""
    minutes = round((at.minute + at.second / 60) / 30) * 30
    return at.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=minutes)
