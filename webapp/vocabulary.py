"""Every closed list of the product: the words stored, their labels for people, and the allowed status moves (R8)."""

from enum import StrEnum
from typing import Self

from flask_babel import lazy_gettext as _


class Word(StrEnum):
    """One word of a closed list: its value is stored, its label is shown."""

    label: str

    def __new__(cls, value: str, label: str = ""):
        word = str.__new__(cls, value)
        word._value_ = value
        word.label = label
        return word

    @classmethod
    def stored(cls, value: str) -> Self:
        """The word that a column holds. One that another program has left there is shown as it stands."""
        if value in cls._value2member_map_:
            return cls(value)
        word = str.__new__(cls, value)
        word._name_ = word._value_ = word.label = value
        return word


class Source(Word):
    BAYUT = "bayut", _("Bayut")
    PROPERTY_FINDER = "propertyFinder", _("Property Finder")
    DUBIZZLE = "dubizzle", _("Dubizzle")
    WEBSITE = "website", _("Website")
    WALK_IN = "walk_in", _("Walk-in")
    REFERRAL = "referral", _("Referral")


class Portal(Word):
    """Who delivers to us by machine; each is a source."""

    PROPERTY_FINDER = Source.PROPERTY_FINDER.value, Source.PROPERTY_FINDER.label
    BAYUT = Source.BAYUT.value, Source.BAYUT.label
    DUBIZZLE = Source.DUBIZZLE.value, Source.DUBIZZLE.label
    WEBSITE = Source.WEBSITE.value, Source.WEBSITE.label

    @property
    def source(self) -> Source:
        return Source(self.value)

    @property
    def slug(self) -> str:
        """As it stands in an address."""
        return "property-finder" if self == self.PROPERTY_FINDER else self.value


class Status(Word):
    NEW = "new", _("New")
    CONTACTED = "contacted", _("Contacted")
    QUALIFIED = "qualified", _("Qualified")
    VIEWING_SCHEDULED = "viewing_scheduled", _("Viewing")
    NEGOTIATION = "negotiation", _("Negotiation")
    CONVERTED = "converted", _("Converted")
    LOST = "lost", _("Lost")

    @property
    def is_closed(self) -> bool:
        return self in CLOSED

    @property
    def moves(self) -> tuple["Status", ...]:
        """Where a lead may go from here."""
        return MOVES[self]

    @property
    def forward(self) -> "Status | None":
        """The next step on the way to a deal."""
        return self.moves[0] if self.moves else None


MOVES = {
    Status.NEW: (Status.CONTACTED, Status.LOST),
    Status.CONTACTED: (Status.QUALIFIED, Status.LOST),
    Status.QUALIFIED: (Status.VIEWING_SCHEDULED, Status.LOST),
    Status.VIEWING_SCHEDULED: (Status.NEGOTIATION, Status.QUALIFIED, Status.LOST),
    Status.NEGOTIATION: (Status.CONVERTED, Status.LOST),
    Status.CONVERTED: (),
    Status.LOST: (),
}
CLOSED = (Status.CONVERTED, Status.LOST)


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


class FileKind(Word):
    """What a list is taken away as."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"


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


class Team(Word):
    """A part of the agents of the office."""

    ON_DUTY = "on_duty", _("On duty")
    NEAR = "near", _("40 and over")
    ATTENTION = "attention", _("Full or away")
    LEFT = "left", _("Left")


class AgentOrder(Word):
    """How the agents are sorted."""

    LOAD = "load", _("Most leads first")
    NAME = "name", _("By name")
    RATE = "rate", _("Best conversion rate first")
    RESPONSE = "response", _("Fastest first answer first")
    EXPIRY = "expiry", _("Broker number ends soonest")


class JobName(Word):
    """What the office does by itself, in words."""

    OVERDUE = "overdue", _("Follow-ups become overdue")
    EXPORTS = "exports", _("Long exports are made")
    HANDOVERS = "handovers", _("Long hand-overs are made")
    IMPORTS = "imports", _("Long files are imported")
    INACTIVITY = "inactivity", _("Silence costs points")
    METRICS = "metrics", _("Figures of the agents")
    REASSIGN_STALE = "reassign-stale", _("Unanswered leads move on")
    INTAKE = "intake", _("What portals sent is taken up")
    CLEAN_UP = "clean-up", _("What is over is cleared away")


class TurnState(Word):
    """How a job's turn stands."""

    ASKED = "asked", _("starts within a minute")
    RUNNING = "running", _("at it")
    DONE = "done", _("done")
    BROKEN = "broken", _("failed")
    STOPPED = "stopped", _("stopped halfway, goes on")


