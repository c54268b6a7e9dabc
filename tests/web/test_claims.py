"""Who somebody is comes from their session alone: whatever a request claims beside it has no effect."""

import json
import re
from collections import Counter
from uuid import uuid4

import pytest

from tests.factories import a_user, sql, value
from tests.web.office import ACTORS
from tests.web.reach import NO, Cell, views
from tests.web.test_matrix import CHANGE_THE_SESSION, Matrix
from webapp.vocabulary import Role

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.+Z]*|\d{1,2} [A-Z][a-z]{2,8} \d{4}|\d\d:\d\d(?::\d\d[\d.]*)?")
PHONE = re.compile(r"\+?97150[\d ]{7,9}|0?50 ?\d{3} ?\d{4}|[\d ]*\b\d{3} \d{4}\b")
SHOWN_MOMENT = re.compile(r"<time\b.*?</time>", re.DOTALL)
TOKEN = re.compile(r'(name="(?:csrf_token|nonce)"[^>]*value="|csrf_token&#34;: &#34;)[^"&]*')
WRITES_NOTHING = (
    "api.capture",
    "notifications.read",
    "users.end_others",
    "links.choose",
    "hooks.receive",
    "website.send",
    "imports.upload",
    "scoring.discard",
    "feeds.make",
    "feeds.revoke",
)
"""There are no notices here to be read, no other sessions, no link, no key, no open door, no form and no file, and no
calendar of who is no agent; a draft that is discarded leaves nothing."""
SETTLE_SCORES = ("scoring.apply", "scoring.apply_again")
"""What they find in scores the first time, they leave settled."""
OWN_PASSWORD = "users.change_password"  # what it is there for
NEVER_TWICE = [
    "applied_xid",
    "number",
    "begins",
    "fingerprint",
    "token_hash",
    "password_hash",
    "phone_windows",
    "entry_id",
    "line_id",
    "move_id",
    "notice_id",
    "path",
    "secret",
    "api_key",
    "api_secret",
    "key",
]
HEADERS = {
    "X-Role": "admin",
    "X-User-Id": "{manager}",
    "X-Forwarded-User": "{manager_email}",
    "X-Remote-User": "{manager_email}",
    "X-Http-Method-Override": "DELETE",
    "X-Original-Url": "/front-desk",
    "X-Rewrite-Url": "/front-desk",
    "Authorization": "Bearer {manager}",
    "Forwarded": "for=127.0.0.1;by={manager}",
}
CLAIMS = {
    **dict.fromkeys(("user_id", "logged_by", "taken_by", "struck_by", "changed_by", "actor", "by"), "{manager}"),
    **dict.fromkeys(("agent_id", "owner", "referrer", "scope"), "{colleague}"),
    **dict.fromkeys(("view_as", "as", "user", "login"), "{manager_email}"),
    **dict.fromkeys(("role", "roles", "role_name"), "admin"),
    **dict.fromkeys(("is_admin", "is_active", "sees_all_leads", "all"), "1"),
    "team": "1",
    "score": "100",
    "token": "x",
    "_method": "DELETE",
}


class Claims:
    """The claims to be somebody else that a request may carry, filled in, and what requests do to the tables."""

    def __init__(self, office):
        self.office = office
        self.manager = a_user("Mariam Saleh", Role.MANAGER)
        self.known = {
            str(self.manager.user_id): "the manager",
            str(office.aisha.agent_id): "aisha's row",
            str(office.aisha.user_id): "aisha",
            str(office.yousef.agent_id): "yousef's row",
            str(office.yousef.user_id): "yousef",
            str(office.substitute.agent_id): "layla's row",
        }
        self.tables = [
            row.tablename
            for row in sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            if row.tablename not in ("alembic_version", "rate_counters", "sessions", "working_days")
            and not row.tablename.startswith("procrastinate_")
        ]

    def filled(self, claims: dict) -> dict:
        words = {
            "manager": self.manager.user_id,
            "manager_email": self.manager.email,
            "colleague": self.office.yousef.agent_id,
        }
        return {name: text.format(**words) for name, text in claims.items()}

    def of(self, cell: Cell, channel: str) -> dict:
        """The options of a request that makes all claims in this channel, but those that its form or query asks for."""
        asked = {*cell.way.body, *cell.way.takes, *cell.way.query}
        claims = {name: text for name, text in self.filled(CLAIMS).items() if name not in asked}
        options: dict = {}
        if channel in ("query", "all"):
            options["query_string"] = claims
        if channel in ("header", "all"):
            options["headers"] = self.filled(HEADERS)
        if channel in ("form", "all") and cell.verb == "POST":
            options["claims"] = claims
        return options

    def effect(self, caller, cell: Cell, options: dict) -> tuple:
        """What a request answers and does, with everything that is different each time left out."""
        row = self.office.lead(cell.whose) if cell.verb == "POST" and cell.whose else None
        named = self.known | {str(found): name for name, found in (row or {}).items()}
        self.office.forget_tries()
        self.office.even_turns()
        before = self.rows(named)
        more = dict(options)
        claims = more.pop("claims", {})
        if cell.verb == "POST":
            more["data"] = claims | self.office.body(cell.endpoint, caller.token)
        answer = self.office.ask(caller, cell, row, **more)
        if cell.verb == "POST":
            caller.ask("GET", "/account")  # where what was done is said, so that no later page says it
        done = self.rows(named) - before
        self.office.tidy()
        body = ""
        if cell.verb == "GET":
            body = self.named(SHOWN_MOMENT.sub("a moment", TOKEN.sub(r"\1", answer.text)), named)
        return answer.status_code, self.plain(answer.headers.get("Location", ""), named), body, done

    def rows(self, named) -> Counter:
        """All rows of all tables as text; ids by who or what they are, moments and counters left out."""
        every = " UNION ALL ".join(
            f"SELECT '{table}' AS kind, to_jsonb(t) - %s::text[] AS content FROM {table} t" for table in self.tables
        )
        found = self.office.prompt.execute(every, [NEVER_TWICE] * len(self.tables))
        return Counter(f"{row.kind} {self.plain(json.dumps(row.content, sort_keys=True), named)}" for row in found)

    def named(self, text: str, named) -> str:
        """A text with who or what its ids are."""
        return ID.sub(lambda found: named.get(found[0], "an id"), text)

    def plain(self, text: str, named) -> str:
        text = self.named(text, named)
        return re.sub(r'"(number|move|line)": \d+', r'"\1": 0', PHONE.sub("a phone", MOMENT.sub("a moment", text)))


