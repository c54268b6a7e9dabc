from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from webapp import clock
from webapp.clock import DUBAI
from webapp.models import FollowUpTask
from webapp.services.calendar.entries import Day
from webapp.vocabulary import TaskType

MORNING, EVENING = 16, 40
"""The half hours that are always shown: 08:00 to 20:00."""


@dataclass(frozen=True)
class Ghost:
    """A follow-up that was dropped where it cannot be: it went back, and here is where it was wanted."""

    task_id: UUID
    name: str
    due_date: datetime


@dataclass
class Cell:
    """A half hour of a day, what is in it, and how many rows it takes; none where the one above covers it."""

    day: Day
    half_hour: int
    tasks: list[FollowUpTask] = field(default_factory=list)
    ghost: Ghost | None = None
    rows: int = 1
    is_now: bool = False
    is_past: bool = False

    @property
    def is_free(self) -> bool:
        return not self.tasks and self.ghost is None


@dataclass(frozen=True)
class Line:
    """The same half hour of all days."""

    half_hour: int
    cells: list[Cell]


def lines(days: list[Day], ghost: Ghost | None = None) -> list[Line]:
    """The days side by side, half hour by half hour; earlier and later ones than the usual where something is there.

    A viewing takes an hour where the half hour after it is free.
    """
    columns = {day.date: _column(day) for day in days}
    if ghost and (wanted := ghost.due_date.astimezone(DUBAI)).date() in columns:
        columns[wanted.date()][_half_hour(wanted)].ghost = ghost
    for column in columns.values():
        for cell, next_one in pairwise(column):
            is_viewing = any(task.type == TaskType.VIEWING and task.is_open for task in cell.tasks)
            if is_viewing and next_one.is_free and not next_one.is_now:
                cell.rows, next_one.rows = 2, 0
    busy = [cell.half_hour for column in columns.values() for cell in column if not cell.is_free or not cell.rows]
    first, last = min([MORNING, *busy]), max([EVENING - 1, *busy])
    return [Line(number, [column[number] for column in columns.values()]) for number in range(first, last + 1)]


def _column(day: Day) -> list[Cell]:
    now = clock.now().astimezone(DUBAI)
    column = [
        Cell(day, number, is_past=day.is_past or (day.is_today and number <= _half_hour(now))) for number in range(48)
    ]
    for task in day.tasks:
        column[_half_hour(task.due_date.astimezone(DUBAI))].tasks.append(task)
    if day.is_today:
        column[_half_hour(now)].is_now = True
    return column


def _half_hour(moment: datetime) -> int:
    return moment.hour * 2 + moment.minute // 30
