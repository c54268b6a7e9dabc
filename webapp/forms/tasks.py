from flask_babel import lazy_gettext as _
from wtforms import ValidationError

from webapp.forms.base import CreateForm, Form
from webapp.forms.fields import MomentField, TextField, WordField
from webapp.services.tasks import FollowUp
from webapp.vocabulary import Priority, TaskType


class TaskForm(CreateForm):
    """Plan the next step with a lead."""

    type = WordField(_("What"), TaskType)
    due_date = MomentField(_("On"))
    priority = WordField(_("Priority"), Priority, default=Priority.MEDIUM, blank=_("Medium"))
    notes = TextField(_("About"), 200)

    def validate_due_date(self, field):
        if field.data is None and not field.errors:
            raise ValidationError(_("Say when."))

    @property
    def follow_up(self) -> FollowUp:
        return FollowUp(self.type.data, self.due_date.data, self.priority.data or Priority.MEDIUM, self.notes.data)


class DueDateForm(Form):
    """Move a follow-up to another moment."""

    due_date = MomentField(_("On"))

    def validate_due_date(self, field):
        if field.data is None and not field.errors:
            raise ValidationError(_("Say when."))


class CancelForm(Form):
    """Take a follow-up off the calendar."""

    reason = TextField(_("Why"), 200)