@pytest.fixture
def claims(office):
    return Claims(office)


def claimed_cells(app, full):
    """One request to every endpoint, as somebody of each role that may (in small: of the least of them)."""
    for cell in views(app, full=False):
        if cell.htmx or cell.endpoint in CHANGE_THE_SESSION:
            continue
        if cell.whose not in ("", *cell.way.done_on[:1]):
            continue
        may = [actor for actor in ("agent", "receptionist", "manager", "admin") if cell.way.reach(ACTORS[actor]) != NO]
        for actor in may if full else may[:1]:
            yield actor, cell


@pytest.mark.row("Z5", "Z8")
def test_a_claim_changes_nothing_of_what_a_request_does(app, claims, caller, full, figure):
    actors = ("agent", "receptionist", "manager", "admin")
    callers, tried, widened = {actor: caller(actor) for actor in actors}, 0, []
    channels = ("query", "form", "header", "all") if full else ("all",)
    for actor, cell in claimed_cells(app, full):
        by = callers[actor]
        if cell.endpoint in SETTLE_SCORES:
            claims.effect(by, cell, {})
        honest = claims.effect(by, cell, {})
        assert honest[0] in cell.way.done, cell
        assert honest[3] or cell.verb == "GET" or cell.endpoint in WRITES_NOTHING, f"{cell} should write"
        for channel in channels:
            tried += 1
            claimed = claims.effect(by, cell, claims.of(cell, channel))
            if claimed != honest and not 400 <= claimed[0] < 500:
                widened.append(f"{cell} as {actor} in {channel}: {claimed[0]}, {claimed[3] - honest[3]}")

    figure("Z5", "requests with claims", tried)
    figure("Z5", "of them with another effect", len(widened))
    assert not widened, "\n".join(widened)
    assert value("SELECT count(*) FROM users WHERE role = 'admin'") == 1


@pytest.mark.row("Z5")
@pytest.mark.parametrize("actor", ["nobody", "receptionist", "agent"])
def test_a_claim_opens_nothing(app, office, claims, caller, actor, full, figure):
    matrix = Matrix(office, caller(actor), ACTORS[actor], claims={"headers": claims.filled(HEADERS)})
    sent = claims.filled(CLAIMS) | {"owner": str(uuid4())}
    matrix.claims["query_string"] = {name: text for name, text in sent.items() if name != "token"}

    matrix.ask_all(
        cell for cell in views(app, full=full) if full or (cell.whose in ("", "a colleague's") and not cell.htmx)
    )

    figure("Z5", f"cells with claims as {actor}", matrix.tally["cells"])
    figure("Z5", f"of them wider than without as {actor}", len(matrix.wrong) + len(matrix.seen))
    assert matrix.wrong + matrix.seen + matrix.changed == []


ACCOUNTS = "SELECT user_id, role, agent_id, is_active, email, password_hash FROM users ORDER BY user_id"


@pytest.mark.row("Z8")
def test_nobody_changes_their_own_role_by_any_form(app, office, claims, caller, figure):
    tried = 0
    for actor in ("receptionist", "agent", "manager"):
        by = caller(actor)
        before = sql(ACCOUNTS)
        for cell in views(app, full=False):
            if cell.verb == "POST" and not cell.htmx and cell.whose in ("", *cell.way.done_on[:1]):
                if cell.endpoint in (*CHANGE_THE_SESSION, OWN_PASSWORD):
                    continue
                tried += 1
                sent = claims.filled(CLAIMS) | office.body(cell.endpoint, by.token)
                by.ask("POST", office.url(cell), data=sent | {"password": "mine from now on", "password_hash": "x"})
        assert sql(ACCOUNTS) == before

    figure("Z8", "forms sent with another role", tried)
