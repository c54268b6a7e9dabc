from flask_babel import lazy_gettext as _
from wtforms import ValidationError

from webapp.forms.base import CreateForm
from webapp.forms.fields import LongTextField, MomentField, WordField, WordRadioField
from webapp.services.tasks import FollowUp
from webapp.vocabulary import ActivityType, CallResult, Outcome, Priority, TaskType


class ActivityForm(CreateForm):
    """What happened, how it went, and what comes next."""

    type = WordRadioField(_("What happened"), ActivityType)
    notes = LongTextField(_("What was said"), 2000)
    activity_at = MomentField(_("When, if not just now"))
    call_result = WordField(_("Result of the call"), CallResult, blank=_("Not noted"))
    outcome = WordField(_("Outcome"), Outcome, blank=_("Not known yet"))
    next_type = WordField(_("Next step"), TaskType, blank=_("No next step"))
    next_due_date = MomentField(_("On"))
    next_priority = WordField(_("Priority"), Priority, default=Priority.MEDIUM, blank=_("Medium"))

    def validate_call_result(self, field):
        if field.data and self.type.data not in (None, ActivityType.CALL):
            raise ValidationError(_("Only a call has a result."))

    def validate_next_due_date(self, field):
        if self.next_type.data and field.data is None and not field.errors:
            raise ValidationError(_("Say when."))

    def validate_next_type(self, field):
        if self.next_due_date.data and field.data is None:
            raise ValidationError(_("Say what is to be done."))

    @property
    def is_answered(self) -> bool:
        """Whether any of this was sent: a button that only marks a follow-up as done sends nothing of it."""
        return any(field.raw_data for field in self if field.name not in ("csrf_token", "nonce"))

    @property
    def follow_up(self) -> FollowUp | None:
        if self.next_type.data is None:
            return None
        return FollowUp(self.next_type.data, self.next_due_date.data, self.next_priority.data or Priority.MEDIUM)
