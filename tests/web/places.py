"""Every page that a role can open and every form on them: found by the routes and by looking, not by a list."""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from flask import Flask
from wtforms import Form as PlainForm

from tests.factories import PATH, a_lead, a_user, an_agent, prompt, sql, value
from tests.files import a_csv, uploaded
from tests.house.source import calls, modules
from tests.production import free_port
from tests.web.browser import Browser, controls
from tests.web.office import NO_DOOR, Office
from tests.web.reach import BY_MACHINES
from webapp import check_in_address
from webapp.forms import fields
from webapp.forms.agents import ChoicesForm, FiguresForm, LoadsForm
from webapp.forms.base import Form
from webapp.forms.board import LaneForm
from webapp.forms.calendar import CalendarForm, SlotForm
from webapp.forms.check_ins import KeyForm
from webapp.forms.enquiries import EnquiryFilterForm
from webapp.forms.filters import FilterForm
from webapp.forms.imports import read_row
from webapp.forms.reports import ReportForm
from webapp.forms.scoring import KindForm
from webapp.mail.settings import MailServer
from webapp.policy import allows
from webapp.services import feeds, handovers, imports, links, merges
from webapp.services.access import Actor
from webapp.services.handovers import Wish
from webapp.services.leads import Origin
from webapp.services.reports import REPORTS
from webapp.vocabulary import Channel, ConditionType, LeadColumn, Role, Side, Source

UNKNOWN, NEW = "0501112233", "0507654321"
# What an address is asked with, where its page has several faces.
STATES: dict[str, tuple[dict, ...]] = {
    "front_desk.show": ({}, {"phone": NEW}, {"phone": "{known}"}, {"check_in": "{check_in}"}),
    "check_ins.show": ({}, {"done": "1"}),
    "pipeline.ask": ({}, {"status": "lost"}, {"status": "converted"}),
    "leads.index": ({"all": "1"}, {"status": "lost"}),
    "board.show": ({}, {"status": "lost"}, {"sort": "score"}),
    "bulk.ask": ({}, *({"lead_id": "{lead}", "deed": deed} for deed in ("follow_up", "lost", "assign"))),
    "calendar.show": ({}, {"view": "month"}, {"agent": "{agent}"}, {"agent": "{agent}", "view": "month"}),
    "agents.show": ({}, {"date_range": "custom"}),
    "handovers.show": ({}, {"show": "moved"}),
    "scoring.new": ({}, *({"kind": kind.value} for kind in ConditionType)),
    "scoring.preview": ({}, {"said": "1"}),
    "agents.index": ({}, {"show": "attention"}),
    "search.show": ({}, {"q": "{known}"}, {"q": "zzzz"}, {"q": "QX-7731"}, {"q": "12"}),
    "calendar.new": ({}, {"agent": "{agent}", "lead": "{lead}", "at": "2030-01-01T10:00"}),
}
MORE = ("privacy.show", "users.account")
"""Where an admin finds more than a manager."""
ASK_NOTHING = ("static", "health.live", "health.ready")
WITHOUT_NAME = ("links.open", "links.show")
FRAGMENTS = ("notifications.bell", "front_desk.visitors", "areas.matching", "agents.choices")
NO_PAGES = (
    *ASK_NOTHING,
    *FRAGMENTS,
    "api.describe",
    "sessions.speak",
    "notifications.open",
    "exports.fetch",
    "imports.fetch",
    "check_ins.draw",
    "reports.fetch",
    "audit.fetch",
    "calls.fetch",
    "feeds.show",
)
TYPED = "input:not([type=hidden], [type=checkbox], [type=submit]), select, textarea"


@dataclass(frozen=True)
class Place:
    """A form on a page: where it was seen, where it is sent, what it sends untouched and what people fill in."""

    page: str
    endpoint: str
    url: str
    sent: dict[str, str]
    typed: dict[str, int | None]
    """The names of its fields with their maxlength."""

    @property
    def key(self) -> tuple:
        return self.endpoint, frozenset(self.sent), frozenset(self.typed)

    @property
    def is_ours(self) -> bool:
        """Whether our users send it."""
        return self.endpoint not in BY_MACHINES

    @property
    def hidden(self) -> set[str]:
        return set(self.sent) - set(self.typed) - {"csrf_token"}


@contextmanager
def with_mail(app: Flask) -> Iterator[None]:
    """The office has a mail server, so that people may choose; nobody answers there."""
    before = app.config["MAIL"]
    app.config["MAIL"] = MailServer("smtp", "127.0.0.1", free_port(), "desk@desk.example", "https://desk.example")
    try:
        yield
    finally:
        app.config["MAIL"] = before


