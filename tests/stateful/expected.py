"""The office as it should be: the rules once more, in plain Python over a few dictionaries (R2 to R6, R8, R9).

Time is counted in minutes and stands still between steps. What the rules say of an exact moment was, in the real
office, always a little longer ago.
"""

from dataclasses import dataclass, field
from uuid import UUID

from webapp.vocabulary import CAP, ActivityType, Outcome, Source, Status

HOUR = 60
DAY = 24 * HOUR
GRACE = 15
SOURCE_POINTS = {Source.WALK_IN: 70, Source.BAYUT: 90, Source.REFERRAL: 95}
BUDGET_TIERS = ((10_000_000, 20), (5_000_000, 15), (2_000_000, 10), (0, 5))
NATIONALITY_POINTS = {None: 0, "UAE": 10, "Oman": 5}
TYPE_POINTS = {ActivityType.VIEWING: 10, ActivityType.OFFER_MADE: 20}
RESPONSE_TIERS = ((1, 15), (4, 10), (24, 5), (72, 0))
FIRST_CONTACTS = (ActivityType.CALL, ActivityType.EMAIL, ActivityType.WHATSAPP, ActivityType.MEETING)
PATH = {
    Status.NEW: {Status.CONTACTED, Status.LOST},
    Status.CONTACTED: {Status.QUALIFIED, Status.LOST},
    Status.QUALIFIED: {Status.VIEWING_SCHEDULED, Status.LOST},
    Status.VIEWING_SCHEDULED: {Status.NEGOTIATION, Status.QUALIFIED, Status.LOST},
    Status.NEGOTIATION: {Status.CONVERTED, Status.LOST},
    Status.CONVERTED: set(),
    Status.LOST: set(),
}


@dataclass(frozen=True)
class Wish:
    """What a person looks for, as far as it gives points."""

    budget: int | None = None
    villa: bool = False
    marina: bool = False
    nationality: str | None = None

    @property
    def points(self) -> int:
        tier = next((points for above, points in BUDGET_TIERS if (self.budget or 0) > above), 0)
        return tier + 5 * self.villa + 5 * self.marina + NATIONALITY_POINTS[self.nationality]


@dataclass
class Contact:
    """An activity: when it counts, and what it did to the score."""

    counted_at: int
    earned: int = 0
    struck: bool = False


@dataclass
class Case:
    """A lead."""

    lead_id: UUID
    phone: str
    source: Source
    came_at: int
    wish: Wish
    status: Status = Status.NEW
    owner: str | None = None
    given: int = 0
    score: int = 0
    of_details: int = 0
    version: int = 1
    contacts: list[Contact] = field(default_factory=list)
    charged_at: list[int] = field(default_factory=list)

    @property
    def closed(self) -> bool:
        return self.status in (Status.CONVERTED, Status.LOST)

    @property
    def state(self) -> tuple:
        """What the tables must hold of it."""
        return self.status, self.owner, self.score, self.version

    def change(self, points: int) -> int:
        """Change the score as far as the clamp lets it; by how much it did."""
        before, self.score = self.score, min(100, max(0, self.score + points))
        return self.score - before

    def rate_details(self) -> None:
        """Take the points of the details back and give them anew, as one change; the clamp takes from the new ones."""
        points = SOURCE_POINTS[self.source] + self.wish.points
        asked = points - self.of_details
        self.of_details = points - max(0, asked - self.change(asked))

    def silent_since(self, until: int) -> int:
        heard = [contact.counted_at for contact in self.contacts if not contact.struck and contact.counted_at <= until]
        return max([self.came_at, *heard])

    def charge_silence(self, until: int, now: int) -> bool:
        since = self.silent_since(until)
        charged = any(moment > since + GRACE for moment in self.charged_at)
        if self.closed or charged or until - since < 7 * DAY:
            return False
        self.charged_at.append(now)
        self.change(-10)
        return True

    def log(self, type: ActivityType, outcome: Outcome | None, ago: int, now: int) -> None:
        contact = Contact(now - min(ago, GRACE))
        first = all(earlier.struck for earlier in self.contacts)
        self.charge_silence(contact.counted_at, now)
        points = TYPE_POINTS.get(type, 0) + 5 * (outcome == Outcome.POSITIVE)
        if first:
            waited = (contact.counted_at - self.came_at) / HOUR
            points += next((earns for hours, earns in RESPONSE_TIERS if waited < hours), -10)
        contact.earned = self.change(points)
        self.contacts.append(contact)
        if self.status == Status.NEW and type in FIRST_CONTACTS:
            self.status = Status.CONTACTED

    def strike(self, contact: Contact) -> None:
        contact.struck = True
        self.change(-contact.earned)


@dataclass
class Desk:
    """Everybody's cases, the agents' turns, and what time it is."""

    furniture: dict[str, int]
    """How many leads each agent holds that nothing happens to; in the order of their ids."""
    now: int = 0
    cases: list[Case] = field(default_factory=list)
    on_duty: set[str] = field(default_factory=set)
    turns: dict[str, int] = field(default_factory=dict)
    given: int = 0

    def held(self, agent: str) -> int:
        return self.furniture[agent] + sum(case.owner == agent and not case.closed for case in self.cases)

    def is_free(self, agent: str) -> bool:
        return agent in self.on_duty and self.held(agent) < CAP

    def repeated(self, phone: str, source: Source) -> Case | None:
        """The newest case that an enquiry of now would repeat."""
        same = [case for case in self.cases if (case.phone, case.source) == (phone, source)]
        return next((case for case in reversed(same) if self.now - case.came_at < DAY), None)

    def best(self, case: Case, *, own: str | None = None, but: str | None = None) -> str | None:
        """Who would get the case: the person's agent, the one who adds it, else whose turn it is."""
        theirs = [
            other
            for other in self.cases
            if other.phone == case.phone and other is not case and other.owner and not other.closed
        ]
        known = max(theirs, key=lambda other: other.given).owner if theirs else None
        free = [agent for agent in self.furniture if self.is_free(agent) and agent != but]
        for agent in (known, own):
            if agent in free:
                return agent
        return min(free, key=lambda agent: (self.turns.get(agent, 0), self.held(agent)), default=None)

    def give(self, case: Case, agent: str | None) -> None:
        if agent:
            self.given += 1
            case.owner, case.given, self.turns[agent] = agent, self.given, self.given

    def add(self, lead_id: UUID, phone: str, source: Source, wish: Wish, *, own: str | None = None) -> Case:
        """A new case with its score and, where somebody is free, its owner."""
        case = Case(lead_id, phone, source, self.now, wish)
        case.rate_details()
        self.give(case, self.best(case, own=own))
        self.cases.append(case)
        return case
