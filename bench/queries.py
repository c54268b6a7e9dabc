"""What the pages ask the database: each page's main question, as its service asks it."""

from datetime import timedelta
from functools import partial

from sqlalchemy import text

from bench import lists
from bench.rounds import medians
from webapp import clock
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import calendar, desk, enquiries, figures, leads, my_day, people, reports, suggestions, workload
from webapp.services.access import SYSTEM
from webapp.services.figures import Scope
from webapp.services.leads import Filters
from webapp.services.leads.listing import by_key
from webapp.services.workload import Choice
from webapp.vocabulary import LeadOrder, Source, Status, View

UNIT = "unit"
DAY = timedelta(days=1)
BARS = {"lists": f"at most {lists.BAR} times the same rows by primary key, asked raw"}


def measure() -> dict:
    """Each question's milliseconds, and how many times those of 25 leads by primary key; then the lists' bar."""
    took = medians({name: forgetful(ask) for name, ask in questions().items()})
    return {
        "unit": "25 leads by primary key with all that the list shows of them, in the same round",
        "questions": {name: {"ms": round(ms, 2), "units": round(ms / took[UNIT], 1)} for name, ms in took.items()},
        **lists.measure(),
    }


def questions() -> dict:
    agent = lists.busiest_agent()
    ids = db.session.scalars(text("SELECT lead_id FROM leads ORDER BY created_at DESC LIMIT 25")).all()
    lead = db.session.scalars(
        db.select(Lead).order_by(Lead.lead_id).where(Lead.property_type.is_not(None)).limit(1)
    ).one()
    this_week = calendar.Span(View.WEEK, clock.today().astimezone(clock.DUBAI).date())
    return {
        UNIT: lambda: db.session.execute(by_key(ids)).all(),
        "list, everybody's": lambda: leads.page(Filters(), by=SYSTEM),
        "list, an agent's": lambda: leads.page(Filters(), by=agent),
        "list by status": lambda: leads.page(Filters(status=(Status.CONTACTED,)), by=SYSTEM),
        "list by source": lambda: leads.page(Filters(source_type=(Source.BAYUT,)), by=SYSTEM),
        "list by owner": lambda: leads.page(Filters(owner=agent.agent_id), by=SYSTEM),
        "list of nobody's": lambda: leads.page(Filters(unassigned=True), by=SYSTEM),
        "count": lambda: leads.tally(Filters(), by=SYSTEM),
        "search a number": lambda: leads.page(Filters(q=lead.phone), by=SYSTEM),
        "search 7 digits": lambda: leads.page(Filters(q=lead.phone[-7:]), by=SYSTEM),
        "search 4 digits": lambda: leads.page(Filters(q=lead.phone[-4:]), by=SYSTEM),
        "suggestions": lambda: suggestions.for_lead(lead),
        "who is it (front desk)": lambda: people.find(lead.phone, today=clock.today()),
        "today's visitors": lambda: enquiries.front_desk(today=clock.today()),
        **{
            f"list, {order.value}": partial(leads.page, Filters(), by=SYSTEM, order=order)
            for order in LeadOrder
            if order != LeadOrder.NEWEST
        },
        "my day": lambda: my_day.queue(by=agent, now=clock.now(), until=clock.tomorrow()),
        "calendar: a week": lambda: calendar.sheet(this_week, by=agent, agent_id=agent.agent_id),
        "an agent's figures": lambda: figures.figures(Scope(agent.agent_id), by=agent, month=clock.month()),
        "an agent's place among peers": lambda: figures.place(agent.agent_id),
        "an agent's follow-ups": lambda: figures.follow_ups(Scope(agent.agent_id), by=agent),
        "office: figures": lambda: desk.figures(today=clock.today(), by=SYSTEM),
        "office: what needs a manager": lambda: desk.needs(by=SYSTEM),
        "office: viewings today": lambda: desk.viewings(by=SYSTEM, today=clock.today(), until=clock.tomorrow()),
        "office: agents full or away": lambda: workload.needing_a_look(by=SYSTEM),
        "workload": lambda: workload.loads(Choice(), by=SYSTEM),
        **{
            f"report {slug}, {days} d": partial(
                report.read, reports.Scope(begins=clock.today() - days * DAY), by=SYSTEM
            )
            for slug, report in reports.BY_SLUG.items()
            for days in ((30, 90, 365) if reports.PERIOD in report.filters else (30,))
        },
        "reports: what each says": lambda: reports.keys(reports.Scope(begins=clock.today() - 30 * DAY), by=SYSTEM),
        "office: latest contacts": lambda: desk.latest_contacts(by=SYSTEM),
    }


def forgetful(ask):
    """Asks with nothing remembered from before."""

    def asking():
        db.session.expunge_all()
        ask()

    return asking
