"""The first page, by role."""

from flask import Blueprint, g, redirect, url_for

from webapp import clock
from webapp.forms.users import VisitForm
from webapp.responses import respond
from webapp.services import agents as agent_service
from webapp.services import desk, enquiries, leads, response, tasks, users
from webapp.services.leads import Filters
from webapp.vocabulary import Role, Status

bp = Blueprint("home", __name__)


@bp.get("/")
def show():
    if g.actor.role == Role.RECEPTIONIST:
        return redirect(url_for("front_desk.show"))
    if g.actor.role == Role.AGENT:
        return my_day()
    return office()


def my_day():
    waiting = enquiries.waiting(by=g.actor)
    fresh = leads.page(Filters(status=(Status.NEW,)), by=g.actor, size=20).rows
    clocks = response.clocks([(lead.created_at, None) for lead in fresh])
    follow_ups = tasks.open_of(g.actor.agent_id, until=clock.tomorrow()) if g.actor.agent_id else []
    return respond(
        "home/my_day.html",
        "home/_my_day.html",
        waiting=waiting,
        visit_form=VisitForm(formdata=None),
        fresh=list(zip(fresh, clocks, strict=True)),
        follow_ups=follow_ups,
        agent=agent_service.find(g.actor.agent_id),
    )


def office():
    has_agents, has_users = users.first_steps()
    if not (has_agents and has_users):
        return respond("home/first_steps.html", has_agents=has_agents, has_users=has_users)
    return respond(
        "home/office.html",
        "home/_office.html",
        figures=desk.figures(today=clock.today()),
        unassigned=desk.unassigned(by=g.actor),
        waiting=enquiries.waiting(by=g.actor),
        latest=leads.page(Filters(), by=g.actor, size=6).rows,
        contacts=desk.latest_contacts(by=g.actor),
    )
