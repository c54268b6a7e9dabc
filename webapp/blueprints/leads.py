"""Leads: the list, new ones, one lead, amending it, opening it again."""

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import Blueprint, current_app, g, redirect, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from webapp import clock, whatsapp
from webapp.blueprints import front_desk
from webapp.forms.activities import ActivityForm
from webapp.forms.assignments import AssignmentForm
from webapp.forms.base import CreateForm
from webapp.forms.filters import FilterForm
from webapp.forms.interests import InterestForm
from webapp.forms.leads import AmendForm, LeadForm
from webapp.forms.parts import PartForm
from webapp.forms.tasks import CancelForm, DueDateForm, TaskForm
from webapp.forms.users import EmptyForm, VisitForm
from webapp.policy import allows
from webapp.responses import fills, go_to, respond
from webapp.services import agents, check_ins, enquiries, lead_view, leads, people, submissions
from webapp.services.timeline import Part
from webapp.vocabulary import Channel, History, Interface, Role, Source, TaskType

bp = Blueprint("leads", __name__, url_prefix="/leads")

LAST_FILTERS = "leads"
A_YEAR = 31_536_000
ALL_OF_IT = Part()


@bp.get("")
def index():
    if not request.args:
        return redirect(remembered().address("leads.index"))
    form, after = FilterForm(request.args), request.args.get("after")
    filters = form.filters()
    listed = leads.page(filters, by=g.actor, order=form.order, after=after)
    if fills("lead-rows"):
        return respond("leads/index.html", "leads/_lead_rows.html", listed=listed)
    owners = agents.everyone(chosen=filters.owner) if g.actor.sees_all_leads else []
    response = respond(
        "leads/index.html",
        "leads/_lead_list.html",
        form=form,
        chips=form.chips({str(agent.agent_id): agent.full_name for agent in owners}),
        listed=listed,
        after=after,
        tally=leads.tally(filters, by=g.actor),
        agents=owners,
        empty_form=EmptyForm(formdata=None),
    )
    if after is None:
        response.headers["HX-Push-Url"] = form.address("leads.index")
        remember(response, form)
    return response


def remembered() -> FilterForm:
    """The filters that this person last used in this browser."""
    whose, _space, query = request.cookies.get(LAST_FILTERS, "").partition(" ")
    return FilterForm(MultiDict(parse_qsl(query) if whose == str(g.actor.user_id) else ()))


def remember(response, form: FilterForm) -> None:
    """Keep the filters for the next time; whom somebody looked for is nobody's business later."""
    query = urlencode({name: values for name, values in form.query.items() if name != "q"}, doseq=True)
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(
        LAST_FILTERS, f"{g.actor.user_id} {query}", A_YEAR, path="/leads", secure=secure, httponly=True, samesite="Lax"
    )


@bp.get("/new")
def new():
    return form_page(LeadForm(phone=request.args.get("phone", "")))


@bp.post("")
def capture():
    form = LeadForm()
    if form.validate_on_submit():
        with form.refusals():
            result = submissions.once(form.nonce.nonce, form.body, lambda: register(form), by=g.actor)
            if result["created"]:
                return go_to("leads.show", _("Registered."), lead_id=result["lead_id"])
            return already_here(result)
    if g.actor.role == Role.RECEPTIONIST:
        return front_desk.page(form.phone.data, form, form.status_code)
    return form_page(form, form.status_code)


def register(form: LeadForm) -> dict:
    checked_in = form.enquiry_id.data if allows(g.actor.role, "check_ins.dismiss") else None
    at_the_desk = g.actor.role == Role.RECEPTIONIST or checked_in is not None
    source = Source.WALK_IN if at_the_desk else form.source_type.data
    origin = form.origin(Channel.VISIT if at_the_desk else Channel.BY_HAND)
    if checked_in:
        captured = check_ins.greet(checked_in, form.details(source), origin, by=g.actor)
    else:
        captured = enquiries.register(form.details(source), origin, by=g.actor)
    return {
        "lead_id": str(captured.lead.lead_id),
        "created": captured.created,
        "enquiry_id": str(captured.enquiry.enquiry_id),
    }


def already_here(result: dict):
    """409: the lead that this enquiry was added to, with what can be done now (R2)."""
    met = people.met(UUID(result["lead_id"]), by=g.actor)
    return respond("leads/already_here.html", status=409, met=met, result=result, form=CreateForm(formdata=None))


