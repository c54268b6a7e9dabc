from uuid import UUID

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, ValidationError

from webapp import cleaning
from webapp.errors import Invalid
from webapp.forms.base import Form
from webapp.forms.fields import (
    AREA_SEPARATORS,
    KeyField,
    MoneyField,
    StateField,
    TextField,
    WholeNumberField,
    WordField,
)
from webapp.forms.parts import PartForm
from webapp.vocabulary import ActivityType, Begin, Bound, ConditionType, Outcome, Source

MOST_POINTS = 100
DAYS, HOURS, MOST_BUDGET = 365, 8760, 500_000_000
MINUS = "-−–"


class PointsField(WholeNumberField):
    """Points a rule gives or takes: -100 to 100, with or without a sign."""

    def __init__(self, label, **kwargs):
        super().__init__(label, 0, MOST_POINTS, **kwargs | {"render_kw": {"inputmode": "text", "maxlength": 4}})

    def parse(self, typed):
        plain = typed.strip()
        takes = plain[:1] in tuple(MINUS)
        try:
            points = super().parse(plain[1:] if takes or plain[:1] == "+" else plain)
        except ValueError:
            raise ValueError(_("Write whole points from -100 to 100.")) from None
        return -points if takes else points


class NamesField(TextField):
    """Names between commas, in any spelling."""

    def process_formdata(self, valuelist):
        super().process_formdata(valuelist)
        self.data = [name.strip() for name in AREA_SEPARATORS.split(self.data) if name.strip()]

    def _value(self):
        return self.data if isinstance(self.data, str) else ", ".join(self.data or ())


class SeenForm(Form):
    """A button on a draft: which of its versions somebody has before them."""

    version = StateField()


class SwitchForm(SeenForm):
    """Whether a rule of the draft counts."""

    enabled = BooleanField(_("Counts"))


class MoveForm(SeenForm):
    """Where a rule of the draft goes."""

    up = BooleanField(_("Up"))


class BeginForm(Form):
    """What a draft begins from: rules that we know by a word, or a set of the office."""

    start = WordField(_("Begin from"), Begin, blank="")
    set_id = KeyField()

    @property
    def chosen(self):
        return self.start.data or self.set_id.data or Begin.IN_FORCE


class ApplyForm(SeenForm):
    """The draft as it was previewed, and what its set is to be called."""

    name = TextField(_("Name of this set"), 100)


class AgainForm(Form):
    """An earlier set."""

    set_id = KeyField()

    @property
    def chosen(self) -> UUID:
        """The set that is named; one that nobody has where it is none."""
        return self.set_id.data or UUID(int=0)


class RuleForm(SeenForm):
    """A rule of the draft; each kind of condition adds the fields that it asks."""

    kind = HiddenField()
    name = TextField(_("Name"), 100)
    points = PointsField(_("Points"))

    KIND: ConditionType
    ASKED: tuple[str, ...] = ()

    def validate_name(self, field):
        if not field.data and not field.errors:
            raise ValidationError(_("Name the rule: scores are explained by it."))

    def validate_points(self, field):
        if field.data is None and not field.errors:
            raise ValidationError(_("Write whole points from -100 to 100."))

    @property
    def asked(self) -> list:
        """The fields of this kind of condition."""
        return [self._fields[name] for name in self.ASKED]

    @property
    def condition(self) -> dict:
        """What the rule asks, as it is kept."""
        return {"type": self.KIND.value} | self.answers()

    def answers(self) -> dict:
        return {}

    @classmethod
    def answered(cls, condition: dict) -> dict:
        """The fields' values of a condition that is kept."""
        return {}


def given(_form, field) -> None:
    """Refuse a condition that leaves this out."""
    if field.data in (None, [], "") and not field.errors:
        raise ValidationError(_("A rule of this kind needs it."))


class SourceRuleForm(RuleForm):
    KIND, ASKED = ConditionType.SOURCE, ("source",)
    source = WordField(_("Source"), Source)

    def answers(self):
        return {"value": self.source.data.value}

    @classmethod
    def answered(cls, condition):
        return {"source": Source.spelled(condition["value"])}


