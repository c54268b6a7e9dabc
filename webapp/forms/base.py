"""What all forms share: refusals at their field, and the nonce that makes sending twice harmless."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from flask import abort, current_app, request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import HiddenField, ValidationError

from webapp.errors import Conflict, Invalid, Refused

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class Form(FlaskForm):
    """Text in, typed values out."""

    refused = None

    class Meta:
        def wrap_formdata(self, form, formdata):
            """What was sent, as a form and nothing else: JSON, files and other charsets answer no question."""
            if formdata is None or not form.is_submitted():
                return None
            charset = request.mimetype_params.get("charset", "utf-8").lower()
            if request.mimetype not in FORM_TYPES or charset != "utf-8" or not request.form:
                abort(415)
            form.refuse_repeats(request.form)
            return request.form

    def refuse_repeats(self, sent) -> None:
        """Refuse two answers where a field asks for one: nobody could say which was meant."""
        for name, values in sent.lists():
            if len(values) > 1 and not getattr(self._fields.get(name), "repeats", False):
                raise Refused(_("One answer came twice. Open the form again and send it once more."), code="repeated")

    @contextmanager
    def refusals(self, **named_here: str) -> Iterator[None]:
        """Show what the service refuses on this form, at the field it names (or its name here)."""
        try:
            yield
        except (Conflict, Invalid) as refused:
            self.refused = refused
            place = refused.field or ""
            field = self._fields.get(named_here.get(place, place))
            if field:
                field.errors = [*field.errors, refused.message]
            else:
                self.form_errors.append(refused.message)

    @property
    def status_code(self) -> int:
        """The answer to a form that comes back: 409 for a conflict, else 422."""
        return self.refused.status if self.refused else 422

    @property
    def sentence(self) -> str:
        """Everything that is wrong, where the form itself is not shown again."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)

    def demand(self) -> None:
        """For forms that are only a button: raise `Invalid` where the form cannot be taken."""
        if not self.validate_on_submit():
            raise Invalid(self.sentence, code="validation_error")


class NonceField(HiddenField):
    """A signed number of this very form: made when it is shown, taken once when it is sent."""

    def _value(self):
        return self.data if isinstance(self.data, str) and self.data else _signer().dumps(str(uuid4()))

    def pre_validate(self, form):
        try:
            self.nonce = UUID(_signer().loads(self.data or ""))
        except (BadSignature, ValueError):
            raise ValidationError(_("This form has expired. Check it and send it again.")) from None

    def post_validate(self, form, validation_stopped):
        if self.errors:
            self.data = None


class CreateForm(Form):
    """A form that makes something: sent twice, it makes it once."""

    nonce = NonceField()

    @property
    def body(self) -> dict:
        """What was sent, without the tokens: the same nonce may only come back with the same body."""
        sent = request.form.to_dict(flat=False)
        return {name: values for name, values in sent.items() if name not in ("csrf_token", "nonce")}


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="form-nonce")
