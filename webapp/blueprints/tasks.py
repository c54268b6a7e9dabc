"""Follow-ups: planning, moving, completing and cancelling them."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp.blueprints.leads import lead_page
from webapp.forms.tasks import CancelForm, DueDateForm, TaskForm
from webapp.forms.users import EmptyForm
from webapp.responses import go_to
from webapp.services import deeds, submissions, tasks

bp = Blueprint("tasks", __name__)


@bp.post("/leads/<uuid:lead_id>/tasks")
def schedule(lead_id):
    form = TaskForm()
    if form.validate_on_submit():
        with form.refusals():
            written = submissions.once(
                form.nonce.nonce,
                form.body | {"lead_id": [str(lead_id)]},
                lambda: {"task_id": str(tasks.schedule(lead_id, form.follow_up, by=g.actor).task_id)},
                by=g.actor,
            )
            return done(_("Follow-up planned."), lead_id, written["task_id"])
    return lead_page(lead_id, form.status_code, task_form=form)


@bp.post("/tasks/<uuid:task_id>/due-date")
def reschedule(task_id):
    form = DueDateForm()
    task = tasks.find(task_id, by=g.actor)
    if form.validate_on_submit():
        with form.refusals():
            tasks.reschedule(task_id, by=g.actor, due_date=form.due_date.data)
            return done(_("Follow-up moved."), task.lead_id, task_id)
    problem = " ".join(str(error) for error in form.form_errors)
    return lead_page(task.lead_id, form.status_code, problem=problem, due_form=form, moving=task_id)


@bp.post("/tasks/<uuid:task_id>/completion")
def complete(task_id):
    form = EmptyForm()
    task = tasks.find(task_id, by=g.actor)
    if form.validate_on_submit():
        with form.refusals():
            tasks.complete(task_id, by=g.actor)
            return done(_("Follow-up done. Log what was said."), task.lead_id, task_id)
    return lead_page(task.lead_id, form.status_code, problem=form.sentence)


@bp.post("/tasks/<uuid:task_id>/cancellation")
def cancel(task_id):
    form = CancelForm()
    task = tasks.find(task_id, by=g.actor)
    if form.validate_on_submit():
        with form.refusals():
            tasks.cancel(task_id, by=g.actor, reason=form.reason.data)
            return done(_("Follow-up cancelled."), task.lead_id, task_id)
    return lead_page(task.lead_id, form.status_code, problem=form.sentence, cancel_form=form, cancelling=task_id)


def done(said: str, lead_id, task_id):
    """Back to the lead, with an Undo."""
    return go_to("leads.show", said, deed=deeds.latest(task_id, by=g.actor), lead_id=lead_id)