class PropertyType(Word):
    APARTMENT = "apartment", _("Apartment")
    VILLA = "villa", _("Villa")
    TOWNHOUSE = "townhouse", _("Townhouse")
    COMMERCIAL = "commercial", _("Commercial")


class WantedType(Word):
    """What leads look for, as lists are narrowed to it: a property type, or none given."""

    APARTMENT = PropertyType.APARTMENT.value, PropertyType.APARTMENT.label
    VILLA = PropertyType.VILLA.value, PropertyType.VILLA.label
    TOWNHOUSE = PropertyType.TOWNHOUSE.value, PropertyType.TOWNHOUSE.label
    COMMERCIAL = PropertyType.COMMERCIAL.value, PropertyType.COMMERCIAL.label
    NONE = "none", _("No property type")


class Purpose(Word):
    BUY = "buy", _("Buy")
    RENT = "rent", _("Rent")


class Language(Word):
    """What `leads.language_preference` may hold."""

    ARABIC = "arabic", _("Arabic")
    ENGLISH = "english", _("English")


class SpokenLanguage(Word):
    """What people speak at the desk and what agents list as skills."""

    ARABIC = "arabic", _("Arabic")
    ENGLISH = "english", _("English")
    RUSSIAN = "russian", _("Russian")
    HINDI = "hindi", _("Hindi")
    URDU = "urdu", _("Urdu")
    FRENCH = "french", _("French")
    CHINESE = "chinese", _("Chinese")
    PERSIAN = "persian", _("Persian")
    GERMAN = "german", _("German")


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


class InterestLevel(Word):
    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


class ConversionType(Word):
    SALE = "sale", _("Sale")
    RENTAL = "rental", _("Rental")
    LOST = "lost", _("Lost")


class DealType(Word):
    """The conversion types a person may choose."""

    SALE = "sale", _("Sale")
    RENTAL = "rental", _("Rental")


class LostReason(Word):
    PRICE = "price", _("Price")
    AREA = "area", _("Area")
    BOUGHT_ELSEWHERE = "bought_elsewhere", _("Bought elsewhere")
    NO_ANSWER = "no_answer", _("No answer")
    NOT_SERIOUS = "not_serious", _("Not serious")
    OTHER = "other", _("Other")


class LostBecause(Word):
    """Why leads were lost, as lists are narrowed to it: a reason, or none given."""

    PRICE = LostReason.PRICE.value, LostReason.PRICE.label
    AREA = LostReason.AREA.value, LostReason.AREA.label
    BOUGHT_ELSEWHERE = LostReason.BOUGHT_ELSEWHERE.value, LostReason.BOUGHT_ELSEWHERE.label
    NO_ANSWER = LostReason.NO_ANSWER.value, LostReason.NO_ANSWER.label
    NOT_SERIOUS = LostReason.NOT_SERIOUS.value, LostReason.NOT_SERIOUS.label
    OTHER = LostReason.OTHER.value, LostReason.OTHER.label
    NONE = "none", _("No reason given")


class Channel(Word):
    """How an enquiry reached us."""

    VISIT = "visit", _("Visit")
    CALL = "call", _("Call")
    WHATSAPP = "whatsapp", _("WhatsApp")
    EMAIL = "email", _("E-mail")
    WEB_FORM = "web_form", _("Web form")
    BY_HAND = "by_hand", _("Entered by hand")
    API = "api", _("By a program")
    FILE = "file", _("From a file")
    UNKNOWN = "unknown", _("Not said")


class EnquiryState(Word):
    CAPTURED = "captured", _("Became a lead")
    ATTACHED = "attached", _("Added to a lead")
    NEEDS_REVIEW = "needs_review", _("Needs review")
    FAILED = "failed", _("Failed")
    IGNORED = "ignored", _("Set aside")


