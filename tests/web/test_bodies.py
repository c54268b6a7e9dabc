"""What is no form is refused at every address that takes one. There is no JSON to be sent to yet (I6)."""

import json
from urllib.parse import urlencode

import pytest

from tests.web.office import Caller
from tests.web.places import address
from tests.web.sending import in_turn

pytestmark = pytest.mark.row("I6")

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def bodies(valid: dict) -> dict[str, tuple[str, bytes]]:
    """(content type, body) by what is wrong with it; the answers of a valid form are in it where that is possible."""
    answers = urlencode(valid).encode()
    return {
        "object": (JSON, json.dumps(valid).encode()),
        "array": (JSON, b"[1, 2]"),
        "empty": (JSON, b""),
        "null": (JSON, b"null"),
        "true": (JSON, b"true"),
        "text": (JSON, b'"x"'),
        "number": (JSON, b"1"),
        "long number": (JSON, b"9" * 5_000),
        "NaN": (JSON, b'{"phone": NaN}'),
        "twice the same key": (JSON, b'{"phone": "1", "phone": "2"}'),
        "deep arrays": (JSON, b"[" * 200_000),
        "deep objects": (JSON, b'{"a":' * 50_000),
        "lists for words": (JSON, b'{"phone": ["1"], "csrf_token": ["x"]}'),
        "objects for words": (JSON, b'{"phone": {"a": {"b": 1}}}'),
        "BOM": (JSON, b"\xef\xbb\xbf{}"),
        "UTF-16": (JSON, '{"a": 1}'.encode("utf-16")),
        "not UTF-8": (JSON, b'{"phone": "\xff"}'),
        "lone surrogate": (JSON, b'{"phone": "\\ud800"}'),
        "NUL": (JSON, b'{"phone": "\\u0000"}'),
        "trailing": (JSON, b"{} {}"),
        "half": (JSON, b'{"phone": "05'),
        "no JSON": (JSON, b"{phone}"),
        "two types": (f"{JSON}, {FORM}", b"{}"),
        "problem": ("application/problem+json", b"{}"),
        "plain text": ("text/plain", answers),
        "no type": ("", answers),
        "a made-up type": ("x", answers),
        "octets": ("application/octet-stream", answers),
        "XML": ("application/xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"),
        "CSV": ("text/csv", b"a,b"),
        "an image": ("image/png", b"\x89PNG"),
        "packed": ("application/gzip", b"\x1f\x8b"),
        "GraphQL": ("application/graphql", b"{x}"),
        "UTF-16 form": (f"{FORM}; charset=utf-16", urlencode(valid).encode("utf-16")),
        "Arabic charset": (f"{FORM}; charset=windows-1256", answers),
        "nothing": (FORM, b""),
        "every answer twice": (FORM, answers + b"&" + answers),
        "many of one": (FORM, b"&".join(b"x=%d" % number for number in range(1_500))),
        "no boundary": ("multipart/form-data", answers),
        "an empty boundary": ("multipart/form-data; boundary=", answers),
        "another boundary": ("multipart/form-data; boundary=y", b"--x\r\n\r\n"),
        "a boundary without an end": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data"),
        "only a file": (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="phone"; filename="x"\r\n\r\nx\r\n--x--\r\n',
        ),
    }


def test_it_is_refused_everywhere_though_its_token_is_good(app, rooms, unchanged, full, figure):
    writes = [rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods]
    some, tried, broken, wrong = in_turn(writes, few=2, full=full), 0, 0, []
    caller, row = Caller(app, rooms.mariam), rooms.lead("own")
    kinds = bodies({})
    unchanged.from_now()
    for kind in kinds:
        for endpoint in some():
            told, body = bodies(rooms.body(endpoint, caller.token))[kind]
            headers = {"X-CSRFToken": caller.token}
            answer = caller.ask("POST", address(app, endpoint, row), headers=headers, data=body, content_type=told)
            tried += 1
            broken += answer.status_code >= 500
            if not 400 <= answer.status_code < 500 or not unchanged:
                wrong.append((kind, endpoint, answer.status_code))

    figure("I6", "bodies that are no form", len(kinds))
    figure("I6", "answers to them", tried)
    figure("I6", "answers of 500 and above", broken)
    assert len(kinds) >= 40
    assert wrong == []
