"""Search from anywhere: a page, and the same in the dialog that a key opens."""

from flask import Blueprint, g, request
from flask_babel import lazy_gettext as _

from webapp import areas, clock, pages
from webapp.forms.search import LONGEST, SearchForm
from webapp.pages import Entry
from webapp.policy import allows
from webapp.responses import respond
from webapp.services import search
from webapp.vocabulary import Role

bp = Blueprint("search", __name__)

AREAS = 3
DEEDS = (
    Entry("leads.new", _("New lead"), "plus"),
    Entry("front_desk.show", _("New visitor"), "plus", frozenset({Role.RECEPTIONIST})),
    Entry("calendar.new", _("Plan a follow-up"), "calendar-plus"),
)
OWN = (Entry("users.account", _("Account, theme and language"), "settings"),)


@bp.get("/search")
def show():
    """Whom, what and where to; without anything typed everything that this role can do."""
    typed = SearchForm(request.args).typed
    found = search.find(typed, by=g.actor, today=clock.today())
    steps = actions()
    fitting = [step for step in steps if fits(step, typed)]
    districts = areas.matching(typed)[:AREAS] if typed and allows(g.actor.role, "leads.index") else []
    return respond(
        "search/show.html",
        "search/_palette_found.html",
        typed=typed,
        longest=LONGEST,
        found=found,
        areas_found=districts,
        count=found.count + len(districts) + len(fitting) if typed else 0,
        # Whoever finds nothing goes on from here; a whole number that nobody has is a new lead's.
        steps=fitting or ([] if districts or found.phone or not found.is_nothing else steps[:3]),
    )


def actions() -> list[Entry]:
    """What can be done and opened from anywhere by whoever asks: deeds first, then the menu."""
    entries = (*DEEDS, *pages.MENU, *OWN)
    return [entry for entry in entries if pages.shown(entry, g.actor) and (g.actor.agent_id or entry not in DEEDS[2:])]


def fits(step: Entry, typed: str) -> bool:
    """Every word that was typed begins one of its label's."""
    words = areas.fold(str(step.label)).split()
    return all(any(word.startswith(start) for word in words) for start in areas.fold(typed).split())
