from sqlalchemy import CheckConstraint, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import Model
from webapp.models.columns import Moment, OneOf, one_of
from webapp.vocabulary import Portal, PullFailure


class Pull(Model):
    """How far what a portal holds has been read, how the last reading ended, and whether the portal has gone quiet."""

    __tablename__ = "pulls"

    source: Mapped[Portal] = mapped_column(OneOf(Portal), primary_key=True)
    cursors: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'"))
    """Up to which moment each of the portal's streams has been read."""
    read_at: Mapped[Moment | None]
    failed_at: Mapped[Moment | None]
    failure: Mapped[PullFailure | None] = mapped_column(OneOf(PullFailure, 20))
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    """How many readings in a row have failed."""
    not_before: Mapped[Moment | None]
    is_told: Mapped[bool] = mapped_column(server_default=false())
    """Whether the managers know of the trouble that lasts."""
    quiet_since: Mapped[Moment | None]

    __table_args__ = (
        CheckConstraint(one_of(Portal, "source"), name="ck_pull_source"),
        CheckConstraint(one_of(PullFailure, "failure"), name="ck_pull_failure"),
        CheckConstraint("failures >= 0", name="ck_pull_failures"),
    )
