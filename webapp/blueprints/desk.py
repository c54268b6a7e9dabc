"""The manager's morning board."""

from flask import Blueprint, g

from webapp import clock
from webapp.forms.users import EmptyForm
from webapp.responses import respond
from webapp.services import desk, jobs, workload

bp = Blueprint("desk", __name__)


@bp.get("/desk")
def show():
    viewings, viewings_count = desk.viewings(by=g.actor, today=clock.today(), until=clock.tomorrow())
    team, team_count = workload.needing_a_look(by=g.actor)
    needs = desk.needs(by=g.actor)
    return respond(
        "desk/show.html",
        "desk/_desk.html",
        figures=desk.figures(today=clock.today(), by=g.actor),
        yesterday=clock.yesterday(),
        needs=needs,
        rows=needs.count + team_count,
        team=team,
        team_count=team_count,
        viewings=viewings,
        viewings_count=viewings_count,
        contacts=desk.latest_contacts(by=g.actor),
        jobs=(every := jobs.every()),
        quiet=jobs.is_quiet(every, now=clock.now()),
        empty_form=EmptyForm(formdata=None),
    )
