from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, OneOf, Updated, one_of
from webapp.vocabulary import OPEN_TASKS, Priority, TaskStatus, TaskType

if TYPE_CHECKING:
    from webapp.models.agents import Agent
    from webapp.models.leads import Lead


class FollowUpTask(Model):
    """The next step with a lead, in its agent's calendar."""

    __tablename__ = "follow_up_tasks"

    task_id: Mapped[Key]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.agent_id", ondelete="CASCADE"))
    type: Mapped[TaskType] = mapped_column(OneOf(TaskType))
    due_date: Mapped[Moment]
    priority: Mapped[Priority] = mapped_column(OneOf(Priority, 20), server_default=Priority.MEDIUM)
    status: Mapped[TaskStatus] = mapped_column(OneOf(TaskStatus, 20), server_default=TaskStatus.PENDING)
    created_at: Mapped[Created] = mapped_column(nullable=True)
    updated_at: Mapped[Updated] = mapped_column(nullable=True)

    notes: Mapped[str | None] = mapped_column(Text)
    cancelled_at: Mapped[Moment | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(200))
    escalated_at: Mapped[Moment | None]

    lead: Mapped["Lead"] = relationship(back_populates="tasks", lazy="raise")
    agent: Mapped["Agent"] = relationship(back_populates="tasks", lazy="raise")

    __table_args__ = (
        Index("ix_follow_up_tasks_agent_id_due_date", "agent_id", "due_date"),
        Index("ix_follow_up_tasks_pending", "due_date", postgresql_where=text("status = 'pending'")),
        Index(
            "ix_follow_up_tasks_open",
            "agent_id",
            "due_date",
            postgresql_where=text("status IN ('pending', 'overdue')"),
        ),
        CheckConstraint(one_of(TaskType, "type"), name="ck_task_type"),
        CheckConstraint(one_of(Priority, "priority"), name="ck_task_priority"),
        CheckConstraint(one_of(TaskStatus, "status"), name="ck_task_status"),
        CheckConstraint("cancelled_at IS NULL OR status = 'completed'", name="ck_task_cancelled_is_closed"),
    )

    @property
    def revision(self) -> int:
        """A number that grows with its changes: how many seconds after it was made it last changed."""
        return int((self.updated_at - self.created_at).total_seconds()) if self.updated_at and self.created_at else 0

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_TASKS
