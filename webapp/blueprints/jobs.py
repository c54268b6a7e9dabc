"""What the office does by itself: when it last had its turn, what failed, and a turn now."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp import clock
from webapp.forms.jobs import TurnForm
from webapp.responses import go_to, respond
from webapp.services import jobs, notifications

bp = Blueprint("jobs", __name__)


@bp.get("/jobs")
def index():
    every = jobs.every()
    return respond(
        "jobs/index.html",
        "jobs/_jobs.html",
        jobs=every,
        quiet=jobs.is_quiet(every, now=clock.now()),
        turns=jobs.lately(),
        mails=notifications.troubles(),
        form=TurnForm(formdata=None),
    )


@bp.post("/jobs")
def ask():
    form = TurnForm()
    form.demand()
    jobs.ask(form.job.data, by=g.actor)
    return go_to("jobs.index", _("Asked for: a worker takes it within a minute."))
