"""Every service in any order, with arguments that may be wrong (C12).

After each step no rule is broken, every lead is what a small model of the office expects, and whatever was refused
has left nothing behind. A refusal is the only exception that anything may raise.
"""

import secrets
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, event, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.stateful.expected import DAY, HOUR, PATH, Case, Contact, Desk, Wish
from tests.stateful.world import World
from webapp.errors import Conflict, Invalid, Missing, Refused
from webapp.extensions import db
from webapp.jobs import JOBS
from webapp.services import activities, assignments, enquiries, leads, notifications, pipeline, submissions, tasks
from webapp.services.access import SYSTEM
from webapp.services.leads import Details, Origin
from webapp.services.pipeline import Deal
from webapp.services.tasks import FollowUp
from webapp.vocabulary import (
    VISIT_MOVES,
    ActivityType,
    Channel,
    DealType,
    LostReason,
    Outcome,
    PropertyType,
    Source,
    Status,
    TaskType,
    VisitStatus,
)

POSSIBLE = {"phone": "+971550000001", "source_type": Source.BAYUT}
PHONES = st.sampled_from(["+971550000001", "+971550000002", "+971550000003"])
NOBODY = UUID(int=0)
OPEN_FIRST = "ORDER BY status DESC, created_at, due_date LIMIT 6"
NUMBERS = st.integers(0, 99)
WHO = st.sampled_from(["mariam", "mariam", "the owner", "the owner", "the owner", "agent 0", "system"])
AT_THE_DESK = st.one_of(st.just("rashid"), WHO)
AGENTS = st.sampled_from(["agent 0", "agent 1", "agent 2"])
SOURCES = st.sampled_from([Source.WALK_IN, Source.BAYUT, Source.REFERRAL])
WISHES = st.builds(
    Wish,
    budget=st.sampled_from([None, 2_000_000, 3_000_000, 20_000_000]),
    villa=st.booleans(),
    marina=st.booleans(),
    nationality=st.sampled_from([None, "UAE", "Oman"]),
)
SOON = st.sampled_from([0, 10, 29, 30, 60, 25 * HOUR, -25 * HOUR, -31 * DAY])


