"""The agents of the office, to choose one of."""

from flask import Blueprint, g, render_template, request

from webapp.forms.agents import ChoicesForm
from webapp.policy import allows
from webapp.services import agents

bp = Blueprint("agents", __name__, url_prefix="/agents")

AT_ONCE = 100


@bp.get("/choices")
def choices():
    """A hundred of them as options, and what asks for the next: pages that htmx asked for come without a long list."""
    form = ChoicesForm(request.args)
    start = form.first
    listed = agents.everyone()
    return render_template(
        "agents/_choices.html",
        agents=[agent for agent in listed[start : start + AT_ONCE] if agent.agent_id != form.but.data],
        after=start + AT_ONCE if len(listed) > start + AT_ONCE else None,
        but=form.but.data,
        load=bool(form.load.data) and allows(g.actor.role, "assignments.assign"),
    )
