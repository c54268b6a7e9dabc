"""Who asks for what, the status path with its allowed moves (R8), and how it ends."""

from flask_babel import lazy_gettext as _

from webapp.vocabulary.word import Word


class Source(Word):
    BAYUT = "bayut", _("Bayut")
    PROPERTY_FINDER = "propertyFinder", _("Property Finder")
    DUBIZZLE = "dubizzle", _("Dubizzle")
    WEBSITE = "website", _("Website")
    WALK_IN = "walk_in", _("Walk-in")
    REFERRAL = "referral", _("Referral")


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
