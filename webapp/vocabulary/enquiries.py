"""By which way an enquiry came, what became of it, and visits at reception."""

from flask_babel import lazy_gettext as _

from webapp.vocabulary.leads import Source
from webapp.vocabulary.word import Word


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
