"""The agents: who holds what, their figures, who they are, and all of them to choose one of."""

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp import charts, clock, formatting
from webapp.forms.agents import AgentForm, AmendAgentForm, ChoicesForm, DutyForm, FiguresForm, LeaveForm, LoadsForm
from webapp.policy import allows
from webapp.responses import go_to, respond
from webapp.services import agents, figures, leads, submissions, workload
from webapp.vocabulary import Interface

bp = Blueprint("agents", __name__, url_prefix="/agents")

LATEST = 5
AT_ONCE = 100


@bp.get("")
def index():
    form = LoadsForm(request.args)
    listed, count = workload.loads(workload.Choice(**form.narrowed), by=g.actor, order=form.order, start=form.first)
    response = respond(
        "agents/index.html",
        "agents/_agent_list.html",
        form=form,
        start=form.first,
        listed=listed,
        count=count,
        office=workload.office(),
    )
    response.headers["HX-Push-Url"] = url_for("agents.index", start=form.first or None, **form.query)
    return response


@bp.get("/new")
def new():
    return respond("agents/new.html", form=AgentForm(formdata=None))


@bp.post("")
def add():
    form = AgentForm()
    if form.validate_on_submit():
        with form.refusals():
            made = submissions.once(
                form.nonce.nonce,
                form.body,
                lambda: {"agent_id": str(agents.add(form.profile, by=g.actor).agent_id)},
                by=g.actor,
            )
            said = _("%(name)s is on duty from now on.", name=form.full_name.data)
            return go_to("agents.show", said, agent_id=made["agent_id"])
    return respond("agents/new.html", status=form.status_code, form=form)


@bp.get("/<uuid:agent_id>/edit")
def edit(agent_id):
    agent = agents.measured(agent_id, by=g.actor)
    return edit_page(agent, AmendAgentForm(formdata=None, obj=agent))


@bp.post("/<uuid:agent_id>")
def amend(agent_id):
    form = AmendAgentForm()
    agent = agents.measured(agent_id, by=g.actor)
    if form.validate_on_submit():
        with form.refusals():
            agents.amend(agent_id, form.profile, by=g.actor)
            return go_to("agents.show", _("Saved."), agent_id=agent_id)
    return edit_page(agent, form, form.status_code)


@bp.post("/<uuid:agent_id>/duty")
def set_duty(agent_id):
    form = DutyForm()
    agent = agents.measured(agent_id, by=g.actor)
    if form.validate_on_submit():
        with form.refusals():
            until = form.off_duty_until.data
            agent = agents.set_duty(agent_id, by=g.actor, on_duty=form.on_duty.data, off_duty_until=until)
            return go_to("agents.edit", said_of_duty(agent), agent_id=agent_id)
    return edit_page(agent, AmendAgentForm(formdata=None, obj=agent), form.status_code, duty_form=form)


@bp.post("/<uuid:agent_id>/departure")
def leave(agent_id):
    form = LeaveForm()
    agent = agents.measured(agent_id, by=g.actor)
    if form.validate_on_submit():
        with form.refusals():
            agents.leave(agent_id, by=g.actor)
            said = _("%(name)s has left. What they did keeps their name.", name=agent.full_name)
            return go_to("agents.edit", said, agent_id=agent_id)
    return edit_page(agent, AmendAgentForm(formdata=None, obj=agent), form.status_code, leave_form=form)


@bp.post("/<uuid:agent_id>/return")
def bring_back(agent_id):
    LeaveForm().demand()
    agent = agents.bring_back(agent_id, by=g.actor)
    said = _("%(name)s is back, off duty for now. An admin lets them sign in again.", name=agent.full_name)
    return go_to("agents.edit", said, agent_id=agent_id)


def said_of_duty(agent) -> str:
    if agent.on_duty:
        return _("%(name)s is on duty.", name=agent.full_name)
    if agent.off_duty_until:
        back = formatting.date_name(agent.off_duty_until)
        return _("%(name)s is away until %(day)s: no new leads come to them.", name=agent.full_name, day=back)
    return _("%(name)s is off duty: no new leads come to them.", name=agent.full_name)


def edit_page(agent, form: AmendAgentForm, status: int = 200, *, duty_form=None, leave_form=None):
    return respond(
        "agents/edit.html",
        status=status,
        agent=agent,
        form=form,
        duty_form=duty_form or DutyForm(formdata=None, off_duty_until=agent.off_duty_until),
        leave_form=leave_form or LeaveForm(formdata=None),
    )


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
        plot=charts.columns(
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
