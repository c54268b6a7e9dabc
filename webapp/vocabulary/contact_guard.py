"""How a call ended, which ways to a person are closed and why, and what the contact guard says of a contact."""

from flask_babel import lazy_gettext as _

from webapp.vocabulary.word import Word


class CallResult(Word):
    """What came of a call."""

    ANSWERED = "answered", _("Answered")
    NO_ANSWER = "no_answer", _("No answer")
    BUSY = "busy", _("Busy")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    REFUSED = "refused", _("Refused")
    CALLBACK_REQUESTED = "callback_requested", _("Asked to be called back")

    @property
    def is_unanswered(self) -> bool:
        """Whether it counts against how often somebody who does not answer may be called."""
        return self in (self.NO_ANSWER, self.BUSY)


class ContactChannel(Word):
    """A way by which we reach a person."""

    CALL = "call", _("Calls")
    WHATSAPP = "whatsapp", _("WhatsApp")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")


class StopChannel(Word):
    """Which ways a do-not-contact closes."""

    CALL = ContactChannel.CALL.value, ContactChannel.CALL.label
    WHATSAPP = ContactChannel.WHATSAPP.value, ContactChannel.WHATSAPP.label
    EMAIL = ContactChannel.EMAIL.value, ContactChannel.EMAIL.label
    SMS = ContactChannel.SMS.value, ContactChannel.SMS.label
    ALL = "all", _("Every way")

    def closes(self, channel: ContactChannel) -> bool:
        """Whether it closes this way."""
        return self in (self.ALL, channel.value)


class StopReason(Word):
    """Why a person is not to be contacted."""

    ASKED = "asked", _("Asked not to be contacted")
    REFUSED = "refused", _("Refused this offer")
    DNC_REGISTER = "dnc_register", _("On the Do Not Call register")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    OTHER = "other", _("Another reason")

    @property
    def is_of_number(self) -> bool:
        """Whether it says something of one number alone, not of the person."""
        return self == self.WRONG_NUMBER


class ContactOrigin(Word):
    """What a contact is: the answer to something that the person asked, or our own idea."""

    ENQUIRY = "enquiry", _("Enquiry")
    MARKETING = "marketing", _("Marketing")


class ContactState(Word):
    """What the guard says of a way to a person now."""

    FREE = "free", _("Free")
    WARN = "warn", _("Careful")
    BLOCKED = "blocked", _("Not now")


class ContactWhy(Word):
    """Why a way is not free."""

    STOPPED = "stopped", _("Do not contact")
    WITHDRAWN = "withdrawn", _("Consent was withdrawn")
    UNANSWERED_TODAY = "unanswered_today", _("Called without an answer in the last 24 hours")
    UNANSWERED_THIS_WEEK = "unanswered_this_week", _("Called without an answer too often in the last 7 days")
    OUTSIDE_HOURS = "outside_hours", _("Outside the hours for calls")
    NO_CONSENT = "no_consent", _("No consent is on record")