class BudgetRuleForm(RuleForm):
    KIND, ASKED = ConditionType.BUDGET_MIN, ("threshold",)
    threshold = MoneyField(_("Budget above, AED"), validators=[given])

    def validate_threshold(self, field):
        if field.data is not None and not 0 <= field.data <= MOST_BUDGET:
            raise ValidationError(_("From 0 to 500,000,000 AED."))

    def answers(self):
        amount = self.threshold.data
        return {"threshold": int(amount) if amount == int(amount) else float(amount)}

    @classmethod
    def answered(cls, condition):
        return {"threshold": cleaning.money(str(condition["threshold"]))}


class NationalityRuleForm(RuleForm):
    KIND, ASKED = ConditionType.NATIONALITY, ("nationalities",)
    nationalities = NamesField(_("Nationalities, between commas"), 1000, validators=[given])

    def answers(self):
        return {"values": self.nationalities.data}

    @classmethod
    def answered(cls, condition):
        return {"nationalities": list(condition["values"])}


class TypeKnownRuleForm(RuleForm):
    KIND = ConditionType.PROPERTY_TYPE


class AreaKnownRuleForm(RuleForm):
    KIND = ConditionType.PREFERRED_AREAS


class ReferralRuleForm(RuleForm):
    KIND = ConditionType.REFERRAL


class ActivityRuleForm(RuleForm):
    KIND, ASKED = ConditionType.ACTIVITY_TYPE, ("activity",)
    activity = WordField(_("Kind of contact"), ActivityType)

    def answers(self):
        return {"value": self.activity.data.value}

    @classmethod
    def answered(cls, condition):
        return {"activity": ActivityType.spelled(condition["value"])}


class OutcomeRuleForm(RuleForm):
    KIND, ASKED = ConditionType.ACTIVITY_OUTCOME, ("outcome",)
    outcome = WordField(_("Outcome"), Outcome)

    def answers(self):
        return {"value": self.outcome.data.value}

    @classmethod
    def answered(cls, condition):
        return {"outcome": Outcome.spelled(condition["value"])}


class ResponseRuleForm(RuleForm):
    KIND, ASKED = ConditionType.RESPONSE_TIME, ("bound", "hours")
    bound = WordField(_("The first answer came"), Bound)
    hours = WholeNumberField(_("Hours"), 0, HOURS, validators=[given])

    def answers(self):
        return {"max_hours" if self.bound.data == Bound.WITHIN else "min_hours": self.hours.data}

    @classmethod
    def answered(cls, condition):
        within = "max_hours" in condition
        hours = condition["max_hours" if within else "min_hours"]
        return {"bound": Bound.WITHIN if within else Bound.AFTER, "hours": hours}


class SilenceRuleForm(RuleForm):
    KIND, ASKED = ConditionType.INACTIVITY_DAYS, ("days",)
    days = WholeNumberField(_("Days without a contact"), 1, DAYS, validators=[given])

    def answers(self):
        return {"threshold": self.days.data}

    @classmethod
    def answered(cls, condition):
        return {"days": condition["threshold"]}


FORMS: dict[ConditionType, type[RuleForm]] = {
    form.KIND: form
    for form in (
        SourceRuleForm,
        BudgetRuleForm,
        NationalityRuleForm,
        TypeKnownRuleForm,
        AreaKnownRuleForm,
        ReferralRuleForm,
        ActivityRuleForm,
        OutcomeRuleForm,
        ResponseRuleForm,
        SilenceRuleForm,
    )
}


class KindForm(PartForm):
    """Which kind of rule is wanted, as the URL holds it; what it cannot read is ignored."""

    kind = WordField("", ConditionType, blank="")

    @property
    def chosen(self) -> ConditionType | None:
        self.validate()
        return self.kind.data


def sent_rule() -> RuleForm:
    """The form of the kind of rule that was sent; refused where there is no such kind."""
    kind = request.form.get("kind", "")
    if kind not in [one.value for one in ConditionType]:
        raise Invalid(_("Choose what the rule asks."), code="validation_error")
    return FORMS[ConditionType(kind)]()


def filled_rule(kind: ConditionType, version: int, *, name: str = "", points: int | None = None, condition=None):
    """The form of a rule of this kind, as it is or still empty."""
    form = FORMS[kind]
    told = form.answered(condition) if condition else {}
    return form(formdata=None, data={"kind": kind.value, "version": version, "name": name, "points": points} | told)
