"""Who reaches what: R14 told a second time, beside webapp/policy.py, and one valid request to every endpoint.

A page that comes later needs its line here; tests/web/test_matrix.py says so while it has none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Flask

from webapp.vocabulary import Role

NO = "may not"
YES = "may"
OWN = "their own leads"
ALL = "all leads"
FIGURES = "their own figures"
REVIEWS = "enquiries that are theirs to review"
GREETED = "leads of people who stood at the front desk"
MINE = "what they asked for themselves; everything in the office is another's"

OWN_LEADS = ("own", "own, closed", "own, never greeted")
OTHERS_LEADS = ("a colleague's", "nobody's")
LEADS = (*OWN_LEADS, *OTHERS_LEADS)
NOWHERE = ("missing", "malformed")

SEEN = {
    NO: set(),
    MINE: set(),
    YES: set(),
    OWN: {*OWN_LEADS},
    FIGURES: {*OWN_LEADS},
    REVIEWS: {*OWN_LEADS},
    ALL: {*LEADS},
    GREETED: {*LEADS} - {"own, never greeted"},
}
NAMED = {
    "lead_id",
    "other_id",
    "merge_id",
    "task_id",
    "activity_id",
    "visit_id",
    "interest_id",
    "agent_id",
    "export_id",
    "notice_id",
    "user_id",
    "handover_id",
    "import_id",
    "key_id",
    "site_id",
    "enquiry_id",
    "stop_id",
}
"""What an address can name of a lead; the agent is its owner."""
READS, WRITES = ("GET", "HEAD"), ("POST",)
VERBS = (*READS, *WRITES, "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE")
FEW_VERBS = (*READS, *WRITES, "OPTIONS", "DELETE")


@dataclass(frozen=True)
class Way:
    """Who reaches an endpoint, and what a valid request to it says."""

    receptionist: str = YES
    agent: str = YES
    manager: str = YES
    admin: str = YES
    signed_in: bool = True
    query: dict = field(default_factory=dict)
    body: dict = field(default_factory=dict)
    takes: tuple[str, ...] = ()
    """Names that its query may hold and that elsewhere would be somebody's claim to be another."""
    done: tuple[int, ...] = (200, 204, 302, 303)
    done_on: tuple[str, ...] = ("own", "a colleague's", "own, never greeted")
    """The leads on which a write goes through; on the others it may be refused in words."""

    def reach(self, role: Role) -> str:
        return getattr(self, role.value)

    @property
    def roles(self) -> set[Role]:
        return {role for role in Role if self.reach(role) != NO}


def anybody(**more) -> Way:
    return Way(signed_in=False, **more)


def work(**body) -> Way:
    """Work on leads: agents on their own, managers on all (R14)."""
    return Way(NO, OWN, ALL, NO, body=body)


def review(**body) -> Way:
    """What is done with an enquiry: agents with those that are theirs to review, managers with all."""
    return Way(NO, REVIEWS, ALL, NO, body=body)


AN_AGENT = {"full_name": "Hana Aziz", "email": "{new_email}", "phone": "{phone}"}

BY_MACHINES = {"api.capture", "hooks.receive", "website.send"}
"""What no page of ours for users has a form for: machines send it, or the company's own pages."""

