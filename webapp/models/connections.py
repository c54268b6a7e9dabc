from sqlalchemy import CheckConstraint, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model
from webapp.models.columns import Created, OneOf, one_of
from webapp.vocabulary import Portal


class Connection(Model):
    """The door that one portal delivers at: its address, and the secret that it signs with (encrypted)."""

    __tablename__ = "connections"

    source: Mapped[Portal] = mapped_column(OneOf(Portal), primary_key=True)
    path: Mapped[str] = mapped_column(String(64), unique=True)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_enabled: Mapped[bool] = mapped_column(server_default=false())
    changed_at: Mapped[Created]

    __table_args__ = (
        CheckConstraint(one_of(Portal, "source"), name="ck_connection_source"),
        CheckConstraint("NOT is_enabled OR secret IS NOT NULL", name="ck_connection_enabled"),
    )
