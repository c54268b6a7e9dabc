from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Interval, Numeric, String, func, true
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, Texts, Updated
from webapp.vocabulary import CAP

if TYPE_CHECKING:
    from webapp.models.activities import LeadActivity
    from webapp.models.assignments import LeadAssignment
    from webapp.models.tasks import FollowUpTask


class Agent(Model):
    """A broker who owns leads: what they are good at, how many they hold, whether they are on duty.

    `duty` is what somebody set, `off_duty_until` the first day back in Dubai, `left_at` since when they are gone;
    `on_duty` is what follows of it at the moment of asking, by the one definition that the database has.
    """

    __tablename__ = "agents"

    agent_id: Mapped[Key]
    full_name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(255), unique=True)
    phone: Mapped[str] = mapped_column(String(20), unique=True)
    specialization_property_type: Mapped[Texts | None]
    specialization_areas: Mapped[Texts | None]
    language_skills: Mapped[Texts | None]
    active_leads_count: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[Created]
    updated_at: Mapped[Updated]

    duty: Mapped[bool] = mapped_column("on_duty", server_default=true())
    off_duty_until: Mapped[date | None] = mapped_column()
    left_at: Mapped[Moment | None] = mapped_column()
    on_duty: Mapped[bool] = column_property(func.is_on_duty(duty, off_duty_until, left_at, type_=Boolean()))
    last_assigned_at: Mapped[Moment | None]
    arabic_name: Mapped[str | None] = mapped_column(String(200))
    broker_number: Mapped[str | None] = mapped_column(String(20))
    broker_number_expires_on: Mapped[date | None]

    assignments: Mapped[list["LeadAssignment"]] = relationship(
        back_populates="agent", lazy="raise", passive_deletes=True
    )
    activities: Mapped[list["LeadActivity"]] = relationship(back_populates="agent", lazy="raise", passive_deletes=True)
    tasks: Mapped[list["FollowUpTask"]] = relationship(back_populates="agent", lazy="raise", passive_deletes=True)
    performance_metrics: Mapped[list["AgentPerformanceMetrics"]] = relationship(
        back_populates="agent", lazy="raise", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint(f"active_leads_count <= {CAP}", name="ck_active_leads_max"),
        CheckConstraint("active_leads_count >= 0", name="ck_active_leads_nonneg"),
    )

    @property
    def first_name(self) -> str:
        return self.full_name.strip().partition(" ")[0]

    @property
    def is_full(self) -> bool:
        return self.active_leads_count >= CAP


class AgentPerformanceMetrics(Model):
    """How an agent did, as last calculated; the newest row is the truth (R10)."""

    __tablename__ = "agent_performance_metrics"

    metric_id: Mapped[Key]
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.agent_id", ondelete="CASCADE"))
    conversion_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    average_deal_size: Mapped[Decimal | None] = mapped_column(Numeric(15, 2))
    average_response_time: Mapped[timedelta | None] = mapped_column(Interval)
    leads_handled: Mapped[int | None]
    updated_at: Mapped[Created] = mapped_column(nullable=True)

    agent: Mapped[Agent] = relationship(back_populates="performance_metrics", lazy="raise")

    __table_args__ = (Index("ix_agent_performance_metrics_agent_id_updated_at", "agent_id", "updated_at"),)
