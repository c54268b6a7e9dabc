"""What people send, read as UTF-8: a byte that is none becomes U+FFFD, which no field takes (webapp/cleaning.py)."""

from urllib.parse import parse_qsl

from flask import Request
from werkzeug.formparser import FormDataParser


class FormParser(FormDataParser):
    """Werkzeug would keep such a byte as %ED, as if somebody had typed that."""

    def parse(self, stream, mimetype, content_length, options=None):
        if mimetype != "application/x-www-form-urlencoded":
            return super().parse(stream, mimetype, content_length, options)
        sent = stream.read().decode(errors="replace")
        return stream, self.cls(parse_qsl(sent, keep_blank_values=True, errors="replace")), self.cls()


class Utf8Request(Request):
    """A request whose forms are read by us."""

    form_data_parser_class = FormParser
