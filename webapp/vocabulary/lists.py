"""What lists, boards and reports are narrowed to and ordered by."""

from flask_babel import lazy_gettext as _

from webapp.vocabulary.leads import Status
from webapp.vocabulary.word import Word


class LeadOrder(Word):
    """How a list of leads is sorted."""

    NEWEST = "newest", _("Newest first")
    OLDEST = "oldest", _("Oldest first")
    SCORE = "score", _("Highest score first")
    NEXT_STEP = "next_step", _("Next step soonest")
    SILENT = "silent", _("Longest silence first")


class Deed(Word):
    """What can be done with many leads at once."""

    FOLLOW_UP = "follow_up", _("Follow-up")
    ASSIGN = "assign", _("Hand over")
    LOST = "lost", _("Mark as lost")


class Reason(Word):
    """Why a lead is in an agent's day, the most pressing first."""

    VISITOR = "visitor", _("Waiting at reception")
    ANSWER = "answer", _("Waits for the first answer")
    FOLLOW_UP = "follow_up", _("Follow-up")
    SILENT = "silent", _("Going silent")
    UNPLANNED = "unplanned", _("No next step")


class Period(Word):
    """How far back figures look; without one, over all time."""

    WEEK = "7d", _("7 d")
    MONTH = "30d", _("30 d")
    QUARTER = "90d", _("90 d")
    YEAR = "12m", _("12 m")
    CUSTOM = "custom", _("Custom")

    @property
    def days(self) -> int:
        """So many whole days before today."""
        return {self.WEEK: 7, self.MONTH: 30, self.QUARTER: 90, self.YEAR: 365}[self]


class Standing(Word):
    """How far leads have come, in a word."""

    ACTIVE = "active", _("Active")
    CONVERTED = "converted", _("Converted")
    LOST = "lost", _("Lost")

    @property
    def statuses(self) -> tuple[Status, ...]:
        if self == self.ACTIVE:
            return tuple(status for status in Status if not status.is_closed)
        return (Status(self.value),)


class LastContact(Word):
    """When somebody last spoke with a lead."""

    TODAY = "today", _("Contacted today")
    WEEK = "week", _("Contacted in the last 7 days")
    SILENT = "silent", _("Silent for 7 days and more")
    NEVER = "never", _("Never contacted")
    ANSWERED = "answered", _("First answered by the owner")


class Wait(Word):
    """How long something took, in the steps of R12: longer than where one begins, up to its end."""

    HOUR = "1h", _("within 1 h")
    HOURS = "4h", _("1 to 4 h")
    DAY = "24h", _("4 to 24 h")
    DAYS = "3d", _("1 to 3 days")
    LONGER = "longer", _("more than 3 days")

    @property
    def hours(self) -> tuple[int | None, int | None]:
        """Longer than so many hours, up to so many; None is no end."""
        ends = (None, 1, 4, 24, 72, None)
        place = list(Wait).index(self)
        return ends[place], ends[place + 1]


class Fit(Word):
    """Whether a lead's type, or one of its areas, is among what its owner is specialised in."""

    SPECIALISED = "specialised", _("Specialised agent")
    GENERAL = "general", _("General agent")


class NextStep(Word):
    """Whether something is planned with a lead."""

    OVERDUE = "overdue", _("Overdue")
    NONE = "none", _("Nothing planned")


class Attention(Word):
    """Why a lead needs a manager, the most pressing first; of several reasons only that one counts."""

    UNOWNED = "unowned", _("Nobody owns")
    ESCALATED = "escalated", _("Escalations")
    LATE = "late", _("Past their tier")
    OVERDUE = "overdue", _("Overdue more than 3 days")
