"""Two leads of one person side by side, made one, and two again."""

from flask import Blueprint, flash, g, redirect, url_for
from flask_babel import gettext as _

from webapp.forms.merges import MergeForm
from webapp.forms.users import EmptyForm
from webapp.responses import go_to, respond
from webapp.services import merges

bp = Blueprint("merges", __name__)


@bp.get("/leads/<uuid:lead_id>/merge/<uuid:other_id>")
def compare(lead_id, other_id):
    return page(lead_id, other_id)


@bp.post("/leads/<uuid:lead_id>/merge/<uuid:other_id>")
def make(lead_id, other_id):
    form = MergeForm()
    if form.validate_on_submit():
        with form.refusals():
            merge = merges.make(lead_id, other_id, form.wish, by=g.actor)
            said = _("Merged with #%(number)s. For 30 days this can be undone.", number=merge.number)
            return go_to("leads.show", said, lead_id=merge.survivor_id)
    return page(lead_id, other_id, form)


@bp.post("/merges/<uuid:merge_id>/undo")
def undo(merge_id):
    EmptyForm().demand()
    undone = merges.undo(merge_id, by=g.actor)
    flash(" ".join([_("Two leads again."), *(undone.stays or [_("Both are as they were.")])]))
    return redirect(url_for("leads.show", lead_id=undone.lead_id), 303)


def page(lead_id, other_id, form: MergeForm | None = None):
    """Both as they are now; what was chosen and refused is kept."""
    comparison = merges.compare(lead_id, other_id, by=g.actor)
    return respond(
        "merges/compare.html",
        status=form.status_code if form else 200,
        comparison=comparison,
        form=form or MergeForm.of(comparison),
        empty_form=EmptyForm(formdata=None),
    )
