"""An office with one row of every kind for everybody, callers who ask it things, and its state at any moment."""

import re
from contextvars import Context
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

from flask import Flask

from tests.conftest import put_back_what_is_seeded
from tests.factories import a_phone, a_user, an_agent
from tests.web.browser import PASSWORD
from tests.web.reach import LEADS, REACH, Cell
from webapp import check_in_address
from webapp.forms.base import CreateForm
from webapp.services.access import Actor
from webapp.vocabulary import Role

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
NO_ID = "not-an-id"
NO_DOOR = {"portal": "bayut", "path": "no-door", "key": "no-form"}
"""Where nothing is delivered."""
RULES = """
    SELECT jsonb_agg(jsonb_build_object('rule_id', rule_id, 'name', rule_name, 'points', score_adjustment - {less},
                                        'condition', condition, 'enabled', enabled) ORDER BY rule_name)
    FROM lead_scoring_rules"""
RULE = "SELECT rule_id FROM lead_scoring_rules WHERE rule_name = 'Source: referral'"
SETS = "00000000-0000-4000-8000-00000000000"
EARLIER = (
    "INSERT INTO scoring_sets (set_id, number, state, name, made_at, rules)"
    f" SELECT '{SETS}1', 1, 'done', 'Earlier', '2026-01-01', ({RULES.format(less=1)}) RETURNING set_id"
)
LATEST = (
    "INSERT INTO scoring_sets (set_id, number, state, name, made_at, rules)"
    f" SELECT '{SETS}3', 2, 'done', 'Latest', '2026-01-02', ({RULES.format(less=0)})"
)
DRAFT = f"INSERT INTO scoring_sets (set_id, made_at, rules) SELECT '{SETS}2', '2026-01-01', ({RULES.format(less=0)})"
TABLES = """
    SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'audit_entries', 'rate_counters',
                                                      'working_days')
      AND tablename NOT LIKE 'procrastinate\\_%' ORDER BY 1
"""
ACTORS = {
    "nobody": None,
    "somebody deactivated": None,
    "receptionist": Role.RECEPTIONIST,
    "agent": Role.AGENT,
    "agent without a row": Role.AGENT,
    "manager": Role.MANAGER,
    "admin": Role.ADMIN,
}
"""Who asks, and the role that they are taken for."""

NAMES = {
    "own": "Ownlead",
    "own, closed": "Closedlead",
    "own, never greeted": "Quietlead",
    "a colleague's": "Colleaguelead",
    "nobody's": "Nobodylead",
}
"""The last names of the leads, which appear on a page only for those who may see the lead."""


class Caller:
    """Somebody's open session, or nobody's; asks without looking at the pages."""

    def __init__(self, app: Flask, who: Actor | None = None):
        self.app, self.who, self.client = app, who, app.test_client()
        self.token = self._token("/login")
        if who:
            sent = {"email": who.email, "password": PASSWORD, "csrf_token": self.token}
            answer = self.ask("POST", "/login", data=sent)
            assert answer.status_code == 303, answer.text
            self.token = self._token("/account")

    def ask(self, verb: str, url: str, *, htmx: bool = False, headers: dict | None = None, **options):
        """The answer, as it came: no redirect is followed. In an empty context: the test's own is not there."""
        told = {"HX-Request": "true", "HX-Target": "main"} if htmx else {}
        response = Context().run(
            self.client.open, url, method=verb, headers=told | (headers or {}), buffered=True, **options
        )
        response.get_data()
        response.close()
        return response

    def _token(self, url: str) -> str:
        return TOKEN.search(self.ask("GET", url).text)[1]


