"""What leaves as a file, and what comes as one."""

from flask_babel import lazy_gettext as _

from webapp.vocabulary.word import Word


class FileKind(Word):
    """What a list is taken away as."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"


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