@contextmanager
def furnished(app: Flask, may_sign_in: Callable[[Actor], Actor]) -> Iterator[Office]:
    """An office in which Aisha's leads are new, negotiating and lost, and something is known of everything.

    `rows` are these leads with what belongs to them, by the names that addresses have for it.
    """
    with prompt() as held, with_mail(app):
        office = Office(app, held, may_sign_in)
        office.mariam = may_sign_in(a_user("Mariam Saleh", Role.MANAGER))
        office.omar = may_sign_in(a_user("Omar Nasser", Role.ADMIN))
        new, negotiating = _captured(office), office.lead("own")
        for status in PATH[1:-1]:
            sql("UPDATE leads SET status = %s WHERE lead_id = %s", status, negotiating["lead_id"])
        sql("UPDATE visits SET status = 'left', left_at = now() WHERE lead_id = %s", negotiating["lead_id"])
        sql("UPDATE lead_assignments SET kind = 'by_hand', reason = 'x' WHERE lead_id = %s", negotiating["lead_id"])
        sql("INSERT INTO notices (user_id, kind, lead_id) SELECT user_id, 'repeat_enquiry', lead_id FROM users, leads")
        merges.make(new["lead_id"], a_lead().lead_id, merges.Wish(Side.LEAD, (1, 1)), by=office.mariam)
        office.rows = [new, negotiating, office.leads["own, closed"]]
        new["other_id"] = negotiating["other_id"]
        office.kept += [row[name] for row in office.rows for name in ("lead_id", "other_id")]
        office.rows[0]["user_id"] = office.noor.user_id
        office.rows[0]["enquiry_id"] = _waiting(office)
        sql("UPDATE enquiries SET state = 'ignored', why = 'broker' WHERE enquiry_id = %s", negotiating["enquiry_id"])
        sql("INSERT INTO sessions (token_hash, user_id) SELECT sha256(user_id::text::bytea), user_id FROM users")
        sql(
            "INSERT INTO enquiries (source_type, channel, state, why, name, phone, phone_e164)"
            " VALUES ('walk_in', 'visit', 'needs_review', 'check_in', 'Hana', '0507654329', '+971507654329')"
        )
        sql("INSERT INTO connections (source, path) VALUES ('bayut', 'a-path')")
        office.handover_id = _handed_over(office)
        office.imports = _imports(office)
        office.left = _gone(office)
        office.token = links.make(office.noor.user_id, by=office.omar)
        _with_a_calendar(office, office.omar)
        office.files = {role: _being_made(who) for role, who in people_of(office).items()}
        yield office


def _captured(office: Office) -> dict:
    """A lead that came by the service, with the reasons for its owner and a property it likes."""
    lead_id = a_lead(source=Source.WALK_IN, origin=Origin(channel=Channel.VISIT)).lead_id
    sql("UPDATE lead_assignments SET agent_id = %s WHERE lead_id = %s", office.aisha.agent_id, lead_id)
    sql("INSERT INTO lead_activities (lead_id, agent_id, type) VALUES (%s, %s, 'call')", lead_id, office.aisha.agent_id)
    sql(
        "INSERT INTO visits (enquiry_id, lead_id) SELECT enquiry_id, lead_id FROM enquiries WHERE lead_id = %s", lead_id
    )
    sql("INSERT INTO listings (reference, title) VALUES ('QX-7731', 'Flat')")
    sql(
        "INSERT INTO lead_property_interests (lead_id, property_id, interest_level)"
        " SELECT %s, property_id, 'high' FROM listings",
        lead_id,
    )
    stop_id = value(
        "INSERT INTO contact_stops (phone, channel, reason) SELECT phone, 'sms', 'asked' FROM leads"
        " WHERE lead_id = %s RETURNING stop_id",
        lead_id,
    )
    parts = {
        "task_id": "follow_up_tasks",
        "activity_id": "lead_activities",
        "visit_id": "visits",
        "interest_id": "lead_property_interests",
    }
    ids = {name: value(f"SELECT {name} FROM {table} WHERE lead_id = %s", lead_id) for name, table in parts.items()}
    return {"lead_id": lead_id, "stop_id": stop_id} | ids


def _waiting(office: Office) -> UUID:
    """An enquiry that a portal sent and that Aisha is to review."""
    return value(
        """WITH asked AS (
               INSERT INTO enquiries (source_type, channel, state, why, owner_id, portal_lead_id, email)
               VALUES ('bayut', 'email', 'needs_review', 'no_phone', %s, '1', 'b@example.invalid')
               RETURNING enquiry_id),
           sent AS (
               INSERT INTO deliveries (source, external_id, payload, state, enquiry_id)
               SELECT 'bayut', '1', '{"id": "1"}', 'taken', enquiry_id FROM asked)
           SELECT enquiry_id FROM asked""",
        office.aisha.agent_id,
    )


