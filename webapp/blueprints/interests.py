"""The properties that a lead likes."""

from flask import Blueprint, g
from flask_babel import gettext as _

from webapp.blueprints.leads import lead_page
from webapp.forms.interests import InterestForm, LevelForm
from webapp.forms.users import EmptyForm
from webapp.responses import go_to
from webapp.services import deeds, interests, listings, submissions

bp = Blueprint("interests", __name__)


@bp.post("/leads/<uuid:lead_id>/interests")
def add(lead_id):
    form = InterestForm()
    if form.validate_on_submit():
        with form.refusals():
            written = submissions.once(
                form.nonce.nonce, form.body | {"lead_id": [str(lead_id)]}, lambda: write(lead_id, form), by=g.actor
            )
            return done(_("Interest noted."), lead_id, written["interest_id"])
    return lead_page(lead_id, form.status_code, interest_form=form)


def write(lead_id, form: InterestForm) -> dict:
    property_id = listings.identify(form.property_id.data)
    interest = interests.add(lead_id, property_id, by=g.actor, interest_level=form.interest_level.data)
    return {"interest_id": str(interest.interest_id)}


@bp.post("/interests/<uuid:interest_id>")
def change(interest_id):
    form = LevelForm()
    interest = interests.find(interest_id, by=g.actor)
    if form.validate_on_submit():
        changed = interests.change(interest_id, by=g.actor, interest_level=form.interest_level.data)
        said = _("Interest is %(level)s now.", level=changed.interest_level.label.lower())
        return done(said, changed.lead_id, interest_id)
    return lead_page(interest.lead_id, form.status_code, problem=form.sentence)


@bp.post("/interests/<uuid:interest_id>/removal")
def remove(interest_id):
    EmptyForm().demand()
    lead_id = interests.remove(interest_id, by=g.actor).lead_id
    return done(_("Interest removed."), lead_id, interest_id)


def done(said: str, lead_id, interest_id):
    return go_to("leads.show", said, deed=deeds.latest(interest_id, by=g.actor), lead_id=lead_id)
