"""Leads as a board: a lane for each status, more cards of one, and what a move has changed."""

from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, g, request, url_for
from werkzeug.datastructures import MultiDict

from webapp.forms.board import LaneForm
from webapp.forms.filters import FilterForm
from webapp.forms.pipeline import StatusForm
from webapp.forms.users import EmptyForm
from webapp.responses import fills, go_to, only_here, respond
from webapp.services import agents, board
from webapp.vocabulary import Status

bp = Blueprint("board", __name__, url_prefix="/leads/board")

NEWS = "board-news"


@bp.get("")
def show():
    asked = LaneForm(request.args)
    return page(FilterForm(request.args), asked.lane.data or (), asked.after.data)


def page(form: FilterForm, some=(), after: str | None = None, status: int = 200, lead=None, problem: str | None = None):
    """The board with these filters; as news only some lanes of it, which take their places.

    A lead that was refused a move stands where it really is, with the reason on its card.
    """
    as_news = fills(NEWS) and bool(some)
    owners = [] if as_news or not g.actor.sees_all_leads else agents.everyone()
    lanes = board.lanes(
        form.filters(),
        by=g.actor,
        statuses=some if as_news else (),
        order=form.order,
        after={some[0]: after} if after and len(some) == 1 else {},
        first=lead,
    )
    shown = {
        "form": form,
        "lanes": lanes,
        "as_news": as_news,
        "address": form.address("board.show"),
        "after": after if len(some) == 1 else None,
        "refused": lead,
        "problem": problem,
        "empty_form": EmptyForm(formdata=None),
    }
    if as_news:
        response = respond("leads/board.html", "leads/_board_news.html", status=status, **shown)
        response.headers["HX-Push-Url"] = "false"
        return response
    chips = form.chips({str(agent.agent_id): agent.full_name for agent in owners})
    total = board.total(lanes)
    return respond("leads/board.html", "leads/_board.html", status, agents=owners, chips=chips, total=total, **shown)


def came_from(target: str | None) -> FilterForm | None:
    """The filters of the board, where a form's `next` is an address of it; None where it is another page."""
    path, _mark, query = (only_here(target) or "").partition("?")
    return FilterForm(MultiDict(parse_qsl(query))) if path == url_for("board.show") else None


def back(form: FilterForm, message: str, *changed: Status):
    """To the board that somebody moved a lead on: as news the lanes that this changed, else all of it."""
    address: dict[str, Any] = form.query | {"lane": [status.value for status in changed] if fills(NEWS) else []}
    return go_to("board.show", message, **address)


def back_with_refusal(form: FilterForm, asked: StatusForm, lead):
    """The board with a lead that stays where it is, and why; as news the lanes that somebody might look for it in."""
    looked_in = {lead.status, asked.status_from.data, asked.status.data} - {None}
    return page(form, tuple(looked_in), status=asked.status_code, lead=lead, problem=asked.sentence)
