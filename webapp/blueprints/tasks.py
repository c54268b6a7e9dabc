"""Follow-ups: planning, moving, completing and cancelling them, on the lead and in the calendar."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _

from webapp.blueprints import activities, calendar
from webapp.blueprints.leads import lead_page
from webapp.forms.activities import ActivityForm
from webapp.forms.tasks import CancelForm, DueDateForm, TaskForm
from webapp.forms.users import EmptyForm
from webapp.responses import fills, go_back, page_before, respond
from webapp.services import contact_guard, deeds, leads, submissions, tasks

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
    if asked_from() is not None:
        return calendar.slot_page(lead_id, tasks.owner_of(lead_id), request.form["next"], form, form.status_code)
    return lead_page(lead_id, form.status_code, task_form=form)


@bp.post("/tasks/<uuid:task_id>/due-date")
def reschedule(task_id):
    form = DueDateForm()
    task = tasks.find(task_id, by=g.actor)
    if form.validate_on_submit():
        with form.refusals():
            tasks.reschedule(task_id, by=g.actor, due_date=form.due_date.data)
            return done(_("Follow-up moved."), task.lead_id, task_id)
    if fills("calendar"):
        return calendar.page(asked_from(), form.status_code, form, task)
    if asked_from() is not None:
        return task_page(task_id, form.status_code, due_form=form)
    problem = " ".join(str(error) for error in form.form_errors)
    return lead_page(task.lead_id, form.status_code, problem=problem, due_form=form, moving=task_id)


@bp.get("/tasks/<uuid:task_id>/completion")
def ask(task_id):
    return task_page(task_id)


@bp.post("/tasks/<uuid:task_id>/completion")
def complete(task_id):
    said = ActivityForm()
    if said.is_answered:
        return conclude(task_id, said)
    form = EmptyForm()
    task = tasks.find(task_id, by=g.actor)
    if form.validate_on_submit():
        with form.refusals():
            tasks.complete(task_id, by=g.actor)
            return done(_("Follow-up done. Log what was said."), task.lead_id, task_id)
    if asked_from() is not None:
        return task_page(task_id, form.status_code, problem=form.sentence)
    return lead_page(task.lead_id, form.status_code, problem=form.sentence)


@bp.post("/tasks/<uuid:task_id>/cancellation")
def cancel(task_id):
    form = CancelForm()
    task = tasks.find(task_id, by=g.actor)
    if form.validate_on_submit():
        with form.refusals():
            tasks.cancel(task_id, by=g.actor, reason=form.reason.data)
            return done(_("Follow-up cancelled."), task.lead_id, task_id)
    if asked_from() is not None:
        return task_page(task_id, form.status_code, problem=form.sentence, cancel_form=form)
    return lead_page(task.lead_id, form.status_code, problem=form.sentence, cancel_form=form, cancelling=task_id)


def conclude(task_id, form: ActivityForm):
    """Done, with what was said and what comes next: all in one."""
    task = tasks.find(task_id, by=g.actor)
    if form.validate_on_submit():
        with form.refusals(due_date="next_due_date"):
            submissions.once(
                form.nonce.nonce,
                form.body | {"task_id": [str(task_id)]},
                lambda: activities.write(task.lead_id, form, task_id),
                by=g.actor,
            )
            return activities.done(_("%(what)s done and logged.", what=form.type.data.label), task.lead_id, form)
    return task_page(task_id, form.status_code, activity_form=form)


def task_page(task_id, status: int = 200, problem: str | None = None, **forms):
    """One follow-up: what came of it and what is next, or another time for it; refused forms come in by name."""
    task = tasks.find(task_id, by=g.actor)
    forms = {
        "activity_form": ActivityForm(formdata=None, type=task.type),
        "due_form": DueDateForm(formdata=None, due_date=task.due_date),
        "cancel_form": CancelForm(formdata=None),
        "empty_form": EmptyForm(formdata=None),
    } | forms
    asked = request.values.get("next") or (page_before() if request.method == "GET" else None)
    return respond(
        "tasks/ask.html",
        status=status,
        task=task,
        lead=leads.find(task.lead_id, by=g.actor),
        guard=contact_guard.of([task.lead_id], by=g.actor)[task.lead_id],
        problem=problem,
        back=calendar.address(asked) or (asked if asked in (url_for("home.show"), url_for("desk.show")) else None),
        **forms,
    )


def asked_from() -> dict[str, Any] | None:
    """What the calendar was asked with that the form belongs to, None where it stands on another page."""
    return calendar.came_from(request.form.get("next"))


def done(said: str, lead_id, task_id):
    """Back to where somebody was, with an Undo."""
    return go_back("leads.show", said, deed=deeds.latest(task_id, by=g.actor), lead_id=lead_id)
