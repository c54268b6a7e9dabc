from sqlalchemy import CheckConstraint, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model
from webapp.models.columns import Created, Moment, OneOf, one_of
from webapp.vocabulary import Portal


class Connection(Model):
    """The door that one portal delivers at, with the secret that it signs with, and the key to what it holds.

    Secret and key are encrypted.
    """

    __tablename__ = "connections"

    source: Mapped[Portal] = mapped_column(OneOf(Portal), primary_key=True)
    path: Mapped[str] = mapped_column(String(64), unique=True)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_enabled: Mapped[bool] = mapped_column(server_default=false())
    changed_at: Mapped[Created]
    api_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    api_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_pulled: Mapped[bool] = mapped_column(server_default=false())
    key_saved_at: Mapped[Moment | None]

    __table_args__ = (
        CheckConstraint(one_of(Portal, "source"), name="ck_connection_source"),
        CheckConstraint("NOT is_enabled OR secret IS NOT NULL", name="ck_connection_enabled"),
        CheckConstraint("NOT is_pulled OR api_key IS NOT NULL", name="ck_connection_pulled"),
    )
