import re
from functools import cache

import wtforms
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from werkzeug.datastructures import MultiDict

from webapp import areas, phones
from webapp.forms.base import Form
from webapp.forms.fields import (
    ColumnsField,
    FileField,
    LongTextField,
    MoneyField,
    OwnWordsField,
    PastField,
    TextField,
    WordField,
    WordsField,
)
from webapp.forms.leads import DetailsFields
from webapp.forms.parts import PartForm
from webapp.services.imports import Said
from webapp.services.leads import Origin, phone_refusal
from webapp.services.pipeline import Deal, Past
from webapp.vocabulary import (
    Channel,
    DealType,
    ImportRowState,
    Interface,
    Language,
    LeadColumn,
    LostReason,
    PropertyType,
    Purpose,
    Source,
    SpokenLanguage,
    Status,
    Word,
)

CLOSED_LISTS: dict[LeadColumn, type[Word]] = {
    LeadColumn.SOURCE: Source,
    LeadColumn.STATUS: Status,
    LeadColumn.PROPERTY_TYPE: PropertyType,
    LeadColumn.PURPOSE: Purpose,
    LeadColumn.LANGUAGE: Language,
    LeadColumn.SPOKEN: SpokenLanguage,
    LeadColumn.DEAL_TYPE: DealType,
    LeadColumn.LOST_REASON: LostReason,
}
OTHERS: dict[Word, str] = {
    Source.PROPERTY_FINDER: "pf, بروبرتي فايندر",
    Source.BAYUT: "بيوت",
    Source.DUBIZZLE: "دوبيزل",
    Source.WEBSITE: "web, site, online, الموقع",
    Source.WALK_IN: "walk in, walkin, reception, office visit",
    Source.REFERRAL: "referred, refer, إحالة, توصية",
    Status.VIEWING_SCHEDULED: "viewing, viewing scheduled",
    Status.NEGOTIATION: "negotiating",
    Status.CONVERTED: "won, closed won, sold, deal, rented",
    Status.LOST: "closed lost, dead",
    PropertyType.APARTMENT: "flat, apt, apartments, studio, شقة",
    PropertyType.VILLA: "villas, فيلا, فلة",
    PropertyType.TOWNHOUSE: "town house, townhouses, تاون هاوس",
    PropertyType.COMMERCIAL: "office, shop, retail, warehouse, مكتب, محل",
    Purpose.BUY: "sale, for sale, purchase, buyer, شراء",
    Purpose.RENT: "rental, for rent, lease, tenant, ايجار, إيجار",
    Language.ARABIC: "ar, عربي",
    Language.ENGLISH: "en, انجليزي, إنجليزي",
    DealType.SALE: "sold, بيع",
    DealType.RENTAL: "rent, rented, lease, ايجار, إيجار",
}
YES = {"yes", "y", "true", "1", "x", "نعم", "اجل"}
NO = {"no", "n", "false", "0", "لا"}


class UploadForm(Form):
    """A file of leads."""

    file = FileField(lazy("File"), render_kw={"accept": ".csv,.txt,.tsv,.xlsx"})


class ChooseForm(Form):
    """What its columns hold, and the source of rows that name none."""

    columns = ColumnsField(lazy("Columns"), LeadColumn)
    source_type = WordField(lazy("Source of rows that name none"), Source, blank=lazy("The file says it"))


class LinesForm(PartForm):
    """Which rows of an import its page lists, as the URL holds it; what it cannot read is ignored."""

    show = WordsField(lazy("Show"), ImportRowState)
    change = TextField("", 1)


