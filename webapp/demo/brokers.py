"""The agents at work: who gets a lead, in turns and explained as the product explains it (R4)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from random import Random
from uuid import UUID

from webapp.demo.cast import PROFILES, Profile
from webapp.demo.chance import make_uuid
from webapp.demo.diary import Diary
from webapp.demo.market import PRICES, TYPES, Wish
from webapp.demo.names import NATIONS
from webapp.demo.people import Person, Town
from webapp.services.assignments.candidates import AREA_POINTS, EXPLAINED, LANGUAGE_POINTS, PARTS, TYPE_POINTS
from webapp.vocabulary import CAP, SpokenLanguage

RATES = (0, 0.2, 0.3)
FILLED_UP = timedelta(days=2)
USUAL_LEADS = 53
"""What an agent of the default demo is given in the year; with fewer leads everybody holds fewer."""


@dataclass(eq=False, slots=True)
class Broker:
    """An agent of the demo. `load` is how many active leads they are to hold at the end."""

    profile: Profile
    agent_id: UUID
    user_id: UUID
    phone: str
    load: int
    rate_points: int
    off_since: datetime | None
    full_since: datetime | None
    last_turn: datetime | None = None
    diary: Diary = field(default_factory=Diary)

    def on_duty(self, at: datetime) -> bool:
        return self.off_since is None or at < self.off_since

    def has_room(self, at: datetime) -> bool:
        return self.full_since is None or at < self.full_since

    def match(self, wish: Wish, person: Person) -> tuple[int, int, int, int]:
        """The points that this agent has for a lead, in the order of `PARTS`."""
        profile = self.profile
        return (
            TYPE_POINTS if wish.property_type in profile.types else 0,
            0 if profile.known_areas.isdisjoint(wish.areas) else AREA_POINTS,
            0 if profile.known_languages.isdisjoint(person.languages) else LANGUAGE_POINTS,
            self.rate_points,
        )


@dataclass(frozen=True)
class Ranked:
    """The agents who could take a lead, the best first, with everybody who could not."""

    brokers: list[Broker]
    parts: dict[Broker, tuple[int, int, int, int]]
    off_duty: int
    full: int

    def explanation(self, chosen: Broker) -> dict:
        """What the product stores with a decision."""
        best = self.brokers[:EXPLAINED]
        if chosen not in best:
            best = [*best[: EXPLAINED - 1], chosen]
        return {
            "candidates": [self._candidate(broker) for broker in best],
            "considered": len(self.brokers),
            "lower": sum(sum(self.parts[broker]) < sum(self.parts[chosen]) for broker in self.brokers),
            "off_duty": self.off_duty,
            "full": self.full,
        }

    def _candidate(self, broker: Broker) -> dict:
        parts = self.parts[broker]
        return {
            "agent_id": str(broker.agent_id),
            "name": broker.profile.name,
            "points": sum(parts),
            **{part: points for part, points in zip(PARTS, parts, strict=True) if points},
            "last_turn": broker.last_turn.isoformat() if broker.last_turn else None,
        }


def hire(rng: Random, town: Town, *, count: int, leads: int, moment: datetime) -> list[Broker]:
    """The first agents are the cast; further ones are made up. With few leads everybody holds fewer of them."""
    scale = min(1.0, leads / (USUAL_LEADS * count))
    return [_broker(profile, rng, town, scale, moment) for profile in [*PROFILES, *_newcomers(rng, count)][:count]]


def rank(brokers: list[Broker], wish: Wish, person: Person, at: datetime) -> Ranked:
    """Most points first; among equals whose last turn is longest ago."""
    on_duty = [broker for broker in brokers if broker.on_duty(at)]
    free = [broker for broker in on_duty if broker.has_room(at)]
    parts = {broker: broker.match(wish, person) for broker in free}

    def turn(broker: Broker) -> tuple[int, float, UUID]:
        last = broker.last_turn.timestamp() if broker.last_turn else 0.0
        return -sum(parts[broker]), last, broker.agent_id

    return Ranked(sorted(free, key=turn), parts, len(brokers) - len(on_duty), len(on_duty) - len(free))


def _broker(profile: Profile, rng: Random, town: Town, scale: float, moment: datetime) -> Broker:
    load = round(profile.load * scale)
    return Broker(
        profile=profile,
        agent_id=make_uuid(rng),
        user_id=make_uuid(rng),
        phone=town.mobile(),
        load=load,
        rate_points=sum(profile.converts > share for share in RATES),
        off_since=None if profile.off_days is None else moment - timedelta(days=profile.off_days, hours=3),
        full_since=moment - FILLED_UP if load >= CAP else None,
    )


def _newcomers(rng: Random, count: int) -> list[Profile]:
    """As many more agents as the cast leaves to be found, each with a name of their own."""
    called = [
        (f"{first} {last}".split("|"), nation)
        for nation in NATIONS
        for first, last in product(*([name.split("|")[0] for name in names] for names in (nation.first, nation.last)))
        if f"{first}{last}".replace(" ", "").isascii() and "'" not in last
    ]
    taken = {profile.name for profile in PROFILES}
    found: list[Profile] = []
    for (name,), nation in rng.sample(called, k=len(called)):
        if len(found) == max(0, count - len(PROFILES)):
            break
        if name not in taken:
            taken.add(name)
            found.append(_newcomer(rng, name, nation.speaks))
    return found


def _newcomer(rng: Random, name: str, speaks: SpokenLanguage | None) -> Profile:
    kind = TYPES.draw(rng)
    return Profile(
        name=name,
        arabic_name=name,
        types=(kind,),
        areas=tuple(rng.sample(list(PRICES[kind]), k=min(4, len(PRICES[kind])))),
        languages=tuple(dict.fromkeys(word for word in (speaks, SpokenLanguage.ENGLISH) if word)),
        load=rng.randint(8, 34),
        converts=rng.choice((0.0, 0.06, 0.09, 0.12, 0.15)),
        licence_days=rng.randint(20, 420),
    )
