from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.extensions import Model
from webapp.models.columns import Created, Key, Moment
from webapp.models.users import User


class ApiKey(Model):
    """What a program shows to bring leads: only its hash is kept, and how it begins, to tell keys apart."""

    __tablename__ = "api_keys"

    key_id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    begins: Mapped[str] = mapped_column(String(10))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.user_id", ondelete="SET NULL"), index=True)
    created_at: Mapped[Created]
    last_used_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]

    maker: Mapped[User | None] = relationship(lazy="raise")


class ApiAnswer(Model):
    """What a program was answered under its Idempotency-Key: asked again, it gets the same and nothing is done."""

    __tablename__ = "api_answers"

    key_id: Mapped[UUID] = mapped_column(ForeignKey("api_keys.key_id", ondelete="CASCADE"), primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    body: Mapped[dict | None] = mapped_column(JSONB)
    created_at: Mapped[Created] = mapped_column(index=True)
