"""Undo: what was just done to a lead's follow-ups, interests and activities."""

from flask import Blueprint, flash, g, redirect, url_for
from flask_babel import gettext as _

from webapp.forms.deeds import UndoForm
from webapp.responses import forget_deed, way_back
from webapp.services import deeds

bp = Blueprint("deeds", __name__)


@bp.post("/leads/<uuid:lead_id>/undo")
def undo(lead_id):
    """Back to the page whose toast was pressed."""
    form = UndoForm()
    form.demand()
    deeds.undo(lead_id, by=g.actor, deed=form.deed.data)
    forget_deed()
    flash(_("Undone."))
    return redirect(way_back() or url_for("leads.show", lead_id=lead_id), 303)
