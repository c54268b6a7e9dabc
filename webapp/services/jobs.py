"""The turns of what runs by itself: each is taken once, and what it did is on record for a week."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased, joinedload

from webapp import stopping
from webapp.extensions import db
from webapp.models import JobTurn
from webapp.services import audit
from webapp.services.access import SYSTEM, Actor
from webapp.stopping import Tally
from webapp.transaction import transactional
from webapp.vocabulary import JobName, TurnState

KEPT = timedelta(days=7)
QUIET_AFTER = timedelta(minutes=5)
"""Some jobs have a turn every minute: when nobody took one for so long, no worker is there."""
FEW = 30
WORTH_TELLING = or_(
    JobTurn.done > 0, JobTurn.failed > 0, JobTurn.asked_by.is_not(None), JobTurn.state != TurnState.DONE
)
_FAILED = or_(JobTurn.failed > 0, JobTurn.state == TurnState.BROKEN)


@dataclass(frozen=True)
class Job:
    """A job with its last turn and the last that did not do everything; None where there was none."""

    name: JobName
    turn: JobTurn | None
    failure: JobTurn | None


@contextmanager
def turn(job: JobName, *, due: datetime, attempt: int) -> Iterator["Turn | None"]:
    """Take the job's turn of this moment and put on record how it ends.

    None where somebody else has it or it is done: a turn is taken once, and again only by a later attempt after it
    broke off. What breaks it goes on to whoever called.
    """
    turn_id = _take(job, due=due, attempt=attempt, by=SYSTEM)
    if turn_id is None:
        yield None
        return
    taken = Turn()
    try:
        yield taken
    except Exception as error:
        _end(turn_id, TurnState.BROKEN, taken.tally, error=type(error).__name__, by=SYSTEM)
        raise
    state = TurnState.STOPPED if stopping.is_told() else TurnState.DONE
    _end(turn_id, state, taken.tally, by=SYSTEM)


@dataclass
class Turn:
    """A turn under way; `tally` is what it came to."""

    tally: Tally = field(default_factory=Tally)


@transactional
def ask(job: JobName, *, by: Actor) -> None:
    """Let the job have a turn now: a worker takes it within a minute. Asked twice in a second it is one."""
    asked = insert(JobTurn).values(
        job=job, due_at=func.date_trunc("second", func.now()), asked_by=by.user_id, state=TurnState.ASKED
    )
    if db.session.scalar(asked.on_conflict_do_nothing().returning(JobTurn.turn_id)):
        audit.record("jobs.ask", by=by, after={"job": job})


def every() -> list[Job]:
    """Every job with its last turn and its last failure."""
    names = func.unnest(text("CAST(:names AS text[])").bindparams(names=[name.value for name in JobName]))
    known = names.table_valued("name", with_ordinality="place").render_derived("known")
    last = _last(known, JobTurn.state != TurnState.ASKED)
    failed = _last(known, _FAILED)
    query = select(known.c.name, last, failed).select_from(known).outerjoin(last, true()).outerjoin(failed, true())
    return [Job(JobName(name), turn, failure) for name, turn, failure in db.session.execute(query.order_by("place"))]


def lately() -> list[JobTurn]:
    """The latest turns worth telling: those that did something, were asked for, or did not end well."""
    query = select(JobTurn).where(WORTH_TELLING).options(joinedload(JobTurn.asker))
    return list(db.session.scalars(query.order_by(JobTurn.due_at.desc(), JobTurn.turn_id).limit(FEW)))


def is_quiet(jobs: list[Job], *, now: datetime) -> bool:
    """Whether there were turns once, and none for so long that no worker can be there."""
    latest = max((job.turn.started_at for job in jobs if job.turn and job.turn.started_at), default=None)
    return latest is not None and now - latest > QUIET_AFTER


@transactional
def forget() -> int:
    """Forget the turns of more than a week ago; how many."""
    old = delete(JobTurn).where(JobTurn.due_at < func.now() - KEPT).returning(JobTurn.turn_id)
    return len(db.session.scalars(old).all())


def _last(known, condition):
    of_this = select(JobTurn).where(JobTurn.job == known.c.name, condition)
    return aliased(JobTurn, of_this.order_by(JobTurn.due_at.desc()).limit(1).lateral())


@transactional
def _take(job: JobName, *, due: datetime, attempt: int, by: Actor) -> UUID | None:
    taken = {"state": TurnState.RUNNING, "attempt": attempt, "started_at": func.clock_timestamp()}
    claim = insert(JobTurn).values(job=job, due_at=due, **taken)
    again = claim.on_conflict_do_update(
        constraint="uq_job_turns_job_due_at",
        set_=taken | {"ended_at": None, "error": ""},
        where=(JobTurn.attempt < attempt) & (JobTurn.state != TurnState.DONE),
    )
    return db.session.scalar(again.returning(JobTurn.turn_id))


@transactional
def _end(turn_id: UUID, state: TurnState, tally: Tally, *, by: Actor, error: str = "") -> None:
    ended = update(JobTurn).where(JobTurn.turn_id == turn_id)
    db.session.execute(
        ended.values(
            state=state,
            ended_at=func.clock_timestamp(),
            done=JobTurn.done + tally.done,
            failed=JobTurn.failed + tally.failed,
            error=error[:100],
        )
    )
