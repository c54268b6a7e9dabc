"""Leads that were handed over: what became of each, how far the worker is, and the Undo."""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.forms.handovers import LinesForm, UndoForm
from webapp.responses import forget_deed, respond, way_back
from webapp.services import handovers
from webapp.vocabulary import HandoverState

bp = Blueprint("handovers", __name__, url_prefix="/handovers")


@bp.get("/<uuid:handover_id>")
def show(handover_id):
    """What became of it; asks again by itself while the worker is at it."""
    form = LinesForm(request.args)
    shown = handovers.shown(handover_id, by=g.actor)
    state = form.show.data[0] if form.show.data else telling(shown)
    return respond(
        "handovers/show.html",
        "handovers/_handover.html",
        shown=shown,
        state=state,
        lines=handovers.lines(handover_id, state, by=g.actor, after=form.first),
        undo_form=UndoForm(formdata=None),
    )


@bp.post("/<uuid:handover_id>/undo")
def undo(handover_id):
    """Back to the page whose Undo was pressed."""
    UndoForm().demand()
    handovers.undo(handover_id, by=g.actor)
    forget_deed()
    flash(said(handovers.shown(handover_id, by=g.actor)))
    return redirect(way_back() or url_for("handovers.show", handover_id=handover_id), 303)


def telling(shown: handovers.Shown) -> HandoverState:
    """What to look at first: what did not go as wished, else what went."""
    order = (HandoverState.KEPT, HandoverState.STAYED, HandoverState.RETURNED, HandoverState.MOVED)
    return next((state for state in order if shown.counts[state]), HandoverState.WAITING)


def said(shown: handovers.Shown) -> str:
    if shown.handover.is_under_way:
        return _("It is being undone.")
    kept, back = shown.counts[HandoverState.KEPT], shown.counts[HandoverState.RETURNED]
    if not back and kept == 1:
        why = handovers.lines(shown.handover.handover_id, HandoverState.KEPT, by=g.actor)[0].row.why
        return _("Nothing was undone. %(why)s", why=why)
    undone = ngettext("One lead is back as it was.", "%(num)s leads are back as they were.", back)
    stays = ngettext("One stays where it is now.", "%(num)s stay where they are now.", kept)
    return f"{undone} {stays}" if kept else undone
