from uuid import UUID

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment, Texts
from webapp.models.users import User


class Site(Model):
    """A page of the company that sends our form: its key, and where its visitors may be sent back to."""

    __tablename__ = "sites"

    site_id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(43), unique=True)
    return_to: Mapped[Texts] = mapped_column(server_default=text("'{}'"))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    created_at: Mapped[Created]
    revoked_at: Mapped[Moment | None]

    maker: Mapped[User | None] = relationship(lazy="raise")