def _handed_over(office: Office) -> UUID:
    """A hand-over that can be undone."""
    lead_id = office.lead("a colleague's")["lead_id"]
    office.kept.append(lead_id)
    wish = Wish(office.substitute.agent_id, "Holiday")
    return handovers.assign(lead_id, wish, by=office.mariam).handover_id


def _imports(office: Office) -> list[UUID]:
    """Files whose columns are to be chosen, that are ready, that cannot be read, and that were imported."""
    good, bad = ["Layla", NEW], ["Noor", "12"]
    kept = [uploaded(a_csv(["Name", "Phone"], ["Omar", NEW], good), by=office.mariam)]
    columns = [LeadColumn.NAME, LeadColumn.PHONE]
    for rows in ([good, bad], [bad, bad], [good]):
        import_id = uploaded(a_csv(["Name", "Phone"], *rows), by=office.mariam)
        imports.choose(import_id, columns, Source.BAYUT, read_row, by=office.mariam)
        kept.append(import_id)
    sql("UPDATE imports SET state = 'unreadable', why = 'Too long.' WHERE import_id = %s", kept[2])
    sql("UPDATE imports SET state = 'done', ended_at = now() WHERE import_id = %s", kept[3])
    return kept


def _gone(office: Office) -> UUID:
    """Somebody who has left the office."""
    agent_id = an_agent("Karim Aziz").agent_id
    sql("UPDATE agents SET left_at = now(), on_duty = false WHERE agent_id = %s", agent_id)
    office.agents += sql("SELECT * FROM agents WHERE agent_id = %s", agent_id)
    return agent_id


def _with_a_calendar(office: Office, who: Actor) -> None:
    """They are an agent too, and a program reads their calendar."""
    made = "INSERT INTO agents (full_name, email, phone, on_duty) VALUES (%s, %s, %s, false) RETURNING *"
    (agent,) = sql(made, who.name, "also@agents.example", "+971501110000")
    office.agents.append(agent)
    sql("UPDATE users SET agent_id = %s WHERE user_id = %s", agent.agent_id, who.user_id)
    feeds.make(by=replace(who, agent_id=agent.agent_id))


def _being_made(asker: Actor) -> UUID:
    query = "INSERT INTO exports (user_id, format, query, count) VALUES (%s, 'csv', '{}', 20000) RETURNING export_id"
    return value(query, asker.user_id)


def people_of(office: Office) -> dict[Role, Actor]:
    """One of each role."""
    return {
        Role.RECEPTIONIST: office.noor,
        Role.MANAGER: office.mariam,
        Role.AGENT: office.aisha,
        Role.ADMIN: office.omar,
    }


OF_AN_AGENT = ("feeds.make",)


def whoever_may(office: Office, endpoint: str) -> Actor:
    """The manager, or else somebody whose role may use this endpoint; an agent, where it takes one."""
    if endpoint in OF_AN_AGENT:
        return office.aisha
    likely = (Role.MANAGER, Role.RECEPTIONIST, Role.ADMIN)
    return next(people_of(office)[role] for role in likely if allows(role, endpoint))


def browsers(office: Office, *, full: bool) -> dict[Role | None, Browser]:
    """One of each role and nobody's; the small size leaves out pages that are among the others'."""
    office.full = full
    few = (Role.RECEPTIONIST, Role.MANAGER, Role.ADMIN)
    people = people_of(office).items()
    signed_in = {role: Browser(office.app).sign_in(who) for role, who in people if full or role in few}
    office.seen_for_today()
    return {None: Browser(office.app)} | signed_in


class Desk:
    """The forms that people find on their pages, each once, with the browser of whoever found it first."""

    def __init__(self, office: Office, *, full: bool):
        self.browsers = browsers(office, full=full)
        self.found: dict[tuple, tuple[Browser, Place]] = {}
        for role, browser in self.browsers.items():
            if role == Role.MANAGER:  # what has just been done can be undone on the pages that follow
                browser.post("interests.change", {"interest_level": "low"}, interest_id=office.rows[0]["interest_id"])
            for url in pages(office, role):
                answer = browser.open("GET", url)
                if answer.status_code == 200:
                    # What visitors of the website send: tests/web/test_website.py.
                    for place in (found for found in forms(office.app, answer.page, url) if found.is_ours):
                        self.found.setdefault(place.key, (browser, place))

    def fields(self) -> Iterator[tuple[Browser, Place, str]]:
        """Each field that people fill in, once."""
        seen = set()
        for browser, place in self.found.values():
            for name in sorted(place.typed):
                if (place.endpoint, name) not in seen:
                    seen.add((place.endpoint, name))
                    yield browser, place, name

    def declared(self, endpoint: str) -> set[str]:
        """Every name that a form for this endpoint sends."""
        named = [place for _browser, place in self.found.values() if place.endpoint == endpoint]
        return {name for place in named for name in (*place.sent, *place.typed)}


