"""Leads as a board: a lane for each status, more cards of one, and what a move has changed."""

from flask import Blueprint, g, request

from webapp.forms.board import LaneForm
from webapp.forms.filters import FilterForm
from webapp.forms.pipeline import StatusForm
from webapp.responses import asked_of, fills, go_to, is_htmx, respond
from webapp.services import agents, board
from webapp.services.board import Lane
from webapp.vocabulary import Status

bp = Blueprint("board", __name__, url_prefix="/leads/board")

NEWS = "board-news"
AT_ONCE = 15
"""Cards that one answer to htmx brings: lanes with more fetch theirs when they are seen."""
ON_A_PAGE = 60
"""And a whole page."""


@bp.get("")
def show():
    form, asked = FilterForm(request.args), LaneForm(request.args)
    some = asked.lane.data or ()
    if not (fills(NEWS) and some):
        return page(form, some, asked.after.data)
    if asked.moved.data:
        return news(form, board.heads(form.filters(), some, by=g.actor), moved=board.card(asked.moved.data, by=g.actor))
    after = asked.after.data if len(some) == 1 else None
    lanes = board.lanes(form.filters(), by=g.actor, statuses=some, order=form.order, after=_after(some, after))
    return news(form, lanes, after=after)


def page(form: FilterForm, some=(), after: str | None = None, status: int = 200, lead=None, problem: str | None = None):
    """The board with these filters. A lead that was refused a move stands where it really is, with the reason on it."""
    lanes = board.lanes(form.filters(), by=g.actor, order=form.order, after=_after(some, after), first=lead)
    owners = agents.everyone(chosen=form.filters().owner) if g.actor.sees_all_leads else []
    return respond(
        "leads/board.html",
        "leads/_board.html",
        status,
        agents=owners,
        chips=form.chips({str(agent.agent_id): agent.full_name for agent in owners}),
        total=board.total(lanes),
        **_shown(form, lanes, put_off=_put_off(lanes, some, lead), refused=lead, problem=problem),
    )


def news(form: FilterForm, lanes: list[Lane], status: int = 200, **shown):
    """What has changed on a board that is open: more cards of a lane, or where a card is now. Its address stays."""
    shown = _shown(form, lanes) | {"as_news": True} | shown
    response = respond("leads/board.html", "leads/_board_news.html", status, **shown)
    response.headers["HX-Push-Url"] = "false"
    return response


def came_from(target: str | None) -> FilterForm | None:
    """The filters of the board, where a form's `next` is an address of it; None where it is another page."""
    asked = asked_of("board.show", target)
    return None if asked is None else FilterForm(asked)


def back(form: FilterForm, message: str, lead, *changed: Status):
    """To the board that somebody moved a lead on: as news the card and the lanes' heads, else all of it."""
    moved = {"lane": [status.value for status in changed], "moved": lead.lead_id} if fills(NEWS) else {}
    return go_to("board.show", message, **form.query | moved)


def back_with_refusal(form: FilterForm, asked: StatusForm, lead):
    """The board with a lead that stays where it is, and why; as news its card and the lanes that it was thought in."""
    if not fills(NEWS):
        return page(form, status=asked.status_code, lead=lead, problem=asked.sentence)
    looked_in = {lead.status, asked.status_from.data, asked.status.data} - {None}
    lanes = board.heads(form.filters(), tuple(looked_in), by=g.actor)
    moved = board.card(lead.lead_id, by=g.actor)
    return news(form, lanes, asked.status_code, moved=moved, refused=lead, problem=asked.sentence)


def _shown(form: FilterForm, lanes: list[Lane], **more) -> dict:
    nothing = {"after": None, "moved": None, "refused": None, "problem": None, "put_off": (), "as_news": False}
    return nothing | {"form": form, "lanes": lanes, "address": form.address("board.show")} | more


def _after(some, key: str | None) -> dict[Status, str]:
    """Which card each lane goes on after: only one that is asked for alone does."""
    return {some[0]: key} if key and len(some) == 1 else {}


def _put_off(lanes: list[Lane], some, lead) -> list[Status]:
    """The lanes whose cards come later: those that do not fit, but never one that was asked for, or that somebody looks
    for `lead` in. Without scripts a lane is opened by its link.
    """
    left, later = AT_ONCE if is_htmx() else ON_A_PAGE, []
    wanted = {*some, lead.status} if lead else {*some}
    for lane in sorted(lanes, key=lambda lane: lane.status not in wanted):
        if len(lane.cards) > left:
            later.append(lane.status)
        else:
            left -= len(lane.cards)
    return later
