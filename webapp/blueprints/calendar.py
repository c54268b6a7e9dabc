"""The calendar: whose, which days of it, and a form for a free slot."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, g, request, url_for
from werkzeug.datastructures import MultiDict

from webapp import clock
from webapp.forms.calendar import EVERYBODY, CalendarForm, SlotForm
from webapp.forms.tasks import DueDateForm, TaskForm
from webapp.responses import asked_of, fills, respond
from webapp.services import agents, calendar, leads
from webapp.services.calendar import Ghost, Span
from webapp.vocabulary import View

bp = Blueprint("calendar", __name__, url_prefix="/tasks")

PLACE = ("view", "date", "agent")
GRIDS = (View.WEEK, View.DAY)


@bp.get("")
def show():
    return page(request.args)


@bp.get("/new")
def new():
    asked = SlotForm(request.args)
    form = TaskForm(formdata=None, due_date=asked.at.data)
    return slot_page(asked.lead.data, asked.agent.data, asked.next.data, form)


def page(asked, status: int = 200, form: DueDateForm | None = None, moving=None):
    """The calendar as it was asked for. A follow-up whose move was refused is back, with what was wanted beside it."""
    place = CalendarForm(MultiDict(asked or {}))
    agent_id = _whose(place)
    everybody = agent_id is None and g.actor.sees_all_leads
    day = (place.date.data or clock.today()).astimezone(clock.DUBAI).date()
    span = Span(_view(place, everybody), day)
    # Where no view was asked for, a screen shows the week and a phone the agenda.
    is_for_any_screen = place.view.data is None and not everybody
    first, until = (day, Span(View.AGENDA, day).end) if is_for_any_screen else (span.first, None)
    sheet = calendar.sheet(span, by=g.actor, agent_id=agent_id, until=until)
    ghost = _ghost(form, moving) if form else None
    here = {"view": place.view.data, "date": place.date.data and day.isoformat()}
    if g.actor.sees_all_leads:
        here["agent"] = EVERYBODY if everybody else agent_id
    return respond(
        "calendar/show.html",
        "calendar/_calendar_agenda.html" if fills("calendar-agenda") else "calendar/_calendar.html",
        status=status,
        span=span,
        sheet=sheet,
        is_for_any_screen=is_for_any_screen,
        agenda=[one for one in sheet.days if one.date >= first],
        late=sheet.late_before(first),
        days=sheet.days[: span.days],
        lines=calendar.lines(sheet.days[: span.days], ghost) if span.view in GRIDS and not everybody else [],
        ghost=ghost,
        clash=ghost and form and form.refused and form.refused.facts,
        problem=None if form is None or ghost else form.sentence,
        due_form=DueDateForm(formdata=None),
        everybody=everybody,
        agent_id=agent_id,
        agents=partial(agents.everyone, chosen=agent_id),
        here=here,
        address=url_for("calendar.show", **here),
    )


def slot_page(lead_id: UUID | None, agent_id: UUID | None, target: str | None, form: TaskForm, status: int = 200):
    """The form for a free slot: first with whom, then what."""
    offered = calendar.open_leads(agent_id or g.actor.agent_id, by=g.actor)
    chosen = next((lead for lead in offered if lead.lead_id == lead_id), None)
    if lead_id and chosen is None:
        chosen = leads.find(lead_id, by=g.actor)
        offered = [chosen, *offered]
    return respond(
        "calendar/new.html",
        status=status,
        form=form,
        offered=offered,
        chosen=chosen,
        agent_id=agent_id,
        back=address(target),
    )


def came_from(target: str | None) -> dict[str, Any] | None:
    """What the calendar was asked with, where a form's `next` is an address of it; None where it is another page."""
    asked = asked_of("calendar.show", target)
    return None if asked is None else {name: text for name, text in asked.items() if name in PLACE}


def address(target: str | None) -> str | None:
    """The calendar's address that `target` is, None where it is anything else."""
    asked = came_from(target)
    return None if asked is None else url_for("calendar.show", **asked)


def _whose(place: CalendarForm) -> UUID | None:
    """The agent whose calendar it is; None is everybody's, for those who see all leads."""
    if not g.actor.sees_all_leads:
        return g.actor.agent_id
    if place.agent.data == EVERYBODY:
        return None
    return place.agent_id.data or g.actor.agent_id


def _view(place: CalendarForm, everybody: bool) -> View:
    """The view that was asked for; everybody's calendar is lists only, and of a day unless more is asked for."""
    if everybody:
        return View.AGENDA if place.view.data == View.MONTH else place.view.data or View.DAY
    return place.view.data or View.WEEK


def _ghost(form: DueDateForm, moving) -> Ghost | None:
    """Where a follow-up was wanted that clashes there, None where it was refused for another reason."""
    if form.refused is None or "free" not in form.refused.facts:
        return None
    return Ghost(moving.task_id, leads.find(moving.lead_id, by=g.actor).name, form.due_date.data)