class Office:
    """Aisha, Yousef and their leads; every lead with a follow-up, an activity and a visit of its own."""

    full = True
    """Whether the pages of every role are looked at, or only those that none of the others has."""

    def __init__(self, app: Flask, prompt, sign_in):
        self.app, self.prompt, self.sign_in = app, prompt, sign_in
        self.aisha, self.yousef = sign_in(an_agent("Aisha Rahman")), sign_in(an_agent("Yousef Haddad", on_duty=False))
        self.substitute = an_agent("Layla Amin")
        self.agents = prompt.execute("SELECT * FROM agents").fetchall()
        self.noor = sign_in(a_user("Noor Sabah", Role.RECEPTIONIST))
        self.handover_id = self._one(
            "INSERT INTO handovers (user_id, reason, ended_at) VALUES (%s, 'Holiday', now()) RETURNING handover_id",
            self.noor.user_id,
        )
        self.import_id = self._one(
            "INSERT INTO imports (user_id, name, format, hash, size, headings, sample, columns, state)"
            " VALUES (%s, 'old.csv', 'csv', 'x', 1, '{Phone}', '[]', '[\"phone\"]', 'done') RETURNING import_id",
            self.noor.user_id,
        )
        self.key_id = self._one(
            "INSERT INTO api_keys (name, token_hash, begins) VALUES ('Website', 'x', 'ld_x') RETURNING key_id"
        )
        self.site_id = self._one("INSERT INTO sites (name, key) VALUES ('Contact', 'x') RETURNING site_id")
        self.notice_id = self._one(
            "INSERT INTO notices (user_id, kind) VALUES (%s, 'portal_quiet') RETURNING notice_id", self.noor.user_id
        )
        self.make_sets()
        self.minutes = count(60 * 24, 31)
        self.leads = {whose: self.lead(whose) for whose in LEADS}
        self.kept = [row[name] for row in self.leads.values() for name in ("lead_id", "other_id")]
        self.kept_stops = [row["stop_id"] for row in self.leads.values()]
        self.kept_enquiries = [row["enquiry_id"] for row in self.leads.values()]
        self.export_id = self._one(
            "INSERT INTO exports (user_id, format, query, count, made_at) VALUES (%s, 'csv', '{}', 1, now())"
            " RETURNING export_id",
            self.noor.user_id,
        )
        tables = [row.tablename for row in prompt.execute(TABLES)]
        parts = (
            f"SELECT '{t} ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '-') FROM {t} t" for t in tables
        )
        self.all_of_it = f"SELECT string_agg(line, ' / ' ORDER BY line) FROM ({' UNION ALL '.join(parts)}) AS x (line)"

    def caller(self, actor: str) -> Caller:
        """The open session of one of the ACTORS, which is not marked as seen again while a test lasts."""
        if actor == "nobody":
            return Caller(self.app)
        if actor == "agent":
            found = Caller(self.app, self.aisha)
        else:
            found = Caller(self.app, self.sign_in(a_user(actor.title(), ACTORS[actor] or Role.MANAGER)))
        if actor == "somebody deactivated":
            self._do("UPDATE users SET is_active = false WHERE user_id = %s", found.who.user_id)
        self.seen_for_today()
        return found

    def seen_for_today(self) -> None:
        """No session that is open now is marked as seen again while a test lasts."""
        self._do("UPDATE sessions SET last_seen_at = now() + interval '1 day'")

    def becomes(self, who: Actor, role: Role) -> None:
        """Somebody gives this user another role."""
        self._do("UPDATE users SET role = %s WHERE user_id = %s", role.value, who.user_id)

    def lead(self, whose: str) -> dict[str, UUID]:
        """A new lead of this kind with everything that an address can name."""
        mine = {"a colleague's": self.yousef, "nobody's": None}.get(whose, self.aisha)
        agent_id = (mine or self.yousef).agent_id
        row = {
            "lead_id": self._one(
                "INSERT INTO leads (source_type, first_name, last_name, phone) VALUES ('bayut', '', %s, %s)"
                " RETURNING lead_id",
                NAMES[whose],
                a_phone(),
            )
        }
        if mine:
            row["agent_id"] = agent_id
            self._do("INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%s, %s)", row["lead_id"], agent_id)
        row |= {"user_id": self.noor.user_id, "handover_id": self.handover_id, "key_id": self.key_id}
        row |= {"site_id": self.site_id, "rule_id": self.rule_id}
        row["import_id"] = self.import_id
        row["activity_id"] = self._one(
            "INSERT INTO lead_activities (lead_id, agent_id, type) VALUES (%s, %s, 'call') RETURNING activity_id",
            row["lead_id"],
            agent_id,
        )
        row["stop_id"] = self._one(
            "INSERT INTO contact_stops (phone, channel, reason) SELECT phone, 'sms', 'asked' FROM leads"
            " WHERE lead_id = %s RETURNING stop_id",
            row["lead_id"],
        )
        row["task_id"] = self._one(
            "INSERT INTO follow_up_tasks (lead_id, agent_id, type, priority, due_date)"
            " VALUES (%s, %s, 'call', 'high', %s) RETURNING task_id",
            row["lead_id"],
            agent_id,
            self.free_slot(),
        )
        row["interest_id"] = self._one(
            "INSERT INTO lead_property_interests (lead_id, property_id, interest_level)"
            " VALUES (%s, gen_random_uuid(), 'high') RETURNING interest_id",
            row["lead_id"],
        )
        if whose != "own, never greeted":
            row["visit_id"] = self._one(
                "WITH asked AS (INSERT INTO enquiries (lead_id, source_type, channel, state)"
                " VALUES (%s, 'bayut', 'visit', 'captured') RETURNING enquiry_id, lead_id)"
                " INSERT INTO visits (enquiry_id, lead_id, status) SELECT enquiry_id, lead_id, 'received' FROM asked"
                " RETURNING visit_id",
                row["lead_id"],
            )
        row["enquiry_id"] = self._one(
            "INSERT INTO enquiries (source_type, channel, state, why, name, owner_id)"
            " VALUES ('bayut', 'whatsapp', 'needs_review', 'no_phone', %s, %s) RETURNING enquiry_id",
            NAMES[whose],
            agent_id if mine else None,
        )
        row["other_id"] = self._one(
            "WITH hers AS (INSERT INTO leads (lead_id, source_type, first_name, last_name, phone)"
            " VALUES (overlay(gen_random_uuid()::text placing 'ffffffff' from 1)::uuid, 'bayut', '', %s, %s)"
            " RETURNING lead_id)"
            " INSERT INTO lead_assignments (lead_id, agent_id) SELECT lead_id, %s FROM hers RETURNING lead_id",
            NAMES["own"],
            a_phone(),
            self.aisha.agent_id,
        )
        row["merge_id"] = self._one(
            "INSERT INTO merges (survivor_id, absorbed_id, number, agent_id, phones, source_type, captured_at,"
            " merged_at, kept) VALUES (%s, gen_random_uuid(), 1, %s, '{}', 'bayut', now(), '2025-01-01',"
            ' \'{"drawer": {"rows": {"leads": [{"first_name": "", "last_name": ""}]}}}\') RETURNING merge_id',
            row["lead_id"],
            self.aisha.agent_id,
        )
        if whose == "own, closed":
            self._do("UPDATE leads SET status = 'lost' WHERE lead_id = %s", row["lead_id"])
            self._do("UPDATE follow_up_tasks SET status = 'completed' WHERE lead_id = %s", row["lead_id"])
        return row

    def url(self, cell: Cell, row: dict | None = None) -> str:
        """The address of a cell: of `row`, or of the office's own row of that kind."""
        row = row or self.leads.get(cell.whose, {})
        given = {
            "language": "ar",
            "filename": "app.css",
            "token": "no-link",
            "seal": check_in_address.sealed(self.turn),
            "slug": "conversion-rates",
            "kind": "csv",
        }
        given |= NO_DOOR | {"rule_id": self.rule_id}
        if cell.whose not in ("missing", "malformed"):
            given |= {"export_id": self.export_id, "user_id": self.noor.user_id, "notice_id": self.notice_id}
            given |= {"handover_id": self.handover_id, "import_id": self.import_id, "key_id": self.key_id}
        marker = uuid4()
        (rule,) = self.app.url_map.iter_rules(cell.endpoint)
        named = {name: given.get(name) or row.get(name, marker) for name in rule.arguments}
        with self.app.test_request_context():
            url = self.app.url_for(cell.endpoint, **named)
        # A number, where one is asked for.
        return url.replace(str(marker), NO_ID).replace(str(marker.int), NO_ID) if cell.whose == "malformed" else url

    def body(self, endpoint: str, token: str) -> dict:
        """A valid form for an endpoint, sent for the first time."""
        fill = {
            "{email}": lambda: self.noor.email,
            "{password}": lambda: PASSWORD,
            "{phone}": a_phone,
            "{new_email}": lambda: f"{uuid4()}@agents.example",
            "{nonce}": self._nonce,
            "{scoring_set}": lambda: str(self.set_id),
            "{property}": lambda: str(uuid4()),
            "{substitute}": lambda: str(self.substitute.agent_id),
            "{own_number}": lambda: str(
                self._one("SELECT number FROM leads WHERE lead_id = %s", self.leads["own"]["lead_id"])
            ),
            "{own_lead}": lambda: str(self.leads["own"]["lead_id"]),
            "{free_slot}": lambda: (self.free_slot() + timedelta(hours=4)).strftime("%Y-%m-%dT%H:%M"),
        }
        body = {name: fill[value]() if value in fill else value for name, value in REACH[endpoint].body.items()}
        return body | {"csrf_token": token}

    def ask(self, caller: Caller, cell: Cell, row: dict | None = None, **options):
        """The answer to a cell's request, complete and valid."""
        sent = {"data": self.body(cell.endpoint, caller.token)} if cell.verb == "POST" else {}
        query = cell.way.query | options.pop("query_string", {})
        return caller.ask(cell.verb, self.url(cell, row), htmx=cell.htmx, query_string=query, **sent | options)

    def free_slot(self) -> datetime:
        """A moment at which nobody has a follow-up."""
        return datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=next(self.minutes))

    def state(self) -> tuple[str, int]:
        """A fingerprint of all rows but the audit's and the rate counters', and how many denials the audit has."""
        return self._one(self.all_of_it), self._one("SELECT count(*) FROM audit_entries WHERE verb = 'denied'")

    def tidy(self) -> None:
        """What the last request wrote is gone."""
        put_back_what_is_seeded(self.prompt)
        self._do(
            "UPDATE enquiries SET lead_id = NULL, state = 'needs_review', why = 'no_phone'"
            " WHERE enquiry_id = ANY(%s) AND lead_id <> ALL(%s)",
            self.kept_enquiries,
            self.kept,
        )
        self._do("DELETE FROM leads WHERE lead_id <> ALL(%s)", self.kept)
        self._do(
            "DELETE FROM enquiries WHERE portal_lead_id IS NULL AND name IS NOT NULL AND enquiry_id <> ALL(%s)",
            self.kept_enquiries,
        )
        self._do("DELETE FROM contact_stops WHERE stop_id <> ALL(%s)", self.kept_stops)
        self._do("DELETE FROM connections")
        self._do("DELETE FROM office_settings")
        self._do("DELETE FROM audit_entries WHERE verb = 'audit.export'")
        self._do("DELETE FROM agents WHERE agent_id <> ALL(%s)", [agent.agent_id for agent in self.agents])
        for agent in self.agents:
            self._do(
                "UPDATE agents SET full_name = %s, email = %s, phone = %s, on_duty = %s WHERE agent_id = %s",
                agent.full_name,
                agent.email,
                agent.phone,
                agent.on_duty,
                agent.agent_id,
            )
        self._do("UPDATE users SET theme = 'system', language = 'en'")
        self._do("UPDATE users SET mail_groups = '{}', quiet_from = NULL, quiet_until = NULL")
        self._do("UPDATE users SET name = %s WHERE user_id = %s", self.noor.name, self.noor.user_id)
        self._do("DELETE FROM one_time_links")
        self._do("DELETE FROM feeds")
        self._do("DELETE FROM job_turns")
        self._do("DELETE FROM api_keys WHERE key_id <> %s", self.key_id)
        self._do("UPDATE api_keys SET revoked_at = NULL")
        self._do("DELETE FROM sites WHERE site_id <> %s", self.site_id)
        self._do("UPDATE sites SET revoked_at = NULL")
        self._do("DELETE FROM scoring_sets")
        self.make_sets()

    def make_sets(self) -> None:
        """A draft of the scoring rules, the set that is in force, and an earlier one that is another."""
        self.rule_id, self.set_id = self._one(RULE), self._one(EARLIER)
        self._do(LATEST)
        self._do(DRAFT)

    def forget_tries(self) -> None:
        """Nothing has been tried or denied yet, as far as limits go."""
        self._do("DELETE FROM rate_counters")

    def even_turns(self) -> None:
        """Everybody was assigned a lead equally long ago: never."""
        self._do("UPDATE agents SET last_assigned_at = NULL")

    def _nonce(self) -> str:
        with self.app.test_request_context():
            return CreateForm(formdata=None).nonce._value()

    def _do(self, statement: str, *values) -> None:
        self.prompt.execute(statement, values)

    @property
    def turn(self) -> int:
        """Which turn it is of the address where visitors check in."""
        return self._one("SELECT coalesce(max(check_in_turn), 1) FROM office_settings")

    def _one(self, statement: str, *values):
        return self.prompt.execute(statement, values or None).fetchone()[0]
