"""By which way an enquiry came, what became of it, and visits at reception."""

from typing import Self

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

    @property
    def serves(self) -> bool:
        """Whether it can be asked for what it holds."""
        return self != self.WEBSITE


class PullFailure(Word):
    """Why a portal could not be read."""

    NO_KEY = "no_key", _("The key of the portal cannot be read here: type it again.")
    KEY_REFUSED = "key_refused", _("The portal refuses the key: it has run out, or lacks a right.")
    NOT_JSON = "not_json", _("The portal answered with a web page, as it does when a key has run out.")
    TOO_MANY = "too_many", _("The portal asks us to wait.")
    BROKEN = "broken", _("The portal has an error of its own.")
    UNREACHABLE = "unreachable", _("The portal could not be reached, or broke off.")
    UNKNOWN_ANSWER = "unknown_answer", _("The portal answered in a way that nobody knows.")
    NOT_TAKEN = "not_taken", _("The portal did not understand the question.")
    TOO_OLD = "too_old", _("What came in longer ago than the portal tells could not be fetched.")

    @property
    def passes(self) -> bool:
        """Whether it may be over by itself in a while."""
        return self in (self.TOO_MANY, self.BROKEN, self.UNREACHABLE)

    @property
    def is_of_account(self) -> bool:
        """Whether it makes no sense to ask the portal anything else now."""
        return self.passes or self in (self.NO_KEY, self.KEY_REFUSED, self.NOT_JSON)


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
    SUSPICIOUS = "suspicious", _("It may be spam")
    SPAM = "spam", _("Spam")
    CHECK_IN = "check_in", _("Checked in, not greeted yet")


class ConsentWording(Word):
    """The words that visitors of the website agree to, as each version said them; the last is the current one."""

    V1 = "2026-11", _("I agree that you contact me about my enquiry by phone, WhatsApp or e-mail.")

    @classmethod
    def current(cls) -> Self:
        return list(cls)[-1]


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