# In a body: {name} is filled in by the office, see tests/web/office.py.
REACH = {
    "static": anybody(done=(200,)),
    "health.live": anybody(done=(200,)),
    "health.ready": anybody(done=(200, 503)),
    "sessions.new": anybody(),
    "sessions.create": anybody(body={"email": "{email}", "password": "{password}"}, done=(303,)),
    "sessions.speak": anybody(done=(302,)),
    "sessions.end": Way(),
    "home.show": Way(),
    "search.show": Way(query={"q": "lead"}),
    "links.open": anybody(done=(302,)),
    "links.show": anybody(done=(410,)),
    "links.choose": anybody(body={"password": "whatever it is"}, done=(410,)),
    "api.describe": anybody(done=(200,)),
    "api.capture": anybody(done=(401,)),
    "audit.index": Way(NO, NO, NO, YES),
    "audit.fetch": Way(NO, NO, NO, YES, done=(200, 422)),  # refused where nothing is on record
    "sheets.show": Way(NO, NO, ALL, ALL),
    "api_keys.index": Way(NO, NO, NO, YES),
    "api_keys.add": Way(NO, NO, NO, YES, body={"name": "{new_email}"}, done=(200,)),
    "api_keys.revoke": Way(NO, NO, NO, ALL),
    "users.index": Way(NO, NO, NO, YES),
    "users.new": Way(NO, NO, NO, YES),
    "users.invite": Way(
        NO, NO, NO, YES, body={"name": "Noor", "email": "{new_email}", "role": "agent", "nonce": "{nonce}"}
    ),
    "users.show": Way(NO, NO, NO, ALL),
    "users.change": Way(NO, NO, NO, ALL, body={"name": "Noor Aziz", "role": "receptionist", "is_active": "y"}),
    "links.make": Way(NO, NO, NO, ALL, done=(200,)),
    "desk.show": Way(NO, NO, YES, YES),
    "jobs.index": Way(NO, NO, YES, YES),
    "jobs.ask": Way(NO, NO, YES, YES, body={"job": "metrics"}),
    "users.account": Way(),
    "users.change_password": Way(body={"current": "{password}", "password": "{password}"}, done=(303, 422)),
    "users.end_others": Way(),
    "users.choose_mail": Way(body={"mail_groups": "files", "quiet_from": "21:00", "quiet_until": "07:00"}),
    "feeds.show": anybody(done=(404,)),  # by an address that works: tests/web/test_feeds.py
    "feeds.make": Way(NO, YES, YES, YES, done=(200, 422)),  # refused to whoever is no agent
    "feeds.revoke": Way(NO, YES, YES, YES),
    "users.prefer": Way(body={"language": "en", "theme": "dark"}),
    "notifications.index": Way(),
    "notifications.open": Way(MINE, MINE, MINE, MINE, done_on=()),
    "notifications.bell": Way(),
    "notifications.read": Way(body={"up_to": "1"}),
    "areas.matching": Way(query={"q": "mar"}),
    "agents.index": Way(NO, NO, YES, YES),
    "agents.new": Way(NO, NO, YES, YES),
    "agents.add": Way(NO, NO, YES, YES, body=AN_AGENT | {"nonce": "{nonce}"}),
    "agents.edit": Way(NO, NO, ALL, ALL),
    "agents.amend": Way(NO, NO, ALL, ALL, body=AN_AGENT),
    "agents.set_duty": Way(NO, NO, ALL, ALL),
    "agents.leave": Way(NO, NO, ALL, ALL, done_on=()),  # whoever holds leads does not leave
    "agents.bring_back": Way(NO, NO, ALL, ALL, done_on=()),  # nor come back who has not left
    "agents.show": Way(NO, FIGURES, ALL, ALL),
    "agents.choices": Way(),
    "reports.index": Way(NO, NO, YES, YES),
    "reports.show": Way(NO, NO, YES, YES),
    "reports.activities": Way(NO, NO, YES, YES),
    "reports.fetch": Way(NO, NO, YES, YES),
    "scoring.show": Way(NO, NO, YES, YES),
    "scoring.start": Way(NO, NO, YES, NO, body={"start": "in_force", "set_id": ""}),
    "scoring.discard": Way(NO, NO, YES, NO, body={"version": "1"}),
    "scoring.new": Way(NO, NO, YES, NO, query={"kind": "source"}),
    "scoring.edit": Way(NO, NO, YES, NO),
    "scoring.put": Way(
        NO, NO, YES, NO, body={"version": "1", "kind": "property_type", "name": "{new_email}", "points": "5"}
    ),
    "scoring.switch": Way(NO, NO, YES, NO, body={"version": "1"}),
    "scoring.move": Way(NO, NO, YES, NO, body={"version": "1"}),
    "scoring.remove": Way(NO, NO, YES, NO, body={"version": "1"}),
    "scoring.preview": Way(NO, NO, YES, YES, query={"said": "1"}),
    "scoring.apply": Way(NO, NO, YES, NO, body={"version": "1", "name": "Calmer"}),
    "scoring.apply_again": Way(NO, NO, YES, NO, body={"set_id": "{scoring_set}"}),
    "front_desk.show": Way(YES, NO, YES, NO),
    "front_desk.visitors": Way(YES, NO, YES, NO),
    "check_ins.show": anybody(done=(200,)),
    "check_ins.arrive": anybody(body={"phone": "{phone}", "first_name": "Hana"}, done=(303,)),
    "check_ins.code": Way(YES, NO, YES, NO),
    "check_ins.draw": Way(YES, NO, YES, NO),
    "check_ins.renew": Way(YES, NO, YES, NO),
    "check_ins.dismiss": Way(MINE, NO, MINE, NO, done_on=()),  # of who has checked in: tests/web/test_check_ins.py
    "privacy.show": Way(NO, NO, ALL, ALL),
    "privacy.export": Way(NO, NO, ALL, ALL, done=(200,)),
    "privacy.erase": Way(NO, NO, NO, ALL, body={"reason": "asked", "digits": "0"}, done_on=()),  # of another's number
    "office.show": Way(NO, NO, NO, YES),
    "office.change": Way(NO, NO, NO, YES, body={"name": "Dar Homes", "phone": "{phone}", "retention_months": "24"}),
    "hours.show": Way(NO, NO, NO, YES),
    "hours.change": Way(NO, NO, NO, YES, body={"day_6": "10:00-16:00", "special": "2030-01-01 New Year"}),
    "office.limit_calls": Way(
        NO,
        NO,
        NO,
        YES,
        body={
            "calls_from": "10:00",
            "calls_until": "20:00",
            "unanswered_a_day": "2",
            "unanswered_a_week": "3",
            "guard_blocks": "y",
        },
    ),
    "leads.index": Way(NO, YES, YES, YES, query={"all": "1"}, takes=("owner",)),
    "board.show": Way(NO, YES, YES, YES, takes=("owner",)),
    "leads.new": Way(NO, YES, YES, NO),
    "leads.capture": Way(YES, YES, YES, NO, body={"phone": "{phone}", "source_type": "referral", "nonce": "{nonce}"}),
    "leads.show": Way(GREETED, OWN, ALL, ALL),
    "leads.edit": work(),
    "leads.amend": work(phone="{phone}", version="1", first_name="Noor"),
    "leads.open_again": Way(NO, OWN, ALL, NO, body={"nonce": "{nonce}"}, done_on=("own, closed",)),
    "consents.record": work(purpose="search", channel="any", how="by_phone", is_given="y", nonce="{nonce}"),
    "stops.show": Way(NO, OWN, ALL, ALL),
    "stops.add": work(channel="call", reason="asked", nonce="{nonce}"),
    "stops.lift": Way(NO, NO, ALL, ALL, body={"reason": "A mistake"}),
    "calls.index": Way(NO, NO, YES, YES),
    "calls.fetch": Way(NO, NO, YES, YES, done=(200, 422)),  # refused where nobody has called
    "exports.take": Way(  # refused where there are no leads
        NO, YES, YES, YES, body={"format": "csv"}, done=(200, 422), takes=("owner",)
    ),
    "exports.show": Way(NO, MINE, MINE, MINE, done_on=()),
    "exports.fetch": Way(NO, MINE, MINE, MINE, done_on=()),
    "bulk.ask": Way(NO, YES, YES, NO, done=(200,), takes=("owner",)),
    "bulk.change": Way(  # missing to an agent whose leads these are not
        NO,
        YES,
        YES,
        NO,
        body={"lead_id": "{own_lead}", "deed": "follow_up", "due_date": "{free_slot}", "nonce": "{nonce}"},
        done=(303, 404),
    ),
    "handovers.show": Way(NO, NO, ALL, ALL),
    "handovers.undo": Way(NO, NO, ALL, NO, done_on=()),  # of nothing: tests/web/test_handovers.py
    "imports.index": Way(NO, NO, YES, YES),
    "imports.upload": Way(NO, NO, YES, NO, done=(422,)),  # without a file: tests/web/test_imports.py
    "imports.show": Way(NO, NO, ALL, ALL),
    "imports.choose": Way(NO, NO, ALL, NO, body={"columns": "phone", "source_type": "bayut"}, done_on=()),
    "imports.start": Way(NO, NO, ALL, NO, done_on=()),  # of what has begun long ago
    "imports.undo": Way(NO, NO, ALL, NO, done_on=()),
    "imports.discard": Way(NO, NO, ALL, NO, done_on=()),
    "imports.fetch": Way(NO, NO, ALL, ALL),
    "activities.log": work(type="email", nonce="{nonce}"),
    "activities.strike": work(),
    "pipeline.ask": Way(NO, OWN, ALL, NO, query={"status": "lost"}),
    "pipeline.move": work(status_from="new", status="contacted"),
    "assignments.assign": Way(NO, NO, ALL, NO, body={"agent_id": "{substitute}", "reason": "Holiday"}),
    "calendar.show": Way(NO, YES, YES, YES),
    "calendar.new": Way(NO, YES, YES, NO),
    "tasks.ask": work(),
    "tasks.schedule": work(type="call", due_date="{free_slot}", nonce="{nonce}"),
    "tasks.reschedule": work(due_date="{free_slot}"),
    "tasks.complete": work(type="call", nonce="{nonce}"),
    "tasks.cancel": work(reason="Holiday"),
    "interests.add": work(property_id="{property}", interest_level="medium", nonce="{nonce}"),
    "interests.change": work(interest_level="low"),
    "interests.remove": work(),
    # What can be undone is in a toast (tests/web/test_deeds.py): this number is nobody's deed, and refused in words.
    "deeds.undo": Way(NO, OWN, ALL, NO, body={"deed": "999999"}, done_on=()),
    "merges.compare": work(),
    "merges.make": work(survivor="lead", version="1", other_version="1"),
    "merges.undo": Way(NO, OWN, ALL, NO, done_on=()),  # of long ago: tests/web/test_merges.py
    "people.tell_apart": work(),
    "hooks.receive": anybody(done=(404,)),  # signed deliveries: tests/web/test_hooks.py
    # Forms with the key of a page: tests/web/test_website.py.
    "website.show": anybody(done=(404,)),
    "website.send": anybody(body={"phone": "{phone}"}, done=(404,)),
    "website.thank": anybody(),
    "sites.index": Way(NO, NO, NO, YES),
    "sites.add": Way(NO, NO, NO, YES, body={"name": "{new_email}"}),
    "sites.revoke": Way(NO, NO, NO, ALL),
    "connections.index": Way(NO, NO, NO, YES),
    "connections.change": Way(NO, NO, NO, YES, body={"secret": "a-long-secret", "is_enabled": "y"}),
    "connections.readdress": Way(NO, NO, NO, YES),
    "connections.set_key": Way(NO, NO, NO, YES, body={"api_key": "a-key", "api_secret": "a-secret", "is_pulled": "y"}),
    "enquiries.index": Way(NO, YES, YES, YES),
    "enquiries.show": Way(NO, REVIEWS, ALL, ALL),
    "enquiries.retry": review(),
    "enquiries.add_phone": review(phone="{phone}"),
    "enquiries.attach": review(number="{own_number}"),
    "enquiries.mark_broker": review(),
    "enquiries.close": review(note="Spam"),
    "enquiries.bring_back": Way(NO, REVIEWS, ALL, NO, done_on=()),  # what nobody has set aside
    "enquiries.add_visit": Way(ALL, OWN, ALL, NO, body={"nonce": "{nonce}"}),
    "enquiries.mark_visit": Way(ALL, OWN, ALL, NO, body={"status": "left"}),
}


