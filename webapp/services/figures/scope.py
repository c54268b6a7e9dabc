from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from webapp import clock
from webapp.services.leads import Filters
from webapp.vocabulary import Source, Standing, Status

DAYS, WEEKS = timedelta(days=14), timedelta(weeks=18)
"""Up to which length a period is shown by days and by weeks; longer ones by months."""


@dataclass(frozen=True)
class Scope:
    """Whose leads figures are of, and which: those that came in from (inclusive) to (exclusive), of a source.

    `standing` narrows what is listed and averaged. What has a standing in its name (active, converted, open
    follow-ups) is counted whatever is chosen: "of the lost ones, 0 are active" tells nobody anything.
    """

    agent_id: UUID
    begins: datetime | None = None
    ends: datetime | None = None
    source_type: Source | None = None
    standing: Standing | None = None

    @property
    def leads(self) -> Filters:
        """The agent's leads that came in in the period from the source."""
        return Filters(
            owner=self.agent_id,
            created_from=self.begins,
            created_to=self.ends,
            source_type=(self.source_type,) if self.source_type else (),
        )

    @property
    def listed(self) -> Filters:
        """Those of them with the chosen standing."""
        return Filters(**vars(self.leads) | {"status": self.standing.statuses if self.standing else ()})

    @property
    def won(self) -> Filters:
        """The agent's converted leads from the source, whenever they came in: deals count by the day of the deal."""
        return Filters(owner=self.agent_id, source_type=self.leads.source_type, status=(Status.CONVERTED,))

    @property
    def step(self) -> str:
        """In what steps the period is shown: day, week or month."""
        if self.begins is None:
            return "month"
        length = (self.ends or clock.tomorrow()) - self.begins
        return "day" if length <= DAYS else "week" if length <= WEEKS else "month"
