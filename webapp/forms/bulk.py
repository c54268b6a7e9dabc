from uuid import UUID

from flask_babel import lazy_gettext as _
from wtforms import Field, HiddenField, StringField, ValidationError
from wtforms import Form as PlainForm

from webapp.forms.base import CreateForm, Form
from webapp.forms.fields import (
    LongTextField,
    MomentField,
    RowField,
    RowIdField,
    StateField,
    TextField,
    WordField,
    WordRadioField,
)
from webapp.services.tasks import FollowUp
from webapp.vocabulary import Deed, FileKind, LostReason, Priority, TaskType


class RowsField(Field):
    """Rows by their UUIDs; what is none is ignored."""

    repeats = True
    data: list[UUID]

    def process_data(self, value):
        self.data = list(value or ())

    def process_formdata(self, valuelist):
        self.data = []
        for text in valuelist:
            try:
                self.data.append(UUID(text))
            except ValueError:
                continue


class ChosenForm(PlainForm):
    """Which leads were ticked, or whose or which list's active ones are meant, and what for, as the address says it."""

    lead_id = RowsField(_("Leads"))
    owner = RowIdField()
    listed = StringField()
    deed = WordField(_("What"), Deed)


class ChangeForm(CreateForm):
    """Do the same with many leads: what it asks for depends on the deed."""

    lead_id = RowsField(_("Leads"))
    listed = HiddenField()
    deed = WordField(_("What"), Deed)
    lost_reason = WordRadioField(_("Why it was lost"), LostReason, blank="")
    type = WordField(_("What"), TaskType, default=TaskType.CALL, blank=_("Call"))
    due_date = MomentField(_("From"))
    priority = WordField(_("Priority"), Priority, default=Priority.MEDIUM, blank=_("Medium"))
    agent_id = RowField(_("Agent"), blank=_("The best match"))
    about = TextField(_("About"), 200)
    reason = TextField(_("Why"), 200)
    preview = StateField()
    notes = LongTextField(_("In your words"), 2000)

    def validate_lost_reason(self, field):
        if self.deed.data == Deed.LOST and field.data is None:
            raise ValidationError(_("Choose the reason."))

    def validate_due_date(self, field):
        if self.deed.data == Deed.FOLLOW_UP and field.data is None and not field.errors:
            raise ValidationError(_("Say when."))

    def validate_reason(self, field):
        if self.deed.data == Deed.ASSIGN and not field.data:
            raise ValidationError(_("Say why they change hands."))

    @property
    def follow_up(self) -> FollowUp:
        return FollowUp(
            self.type.data or TaskType.CALL,
            self.due_date.data,
            self.priority.data or Priority.MEDIUM,
            self.about.data,
        )


class ExportForm(Form):
    """Take a list away."""

    format = WordField(_("Format"), FileKind)