class RowForm(DetailsFields, wtforms.Form):
    """One row, as a form would send it."""

    source_type = WordField("", Source)
    message = LongTextField("", 2000)
    campaign_id = TextField("", 100)
    status = WordField("", Status, blank="")
    created_at = PastField("")
    closed_at = PastField("")
    conversion_type = WordField("", DealType, blank="")
    deal_value = MoneyField("")
    lost_reason = OwnWordsField("", 200)

    def validate_phone(self, field) -> None:
        if phones.to_e164(field.data) is None:
            raise wtforms.ValidationError(phone_refusal(field.data or ""))

    def origin(self) -> Origin:
        return Origin(
            channel=Channel.FILE,
            message=self.message.data,
            campaign_id=self.campaign_id.data or None,
            came_at=self.created_at.data,
            past=self.past(),
        )

    def past(self) -> Past | None:
        status = self.status.data or Status.NEW
        if status == Status.NEW:
            return None
        deal = Deal(self.conversion_type.data, self.deal_value.data) if status == Status.CONVERTED else None
        told = self.lost_reason.data or ""
        reason = _known(LeadColumn.LOST_REASON, told)
        return Past(
            status,
            closed_at=self.closed_at.data,
            deal=deal,
            lost_reason=LostReason(reason or LostReason.OTHER) if status == Status.LOST else None,
            notes="" if reason else told,
        )

    def ends(self) -> dict[str, str]:
        """What is missing or too much for how it ended (R8)."""
        status, wrong = self.status.data, {}
        if status == Status.CONVERTED and not self.deal_value.data:
            wrong["deal_value"] = _("Say what was sold or rented, and for how much.")
        elif status == Status.CONVERTED and self.conversion_type.data is None:
            wrong["conversion_type"] = _("Say whether it was a sale or a rental.")
        if status == Status.LOST and not self.lost_reason.data:
            wrong["lost_reason"] = _("Say why it was lost.")
        came, closed = self.created_at.data, self.closed_at.data
        if closed and not (status and status.is_closed):
            wrong["closed_at"] = _("Only a converted or lost lead is closed.")
        if closed and came and closed < came:
            wrong["closed_at"] = _("It cannot be closed before it came in.")
        return wrong


def read_row(values: dict[LeadColumn, str], source: Source | None) -> Said:
    """What the cells of a row say, in the same words and by the same rules as what people type."""
    values = {column: cell.strip() for column, cell in values.items()}
    wrong: dict[LeadColumn, str] = {}
    sent: MultiDict = MultiDict({"source_type": source} if source else {})
    for column, cell in _names(values).items():
        if column == LeadColumn.NAME:
            continue
        if column == LeadColumn.CONSENT:
            if _bare(cell) in YES:
                sent["consent"] = "y"
            elif _bare(cell) not in NO:
                wrong[column] = _("Write yes or no.")
        elif column in CLOSED_LISTS and column != LeadColumn.LOST_REASON:
            other = _known(LeadColumn.SPOKEN, cell) if column == LeadColumn.LANGUAGE else None
            if known := _known(column, cell):
                sent[column.value] = known
            elif other and LeadColumn.SPOKEN not in values:
                sent["spoken_language"] = other
            else:
                words = ", ".join(str(word.label) for word in CLOSED_LISTS[column])
                wrong[column] = _("“%(cell)s” is none of these: %(words)s.", cell=cell[:50], words=words)
        else:
            sent[column.value] = cell
    form = RowForm(sent)
    form.validate()
    found = {name: " ".join(map(str, errors)) for name, errors in form.errors.items()} or form.ends()
    for name, sentence in found.items():
        wrong.setdefault(_column(name, values), sentence)
    if wrong:
        return Said(wrong=wrong)
    return Said(form.details(form.source_type.data), form.origin())


def _names(values: dict[LeadColumn, str]) -> dict[LeadColumn, str]:
    """A whole name as first and last name, where the file does not part them."""
    whole = values.get(LeadColumn.NAME, "")
    if not whole or LeadColumn.FIRST_NAME in values or LeadColumn.LAST_NAME in values:
        return values
    first, _space, last = whole.partition(" ")
    parted = {LeadColumn.FIRST_NAME: first, LeadColumn.LAST_NAME: last.strip()}
    return {**values, **parted, LeadColumn.NAME: ""}


def _column(name: str, values: dict[LeadColumn, str]) -> LeadColumn:
    column = LeadColumn(name)
    if column in (LeadColumn.FIRST_NAME, LeadColumn.LAST_NAME) and column not in values:
        return LeadColumn.NAME
    return column


def _known(column: LeadColumn, cell: str) -> str | None:
    return _spellings()[column].get(_bare(cell))


@cache
def _spellings() -> dict[LeadColumn, dict[str, str]]:
    """Every spelling of every word that a column may hold, in both languages."""
    found: dict[LeadColumn, dict[str, str]] = {column: {} for column in CLOSED_LISTS}
    for column, words in CLOSED_LISTS.items():
        for word in words:
            spellings = [word.value, *OTHERS.get(word, "").split(",")]
            for language in Interface:
                with force_locale(language):
                    spellings.append(str(word.label))
            found[column] |= {_bare(spelling): word.value for spelling in spellings if spelling}
    return found


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", areas.fold(text))
