"""The same deed for the leads that were chosen in the list."""

from flask import Blueprint, g, request
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.errors import Forbidden
from webapp.forms.bulk import ChangeForm, ChosenForm
from webapp.policy import allows
from webapp.responses import go_to, respond
from webapp.services import agents, bulk, submissions
from webapp.vocabulary import Deed

bp = Blueprint("bulk", __name__, url_prefix="/leads/changes")


@bp.get("")
def ask():
    """What the deed still needs to know; without any lead, what to do first."""
    chosen = ChosenForm(request.args)
    lead_ids = bulk.active_of(chosen.owner.data, by=g.actor) if chosen.owner.data else chosen.lead_id.data
    return page(ChangeForm(formdata=None, lead_id=lead_ids, deed=chosen.deed.data or Deed.FOLLOW_UP))


@bp.post("")
def change():
    form = ChangeForm()
    if form.validate_on_submit():
        with form.refusals():
            if form.preview.data and form.deed.data == Deed.ASSIGN:
                found = bulk.rehearse(form.lead_id.data, handing_over(form), by=g.actor)
                return respond("bulk/preview.html", form=form, again=ChangeForm(formdata=None), found=found)
            result = submissions.once(form.nonce.nonce, form.body, lambda: carry_out(form), by=g.actor)
            if not result["left"]:
                return go_to("leads.index", said(result["done"]))
            return respond("bulk/result.html", done=result["done"], left=result["left"])
    return page(form, form.status_code)


def carry_out(form: ChangeForm) -> dict:
    if form.deed.data == Deed.LOST:
        deed = bulk.losing(by=g.actor, lost_reason=form.lost_reason.data, notes=form.notes.data)
    elif form.deed.data == Deed.FOLLOW_UP:
        deed = bulk.planning(form.follow_up, by=g.actor)
    else:
        deed = handing_over(form)
    change = bulk.change(form.lead_id.data, deed, by=g.actor, choosing=form.deed.data == Deed.ASSIGN)
    left = [{"lead_id": str(one.lead.lead_id), "name": one.lead.name, "why": str(one.why)} for one in change.left]
    return {"done": change.done, "left": left}


def handing_over(form: ChangeForm):
    if not allows(g.actor.role, "assignments.assign"):
        raise Forbidden(_("Only a manager hands leads over."))
    return bulk.assigning(by=g.actor, agent_id=form.agent_id.data, reason=form.reason.data)


def said(done: int) -> str:
    return ngettext("%(num)s lead changed.", "%(num)s leads changed.", done)


def page(form: ChangeForm, status: int = 200):
    if allows(g.actor.role, "assignments.assign"):
        form.agent_id.offer(
            (agent.agent_id, f"{agent.full_name} · {agent.active_leads_count}/50") for agent in agents.everyone()
        )
    leads = bulk.chosen(form.lead_id.data, by=g.actor) if form.lead_id.data else []
    return respond("bulk/ask.html", status=status, form=form, wanted=form.deed.data or Deed.FOLLOW_UP, leads=leads)