WAITING_STATES = (EnquiryState.NEEDS_REVIEW, EnquiryState.FAILED)


class Why(Word):
    """Why an enquiry is no lead yet, or none at all."""

    NO_PHONE = "no_phone", _("No phone number")
    BAD_PHONE = "bad_phone", _("The number cannot be called")
    UNREADABLE = "unreadable", _("Nobody could read it")
    REFUSED = "refused", _("It could not become a lead")
    BROKE = "broke", _("An error nobody expected")
    BROKER = "broker", _("From a broker")
    CLOSED = "closed", _("Closed without a lead")


class DeliveryState(Word):
    """What became of something that was delivered to us."""

    RECEIVED = "received", _("Just received")
    TAKEN = "taken", _("Taken up")
    FAILED = "failed", _("Failed")


class VisitStatus(Word):
    WAITING = "waiting", _("Waiting")
    RECEIVED = "received", _("Received")
    LEFT = "left", _("Left")
    NO_SHOW = "no_show", _("No-show")


VISIT_MOVES = {
    VisitStatus.WAITING: (VisitStatus.RECEIVED, VisitStatus.LEFT, VisitStatus.NO_SHOW),
    VisitStatus.RECEIVED: (VisitStatus.LEFT,),
    VisitStatus.LEFT: (),
    VisitStatus.NO_SHOW: (),
}


class AssignmentKind(Word):
    """How an agent came to own a lead."""

    SAME_PERSON = "same_person", _("Same client")
    OWN = "own", _("Added by the agent")
    BEST_MATCH = "best_match", _("Best match")
    BY_HAND = "by_hand", _("By hand")
    STALE = "stale", _("Nobody had answered")
    GIVEN_BACK = "given_back", _("Hand-over undone")


class HandoverState(Word):
    """What became of one lead of a hand-over."""

    WAITING = "waiting", _("Still to go")
    MOVED = "moved", _("Moved")
    STAYED = "stayed", _("Stayed")
    RETURNED = "returned", _("Given back")
    KEPT = "kept", _("Not given back")


class ImportState(Word):
    """How far the import of a file is."""

    UPLOADED = "uploaded", _("Columns to choose")
    CHECKING = "checking", _("Being checked")
    UNREADABLE = "unreadable", _("Cannot be read")
    CHECKED = "checked", _("Ready to import")
    RUNNING = "running", _("Being imported")
    DONE = "done", _("Imported")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


class ImportRowState(Word):
    """What will become, and what became, of one row of a file."""

    NEW = "new", _("Become leads")
    REPEAT = "repeat", _("Belong to leads you have")
    REFUSED = "refused", _("Not imported")
    CREATED = "created", _("Became leads")
    ATTACHED = "attached", _("Belonged to leads you had")
    REMOVED = "removed", _("Taken back")
    KEPT = "kept", _("Not taken back")


class LeadColumn(Word):
    """What a column of a file may hold; the words of lists that are taken away (services/exports/rows.py)."""

    PHONE = "phone", _("Phone number")
    NAME = "name", _("First and last name")
    FIRST_NAME = "first_name", _("First name")
    LAST_NAME = "last_name", _("Last name")
    EMAIL = "email", _("E-mail")
    SOURCE = "source_type", _("Source")
    STATUS = "status", _("Status")
    PROPERTY_TYPE = "property_type", _("Property type")
    AREAS = "preferred_areas", _("Areas")
    BUDGET_MIN = "budget_min", _("Budget from, AED")
    BUDGET_MAX = "budget_max", _("Budget up to, AED")
    PURPOSE = "purpose", _("Looks for")
    BEDROOMS = "bedrooms", _("Bedrooms")
    NATIONALITY = "nationality", _("Nationality")
    LANGUAGE = "language_preference", _("Speaks")
    SPOKEN = "spoken_language", _("Another language")
    CONSENT = "consent", _("Agrees to be contacted")
    MESSAGE = "message", _("Notes")
    CAMPAIGN = "campaign_id", _("Campaign")
    CREATED_AT = "created_at", _("Came in")
    CLOSED_AT = "closed_at", _("Closed on")
    DEAL_TYPE = "conversion_type", _("Deal")
    DEAL_VALUE = "deal_value", _("Deal value, AED")
    LOST_REASON = "lost_reason", _("Lost because")


