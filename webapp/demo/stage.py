"""What all stories share."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from webapp.demo.brokers import Broker
from webapp.demo.market import Offers
from webapp.demo.notices import Bell
from webapp.demo.scores import Rules
from webapp.demo.tables import Tables


@dataclass(frozen=True)
class Stage:
    """The office on which the stories are played, and where their rows go. `manager` and `receptionist` are users."""

    rng: Random
    moment: datetime
    tables: Tables
    bell: Bell
    rules: Rules
    offers: Offers
    brokers: list[Broker]
    manager: UUID
    receptionist: UUID
