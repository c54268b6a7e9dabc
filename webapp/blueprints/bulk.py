"""The same deed for the leads that were chosen in the list."""

from urllib.parse import parse_qs
from uuid import UUID

from flask import Blueprint, g, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from webapp.errors import Forbidden
from webapp.forms.bulk import ChangeForm, ChosenForm
from webapp.forms.filters import FilterForm
from webapp.policy import allows
from webapp.responses import go_to, respond
from webapp.services import agents, bulk, handovers, submissions, workload
from webapp.services.handovers import Wish
from webapp.vocabulary import Deed

bp = Blueprint("bulk", __name__, url_prefix="/leads/changes")


@bp.get("")
def ask():
    """What the deed still needs to know; without any lead, what to do first."""
    chosen = ChosenForm(request.args)
    lead_ids = handovers.of_agent(chosen.owner.data, by=g.actor) if chosen.owner.data else chosen.lead_id.data
    deed = chosen.deed.data or Deed.FOLLOW_UP
    return page(ChangeForm(formdata=None, lead_id=lead_ids, deed=deed, listed=chosen.listed.data))


@bp.post("")
def change():
    form = ChangeForm()
    if form.validate_on_submit():
        with form.refusals():
            if form.preview.data and form.deed.data == Deed.ASSIGN:
                found = handovers.rehearse(meant(form), wish(form), by=g.actor)
                again = ChangeForm(formdata=None)
                return respond("bulk/preview.html", form=form, again=again, found=found, office=workload.office())
            result = submissions.once(form.nonce.nonce, form.body, lambda: carry_out(form), by=g.actor)
            if "handover_id" in result:
                return go_to("handovers.show", handover_id=result["handover_id"])
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
        return {"handover_id": str(handovers.take(meant(form), wish(form), by=g.actor).handover_id)}
    change = bulk.change(form.lead_id.data, deed, by=g.actor)
    left = [{"lead_id": str(one.lead.lead_id), "name": one.lead.name, "why": str(one.why)} for one in change.left]
    return {"done": change.done, "left": left}


def wish(form: ChangeForm) -> Wish:
    if not allows(g.actor.role, "assignments.assign"):
        raise Forbidden(_("Only a manager hands leads over."))
    return Wish(form.agent_id.data, form.reason.data)


def meant(form: ChangeForm) -> list[UUID]:
    """Those that were ticked, or all active ones of the list whose address it holds."""
    if not form.listed.data:
        return form.lead_id.data
    asked = FilterForm(MultiDict(parse_qs(form.listed.data)))
    return handovers.listed(asked.filters(), by=g.actor)


def said(done: int) -> str:
    return ngettext("%(num)s lead changed.", "%(num)s leads changed.", done)


def page(form: ChangeForm, status: int = 200):
    if allows(g.actor.role, "assignments.assign"):
        form.agent_id.offer(
            (agent.agent_id, f"{agent.full_name} · {agent.active_leads_count}/50") for agent in agents.everyone()
        )
    wanted, lead_ids = form.deed.data or Deed.FOLLOW_UP, form.lead_id.data
    if form.listed.data and wanted == Deed.ASSIGN:
        lead_ids = meant(form)
    leads = bulk.chosen(lead_ids[: bulk.MOST] if form.listed.data else lead_ids, by=g.actor) if lead_ids else []
    if wanted == Deed.ASSIGN:
        leads = handovers.best_first(leads)
    return respond("bulk/ask.html", status=status, form=form, wanted=wanted, leads=leads, count=len(lead_ids))
