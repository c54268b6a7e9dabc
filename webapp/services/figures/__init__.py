"""An agent's figures (R10, R12): how their leads stand and how well they were worked. Reads only."""

from webapp.services.figures.counts import Figures, Share, Step, figures
from webapp.services.figures.peers import Place, place
from webapp.services.figures.scope import Scope
from webapp.services.figures.steps import FollowUps, follow_ups

__all__ = ["Figures", "FollowUps", "Place", "Scope", "Share", "Step", "figures", "follow_ups", "place"]
