"""Do the tests bite (C12)? Each protection is taken out once: what it alone refuses goes through, its row turns red.

Locks are taken out of the server (`weakened`), guards out of a database of their own.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import psycopg
import pytest
from psycopg import IsolationLevel
from sqlalchemy import make_url

from tests import production
from tests.conftest import application, empty, new_database
from tests.factories import a_user, an_agent, busy, prompt, sql, value
from tests.production import Office, eventually
from tests.races.bursts import Race, broken_rules, waiting
from tests.races.test_assignment import LastPlace, OneOwner
from tests.races.test_capture import EqualTurns, OnePhone
from tests.races.test_forms import KINDS, OneVersion, Twice
from tests.races.test_pipeline import OneMove
from tests.races.test_tasks import Calendar
from webapp.extensions import db
from webapp.vocabulary import Role

ROUNDS = 25
"""How often a race is run before it counts as one that notices nothing."""

pytestmark = pytest.mark.row("C12")


def rewritten(function: str, this: str, by: str) -> str:
    """The statement that changes the body of a function of the database."""
    return f"DO $$ BEGIN EXECUTE replace(pg_get_functiondef('{function}'::regproc), '{this}', '{by}'); END $$"


ASSIGN = "INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%({0})s, %({1})s)"
FOLLOW_UP = """INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date)
               VALUES (%(owned)s, %(full)s, 'call', timestamptz '2099-01-01 08:00+00' + interval '{0}')"""
NO_CAP = (
    rewritten("enforce_agent_max_workload", "50 <=", "5000 <="),
    "ALTER TABLE agents DROP CONSTRAINT ck_active_leads_max",
)
NO_UNIQUE = ("ALTER TABLE lead_assignments DROP CONSTRAINT uq_lead_assignment",)
NO_GAP = ("DROP TRIGGER trg_keep_follow_ups_apart ON follow_up_tasks",)


@dataclass(frozen=True)
class Guard:
    """What the database refuses by itself: a statement that breaks the rule, and what takes the guard away."""

    constraint: str
    violation: str
    removal: tuple[str, ...]


GUARDS = {
    "cap": Guard("agent_overload", ASSIGN.format("free", "full"), NO_CAP),
    "one owner": Guard("uq_lead_assignment", ASSIGN.format("owned", "roomy"), NO_UNIQUE),
    "status path": Guard(
        "invalid_status_transition",
        "UPDATE leads SET status = 'converted' WHERE lead_id = %(owned)s",
        ("DROP TRIGGER trg_enforce_status_transition ON leads",),
    ),
    "follow-ups apart": Guard("follow_up_conflict", FOLLOW_UP.format("29:59.999999"), NO_GAP),
    "follow-ups not long ago": Guard(
        "overdue_task",
        FOLLOW_UP.format("-90 years"),
        ("DROP TRIGGER trg_block_overdue_follow_up ON follow_up_tasks",),
    ),
    "score range": Guard(
        "ck_score_range",
        "UPDATE leads SET score = 101 WHERE lead_id = %(owned)s",
        ("ALTER TABLE leads DROP CONSTRAINT ck_score_range",),
    ),
    "numbers": Guard(
        "ck_lead_budget_is_number",
        "UPDATE leads SET budget_max = 'NaN' WHERE lead_id = %(owned)s",
        ("ALTER TABLE leads DROP CONSTRAINT ck_lead_budget_is_number",),
    ),
    "last admin": Guard(
        "last_admin",
        "DELETE FROM users WHERE role = 'admin'",
        ("DROP TRIGGER trg_keep_last_admin_on_delete ON users",),
    ),
}

# Statements that break nothing, and the guard that has to look at each.
LEGAL = {
    "agent_overload": ASSIGN.format("free", "roomy"),
    "follow_up_conflict": FOLLOW_UP.format("30:00"),
    "last_admin": "DELETE FROM users WHERE name = 'Second Admin'",
}
NO_REFUSAL = ("CREATE OR REPLACE FUNCTION refuse_isolation(guard text) RETURNS void LANGUAGE sql AS ''",)


@dataclass(frozen=True)
class Hands:
    """Two statements at two prompts at once, of which one may pass, and what takes out the lock that sees to it."""

    constraint: str
    statements: tuple[str, str]
    removal: tuple[str, ...]


LAST_LINE_OF_THE_LOCK = "order by agent_id\n    for no key update"
HANDS = {
    "agents held while counted": Hands(
        "agent_overload",
        (ASSIGN.format("free", "nearly"), ASSIGN.format("other", "nearly")),
        (
            rewritten("enforce_agent_max_workload", LAST_LINE_OF_THE_LOCK, "order by agent_id"),
            rewritten("refresh_active_leads_count", LAST_LINE_OF_THE_LOCK, "order by agent_id"),
        ),
    ),
    "calendar held while looked at": Hands(
        "follow_up_conflict",
        (FOLLOW_UP.format("5 hours"), FOLLOW_UP.format("5 hours 10 minutes").replace("owned", "owned_too")),
        (rewritten("keep_follow_ups_apart", "pg_advisory_xact_lock", "abs"),),
    ),
}


@dataclass(frozen=True)
class Control:
    """The locks that the server lacks, what is missing in the database, and the race that has to notice."""

    without: str
    race: Callable[[Office], Race]
    removal: tuple[str, ...] = ()


def wishes_of_an_hour(office: Office) -> Calendar:
    return Calendar(office, *range(0, 48, 2))


CONTROLS = {
    "phone lock": Control("phone", partial(OnePhone, size=24)),
    "office-wide lock": Control("assignment", partial(EqualTurns, agents=4, each=6)),
    "lead's lock, of its status": Control("lead", partial(OneMove, size=24)),
    "lead's lock, of its details": Control("lead", partial(OneVersion, size=24)),
    "calendar's lock": Control("calendar", wishes_of_an_hour),
    "nonce": Control("nonce", partial(Twice, kind=KINDS["activities.log"], pairs=4)),
    "cap": Control("assignment agents", partial(LastPlace, size=24), NO_CAP),
    "one owner": Control("assignment agents lead", partial(OneOwner, size=16), NO_UNIQUE),
    "follow-ups apart": Control("calendar", wishes_of_an_hour, NO_GAP),
}


@pytest.fixture
def world(office) -> dict:
    return the_world()


def the_world() -> dict:
    """A full agent with a follow-up, one with one place left, one without leads; two leads of nobody; an admin."""
    full, nearly, roomy = (an_agent(name) for name in ("Aisha Khan", "Yousef Haddad", "Sara Malik"))
    busy(full, 50)
    busy(nearly, 49)
    a_user("First Admin", Role.ADMIN)
    owned, owned_too = (
        row.lead_id for row in sql("SELECT lead_id FROM lead_assignments WHERE agent_id = %s LIMIT 2", full.agent_id)
    )
    free, other = (
        value("""INSERT INTO leads (source_type, first_name, last_name, phone)
                 VALUES ('bayut', '', '', '+971500000142') RETURNING lead_id""")
        for _ in range(2)
    )
    names = {"full": full.agent_id, "nearly": nearly.agent_id, "roomy": roomy.agent_id}
    names |= {"owned": owned, "owned_too": owned_too, "free": free, "other": other}
    with prompt() as hand:
        hand.execute(FOLLOW_UP.format("0"), names)
    return names


class TestAGuardAlone:
    @pytest.mark.parametrize("name", GUARDS)
    def test_refuses_what_breaks_its_rule_and_nothing_else_does(self, world, name):
        guard = GUARDS[name]
        with prompt() as hand, pytest.raises(psycopg.Error) as refused:
            hand.execute(guard.violation, world)
        assert refused.value.diag.constraint_name == guard.constraint

        with prompt(autocommit=False) as hand:
            take_out(hand, guard.removal)
            assert hand.execute(guard.violation, world).rowcount == 1
            hand.rollback()

    @pytest.mark.row("C11")
    @pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
    @pytest.mark.parametrize("constraint", LEGAL)
    def test_refuses_to_judge_under_another_isolation_level_than_its_own(self, world, constraint, level):
        a_user("Second Admin", Role.ADMIN)
        with prompt(autocommit=False) as hand, pytest.raises(psycopg.Error) as refused:
            hand.isolation_level = level
            hand.execute(LEGAL[constraint], world)
        assert (refused.value.sqlstate, refused.value.diag.constraint_name) == ("23Z09", constraint)

        with prompt(autocommit=False) as hand:
            hand.isolation_level = level
            take_out(hand, NO_REFUSAL)
            assert hand.execute(LEGAL[constraint], world).rowcount == 1
            hand.rollback()


class TestTwoAtThePrompt:
    @pytest.mark.parametrize("name", HANDS)
    def test_one_passes_and_the_other_has_to_wait_and_is_refused(self, world, name):
        refused = both(HANDS[name], world)

        assert refused and refused.diag.constraint_name == HANDS[name].constraint

    @pytest.mark.full
    @pytest.mark.parametrize("name", HANDS)
    def test_without_the_lock_both_pass_and_a_rule_is_broken(self, scratch, name):
        with prompt() as hand:
            take_out(hand, HANDS[name].removal)

        assert both(HANDS[name], the_world()) is None
        assert broken_rules() != {}


def both(hands: Hands, world: dict) -> psycopg.Error | None:
    """Why the second statement was refused once the first one, not committed when it began, was."""
    one, other = hands.statements
    with prompt(autocommit=False) as first, prompt() as second, ThreadPoolExecutor(1) as pool:
        first.execute(one, world)
        done = pool.submit(second.execute, other, world)
        eventually(lambda: waiting() or done.done(), "the second waits, or does not", within=5)
        first.commit()
        return done.exception()


def take_out(hand: psycopg.Connection, removal: tuple[str, ...]) -> None:
    for statement in removal:
        hand.execute(statement)


@pytest.fixture
def scratch(server_url, template) -> Iterator[None]:
    """A database of its own, from which guards may be taken out."""
    with pytest.MonkeyPatch.context() as environment, new_database(server_url, make_url(template).database) as url:
        environment.setenv("DATABASE_URL", url)
        with application(url).app_context():
            yield
            db.session.remove()
            db.engine.dispose()


@pytest.mark.full
@pytest.mark.parametrize("name", CONTROLS)
def test_without_it_the_row_turns_red(name, server_url, template, tmp_path, figure):
    control = CONTROLS[name]
    served = {"wsgi": "tests.races.weakened:app", "WITHOUT": control.without}
    with production.running_office(server_url, template, tmp_path, **served) as office, office.app.app_context():
        if control.removal:
            control.race(office).burst()
            assert broken_rules() == {}, "the guard alone keeps the rule"
            db.session.remove()
            empty()
            with prompt() as hand:
                take_out(hand, control.removal)
        figure("C12", f"rounds until the row noticed: {name}", rounds_until_red(office, control.race))
        db.session.remove()


def rounds_until_red(office: Office, race: Callable[[Office], Race]) -> int:
    """In which round what the row promises did not hold."""
    for number in range(1, ROUNDS + 1):
        run = race(office).burst()
        # A lead with two owners may have no page any more; what is whole may not fail.
        assert broken_rules() or not [answer for answer in run.answers if answer.status >= 500]
        try:
            run.holds()
            assert broken_rules() == {}
        except AssertionError:
            return number
        db.session.remove()
        empty()
    raise AssertionError(f"{ROUNDS} rounds, and nothing was noticed")
