from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Key, Moment

if TYPE_CHECKING:
    from webapp.models.users import User


class BrokerLead(Model):
    """A lead that was another broker's (A2A): it left `leads` with all that was done, `kept` is what brings it back.

    `agent_id` is whose it was, `phone` its number, empty once its person was erased. The lead's enquiries name it.
    """

    __tablename__ = "broker_leads"

    broker_lead_id: Mapped[Key]
    lead_id: Mapped[UUID]
    number: Mapped[int] = mapped_column(BigInteger)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.agent_id", ondelete="SET NULL"), index=True)
    phone: Mapped[str] = mapped_column(String(20), index=True)
    kept: Mapped[dict] = mapped_column(JSONB)
    set_aside_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    set_aside_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)

    setter: Mapped["User | None"] = relationship(lazy="raise")

    __table_args__ = (Index("ux_broker_leads_lead_id", "lead_id", unique=True),)
