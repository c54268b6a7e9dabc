"""What people agree to, how they are reached then, how we know, and why they are erased."""

from flask_babel import lazy_gettext as _

from webapp.vocabulary.word import Word


class ConsentPurpose(Word):
    """What somebody agrees to be contacted for."""

    SEARCH = "search", _("This search")
    MARKETING = "marketing", _("Offers and news")


class ConsentChannel(Word):
    """By which way."""

    ANY = "any", _("Calls, messages and e-mail")
    CALL = "call", _("Calls")
    WHATSAPP = "whatsapp", _("WhatsApp")
    EMAIL = "email", _("E-mail")


class ConsentHow(Word):
    """How they said it."""

    FRONT_DESK = "front_desk", _("At the front desk")
    CHECK_IN = "check_in", _("When checking in by themselves")
    BY_PHONE = "by_phone", _("By phone")
    IN_WRITING = "in_writing", _("In writing")
    WEBSITE = "website", _("On the website")
    ENTERED = "entered", _("Entered with the details")


WORDING = "2026-11"
"""The version of the sentence that people agree to; it changes whenever the sentence does."""


class ErasureReason(Word):
    """Why a person is erased, in words that name nobody."""

    ASKED = "asked", _("They asked for it")
    WITHDRAWN = "withdrawn", _("They withdrew their consent")
    MISTAKE = "mistake", _("They should never have been kept")
    RETENTION = "retention", _("Kept for long enough")
