"""Every role, route, verb and owner against what R14 says of them, in tests/web/reach.py."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise, permutations

import pytest
from sqlalchemy import true

from tests.factories import a_user, sql
from tests.web.office import ACTORS, NAMES, Caller, Office
from tests.web.reach import GREETED, OWN, REACH, REVIEWS, SEEN, Cell, cells, expected, outcome, verbs_at, views
from webapp.guard import POLLED
from webapp.policy import ANYBODY, EVERYBODY, POLICY
from webapp.services import access
from webapp.vocabulary import Role

CHANGE_THE_SESSION = ("sessions.create", "sessions.end")
ONE_OF_EACH = ("", "a colleague's")


class Matrix:
    """The cells of one caller, asked one after the other, and all that was not as it should be."""

    def __init__(self, office: Office, caller: Caller, role: Role | None, *, has_agent: bool = True, claims=None):
        self.office, self.caller, self.role, self.has_agent = office, caller, role, has_agent
        self.claims = claims or {}
        self.before: tuple[str, int] | None = None
        self.wrong: list[str] = []
        self.seen: list[str] = []
        self.changed: list[str] = []
        self.unaudited: list[str] = []
        self.tally: Counter = Counter()
        self.verbs = {endpoint: verbs_at(office.app, endpoint) for endpoint in REACH}

    def ask_all(self, cells: Iterable[Cell]) -> "Matrix":
        for cell in cells:
            self.ask(cell)
        return self

    def ask(self, cell: Cell) -> None:
        """One cell: is the answer as it should be, is nothing seen that is hidden, does a denial write nothing?"""
        wanted = expected(cell, self.role, verbs=self.verbs[cell.endpoint], has_agent=self.has_agent)
        self.tally["cells"] += 1
        if cell.verb == "POST" and "done" in wanted:
            self.write(cell, wanted)
            return
        self.office.forget_tries()
        rows, denials = self.before or self.office.state()
        came = self.judge(cell, wanted, self.office.ask(self.caller, cell, **self.claims))
        self.before = self.office.state()
        self.tally["denials"] += came != "done"
        if self.before[0] != rows:
            self.changed.append(str(cell))
        noted = self.role is not None and came in ("refused", "missing") and cell.whose != "malformed"
        if self.before[1] - denials != noted:
            self.unaudited.append(f"{cell}: {self.before[1] - denials}")

    def write(self, cell: Cell, wanted: set[str]) -> None:
        """A write that goes through, on a row of its own."""
        row = self.office.lead(cell.whose) if cell.whose in NAMES else None
        caller = self.caller
        if cell.endpoint in CHANGE_THE_SESSION:
            caller = Caller(self.office.app, caller.who if self.role else None)
        self.judge(cell, wanted, self.office.ask(caller, cell, row, **self.claims))
        self.office.tidy()
        self.before = None

    def judge(self, cell: Cell, wanted: set[str], answer) -> str:
        came = outcome(answer, cell)
        if came not in wanted:
            self.wrong.append(f"{cell}: {came} instead of {' or '.join(sorted(wanted))}")
        if read := {name for name in self.hidden if name.encode() in answer.data}:
            self.seen.append(f"{cell}: {read}")
        return came

    @property
    def hidden(self) -> set[str]:
        """The names that this caller may not read anywhere."""
        if self.role in (Role.MANAGER, Role.ADMIN):
            return set()
        reach = {Role.AGENT: OWN, Role.RECEPTIONIST: GREETED}.get(self.role)
        seen = SEEN[reach] if reach and self.has_agent else set()
        return {NAMES[whose] for whose in {*NAMES} - seen}


@pytest.fixture
def matrix(office, caller):
    """The matrix of one of the ACTORS."""
    return lambda actor: Matrix(office, caller(actor), ACTORS[actor], has_agent=actor != "agent without a row")


@pytest.mark.row("Z1")
class TestTable:
    def test_every_endpoint_has_its_line_and_no_line_is_left_over(self, app):
        assert set(REACH) == {rule.endpoint for rule in app.url_map.iter_rules()}

    def test_the_policy_says_the_same(self):
        told = {endpoint: frozenset(way.roles) if way.signed_in else ANYBODY for endpoint, way in REACH.items()}

        assert told == POLICY


@pytest.mark.row("Z1", "Z2")
@pytest.mark.parametrize("actor", ACTORS)
def test_everybody_is_answered_as_the_table_says_and_a_denial_writes_only_its_line(app, matrix, actor, full, figure):
    asked = matrix(actor).ask_all(cells(app, full=full))

    figure("Z1", f"cells asked as {actor}", asked.tally["cells"])
    figure("Z1", f"mismatches as {actor}", len(asked.wrong) + len(asked.seen))
    figure("Z2", f"denials as {actor}", asked.tally["denials"])
    figure("Z2", f"denials that changed a row as {actor}", len(asked.changed))
    assert asked.wrong == []
    assert asked.seen == [], "names of leads that are hidden"
    assert asked.changed == [], "a denial or a reading that wrote"
    assert asked.unaudited == [], "denials without their line in the audit, or with two"


@pytest.mark.row("Z7")
class TestChangesTakeEffect:
    """A session stays open while somebody changes what its user is."""

    def test_a_new_role_holds_at_the_next_request(self, app, office, full, figure):
        a_user("Omar Nasser", Role.ADMIN)
        asked, stale = 0, []
        for before, after in permutations(Role, 2) if full else pairwise((*Role, next(iter(Role)))):
            office.becomes(office.aisha, before)
            matrix = Matrix(office, Caller(app, office.aisha), after)
            office.becomes(office.aisha, after)
            matrix.ask_all(cell for cell in views(app, full=full) if self.differs(cell, before, after, full))
            asked += matrix.tally["cells"]
            stale += [f"{before} to {after}: {cell}" for cell in (*matrix.wrong, *matrix.seen)]

        figure("Z7", "requests after a change of role", asked)
        figure("Z7", "of them answered as before", len(stale))
        assert stale == []

    def differs(self, cell, before, after, full) -> bool:
        """Whether the change shows at this cell."""
        if cell.way.reach(before) == cell.way.reach(after):
            return False
        if full:
            return cell.whose in (*ONE_OF_EACH, "own", "nobody's")
        return cell.whose in ONE_OF_EACH and cell.htmx == (cell.endpoint in POLLED)

    def test_a_lead_that_went_to_somebody_else_is_gone_at_the_next_request(self, app, office, full, figure):
        hers, his = Caller(app, office.aisha), Caller(app, office.yousef)
        row, asked, stale = office.lead("own"), 0, []
        sql(
            "UPDATE lead_assignments SET agent_id = %s, reassigned_at = now() WHERE lead_id = %s",
            office.yousef.agent_id,
            row["lead_id"],
        )
        for cell in cells(app, full=full):
            if (
                cell.whose == "own"
                and cell.verb in {"GET", "POST"} & verbs_at(app, cell.endpoint)
                and cell.way.agent == OWN
            ):
                asked += 1
                if (came := outcome(office.ask(hers, cell, row), cell)) != "missing":
                    stale.append(f"{cell}: {came}")

        figure("Z7", "requests after a lead changed hands", asked)
        figure("Z7", "of them that still reached it", len(stale))
        assert stale == []
        assert office.ask(his, Cell("leads.show", "GET", "own"), row).status_code == 200

    def test_an_agent_who_loses_their_row_sees_nothing_at_the_next_request(self, app, office, full, figure):
        matrix = Matrix(office, Caller(app, office.aisha), Role.AGENT, has_agent=False)
        sql("UPDATE users SET agent_id = NULL WHERE user_id = %s", office.aisha.user_id)

        matrix.ask_all(cell for cell in views(app, full=full) if cell.verb == "GET" and cell.whose in ("", "own"))

        figure("Z7", "requests after the agent's row was taken away", matrix.tally["cells"])
        assert matrix.wrong + matrix.seen == []


@pytest.mark.row("Z10")
class TestDoesItBite:
    """With a check taken out the matrix turns red."""

    def red(self, app, matrices, *, only=None, whose=("", "own")) -> bool:
        """Whether any cell is not as it should be, now."""
        for matrix in matrices:
            for cell in views(app, full=False, only=only):
                if cell.whose in whose and not cell.htmx:
                    matrix.ask(cell)
                    if matrix.wrong or matrix.seen:
                        matrix.wrong, matrix.seen = [], []
                        matrix.office.tidy()
                        return True
        return False

    def test_every_entry_of_the_policy(self, app, matrix, monkeypatch, full, figure):
        matrices = [matrix(actor) for actor in ("nobody", "receptionist", "agent", "manager", "admin")]
        mutants, survivors = 0, []
        for endpoint, roles in POLICY.items():
            assert not self.red(app, matrices, only=endpoint), "intact it is green"
            for mutant in self.mutants(roles, full):
                mutants += 1
                with monkeypatch.context() as patched:
                    patched.setitem(POLICY, endpoint, mutant)
                    if not self.red(app, matrices, only=endpoint):
                        survivors.append((endpoint, mutant))

        figure("Z10", "mutated entries of the policy", mutants)
        figure("Z10", "of them unnoticed", len(survivors))
        assert survivors == []

    def mutants(self, roles, full):
        """The entry opened to all, and in full each role taken out and put in."""
        others = [] if roles is ANYBODY or not full else [roles ^ {role} for role in Role]
        return [other for other in (EVERYBODY, ANYBODY, *others) if other != roles]

    def test_the_scope_of_the_leads_at_every_endpoint(self, app, matrix, monkeypatch, figure):
        agent, desk = matrix("agent"), matrix("receptionist")
        scoped = [endpoint for endpoint, way in REACH.items() if way.agent == OWN]
        monkeypatch.setattr(access, "leads", lambda *, by: true())
        survivors = [it for it in scoped if not self.red(app, [agent], only=it, whose=("a colleague's",))]
        if not self.red(app, [agent], only="leads.index"):
            survivors.append("leads.index")

        monkeypatch.setattr(access, "greeted_lead", lambda lead_id, *, by, options: access.lead(lead_id, by=by))
        if not self.red(app, [desk], only="leads.show", whose=("own, never greeted",)):
            survivors.append("leads.show at the front desk")

        monkeypatch.setattr(access, "agents", lambda *, by: true())
        if not self.red(app, [agent], only="agents.show", whose=("a colleague's",)):
            survivors.append("agents.show")

        reviewed = [endpoint for endpoint, way in REACH.items() if way.agent == REVIEWS]
        monkeypatch.setattr(access, "enquiries", lambda *, by: true())
        survivors += [it for it in reviewed if not self.red(app, [agent], only=it, whose=("a colleague's",))]

        figure("Z10", "endpoints without their scope", len(scoped) + len(reviewed) + 3)
        figure("Z10", "of them unnoticed", len(survivors))
        assert survivors == []