@dataclass(frozen=True)
class Cell:
    """One request: to which endpoint, how, and to whose row."""

    endpoint: str
    verb: str
    whose: str = ""
    htmx: bool = False

    @property
    def way(self) -> Way:
        return REACH[self.endpoint]

    def __str__(self):
        return " ".join(filter(None, (self.endpoint, self.verb, self.whose, "htmx" if self.htmx else "")))


def cells(app: Flask, *, full: bool, only: str | None = None) -> Iterator[Cell]:
    """Every endpoint with its verbs and the wrong ones, for every kind of row that its address can name, as page and
    as fragment. What another endpoint at the same address answers is that one's cell.

    The small size asks HEAD, OPTIONS, a wrong verb and fragments of one kind of row only.
    """
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        if only not in (None, rule.endpoint):
            continue
        kinds = (*LEADS, *NOWHERE) if rule.arguments & NAMED else ("",)
        if rule.arguments & {"visit_id"}:
            kinds = tuple(kind for kind in kinds if kind != "own, never greeted")
        if rule.arguments & {"user_id", "handover_id", "import_id", "key_id", "site_id"}:
            kinds = ("own", *NOWHERE)
        if rule.arguments & {"agent_id"}:
            kinds = ("own", "a colleague's", *NOWHERE)
        elsewhere = verbs_at(app, rule.endpoint) - rule.methods
        for verb in (verb for verb in (VERBS if full else FEW_VERBS) if verb not in elsewhere):
            for whose in kinds:
                for htmx in (False, True):
                    usual = verb in rule.methods & {"GET", "POST"}
                    one_kind = whose in ("", "a colleague's")
                    if full or (usual and (one_kind or not htmx)) or (one_kind and not htmx):
                        yield Cell(rule.endpoint, verb, whose, htmx)