class ScoreReason(Word):
    """What kind of change a score line belongs to (R3)."""

    DETAILS = "details", _("Details")
    ACTIVITY = "activity", _("Activity")
    SILENCE = "silence", _("Silence")
    MERGE = "merge", _("Merge")


class Alike(Word):
    """What two leads share that may be of one person, the most telling first."""

    PHONE = "phone", _("Same phone")
    EMAIL = "email", _("Same e-mail")
    WHATSAPP = "whatsapp", _("Same WhatsApp name")
    NAME = "name", _("Same or similar name")


class Side(Word):
    """Which of two leads somebody chose a value of."""

    LEAD = "lead", _("This one")
    OTHER = "other", _("The other one")

    @property
    def opposite(self) -> "Side":
        return Side.OTHER if self == Side.LEAD else Side.LEAD


class History(Word):
    """The parts of a lead's story that can be looked at alone."""

    ALL = "all", _("All")
    CONTACTS = "contacts", _("Contacts")
    FOLLOW_UPS = "follow-ups", _("Follow-ups")
    MOVES = "moves", _("Status and owner")
    ENQUIRIES = "enquiries", _("Enquiries")
    SCORE = "score", _("Score")


class NoticeKind(Word):
    LEAD_ASSIGNED = "lead_assigned", _("New lead")
    LEAD_TAKEN = "lead_taken", _("Lead moved")
    VISITOR_WAITING = "visitor_waiting", _("Visitor")
    REPEAT_ENQUIRY = "repeat_enquiry", _("Enquired again")
    LEAD_UNASSIGNED = "lead_unassigned", _("Nobody owns it")
    FOLLOW_UP_ESCALATED = "follow_up_escalated", _("30 days overdue")
    LEADS_EXPORTED = "leads_exported", _("Export")
    EXPORT_MADE = "export_made", _("File ready")
    EXPORT_FAILED = "export_failed", _("File failed")
    LEAD_ESCALATED = "lead_escalated", _("Nobody answers")
    HANDOVER_ENDED = "handover_ended", _("Hand-over done")
    HANDOVER_UNDONE = "handover_undone", _("Hand-over undone")
    ENQUIRY_WAITING = "enquiry_waiting", _("Enquiry to review")
    IMPORT_CHECKED = "import_checked", _("File checked")
    IMPORT_ENDED = "import_ended", _("File imported")
    IMPORT_UNDONE = "import_undone", _("Import undone")
    IMPORT_BROUGHT = "import_brought", _("New leads")


class Role(Word):
    ADMIN = "admin", _("Admin")
    MANAGER = "manager", _("Manager")
    AGENT = "agent", _("Agent")
    RECEPTIONIST = "receptionist", _("Reception")


class Interface(Word):
    """The languages of the pages."""

    ENGLISH = "en", "English"
    ARABIC = "ar", "العربية"


class Theme(Word):
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")
    SYSTEM = "system", _("As the device")


CAP = 50
"""Active leads an agent may hold at most (R6)."""
NEAR_CAP = 40
"""From how many active leads on an agent is near it (R12)."""

CANONICAL_RULES = (
    _("Budget over AED 10M"),
    _("Budget over AED 5M"),
    _("Budget over AED 2M"),
    _("Any budget given"),
    _("Source: referral"),
    _("Source: Bayut"),
    _("Source: Property Finder"),
    _("Source: website"),
    _("Source: Dubizzle"),
    _("Source: walk-in"),
    _("UAE national"),
    _("GCC national"),
    _("Property type known"),
    _("Preferred area known"),
    _("Referred by an agent"),
    _("Positive outcome"),
    _("Viewing held"),
    _("Offer made"),
    _("Silent for 7 days"),
    _("Answered within 1 hour"),
    _("Answered within 4 hours"),
    _("Answered within 24 hours"),
    _("Answered within 72 hours"),
    _("Answered after 72 hours"),
    _("No scoring rules"),
    _("Score brought along"),
    _("Points without a line"),
    _("As before the merge"),
)
"""The names of the rules we ship, so that pages can show them in either language."""
