from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Key, Moment, OneOf, one_of
from webapp.models.users import User
from webapp.vocabulary import JobName, TurnState

ATTEMPTS = 5
"""So often in all a turn is tried."""


class JobTurn(Model):
    """One turn of a job: when it was due, what it did and how it ended. Each is taken once, by one worker."""

    __tablename__ = "job_turns"

    turn_id: Mapped[Key]
    job: Mapped[JobName] = mapped_column(OneOf(JobName, 30))
    due_at: Mapped[Moment]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    state: Mapped[TurnState] = mapped_column(OneOf(TurnState, 20))
    started_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    done: Mapped[int] = mapped_column(server_default=text("0"))
    failed: Mapped[int] = mapped_column(server_default=text("0"))
    error: Mapped[str] = mapped_column(String(100), server_default=text("''"))

    asker: Mapped[User | None] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("job", "due_at", name="uq_job_turns_job_due_at"),
        CheckConstraint(one_of(TurnState, "state"), name="ck_job_turns_state"),
        CheckConstraint("attempt >= 0 AND done >= 0 AND failed >= 0", name="ck_job_turns_counts"),
        Index("ix_job_turns_failed", "job", "due_at", postgresql_where=text("failed > 0 OR state = 'broken'")),
        Index(
            "ix_job_turns_told",
            "due_at",
            postgresql_where=text("done > 0 OR failed > 0 OR asked_by IS NOT NULL OR state <> 'done'"),
        ),
    )

    @property
    def is_tried_again(self) -> bool:
        """It broke off, and the queue will try it again."""
        return self.state == TurnState.BROKEN and self.attempt < ATTEMPTS
