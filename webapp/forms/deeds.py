from webapp.forms.base import Form
from webapp.forms.fields import StateField


class UndoForm(Form):
    """The Undo of a toast: the number of the deed."""

    deed = StateField()
