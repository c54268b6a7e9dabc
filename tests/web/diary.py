"""What the calendar's tests share: a day far ahead, a lead with nothing planned, and what is planned with her."""

from tests.factories import a_lead, sql, value
from webapp.models import Lead
from webapp.services import tasks
from webapp.services.tasks import FollowUp
from webapp.vocabulary import TaskType

THURSDAY = "2030-03-14"
VIEWS = ("month", "week", "day", "agenda")
WEEK = f"/tasks?view=week&date={THURSDAY}"


def layla() -> Lead:
    """A lead of whoever is on duty; nothing is planned with her yet."""
    lead = a_lead("+971501234567", first_name="Layla", last_name="Haddad")
    sql("DELETE FROM follow_up_tasks")
    return lead


def planned(lead, at: str, *, by, type=TaskType.CALL) -> str:
    """The id of a new follow-up, `at` as in `2030-03-14 10:00` in Dubai."""
    due = value("SELECT %s::timestamp AT TIME ZONE 'Asia/Dubai'", at)
    return str(tasks.schedule(lead.lead_id, FollowUp(type, due), by=by).task_id)


def due(task_id) -> str:
    return value(
        """SELECT to_char(due_date AT TIME ZONE 'Asia/Dubai', 'YYYY-MM-DD HH24:MI')
           FROM follow_up_tasks WHERE task_id = %s""",
        task_id,
    )


def show(browser, htmx=False, **query):
    return browser.get("calendar.show", htmx=htmx, target="calendar" if htmx else None, **query)
