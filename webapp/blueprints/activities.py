"""Logging contacts with a lead."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp.blueprints.leads import lead_page
from webapp.formatting import moment
from webapp.forms.activities import ActivityForm
from webapp.forms.users import EmptyForm
from webapp.responses import go_back, go_to
from webapp.services import activities, deeds, submissions

bp = Blueprint("activities", __name__)


@bp.post("/leads/<uuid:lead_id>/activities")
def log(lead_id):
    form = ActivityForm()
    if form.validate_on_submit():
        with form.refusals(due_date="next_due_date"):
            submissions.once(
                form.nonce.nonce,
                form.body | {"lead_id": [str(lead_id)]},
                lambda: write(lead_id, form),
                by=g.actor,
            )
            return done(_("%(what)s logged.", what=form.type.data.label), lead_id, form)
    return lead_page(lead_id, form.status_code, activity_form=form)


def done(said: str, lead_id, form: ActivityForm):
    """Back to where somebody was. A next step planned with it has an Undo of its own; what was said is struck out."""
    step = form.follow_up
    if step is None:
        return go_back("leads.show", said, lead_id=lead_id)
    said = _("%(said)s Next: %(what)s, %(time)s.", said=said, what=step.type.label, time=moment(step.due_date))
    deed = deeds.planned(lead_id, by=g.actor)
    return go_back("leads.show", said, deed=deed, undo=_("Undo the next step"), lead_id=lead_id)


def write(lead_id, form: ActivityForm, task_id=None) -> dict:
    activity = activities.log(
        lead_id,
        by=g.actor,
        type=form.type.data,
        outcome=form.outcome.data,
        call_result=form.call_result.data,
        notes=form.notes.data,
        activity_at=form.activity_at.data,
        follow_up=form.follow_up,
        task_id=task_id,
    )
    return {"activity_id": str(activity.activity_id)}


@bp.post("/activities/<uuid:activity_id>/striking")
def strike(activity_id):
    EmptyForm().demand()
    activity = activities.strike(activity_id, by=g.actor)
    deed = deeds.latest(activity_id, by=g.actor)
    return go_to("leads.show", _("Struck out. Its points went back."), deed=deed, lead_id=activity.lead_id)
