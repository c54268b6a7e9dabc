"""What rang on whose bell in the last days: notices as the product would have sent them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from webapp.demo.brokers import Broker
from webapp.demo.cases import Case
from webapp.demo.tables import Tables
from webapp.vocabulary import NoticeKind

RANG_FOR = timedelta(days=3)
SEEN_AFTER = timedelta(hours=8)


@dataclass
class Bell:
    """Notices in any order, until they are written in theirs."""

    moment: datetime
    manager: UUID
    rung: list[tuple[datetime, UUID, NoticeKind, UUID]] = field(default_factory=list)

    def tell(self, broker: Broker | None, kind: NoticeKind, case: Case, at: datetime) -> None:
        """Tell the user who is this agent."""
        if broker:
            self._ring(broker.user_id, kind, case, at)

    def tell_manager(self, kind: NoticeKind, case: Case, at: datetime) -> None:
        self._ring(self.manager, kind, case, at)

    def write(self, tables: Tables, rng: Random) -> None:
        """All notices, oldest first; those of the last hours have not been read yet."""
        for at, user_id, kind, lead_id in sorted(self.rung):
            seen = self.moment - at > SEEN_AFTER
            tables.add(
                "notices",
                notice_id=tables.number("notices"),
                user_id=user_id,
                kind=kind,
                lead_id=lead_id,
                created_at=at,
                read_at=at + SEEN_AFTER * rng.uniform(0.02, 0.98) if seen else None,
                facts="{}",
            )

    def _ring(self, user_id: UUID, kind: NoticeKind, case: Case, at: datetime) -> None:
        if self.moment - RANG_FOR < at <= self.moment:
            self.rung.append((at, user_id, kind, case.lead_id))
