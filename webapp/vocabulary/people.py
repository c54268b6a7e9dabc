"""The people who sign in, and what they are told."""

from flask_babel import lazy_gettext as _

from webapp.vocabulary.word import Word


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
    PORTAL_TROUBLE = "portal_trouble", _("Portal not read")
    PORTAL_QUIET = "portal_quiet", _("Portal quiet")
    CONTACT_BLOCKED = "contact_blocked", _("Contacted in spite of the guard")


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
