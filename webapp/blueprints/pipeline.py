"""Moving a lead along the status path."""

from flask import Blueprint, g, request
from flask_babel import gettext as _

from webapp.blueprints import board
from webapp.blueprints.leads import lead_page
from webapp.forms.pipeline import StatusForm
from webapp.forms.users import EmptyForm
from webapp.responses import go_to, respond
from webapp.services import leads, listings, pipeline
from webapp.vocabulary import Status

bp = Blueprint("pipeline", __name__, url_prefix="/leads/<uuid:lead_id>/status")


@bp.get("")
def ask(lead_id):
    """Where to; for a final move the question that it is: converted or lost."""
    lead = leads.find(lead_id, by=g.actor)
    wanted = request.args.get("status")
    if wanted is None and lead.status.moves:
        return respond("pipeline/choose.html", lead=lead, form=EmptyForm(formdata=None), back=board_address())
    if wanted not in lead.status.moves:
        if on_board := board.came_from(request.args.get("next")):
            said = _("Somebody was faster: this lead is %(status)s now.", status=lead.status.label)
            return board.page(on_board, status=409, lead=lead, problem=said)
        return lead_page(lead_id)
    return form_page(lead, StatusForm(status_from=lead.status, status=Status(wanted)))


@bp.post("")
def move(lead_id):
    form = StatusForm()
    on_board = board.came_from(request.form.get("next"))
    if form.validate_on_submit():
        with form.refusals():
            lead = pipeline.move(
                lead_id,
                by=g.actor,
                status_from=form.status_from.data,
                status=form.status.data,
                notes=form.notes.data,
                lost_reason=form.lost_reason.data,
                deal=form.deal,
            )
            said = _("Now %(status)s.", status=lead.status.label)
            if on_board:
                return board.back(on_board, said, lead, form.status_from.data, lead.status)
            return go_to("leads.show", said, lead_id=lead_id)
    lead = leads.find(lead_id, by=g.actor)
    if form.status.data and form.status.data.is_closed and form.status.data in lead.status.moves:
        return form_page(lead, form, form.status_code)
    if on_board:
        return board.back_with_refusal(on_board, form, lead)
    return lead_page(lead_id, form.status_code, problem=form.sentence)


def form_page(lead, form, status=200):
    known = listings.wanted_by(lead.lead_id) if form.status.data == Status.CONVERTED else []
    return respond("pipeline/ask.html", status=status, lead=lead, form=form, known=known, back=board_address())


def board_address() -> str | None:
    """The board that somebody came from, None where it was another page."""
    on_board = board.came_from(request.values.get("next"))
    return on_board.address("board.show") if on_board else None
