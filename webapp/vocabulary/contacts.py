"""What was said, how it went, what is planned, and how it is shown."""

from flask_babel import lazy_gettext as _

from webapp.vocabulary.word import Word


class ActivityType(Word):
    CALL = "call", _("Call")
    EMAIL = "email", _("E-mail")
    WHATSAPP = "whatsapp", _("WhatsApp")
    VIEWING = "viewing", _("Viewing")
    MEETING = "meeting", _("Meeting")
    OFFER_MADE = "offer_made", _("Offer made")

    @property
    def is_first_contact(self) -> bool:
        """Whether logging it on a new lead moves the lead to contacted (R8)."""
        return self in (self.CALL, self.EMAIL, self.WHATSAPP, self.MEETING)


class Outcome(Word):
    POSITIVE = "positive", _("Positive")
    NEUTRAL = "neutral", _("Neutral")
    NEGATIVE = "negative", _("Negative")


class TaskType(Word):
    CALL = "call", _("Call")
    EMAIL = "email", _("E-mail")
    WHATSAPP = "whatsapp", _("WhatsApp")
    VIEWING = "viewing", _("Viewing")


class Priority(Word):
    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


class TaskStatus(Word):
    PENDING = "pending", _("Pending")
    OVERDUE = "overdue", _("Overdue")
    COMPLETED = "completed", _("Completed")


OPEN_TASKS = (TaskStatus.PENDING, TaskStatus.OVERDUE)


class View(Word):
    """How much of a calendar is shown at once."""

    MONTH = "month", _("Month")
    WEEK = "week", _("Week")
    DAY = "day", _("Day")
    AGENDA = "agenda", _("Agenda")


class History(Word):
    """The parts of a lead's story that can be looked at alone."""

    ALL = "all", _("All")
    CONTACTS = "contacts", _("Contacts")
    FOLLOW_UPS = "follow-ups", _("Follow-ups")
    MOVES = "moves", _("Status and owner")
    ENQUIRIES = "enquiries", _("Enquiries")
    SCORE = "score", _("Score")
