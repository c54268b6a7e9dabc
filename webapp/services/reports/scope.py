from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from webapp.clock import DUBAI
from webapp.services.leads import Filters
from webapp.vocabulary import NEAR_CAP, PropertyType, Source, Standing, Status, Wait


@dataclass(frozen=True)
class Scope:
    """What a report is of: from (inclusive) to (exclusive), and the leads it is narrowed to; None is anything."""

    begins: datetime | None = None
    ends: datetime | None = None
    source_type: Source | None = None
    agent_id: UUID | None = None
    property_type: PropertyType | None = None
    at_least: int = NEAR_CAP

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves out leads for something else than their day."""
        return bool(self.source_type or self.agent_id or self.property_type)

    @property
    def has_whole_days(self) -> bool:
        """Whether it begins and ends at midnight, if anywhere."""
        return all(moment is None or moment.astimezone(DUBAI).time() == time() for moment in (self.begins, self.ends))

    @property
    def days(self) -> tuple[date | None, date | None]:
        """Its days in Dubai: from (inclusive) to (exclusive)."""
        begins, ends = (moment and moment.astimezone(DUBAI).date() for moment in (self.begins, self.ends))
        return begins, ends

    @property
    def always(self) -> Filters:
        """The leads whenever they came in."""
        return Filters(
            source_type=(self.source_type,) if self.source_type else (),
            owner=self.agent_id,
            property_type=(self.property_type,) if self.property_type else (),
        )

    @property
    def came_in(self) -> Filters:
        """The leads that came in in the period."""
        return but(self.always, created_from=self.begins, created_to=self.ends)

    @property
    def deals(self) -> Filters:
        """The leads converted in the period, whenever they came in."""
        return but(self.always, status=(Status.CONVERTED,), converted_from=self.begins, converted_to=self.ends)

    @property
    def active(self) -> Filters:
        """The leads that are active now."""
        return but(self.always, status=Standing.ACTIVE.statuses)


@dataclass(frozen=True)
class Pauses:
    """Activities by how long after the one before they were, and whether they went well; None is anything."""

    wait: Wait | None = None
    is_positive: bool = False


def but(filters: Filters, **changes) -> Filters:
    """The same filters, but for these."""
    return Filters(**vars(filters) | changes)