def views(app: Flask, *, full: bool, only: str | None = None) -> Iterator[Cell]:
    """The cells whose requests reach the endpoint's view: what it is there for, neither HEAD nor a wrong verb."""
    for cell in cells(app, full=full, only=only):
        if cell.verb in {"GET", "POST"} & verbs_at(app, cell.endpoint):
            yield cell


def verbs_at(app: Flask, endpoint: str) -> set[str]:
    """What the address of an endpoint answers to, whichever endpoint does it."""
    here = {rule.rule for rule in app.url_map.iter_rules(endpoint)}
    return {verb for rule in app.url_map.iter_rules() if rule.rule in here for verb in rule.methods}


def expected(cell: Cell, role: Role | None, *, verbs: set[str], has_agent: bool = True) -> set[str]:
    """What may become of a request by somebody of this role (None: not signed in): see `outcome`."""
    if cell.whose == "malformed":
        return {"missing"}
    if cell.verb not in verbs:
        return {"no such verb"}
    if role is None and cell.way.signed_in:
        return {"login"}
    reach = cell.way.reach(role) if role and cell.way.signed_in else YES
    if cell.verb == "OPTIONS":
        # Which of the endpoints at the address is asked is not said, and no row is looked for.
        return {"done", "refused"}
    if reach == NO:
        return {"refused"}
    if cell.whose and (cell.whose not in SEEN[reach] or (reach in (OWN, FIGURES, REVIEWS) and not has_agent)):
        return {"missing"}
    if cell.verb in WRITES and cell.whose and cell.whose not in cell.way.done_on:
        return {"done", "refused in words"}
    return {"done"}


def outcome(response, cell: Cell) -> str:
    """What a request came to, in a word."""
    way, status, location = cell.way, response.status_code, response.headers.get("Location", "")
    asked_to_sign_in = location.startswith("/login?next=") or (location == "/login" and way.signed_in)
    if (status == 401 and 401 not in way.done) or (status == 302 and asked_to_sign_in):
        return "login"
    if status in way.done or (status == 200 and cell.verb == "OPTIONS"):
        return "done"
    named = {403: "refused", 404: "missing", 405: "no such verb", 409: "refused in words", 422: "refused in words"}
    return named.get(status, f"a {status}")
