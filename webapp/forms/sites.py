from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _
from wtforms import Field, ValidationError
from wtforms.widgets import TextArea

from webapp import cleaning
from webapp.forms.base import Form
from webapp.forms.fields import TextField

MOST, LONGEST = 10, 500
ALL_OF_THEM = MOST * LONGEST


class AddressesField(Field):
    """Addresses of the web, one a line: https, or this machine's own for trying."""

    widget = TextArea()

    def __init__(self, label, **kwargs):
        shown = {"rows": 3, "dir": "ltr", "maxlength": ALL_OF_THEM, "spellcheck": "false"}
        super().__init__(label, render_kw=shown, **kwargs)
        self.typed = ""

    def process_formdata(self, valuelist):
        self.typed, self.data = valuelist[0] if valuelist else "", []
        lines = cleaning.text(self.typed, longest=ALL_OF_THEM, lines=True).split("\n")
        self.data = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
        if len(self.data) > MOST:
            raise ValueError(_("At most %(count)s addresses.", count=MOST))
        if wrong := next((line for line in self.data if not is_address(line)), None):
            raise ValueError(_("Write each as https://www.example.com/thanks: %(address)s", address=wrong))

    def _value(self):
        return self.typed or "\n".join(self.data or [])


class SiteForm(Form):
    """A new form, named after the page it will stand on."""

    name = TextField(_("On which page"), 100)
    return_to = AddressesField(_("Addresses that visitors may be sent back to"))

    def validate_name(self, field):
        if not field.data and not field.errors:
            raise ValidationError(_("Name the page it will stand on."))


def is_address(line: str) -> bool:
    """Whether a browser may be sent there."""
    if not line.isascii() or not line.isprintable() or " " in line or len(line) > LONGEST:
        return False
    try:
        parts = urlsplit(line)
        return bool(parts.hostname) and "@" not in parts.netloc and "\\" not in line and _is_safe(parts)
    except ValueError:
        return False


def _is_safe(parts) -> bool:
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1"))
