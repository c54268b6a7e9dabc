from wtforms import Form

from webapp.forms.fields import WholeNumberField


class PartForm(Form):
    """From where on something long is asked for, as the URL holds it; what it cannot read is ignored."""

    start = WholeNumberField("", 0, 1_000_000)

    @property
    def first(self) -> int:
        return self.start.data or 0
