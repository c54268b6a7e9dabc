"""The agents: their figures, and all of them to choose one of."""

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import get_locale

from webapp import clock, plots
from webapp.forms.agents import ChoicesForm, FiguresForm
from webapp.policy import allows
from webapp.responses import respond
from webapp.services import agents, figures, leads
from webapp.vocabulary import Interface

bp = Blueprint("agents", __name__, url_prefix="/agents")

LATEST = 5
AT_ONCE = 100


@bp.get("/<uuid:agent_id>")
def show(agent_id):
    agent = agents.measured(agent_id, by=g.actor)
    form = FiguresForm(request.args)
    scope = figures.Scope(agent_id, **form.narrowed)
    found = figures.figures(scope, by=g.actor, month=clock.month())
    response = respond(
        "agents/show.html",
        "agents/_figures.html",
        agent=agent,
        is_own=agent_id == g.actor.agent_id,
        form=form,
        scope=scope,
        figures=found,
        plot=plots.columns(
            [(step.leads, step.converted) for step in found.by_step], backwards=str(get_locale()) == Interface.ARABIC
        ),
        place=figures.place(agent_id),
        follow_ups=figures.follow_ups(scope, by=g.actor),
        latest=leads.page(scope.listed, by=g.actor, size=LATEST).rows,
        owner=agent_id if g.actor.sees_all_leads else None,
    )
    response.headers["HX-Push-Url"] = url_for("agents.show", agent_id=agent_id, **form.query)
    return response


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
