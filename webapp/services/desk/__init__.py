"""The manager's morning: what needs somebody now, each once, and what is behind it. Reads only.

What counts is told in docs/morning_board.md.
"""

from webapp.services.desk.figures import Figures, figures
from webapp.services.desk.needs import Group, Need, Needs, latest_contacts, needs, viewings

__all__ = [
    "Figures",
    "Group",
    "Need",
    "Needs",
    "figures",
    "latest_contacts",
    "needs",
    "viewings",
]
