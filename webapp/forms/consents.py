from flask_babel import lazy_gettext as _
from wtforms import BooleanField

from webapp.forms.base import CreateForm
from webapp.forms.fields import WordField
from webapp.vocabulary import ConsentChannel, ConsentHow, ConsentPurpose


class ConsentForm(CreateForm):
    """That somebody agreed, or withdrew it."""

    purpose = WordField(_("What for"), ConsentPurpose, default=ConsentPurpose.SEARCH)
    channel = WordField(_("By which way"), ConsentChannel, default=ConsentChannel.ANY)
    how = WordField(_("How they said it"), ConsentHow, default=ConsentHow.BY_PHONE)
    is_given = BooleanField(_("They agree"))
