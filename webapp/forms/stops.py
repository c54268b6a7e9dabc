from flask_babel import lazy_gettext as _

from webapp.forms.base import CreateForm, Form
from webapp.forms.fields import TextField, WordField
from webapp.vocabulary import StopChannel, StopReason


class StopForm(CreateForm):
    """That somebody is not to be contacted."""

    channel = WordField(_("Which way"), StopChannel, default=StopChannel.CALL)
    reason = WordField(_("Reason"), StopReason, default=StopReason.ASKED)
    note = TextField(_("In words"), 200)


class LiftForm(Form):
    """That somebody may be contacted again."""

    reason = TextField(_("Why they may be contacted again"), 200)