def pages(office: Office, role: Role | None, rows: list[dict] | None = None) -> Iterator[str]:
    """The address of every page that this role may open, of each of the rows, in each of its states."""
    known = {
        "known": value("SELECT phone FROM leads WHERE status = 'negotiation'"),
        "agent": office.aisha.agent_id,
        "lead": (rows or office.rows)[0]["lead_id"],
        "check_in": value("SELECT enquiry_id FROM enquiries WHERE why = 'check_in'"),
    }
    for rule in sorted(office.app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        if "GET" not in rule.methods or rule.endpoint in NO_PAGES or not allows(role, rule.endpoint):
            continue
        named = [
            row for row in (*(rows or office.rows), {"token": office.token}, {"key": "x"}) if rule.arguments <= set(row)
        ]
        if not rule.arguments:
            named = [{}]
        if rule.arguments == {"agent_id"}:
            named = [{"agent_id": office.aisha.agent_id}]
            named += [{"agent_id": office.left}] if rule.endpoint == "agents.edit" else []
        if rule.arguments == {"slug"}:
            named = [{"slug": report.slug} for report in REPORTS]
        if rule.arguments == {"seal"}:
            named = [{"seal": check_in_address.sealed(office.turn)}]
        if rule.arguments == {"rule_id"}:
            named = [{"rule_id": office.rule_id}]
        if rule.arguments == {"handover_id"}:
            named = [{"handover_id": office.handover_id}]
        if rule.arguments == {"import_id"}:
            named = [{"import_id": import_id} for import_id in office.imports]
        if rule.arguments == {"export_id"}:
            named = [{"export_id": office.files[role]}]
        if role == Role.ADMIN and not office.full and allows(Role.MANAGER, rule.endpoint) and rule.endpoint not in MORE:
            continue
        if rule.endpoint in WITHOUT_NAME and role:  # it is for who has not signed in yet
            continue
        assert named, f"{rule.endpoint} needs {rule.arguments}: no row has them"
        for row in named:
            for state in STATES.get(rule.endpoint, ({},)):
                query = {name: text.format(**known) for name, text in state.items()}
                yield address(office.app, rule.endpoint, row, **query)


def forms(app: Flask, page, at: str) -> Iterator[Place]:
    """The forms of a page that write."""
    router = app.url_map.bind("")
    for form in page.select("form[method=post]"):
        url = form.get("action") or at
        endpoint, _values = router.match(url.partition("?")[0], "POST")
        typed = {control["name"]: control.get("maxlength") for control in form.select(TYPED) if control.get("name")}
        sizes = {name: int(most) if most else None for name, most in typed.items()}
        yield Place(at, endpoint, url, controls(form), sizes)


def address(app: Flask, endpoint: str, row: dict, **query) -> str:
    """Where an endpoint is reached, of this row."""
    (rule,) = app.url_map.iter_rules(endpoint)
    with app.test_request_context():
        row = NO_DOOR | {"seal": check_in_address.sealed(1)} | row
        return app.url_for(endpoint, **{name: row[name] for name in rule.arguments}, **query)


def names_of(*kinds) -> set[str]:
    """The names of all forms' fields of these kinds."""
    return {name for form in _forms(PlainForm) for name, field in _fields(form) if field.field_class in kinds}


def numbers() -> set[str]:
    """The names of the fields of forms that write, where they are numbers."""
    kinds = (fields.MoneyField, fields.WholeNumberField)
    return {name for form in _forms(Form) for name, field in _fields(form) if field.field_class in kinds}


def queries() -> set[str]:
    """Every name that a view looks for in a query."""
    found = {
        name
        for form in (
            FilterForm,
            FiguresForm,
            LoadsForm,
            ReportForm,
            LaneForm,
            CalendarForm,
            SlotForm,
            ChoicesForm,
            EnquiryFilterForm,
            KeyForm,
            KindForm,
        )
        for name, _field in _fields(form)
    }
    for name, path in modules().items():
        if name.startswith("webapp.blueprints."):
            for call in calls(path, "get"):
                if ast.unparse(call.func) == "request.args.get":
                    found.add(ast.literal_eval(call.args[0]))
    return found


def _forms(base) -> Iterator[type]:
    for form in base.__subclasses__():
        yield form
        yield from _forms(form)


def _fields(form) -> list[tuple]:
    return [(name, field) for name, field in vars(form).items() if hasattr(field, "field_class")] + [
        pair for parent in form.__mro__[1:] for pair in _unbound(parent)
    ]


def _unbound(cls) -> list[tuple]:
    return [(name, field) for name, field in vars(cls).items() if hasattr(field, "field_class")]
