"""The first page, by role."""

from datetime import timedelta

from flask import Blueprint, g, redirect, request, url_for

from webapp import clock
from webapp.forms.base import CreateForm
from webapp.forms.parts import PartForm
from webapp.forms.users import VisitForm
from webapp.responses import respond
from webapp.services import contact_guard, tasks, users
from webapp.services import my_day as my_day_service
from webapp.services.tasks import WHOLE_MINUTES
from webapp.vocabulary import Role

bp = Blueprint("home", __name__)

AT_ONCE = 12
"""What is done first: so much of the queue is on a page."""
OPENING = timedelta(hours=9)
"""When a call that is planned with one press may begin."""


@bp.get("/")
def show():
    if g.actor.role == Role.RECEPTIONIST:
        return redirect(url_for("front_desk.show"))
    if g.actor.role == Role.AGENT:
        return my_day()
    has_agents, has_users = users.first_steps()
    if not (has_agents and has_users):
        return respond("home/first_steps.html", has_agents=has_agents, has_users=has_users)
    return redirect(url_for("desk.show"))


def my_day():
    agent, waiting = my_day_service.agent(by=g.actor)
    turns = my_day_service.queue(by=g.actor, now=clock.now(), until=clock.tomorrow())
    start = PartForm(request.args).first
    shown = turns[start : start + AT_ONCE]
    return respond(
        "home/my_day.html",
        "home/_my_day.html",
        turns=turns,
        start=start,
        shown=shown,
        guards=contact_guard.of([turn.lead.lead_id for turn in shown], by=g.actor),
        free=tasks.next_free_slot(agent.agent_id, clock.tomorrow() + OPENING, step=WHOLE_MINUTES) if agent else None,
        agent=agent,
        to_review=waiting,
        visit_form=VisitForm(formdata=None),
        create_form=CreateForm(formdata=None),
    )
