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


class NoticeGroup(Word):
    """What people choose to be told of by e-mail, in their words."""

    LEADS = "leads", _("Leads that come to you or leave you")
    VISITORS = "visitors", _("A client of yours waits at the front desk")
    ENQUIRIES = "enquiries", _("Somebody enquires again, or an enquiry is to be reviewed")
    UNANSWERED = "unanswered", _("Leads that nobody owns, answers or follows up")
    FILES = "files", _("Files and hand-overs that you asked for")
    WATCH = "watch", _("Somebody exports leads, or contacts people in spite of the guard")
    PORTALS = "portals", _("A portal cannot be read, or is quiet")


class MailState(Word):
    """How an e-mail with notices stands."""

    WAITING = "waiting", _("is tried again")
    SENDING = "sending", _("is being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("given up")
    DROPPED = "dropped", _("not wanted any more")


class MailFailure(Word):
    """Why an e-mail did not get through."""

    ADDRESS_REFUSED = "address_refused", _("The mail server does not take this address.")
    REFUSED = "refused", _("The mail server refused what was written.")
    PUT_OFF = "put_off", _("The mail server put it off.")
    CUT_OFF = "cut_off", _("The connection broke while it was being sent.")
    GIVEN_UP = "given_up", _("It could not be sent for a day.")
    BROKEN = "broken", _("It could not be written; the worker's log says why.")


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
