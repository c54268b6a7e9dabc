"""Who owns which lead since when, in time order: turns, hand-overs, and what is done by hand in the morning."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

from webapp.demo import words
from webapp.demo.brokers import Broker, rank
from webapp.demo.cases import Case
from webapp.demo.cast import MARIAM
from webapp.demo.chance import Odds
from webapp.demo.rhythm import OPENS, at_work, midnight
from webapp.vocabulary import AssignmentKind, Channel

BY_HAND = json.dumps({"by": MARIAM.name})
LEFT_FOR_MORNING, HANDED_OVER = 0.15, 0.05
SOON = timedelta(seconds=80)


@dataclass
class Desk:
    """The office's assignments, case by case; later ones wait in `agenda` until their time has come."""

    rng: Random
    brokers: list[Broker]
    moment: datetime
    agenda: list[tuple[datetime, int, Case]] = field(default_factory=list)
    places: count = field(default_factory=count)

    def hand_out(self, cases: list[Case]) -> None:
        """Give every case, in time order, its owner and perhaps a second one."""
        for case in cases:
            self._catch_up(case.created)
            if not case.nobody:
                self._take_in(case)
        self._catch_up(self.moment)

    def _take_in(self, case: Case) -> None:
        if self._waits_for_morning(case):
            opening = midnight(case.created) + timedelta(hours=OPENS - 1, minutes=self.rng.uniform(2, 55))
            self._later(opening, case)
            return
        self._choose(case)
        age = self.moment - case.created
        if case.status is None and not case.linked and age > timedelta(days=7) and self.rng.random() < HANDED_OVER:
            self._later(at_work(case.created + timedelta(hours=self.rng.uniform(3, 72)), self.rng), case)

    def _choose(self, case: Case) -> None:
        ranked = rank(self.brokers, case.wish, case.person, case.created)
        known = case.earlier.owner if case.earlier and not case.reopened else None
        if known in ranked.brokers:
            self._give(case, known, AssignmentKind.SAME_PERSON, json.dumps(ranked.explanation(known)), case.created)
        elif case.wanted and case.wanted not in ranked.brokers[:1]:
            self._give(case, case.wanted, AssignmentKind.BY_HAND, BY_HAND, case.created + SOON)
        elif ranked.brokers and case.channel == Channel.BY_HAND and not case.reopened:
            adder = Odds({broker: broker.profile.load for broker in ranked.brokers}).draw(self.rng)
            self._give(case, adder, AssignmentKind.OWN, json.dumps(ranked.explanation(adder)), case.created)
        elif ranked.brokers:
            best = ranked.brokers[0]
            self._give(case, best, AssignmentKind.BEST_MATCH, json.dumps(ranked.explanation(best)), case.created)

    def _catch_up(self, now: datetime) -> None:
        while self.agenda and self.agenda[0][0] <= now:
            at, _place, case = heappop(self.agenda)
            self._by_hand(case, at)

    def _by_hand(self, case: Case, at: datetime) -> None:
        """Mariam gives it to whoever has had the longest rest among the best two or three."""
        ranked = rank(self.brokers, case.wish, case.person, at).brokers[:3]
        others = [broker for broker in ranked if broker is not case.owner and broker.off_since is None]
        if not others:
            return
        if case.owner is None:
            self._give(case, others[0], AssignmentKind.BY_HAND, BY_HAND, at)
            return
        case.owner, others[0].last_turn = others[0], at
        case.handed_over_at, case.handover_reason = at, self.rng.choice(words.MOVED_BECAUSE)
        case.not_before = at + timedelta(hours=1)

    def _give(self, case: Case, broker: Broker, kind: AssignmentKind, explanation: str, assigned_at: datetime) -> None:
        case.first_owner = case.owner = broker
        case.kind, case.explanation, case.assigned_at = kind, explanation, assigned_at
        broker.last_turn = max(assigned_at, broker.last_turn or assigned_at)

    def _later(self, at: datetime, case: Case) -> None:
        heappush(self.agenda, (at, next(self.places), case))

    def _waits_for_morning(self, case: Case) -> bool:
        by_night = case.created - midnight(case.created) < timedelta(hours=6)
        settled = case.status or case.linked or case.earlier
        return by_night and not settled and self.rng.random() < LEFT_FOR_MORNING
