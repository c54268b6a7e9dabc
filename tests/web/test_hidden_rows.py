"""A row that somebody may not see is a row that is not there: nothing tells one from the other."""

import re
from statistics import median
from time import perf_counter

import pytest

from tests.factories import a_phone, sql, value
from tests.web.office import ACTORS
from tests.web.reach import NO, SEEN, Cell, views

pytestmark = pytest.mark.row("Z3")

HIDDEN = ("a colleague's", "nobody's", "own, never greeted", "own")
NOT_VALID = {"status": "none", "type": "none", "due_date": "never", "nonce": "", "reason": "x" * 500, "phone": ""}
ONLY_ONCE = ("Date", "Set-Cookie")
TOKENS = re.compile(r'(name="(?:csrf_token|nonce)"[^>]*value=")[^"]*|(csrf[^"]{0,20}":\s*")[^"]*')


def shown(answer, *asked: str) -> tuple:
    """All that an answer tells, but the ids that were asked for and what is never twice the same."""
    headers = sorted((name, text) for name, text in answer.headers if name not in ONLY_ONCE)
    told = [str(headers), TOKENS.sub(r"\1\2", answer.text)]
    for known in asked:
        told = [text.replace(known, "ID") for text in told]
    return answer.status_code, *told


class Pair:
    """The same request for a hidden row and for one that never was."""

    def __init__(self, office, caller, cell, **options):
        self.office, self.caller, self.options = office, caller, options
        self.hidden, self.missing = cell, Cell(cell.endpoint, cell.verb, "missing", cell.htmx)

    def ask(self, cell) -> tuple:
        url = self.office.url(cell)
        asked = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", url)
        sent = self.office.body(cell.endpoint, self.caller.token) | self.options if cell.verb == "POST" else None
        answer = self.caller.ask(cell.verb, url, htmx=cell.htmx, query_string=cell.way.query, data=sent)
        return shown(answer, *asked)

    @property
    def is_told_apart(self) -> bool:
        return self.ask(self.hidden) != self.ask(self.missing)


def hidden_cells(app, actor, full):
    """What an actor asks for although it is hidden from them."""
    for cell in views(app, full=True):
        reach = cell.way.reach(ACTORS[actor])
        seen = SEEN[reach] if actor != "agent without a row" else set()
        if reach == NO or cell.whose not in {*HIDDEN} - seen:
            continue
        if full or cell.whose in ("a colleague's", "own, never greeted"):
            yield cell


@pytest.mark.parametrize("actor", ["agent", "agent without a row", "receptionist"])
def test_no_answer_tells_a_hidden_row_from_a_missing_one(app, office, caller, actor, full, figure):
    by = caller(actor)
    pairs = [Pair(office, by, cell) for cell in hidden_cells(app, actor, full)]
    pairs += [Pair(office, by, cell, **NOT_VALID) for cell in hidden_cells(app, actor, full) if cell.verb == "POST"]

    told_apart = []
    for pair in pairs:
        office.forget_tries()
        if pair.is_told_apart:
            told_apart.append(str(pair.hidden))

    figure("Z3", f"pairs of a hidden and a missing row as {actor}", len(pairs))
    figure("Z3", f"of them told apart as {actor}", len(told_apart))
    assert told_apart == []
    assert pairs


@pytest.mark.parametrize("asked", ["q", "after", "owner"])
def test_a_list_does_not_tell_either(office, caller, asked):
    by = caller("agent")
    row = office.leads["a colleague's"]
    phone, created = sql("SELECT phone, created_at FROM leads WHERE lead_id = %s", row["lead_id"])[0]
    hidden, unknown = {
        "q": (phone, a_phone()),
        "after": (f"{created.isoformat()}_{row['lead_id']}", f"{created.isoformat()}_{row['task_id']}"),
        "owner": (str(office.yousef.agent_id), str(row["task_id"])),
    }[asked]

    one, other = (by.ask("GET", "/leads", query_string={asked: it}) for it in (hidden, unknown))

    assert shown(one, hidden)[2].replace(hidden[1:], "ID") == shown(other, unknown)[2].replace(unknown[1:], "ID")


def test_the_time_it_takes_tells_nothing_to_speak_of(office, caller, full, figure):
    """The median of both, in turns: reported, because a machine that does other work decides no test."""
    by, took = caller("agent"), {"a colleague's": [], "missing": []}
    for _ in range(300 if full else 15):
        office.forget_tries()
        for whose, times in took.items():
            began = perf_counter()
            answer = by.ask("GET", office.url(Cell("leads.show", "GET", whose)))
            times.append(perf_counter() - began)
            assert answer.status_code == 404

    figure(
        "Z3", "median gap between hidden and missing, s", abs(median(took["missing"]) - median(took["a colleague's"]))
    )
    assert value("SELECT count(*) FROM audit_entries WHERE verb = 'denied'") > 0
