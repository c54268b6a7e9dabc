from flask_babel import lazy_gettext as _

from webapp.forms.base import Form
from webapp.forms.fields import WordsField
from webapp.forms.parts import PartForm
from webapp.vocabulary import HandoverState


class LinesForm(PartForm):
    """Which of a hand-over's leads its page lists, as the URL holds it; what it cannot read is ignored."""

    show = WordsField(_("Show"), HandoverState)


class UndoForm(Form):
    """The Undo of a hand-over: only a button."""