@bp.get("/<uuid:lead_id>")
def show(lead_id):
    """The page; htmx may ask for another part of the history alone, or for what follows the first of it."""
    part = Part(_history(request.args.get("history")), request.args.get("before"))
    if fills("story"):
        lead, story = lead_view.history(lead_id, part, by=g.actor)
        form = EmptyForm(formdata=None)
        return respond(
            "leads/show.html", "leads/_story.html", lead=lead, story=story, empty_form=form, before=part.before
        )
    if fills("story-rest"):
        lead, story = lead_view.history(lead_id, part, by=g.actor)
        start = PartForm(request.args).first
        return respond(
            "leads/show.html", "leads/_story_rest.html", lead=lead, story=story, before=part.before, start=start
        )
    return lead_page(lead_id, part=part)


@bp.get("/<uuid:lead_id>/edit")
def edit(lead_id):
    lead = leads.find(lead_id, by=g.actor)
    return respond("leads/edit.html", lead=lead, form=AmendForm.of(lead), theirs=None)


@bp.post("/<uuid:lead_id>")
def amend(lead_id):
    lead = leads.find(lead_id, by=g.actor)
    form = AmendForm()
    if form.validate_on_submit():
        with form.refusals():
            leads.amend(lead_id, form.details(lead.source_type), by=g.actor, version=form.version.data)
            return go_to("leads.show", _("Saved."), lead_id=lead_id)
    stale = form.refused is not None and form.refused.code == "stale"
    lead = leads.find(lead_id, by=g.actor)
    return respond(
        "leads/edit.html",
        status=form.status_code,
        lead=lead,
        form=form,
        theirs=form.differences(lead) if stale else None,
    )


@bp.post("/<uuid:lead_id>/reopening")
def open_again(lead_id):
    form = CreateForm()
    form.demand()
    result = submissions.once(
        form.nonce.nonce,
        form.body | {"lead_id": [str(lead_id)]},
        lambda: {"lead_id": str(leads.open_again(lead_id, by=g.actor).lead_id)},
        by=g.actor,
    )
    return go_to("leads.show", _("Opened again as a new lead."), lead_id=result["lead_id"])


def lead_page(lead_id, status: int = 200, problem: str | None = None, part: Part = ALL_OF_IT, **forms):
    """The whole page of one lead with a part of its history; forms that were refused come in by name."""
    if g.actor.role == Role.RECEPTIONIST:
        return handover(lead_id)
    view = lead_view.page(lead_id, part=part, by=g.actor)
    forms = {
        "activity_form": ActivityForm(formdata=None),
        "task_form": TaskForm(formdata=None),
        "due_form": DueDateForm(formdata=None),
        "cancel_form": CancelForm(formdata=None),
        "assignment_form": AssignmentForm(formdata=None),
        "interest_form": InterestForm(formdata=None),
        "visit_form": VisitForm(formdata=None),
        "create_form": CreateForm(formdata=None),
        "empty_form": EmptyForm(formdata=None),
    } | forms
    if g.actor.role == Role.MANAGER:
        forms["assignment_form"].agent_id.offer(
            (agent.agent_id, f"{agent.full_name} · {agent.active_leads_count}/50") for agent in view.agents
        )
    return respond(
        "leads/show.html",
        status=status,
        view=view,
        lead=view.lead,
        story=view.story,
        before=part.before,
        messages=ready_messages(view),
        problem=problem,
        **forms,
    )


def ready_messages(view) -> dict:
    """What the signed-in person may send the lead by WhatsApp; nothing where the number is no mobile's."""
    if not view.is_mobile:
        return {}
    lead, owner, asked = view.lead, view.owner, view.properties.asked_about
    own_arabic = owner.arabic_name if owner and owner.agent_id == g.actor.agent_id else None
    subject = whatsapp.Subject(
        phone=lead.phone,
        first_name=lead.first_name,
        agent={Interface.ENGLISH: g.actor.name, Interface.ARABIC: own_arabic or g.actor.name},
        listing=asked.listing if asked else None,
        area=lead.preferred_areas[0] if lead.preferred_areas else None,
        viewing_at=next((task.due_date for task in view.tasks if task.type == TaskType.VIEWING), None),
    )
    return whatsapp.messages(subject, lead.speaks)


def handover(lead_id):
    return respond(
        "leads/handover.html",
        card=lead_view.handover(lead_id, by=g.actor),
        desk=enquiries.front_desk(today=clock.today()),
        visit_form=VisitForm(formdata=None),
        empty_form=EmptyForm(formdata=None),
    )


def form_page(form: LeadForm, status: int = 200):
    form.referrer_agent_id.offer((agent.agent_id, agent.full_name) for agent in agents.everyone())
    return respond("leads/new.html", status=status, form=form)


def _history(text: str | None) -> History:
    return next((part for part in History if part == text), History.ALL)