class AnyOrder(RuleBasedStateMachine):
    """People doing what they do, and things they may not do; time passes, agents come and go, the jobs run."""

    def __init__(self, world: World):
        super().__init__()
        self.world = world
        self.world.empty()
        self.desk = Desk(world.furniture, on_duty=set(world.furniture))
        self.logged: list[tuple[Case, Contact, UUID]] = []
        self.look()

    # What people do

    @initialize(came=st.lists(st.tuples(PHONES, SOURCES, WISHES), min_size=2, max_size=4))
    def come_in(self, came):
        for phone, source, wish in came:
            self.capture("rashid", phone, source, wish, again=False)

    @rule(who=AT_THE_DESK, phone=PHONES, source=SOURCES, wish=WISHES, again=st.booleans())
    def capture(self, who, phone, source, wish, again):
        """Through the form, perhaps sent twice."""
        who = "mariam" if who == "the owner" else who
        by, nonce = self.world.people[who], uuid4()
        origin = Origin(Channel.VISIT if who == "rashid" else Channel.BY_HAND)

        def write():
            captured = enquiries.register(details(phone, source, wish), origin, by=by)
            return {"lead_id": str(captured.lead.lead_id), "created": captured.created}

        once = write if who == "system" else partial(submissions.once, nonce, {}, write, by=by)
        sent = [self.attempt(once) for _ in range(1 + (again and who != "system"))]
        assert all(result == sent[0] for result in sent)
        repeated = self.desk.repeated(phone, source)
        assert sent[0]["created"] == (repeated is None)
        if repeated:
            assert sent[0]["lead_id"] == str(repeated.lead_id)
        else:
            self.desk.add(UUID(sent[0]["lead_id"]), phone, source, wish, own=agent(who))

    @rule(wrong=st.sampled_from([{"phone": "0511234567"}, {"budget_max": Decimal(0)}, {"budget_max": Decimal("NaN")}]))
    def capture_what_cannot_be(self, wrong):
        refused = self.attempt(lambda: leads.capture(Details(**POSSIBLE | wrong), Origin(), by=SYSTEM))
        assert isinstance(refused, Invalid)

    @precondition(lambda self: self.desk.cases)
    @rule(who=WHO, n=NUMBERS, wish=WISHES, behind=st.sampled_from([0, 0, 0, 1]))
    def amend(self, who, n, wish, behind):
        case = self.case(n)
        who = self.who(who, case)
        change = partial(
            leads.amend, case.lead_id, details(case.phone, case.source, wish), version=case.version - behind
        )
        done = self.attempt(lambda: change(by=self.world.people[who]))
        if self.expect(done, missing=not self.sees(who, case), conflict=behind):
            case.wish, case.version = wish, case.version + 1
            case.rate_details()

    @precondition(lambda self: self.desk.cases)
    @rule(who=WHO, n=NUMBERS, closed=st.sampled_from([True, True, False]))
    def open_again(self, who, n, closed):
        case = self.case(n, closed=closed)
        who = self.who(who, case)
        done = self.attempt(lambda: leads.open_again(case.lead_id, by=self.world.people[who]).lead_id)
        if self.expect(done, missing=not self.sees(who, case), conflict=not case.closed):
            self.desk.add(done, case.phone, case.source, case.wish, own=agent(who))

    @precondition(lambda self: self.desk.cases)
    @rule(who=AT_THE_DESK, n=NUMBERS)
    def add_visit(self, who, n):
        case = self.case(n)
        who = self.who(who, case)
        waiting = self.world.ask("SELECT FROM visits WHERE lead_id = %s AND status = 'waiting'", case.lead_id)
        done = self.attempt(lambda: enquiries.add_visit(case.lead_id, by=self.world.people[who]))
        self.expect(done, missing=not (who == "rashid" or self.sees(who, case)), conflict=waiting)

    @precondition(lambda self: self.desk.cases)
    @rule(who=AT_THE_DESK, n=NUMBERS, status=st.sampled_from(VisitStatus))
    def mark_visit(self, who, n, status):
        visits = self.world.ask("SELECT * FROM visits ORDER BY status DESC, arrived_at LIMIT 3")
        if not visits:
            return
        visit = visits[n % len(visits)]
        who = self.who(who, self.case_of(visit.lead_id))
        done = self.attempt(lambda: enquiries.mark_visit(visit.visit_id, by=self.world.people[who], status=status))
        hidden = not (who == "rashid" or self.sees(who, self.case_of(visit.lead_id)))
        self.expect(done, missing=hidden, conflict=status not in VISIT_MOVES[VisitStatus(visit.status)])

    @precondition(lambda self: self.desk.cases)
    @rule(
        who=WHO,
        n=NUMBERS,
        type=st.sampled_from(ActivityType),
        outcome=st.sampled_from([None, *Outcome]),
        ago=st.sampled_from([0, 0, 10, 60, 5 * HOUR, -60]),
        next_in=st.one_of(st.none(), SOON),
    )
    def log(self, who, n, type, outcome, ago, next_in):
        case = self.case(n)
        who = self.who(who, case)
        facts = {
            "type": type,
            "outcome": outcome,
            "activity_at": self.world.moment(-ago) if ago else None,
            "follow_up": None if next_in is None else FollowUp(TaskType.CALL, self.world.moment(next_in)),
        }
        done = self.attempt(lambda: activities.log(case.lead_id, by=self.world.people[who], **facts).activity_id)
        impossible = not 0 <= ago <= self.desk.now - case.came_at or (next_in is not None and case.closed)
        owner = case.owner or self.desk.best(case)
        if next_in is not None and self.follow_up_was_refused(done):
            return
        if self.expect(done, missing=not self.sees(who, case), invalid=impossible, conflict=not owner):
            if not case.owner:
                self.desk.give(case, owner)
            case.log(type, outcome, ago, self.desk.now)
            self.logged.append((case, case.contacts[-1], done))

    @precondition(lambda self: self.logged)
    @rule(who=WHO, n=NUMBERS)
    def strike(self, who, n):
        case, contact, activity_id = self.logged[n % min(4, len(self.logged))]
        who = self.who(who, case)
        done = self.attempt(lambda: activities.strike(activity_id, by=self.world.people[who]))
        if self.expect(done, missing=not self.sees(who, case), conflict=contact.struck):
            case.strike(contact)
            self.logged.sort(key=lambda entry: entry[1].struck)

    @precondition(lambda self: self.desk.cases)
    @rule(who=WHO, n=NUMBERS, due_in=SOON)
    def schedule(self, who, n, due_in):
        case = self.case(n)
        who = self.who(who, case)
        follow_up = FollowUp(TaskType.VIEWING, self.world.moment(due_in))
        done = self.attempt(lambda: tasks.schedule(case.lead_id, follow_up, by=self.world.people[who]))
        if not self.follow_up_was_refused(done):
            self.expect(done, missing=not self.sees(who, case), invalid=case.closed or not case.owner)

    @precondition(lambda self: self.desk.cases)
    @rule(who=WHO, n=NUMBERS, deed=st.sampled_from(["reschedule", "complete", "cancel"]), due_in=SOON)
    def work_through(self, who, n, deed, due_in):
        """Of a follow-up, open or not."""
        found = self.world.ask(f"SELECT * FROM follow_up_tasks {OPEN_FIRST}")
        if not found:
            return
        task = found[n % len(found)]
        who = self.who(who, self.case_of(task.lead_id))
        due_date = self.world.moment(due_in)
        facts = {"reschedule": {"due_date": due_date}, "complete": {}, "cancel": {"reason": "Called already"}}[deed]
        done = self.attempt(lambda: getattr(tasks, deed)(task.task_id, by=self.world.people[who], **facts))
        if not self.follow_up_was_refused(done):
            hidden = not self.sees(who, self.case_of(task.lead_id))
            self.expect(done, missing=hidden, conflict=task.status == "completed")

    @precondition(lambda self: self.desk.cases)
    @rule(
        who=WHO,
        n=NUMBERS,
        seen=st.one_of(st.none(), st.none(), st.none(), st.sampled_from(Status)),
        status=st.one_of(st.none(), st.none(), st.just(Status.LOST), st.sampled_from(Status)),
        reason=st.sampled_from([LostReason.PRICE, LostReason.PRICE, None]),
        deal=st.sampled_from([Deal(DealType.SALE, Decimal(2_400_000)), Deal(DealType.RENTAL, Decimal(90_000)), None]),
    )
    def move(self, who, n, seen, status, reason, deal):
        """From what the page showed (mostly what is so) to anything, mostly the next step or the end."""
        case = self.case(n)
        who = self.who(who, case)
        seen = seen or case.status
        status = status or case.status.forward or Status.NEW
        facts = {"status_from": seen, "status": status, "lost_reason": reason, "deal": deal}
        done = self.attempt(lambda: pipeline.move(case.lead_id, by=self.world.people[who], **facts))
        lacks = (status == Status.LOST and not reason) or (status == Status.CONVERTED and not deal)
        impossible = seen != case.status or status not in PATH[seen]
        if self.expect(done, missing=not self.sees(who, case), conflict=impossible, invalid=lacks):
            case.status = status

    @precondition(lambda self: self.desk.cases)
    @rule(
        who=st.sampled_from(["mariam", "system"]),
        n=NUMBERS,
        to=st.sampled_from([None, "agent 0", "agent 1", "agent 2", "agent 0", "agent 1", "agent 2", "a stranger"]),
        reason=st.sampled_from(["Knows the tower", "Knows the tower", ""]),
        seen=st.sampled_from(["what is so", "what is so", "what is so", "does not matter", "somebody else"]),
    )
    def assign(self, who, n, to, reason, seen):
        case = self.case(n)
        who = self.who(who, case)
        owner = self.world.people[case.owner].agent_id if case.owner else ""
        owner_from = {"what is so": str(owner), "does not matter": None, "somebody else": str(NOBODY)}[seen]
        agent_id = None if to is None else NOBODY if to == "a stranger" else self.world.people[to].agent_id
        facts = {"agent_id": agent_id, "reason": reason, "owner_from": owner_from}
        done = self.attempt(lambda: assignments.assign(case.lead_id, by=self.world.people[who], **facts))
        chosen = to or self.desk.best(case, but=case.owner)
        known = chosen in self.world.furniture
        if self.expect(
            done,
            missing=to == "a stranger" and not case.closed and seen != "somebody else",
            invalid=case.closed
            or (case.owner and not reason)
            or (known and (chosen == case.owner or chosen not in self.desk.on_duty)),
            conflict=seen == "somebody else" or not chosen or (known and not self.desk.is_free(chosen)),
        ):
            self.desk.give(case, chosen)

    @rule(name=st.one_of(AGENTS, st.just("mariam")))
    def read_notices(self, name):
        by = self.world.people[name]
        self.attempt(lambda: notifications.read(by=by, up_to=notifications.bell(by=by).newest))
        assert notifications.bell(by=by).unread == 0

    # What happens to them

    @rule(name=AGENTS)
    def come_or_go(self, name):
        self.desk.on_duty ^= {name}
        self.world.come_or_go(name)

    @precondition(lambda self: self.desk.cases)
    @rule(minutes=st.sampled_from([30, 60, 5 * HOUR, DAY, 3 * DAY, 7 * DAY, 31 * DAY]))
    def time_passes(self, minutes):
        self.desk.now += minutes
        self.world.grow_older(minutes)

    @rule(job=st.sampled_from(["overdue", "inactivity"]))
    def run_job(self, job):
        worked = self.attempt(JOBS[job].work)
        if job == "inactivity":
            assert worked.done == sum(case.charge_silence(self.desk.now, self.desk.now) for case in self.desk.cases)
        else:
            assert not self.world.ask("SELECT FROM follow_up_tasks WHERE status = 'pending' AND due_date < now()")

    # What must hold after each step

    @invariant()
    def look(self):
        assert self.world.broken() == {}
        assert self.world.state() == {case.lead_id: case.state for case in self.desk.cases}
        self.transaction = self.world.next_transaction()

    # How they are asked

    def attempt(self, call: Callable):
        """What a service gives, or its refusal, which has left nothing behind."""
        try:
            return call()
        except Refused as refused:
            db.session.remove()
            assert self.world.written_since(self.transaction) == []
            event(f"refused: {refused.code}")
            return refused
        finally:
            db.session.remove()

    def expect(self, done, *, missing=False, conflict=False, invalid=False) -> bool:
        """Whether it was done. It is refused just where one of these holds, with one that does."""
        wanted = tuple(kind for kind, holds in ((Missing, missing), (Conflict, conflict), (Invalid, invalid)) if holds)
        assert isinstance(done, wanted or Refused) == bool(wanted), (done, wanted)
        return not wanted

    def follow_up_was_refused(self, done) -> bool:
        """Whether it was for a clash or for being due long ago, which the calendar alone decides."""
        return isinstance(done, Refused) and done.code in ("follow_up_conflict", "overdue_task")

    def who(self, name: str, case: Case) -> str:
        """Whose name it is; the owner of a case that has none is the manager's affair."""
        return (case.owner or "mariam") if name == "the owner" else name

    def sees(self, who: str, case: Case) -> bool:
        return who in ("mariam", "system") or who == case.owner

    def case(self, n: int, closed: bool = False) -> Case:
        """One of the cases; with `closed` one of those, where there are any."""
        cases = [case for case in self.desk.cases if case.closed] if closed else []
        return (cases or self.desk.cases)[n % len(cases or self.desk.cases)]

    def case_of(self, lead_id: UUID) -> Case:
        return next(case for case in self.desk.cases if case.lead_id == lead_id)


def agent(who: str) -> str | None:
    return who if who.startswith("agent") else None


def details(phone: str, source: Source, wish: Wish) -> Details:
    return Details(
        phone,
        source,
        budget_max=Decimal(wish.budget) if wish.budget else None,
        property_type=PropertyType.VILLA if wish.villa else None,
        preferred_areas=("Dubai Marina",) if wish.marina else (),
        nationality=wish.nationality,
    )


@pytest.mark.row("C12")
def test_no_order_of_deeds_breaks_a_rule(world, full, figure):
    examples, steps = (1000, 50) if full else (25, 20)
    size = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=not full,
        deadline=None,
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    machine = partial(AnyOrder, world)
    if full:
        number = secrets.randbits(64)
        print(f"seed {number}")
        machine = seed(number)(machine)
    run_state_machine_as_test(machine, settings=size)
    figure("C12", f"violations in {examples} x {steps} steps of all services", 0)
