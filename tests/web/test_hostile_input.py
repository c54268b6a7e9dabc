"""Bad text, numbers, sizes and bodies in every field of every form, in addresses, queries and headers: refused in
words and never kept; good text in any script comes back as it was typed."""

import json
import re
import unicodedata
from collections import Counter
from itertools import cycle, islice, product
from time import monotonic
from urllib.parse import quote_from_bytes, urlencode

import psycopg
import pytest
from bs4 import BeautifulSoup

from tests.factories import prompt, sql
from tests.web.office import Caller
from tests.web.places import ASK_NOTHING, Desk, address, furnished, names_of, numbers, queries
from tests.web.reach import REACH
from webapp.forms import fields
from webapp.policy import allows
from webapp.vocabulary import Role

# No text, in the bytes that a browser would send it in.
NO_TEXT = {
    "NUL": b"a\x00b",
    "bell": b"a\x07b",
    "escape": b"a\x1bb",
    "delete": b"a\x7fb",
    "next line": "a\x85b".encode(),
    "C1 control": "a\x9fb".encode(),
    "high surrogate": b"a\xed\xa0\x80b",
    "low surrogate": b"a\xed\xbf\xbfb",
    "not UTF-8": b"a\xff\xfeb",
    "bidi override": "a\u202eb".encode(),
    "bidi isolate": "a\u2066b".encode(),
    "private use": "a\ue000b".encode(),
    "noncharacter": "a\ufffeb".encode(),
    "invisible only": "\u200b\u200d\u2060".encode(),
    "blank letters only": "\u3164\u2800".encode(),
}
NO_NUMBERS = (
    *("NaN", "sNaN", "-NaN", "Infinity", "-Infinity", "inf", "1E400", "1e3", "9" * 40, "9" * 5_000, "-1", "-0"),
    *("+5", "1_000", "0x10", "½", "²", "1.2.3", "1/2", "one", "1\x00"),
)
SQL_IN_TEXT = (
    *("'", '"', "\\", "%", "_", "%%", "\\%", "_" * 8, "';--", "' OR '1'='1", "' OR 1=1--", "1; DROP TABLE leads"),
    *("') UNION SELECT password_hash FROM users--", "'; SELECT pg_sleep(20)--", "$$||pg_sleep(20)||$$", "{0}", ":x"),
    *("%s", "%(x)s", "E'\\x27'", "0)--", "ctid", "(SELECT 1)", "created_at DESC; DELETE FROM leads", "1" * 10_000),
    *("%" * 10_000, "[" * 5_000, "NaN", "9" * 400, "-1", "0001-01-01", "9999-12-31", "10000-01-01"),
)
# What makes a form acceptable but for the one bad answer.
ENOUGH = {
    **{"phone": "0507654321", "type": "call", "lost_reason": "price", "conversion_type": "sale", "deal_value": "1M"},
    **{"due_date": "2030-01-01", "due_date_time": "10:00", "reason": "Leave", "email": "", "password": "x"},
    **{"next_type": "call", "next_due_date": "2030-02-01", "next_due_date_time": "10:00"},
}
FIRST = (
    *("عائشة", "أَحْمَد", "نمی‌خواهم", "محمد 123 Ali", "שלום", "José", "Jose\u0301", "Ǻngström", "李小龍", "สวัสดี", "हिन्दी"),
    *("👩‍👩‍👧", "🇦🇪", "👍🏽", "\u200fعمر", "O'Brien-Núñez", "<b>&amp;", '"quoted"', "A\u030a\u0323", "İstanbul ﷺ"),
)
SECOND = (
    *("بنت راشد", "آل مكتوم", "Smith, Jr.", "и Петров", "Nguyễn", "🧑🏿‍🚀 & co", "‎LTR‎", "e\u0301\u0302", "𝒳𝓎𝓏", "ﬁ ﬂ"),
    *("50% off_", "\\n \\0", "{{ 7*7 }}", "٣٫٥ مليون", "Z͑ͫ̓a̴lgo"),
)
LONGEST_ADDRESS = 8_000
"""What every server lets through as one line."""


def submit(browser, place, answers, *, multipart=False):
    """The form with these answers and enough others."""
    sent = place.sent | {name: text for name, text in ENOUGH.items() if name in place.sent or name in place.typed}
    return send(browser, place.url, sent | answers, multipart=multipart)


def send(browser, url, sent: dict, *, multipart=False):
    raw = {name: text if isinstance(text, bytes) else text.encode() for name, text in sent.items()}
    if multipart:
        parts = [
            b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (n.encode(), t) for n, t in raw.items()
        ]
        return browser.ask(
            "POST", url, data=b"".join(parts) + b"--x--\r\n", content_type="multipart/form-data; boundary=x"
        )
    body = "&".join(f"{name}={quote_from_bytes(text)}" for name, text in raw.items())
    return browser.ask("POST", url, data=body, content_type="application/x-www-form-urlencoded")


def middle(answer) -> BeautifulSoup:
    """What an answer shows beside the menu."""
    return BeautifulSoup(answer.text[answer.text.find("<main") :].partition("</main>")[0], "html.parser")


def is_named(page, name: str) -> bool:
    """Whether a page says in words what is wrong with a field: at the field, or where it is not shown, above."""
    said = [alert for alert in page.select("[role=alert]") if alert.get_text(strip=True)]
    at_the_field = [alert for alert in said if alert.get("id", "").endswith(f"{name.removesuffix('_time')}-error")]
    return bool(at_the_field or any(not alert.get("id") for alert in said) or page.select_one(".error-words"))


def in_turn(kinds, *, few: int, full: bool):
    """All of the kinds at each call in the full size; else the next few of them, so that all are tried somewhere."""
    endless = cycle(kinds)
    return lambda: list(kinds) if full else list(islice(endless, few))


@pytest.fixture
def office(app):
    with furnished(app) as office:
        yield office


@pytest.fixture
def desk(office, full) -> Desk:
    return Desk(office, full=full)


@pytest.fixture
def stored():
    """Where a text is stored, of all columns of all tables: [(table, column), ...]."""
    columns = sql("""
        SELECT table_name, column_name, udt_name FROM information_schema.columns
        WHERE table_schema = 'public' AND udt_name IN ('text', 'varchar', '_text', '_varchar')""")
    parts = [
        f"SELECT '{c.table_name}' AS place, '{c.column_name}' AS name FROM {c.table_name} WHERE "
        + (f"%(text)s = ANY({c.column_name})" if c.udt_name.startswith("_") else f"{c.column_name} = %(text)s")
        for c in columns
    ]
    with prompt() as held:
        yield lambda text: [tuple(row) for row in held.execute(" UNION ".join(parts), {"text": text})]


def test_every_form_is_found_on_a_page(app, desk):
    """A form that comes later is tried with everything below as soon as a page shows it."""
    writes = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}

    assert {place.endpoint for _browser, place in desk.found.values()} == writes


@pytest.mark.row("I1")
class TestNoText:
    def test_it_is_refused_at_every_field_and_never_kept(self, desk, unchanged, full, figure):
        kinds = in_turn([*product(NO_TEXT, (False, True))], few=3, full=full)
        tried, wrong, broken, kept = 0, [], 0, []
        unchanged.from_now()
        for number, (browser, place, name) in enumerate(desk.fields()):
            for kind, multipart in kinds():
                tried += 1
                answer = submit(browser, place, {name: NO_TEXT[kind]}, multipart=multipart)
                broken += answer.status_code >= 500
                if answer.status_code not in (400, 422) or not is_named(middle(answer), name):
                    wrong.append((place.endpoint, name, kind, answer.status_code))
            if not unchanged:
                kept.append((place.endpoint, name))
                unchanged.from_now()

        figure("I1", "fields of forms", number + 1)
        figure("I1", "bad texts sent to them, plain and multipart", tried)
        figure("I1", "answers of 500 and above", broken)
        figure("I1", "stored", len(kept))
        assert (wrong, kept) == ([], [])
        assert number > 40

    def test_what_a_form_carries_along_is_no_way_in_either(self, desk, stored, unchanged, figure):
        tried, wrong = 0, []
        for browser, place in desk.found.values():
            for name in sorted(place.hidden):
                for kind in ("NUL", "low surrogate", "bidi override"):
                    tried += 1
                    answer = submit(browser, place, {name: NO_TEXT[kind]})
                    if answer.status_code >= 500 or stored(NO_TEXT["bidi override"].decode()):
                        wrong.append((place.endpoint, name, kind, answer.status_code))

        figure("I1", "bad texts in what forms carry along", tried)
        assert wrong == []

    def test_addresses_queries_and_headers_with_it_are_answered_in_words(self, app, desk, unchanged, full, figure):
        browser, tried, wrong = desk.browsers[Role.MANAGER], Counter(), []
        texts = in_turn(NO_TEXT.values(), few=1, full=full)
        parts = in_turn([*NO_TEXT.values(), b"x" * 5_000, b"..", b"%2e%2e%2f", b"\r\nX: y"], few=5, full=full)
        tokens = browser.tokens()
        read = [
            rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and allows(Role.MANAGER, rule.endpoint)
        ]
        unchanged.from_now()

        def ask(channel, *request, **options):
            tried[channel] += 1
            answer = browser.ask(*request, **options)
            if answer.status_code not in (200, 204, 302, 303, 308, 400, 404, 405):
                wrong.append((channel, request, options, answer.status_code))

        for rule in (rule for rule in read if rule.endpoint not in ASK_NOTHING):
            plain = browser.url(rule.endpoint, **dict.fromkeys(rule.arguments, "00000000-0000-0000-0000-000000000000"))
            for name in sorted(queries()) if not rule.arguments else ():
                for text in texts():
                    ask("query", "GET", f"{plain}?{name}={quote_from_bytes(text)}")
        for rule in app.url_map.iter_rules():
            for text in parts() if rule.arguments else ():
                address = re.sub("<[^>]+>", lambda _part, text=text: quote_from_bytes(text), rule.rule)
                for verb in sorted(rule.methods & {"GET", "POST"}):
                    ask("address", verb, address, data=tokens if verb == "POST" else None)
        for name in ("HX-Target", "HX-Current-URL", "HX-Request", "Referer", "User-Agent", "Accept-Language", "Cookie"):
            for text in ("\x00", "\x07", "\x85", "\xed\xa0\x80", "\xff", "http://[", "x" * LONGEST_ADDRESS):
                for verb, path in (("GET", "/account"), ("POST", "/leads")):
                    ask("header", verb, path, headers={"HX-Request": "true", name: text})

        for channel, times in tried.items():
            figure("I1", f"bad texts in {channel}", times)
        assert wrong == []
        assert unchanged


@pytest.mark.row("I2")
class TestNoNumbers:
    def test_they_are_refused_at_every_field_that_is_a_number(self, desk, unchanged, figure):
        unchanged.from_now()
        tried, wrong, names = 0, [], set()
        for browser, place, name in desk.fields():
            for typed in NO_NUMBERS if name in numbers() else ():
                tried += 1
                names.add(name)
                answer = submit(browser, place, {name: typed})
                page = middle(answer)
                back = page.select_one(f"[name={name}]")
                kept = back and (back["value"] == typed or "\x00" in typed)
                if answer.status_code != 422 or not is_named(page, name) or not kept:
                    wrong.append((place.endpoint, name, typed[:20], answer.status_code))

        figure("I2", "what is no number, sent to number fields", tried)
        figure("I2", "accepted", len(wrong))
        assert wrong == []
        assert names == numbers()
        assert unchanged

    def test_digits_of_every_script_are_digits(self, browser, aisha):
        typed = {"phone": "٠٥٠٧٦٥٤٣٢١", "budget_max": "١٬٢٥٠٬٠٠٠", "bedrooms": "٣"}

        assert browser.sign_in(aisha).post("leads.capture", typed).hops

        assert sql("SELECT phone, budget_max, bedrooms FROM leads") == [("+971507654321", 1_250_000, 3)]

    def test_what_only_a_program_fills_in_is_never_an_accident(self, desk, full, figure):
        tried, wrong, numbers = 0, [], in_turn(NO_NUMBERS, few=7, full=full)
        for browser, place in desk.found.values():
            for name in sorted(place.hidden & names_of(fields.StateField, fields.HiddenField, fields.WordField)):
                for typed in numbers():
                    tried += 1
                    answer = submit(browser, place, {name: typed})
                    if answer.status_code >= 500:
                        wrong.append((place.endpoint, name, typed[:20], answer.status_code))

        figure("I2", "what is no number, in what forms carry along", tried)
        assert wrong == []

    def test_in_an_address_they_are_missing_and_in_a_query_no_accident(self, app, desk, unchanged, full):
        browser, wrong, numbers = desk.browsers[Role.MANAGER], [], in_turn(NO_NUMBERS, few=7, full=full)
        tokens = browser.tokens()
        for rule in app.url_map.iter_rules():
            for name in (part for part in rule.arguments if part.endswith("_id")):
                for typed in numbers():
                    address = re.sub("<[^>]+>", quote_from_bytes(typed.encode()), rule.rule)
                    for verb in rule.methods & {"GET", "POST"}:
                        answer = browser.ask(verb, address, data=tokens if verb == "POST" else None)
                        if answer.status_code != 404:
                            wrong.append((verb, rule.endpoint, name, typed[:20], answer.status_code))
        for name, path in product(sorted(queries()), ("/leads", "/notices/bell")):
            for typed in numbers():
                answer = browser.ask("GET", f"{path}?{urlencode({name: typed})}")
                if answer.status_code not in (200, 204):
                    wrong.append((path, name, typed[:20], answer.status_code))

        assert wrong == []

    COMPUTED = {
        ("agent_performance_metrics", "average_deal_size"),
        ("agent_performance_metrics", "conversion_rate"),
    }
    """Written by the hourly figures alone, from deal values that are guarded."""

    def test_no_number_column_takes_them_at_an_sql_prompt_either(self, app, figure):
        columns = sql("""
            SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
              AND data_type IN ('numeric', 'real', 'double precision') AND table_name NOT LIKE 'procrastinate%'""")
        taken = set()
        with prompt(autocommit=False) as held:
            for table, column in columns:
                held.execute(f"CREATE TEMP TABLE alike (LIKE {table} INCLUDING CONSTRAINTS)")
                for other in held.execute(
                    "SELECT attname FROM pg_attribute WHERE attrelid = 'alike'::regclass AND attnum > 0"
                ):
                    held.execute(f"ALTER TABLE alike ALTER {other.attname} DROP NOT NULL")
                for number in ("NaN", "Infinity", "-Infinity"):
                    held.execute("SAVEPOINT before")
                    try:
                        held.execute(f"INSERT INTO alike ({column}) VALUES (%s)", (number,))
                        taken.add((table, column))
                    except (psycopg.errors.CheckViolation, psycopg.errors.NumericValueOutOfRange):
                        held.execute("ROLLBACK TO before")
                held.execute("DROP TABLE alike")

        figure("I2", "number columns that refuse NaN by SQL", len(columns) - len(taken))
        figure("I2", "number columns without a guard, computed", len(taken))
        assert taken == self.COMPUTED


@pytest.fixture
def texts(desk):
    """Every field that keeps free text: (endpoint, name, maxlength)."""
    free = names_of(fields.TextField, fields.LongTextField) - {"phone", "email", "property_id"}
    return sorted(
        {(p.endpoint, name, most) for _b, p in desk.found.values() for name, most in p.typed.items() if name in free}
    )


WITH_WORDS = {"pipeline.move": {"status": "lost", "lost_reason": "price"}}
"""What asks for words, where the usual valid form does not."""


class Keeper:
    """Sends valid forms with one more text in them, each for a lead of its own, and looks where it is shown."""

    def __init__(self, app, office, by):
        self.office, self.caller = office, Caller(app, by)

    def send(self, endpoint: str, answers: dict):
        self.office.tidy()
        url = address(self.office.app, endpoint, self.office.lead("own"))
        valid = self.office.body(endpoint, self.caller.token) | WITH_WORDS.get(endpoint, {})
        return self.caller.ask("POST", url, data=valid | answers)

    def page(self, answer):
        """The page that the form led to."""
        return BeautifulSoup(self.caller.ask("GET", answer.headers["Location"]).text, "html.parser")


@pytest.fixture
def keeper(app, office) -> Keeper:
    return Keeper(app, office, office.mariam)


NOWHERE_SHOWN = {"tasks.cancel"}
"""A follow-up that was cancelled is shown nowhere yet, so why it was is not either."""


@pytest.mark.row("I4")
class TestText:
    def test_it_comes_back_as_it_was_typed_in_any_script(self, keeper, texts, stored, full, figure):
        spelled = [" ".join(pair) for pair in product(FIRST, SECOND)]
        assert len(set(spelled)) == 300
        places, wrong = cycle(texts), []
        for typed in spelled if full else spelled[:: 300 // 40]:
            endpoint, name, _most = next(places)
            answer = keeper.send(endpoint, {name: typed})
            kept = unicodedata.normalize("NFC", typed)
            if answer.status_code != 303 or not any(column.endswith(name) for _table, column in stored(kept)):
                wrong.append((endpoint, name, typed, answer.status_code, stored(kept)))
            elif endpoint not in NOWHERE_SHOWN and not is_isolated(keeper.page(answer), kept):
                wrong.append((endpoint, name, typed, "not shown, or not in its own direction"))

        figure("I4", "strings from form to database to page", 300 if full else 43)
        figure("I4", "exact", (300 if full else 43) - len(wrong))
        assert wrong == []


def is_isolated(page, text: str) -> bool:
    """Whether a page shows a text in an element that finds its direction by itself."""
    shown = page.find_all(string=lambda words: text in words)
    return any(found.find_parent(dir=True).get("dir") == "auto" for found in shown if found.find_parent(dir=True))


@pytest.mark.row("I5")
class TestSizes:
    def test_the_longest_that_fits_is_kept_whole_and_one_more_is_refused(self, keeper, texts, stored, figure):
        cut, wrong = 0, []
        for number, (endpoint, name, most) in enumerate(texts):
            for length in (most, most + 1):
                typed = f"{number:03}" + "ب" * (length - 3)
                answer = keeper.send(endpoint, {name: typed})
                kept = stored(typed)
                if (answer.status_code, bool(kept)) != ((303, True) if length == most else (422, False)):
                    wrong.append((endpoint, name, length, answer.status_code))
                if length > most and (not is_named(middle(answer), name) or "ب" * (length - 3) not in answer.text):
                    wrong.append((endpoint, name, length, "not said, or what was typed is gone"))
                cut += answer.status_code == 303 and not kept

        figure("I5", "text fields at their longest and one more", number + 1)
        figure("I5", "cut without a word", cut)
        assert wrong == []

    def test_ten_kilobytes_and_a_megabyte_are_refused_in_every_field(self, desk, unchanged, full, figure):
        unchanged.from_now()
        wrong, slowest = [], 0.0
        for number, (browser, place, name) in enumerate(desk.fields()):
            for size in (10_240, 1_000_000) if full or not number % 4 else (10_240,):
                began = monotonic()
                answer = submit(browser, place, {name: "x" * size})
                slowest = max(slowest, monotonic() - began)
                if answer.status_code != (422 if size < 1_000_000 else 413):
                    wrong.append((place.endpoint, name, size, answer.status_code))

        figure("I5", "slowest answer to 10 KB or 1 MB in a field", slowest)
        assert wrong == []
        assert unchanged

    @pytest.mark.parametrize("parts", [1_001, 100_000])
    def test_too_many_parts_are_too_much_at_once(self, keeper, unchanged, parts):
        unchanged.from_now()
        many = {f"part{number}": "" for number in range(parts)} | {"csrf_token": keeper.caller.token}

        assert send(keeper.caller, "/leads", many, multipart=True).status_code == 413
        assert unchanged

    @pytest.mark.parametrize("before", ["", "\r", "\r\n", "\r\n--", "\n\r\r\r"])
    def test_a_megabyte_after_a_carriage_return_takes_no_longer(self, keeper, unchanged, figure, before):
        """Multipart readers have looked for the end of such a part again and again."""
        unchanged.from_now()
        body = b'--x\r\nContent-Disposition: form-data; name="phone"\r\n\r\n' + before.encode() + b"A" * 990_000
        began = monotonic()
        answer = keeper.caller.ask("POST", "/leads", data=body, content_type="multipart/form-data; boundary=x")

        figure("I5", f"seconds for a megabyte after {before!r}", monotonic() - began)
        assert answer.status_code in (400, 413)
        assert unchanged


def bodies(valid: dict) -> dict[str, dict]:
    """What is no form of ours, as options of a request, by what is wrong with it. The token comes in a header."""
    answers, json_type = urlencode(valid).encode(), "application/json"
    deep, many = b"[" * 100_000, b"&".join(b"x=%d" % n for n in range(1_500))
    spoken = {
        **{"object": json.dumps(valid).encode(), "array": b"[1, 2]", "empty": b"", "null": b"null", "text": b'"x"'},
        **{"number": b"1", "NaN": b'{"phone": NaN}', "twice the same key": b'{"phone": "1", "phone": "2"}'},
        **{
            "deep": deep,
            "deep objects": b'{"a":' * 50_000,
            "BOM": b"\xef\xbb\xbf{}",
            "UTF-16": '{"a": 1}'.encode("utf-16"),
        },
        **{"trailing": b"{} {}", "half": b'{"phone": "05', "no JSON": b"{phone}", "long number": b"9" * 5_000},
        **{"lone surrogate": b'{"phone": "\\ud800"}', "NUL": b'{"phone": "\\u0000"}', "lists": b'{"phone": ["1"]}'},
        **{"nested": b'{"phone": {"a": {"b": 1}}}', "not UTF-8": b'{"phone": "\xff"}', "true": b"true"},
    }
    other = {
        **{kind: ("text/plain", answers) for kind in ("plain text",)},
        **{"xml": ("application/xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"), "csv": ("text/csv", b"a,b")},
        **{"problem": ("application/problem+json", b"{}"), "octets": ("application/octet-stream", answers)},
        **{
            "no type": ("", answers),
            "two types": ("application/json, text/plain", b"{}"),
            "a made-up type": ("x", b""),
        },
        **{
            "a file type": ("image/png", b"\x89PNG"),
            "packed": ("application/gzip", b"\x1f\x8b"),
            "a graph": ("application/graphql", b"{x}"),
        },
        "UTF-16 form": ("application/x-www-form-urlencoded; charset=utf-16", urlencode(valid).encode("utf-16")),
        "Arabic charset": ("application/x-www-form-urlencoded; charset=windows-1256", answers),
        "every field twice": ("application/x-www-form-urlencoded", answers + b"&" + answers),
        "too many of one": ("application/x-www-form-urlencoded", many),
        "no boundary": ("multipart/form-data", answers),
        "an empty boundary": ("multipart/form-data; boundary=", answers),
        "another boundary": ("multipart/form-data; boundary=y", b"--x\r\n\r\n"),
    }
    return {kind: {"data": body, "content_type": json_type} for kind, body in spoken.items()} | {
        kind: {"data": body, "content_type": told} for kind, (told, body) in other.items()
    }


@pytest.mark.row("I6")
class TestBodies:
    """There is no JSON to be sent to yet: every address that takes a form gets what is none, with a token that is good."""

    def test_what_is_no_form_is_refused_everywhere(self, app, office, keeper, unchanged, full, figure):
        writes = [rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods]
        some, tried, broken, wrong = in_turn(writes, few=2, full=full), 0, 0, []
        kinds, caller, row = bodies({}), keeper.caller, office.lead("own")
        unchanged.from_now()
        for kind in kinds:
            for endpoint in some():
                body = bodies(office.body(endpoint, caller.token))[kind]
                answer = caller.ask("POST", address(app, endpoint, row), headers={"X-CSRFToken": caller.token}, **body)
                tried += 1
                broken += answer.status_code >= 500
                if not 400 <= answer.status_code < 500 or not unchanged:
                    wrong.append((kind, endpoint, answer.status_code))

        figure("I6", "bodies that are no form", len(kinds))
        figure("I6", "answers to them", tried)
        figure("I6", "answers of 500 and above", broken)
        assert len(kinds) >= 40
        assert wrong == []


@pytest.mark.row("I10")
class TestSearch:
    HARMLESS = "zzz"

    @pytest.fixture
    def seen(self, another, office):
        """What Aisha's list shows for a query: how many leads, and how many in all are hers."""
        browser = another(office.aisha)
        rows = re.compile(r'<a class="name" href="/leads/[-0-9a-f]{36}"')

        def seen(**query) -> int | str:
            answer = browser.ask("GET", f"/leads?{urlencode(query)}")
            return len(rows.findall(answer.text)) if answer.status_code == 200 else answer.status_code

        return seen

    def test_nothing_typed_is_ever_a_pattern_or_sql(self, seen, unchanged, full, figure):
        unchanged.from_now()
        tried, wrong, slowest, hers = 0, [], 0.0, seen()
        patterns = in_turn(SQL_IN_TEXT, few=12, full=full)
        for name in sorted(queries()):
            expected = {seen(**{name: self.HARMLESS}), hers}
            for typed in SQL_IN_TEXT if name == "q" else patterns():
                began, tried = monotonic(), tried + 1
                found = seen(**{name: typed})
                slowest = max(slowest, monotonic() - began)
                if found not in expected | {0}:
                    wrong.append((name, typed[:40], found))

        figure("I10", "patterns and SQL in queries", tried)
        figure("I10", "seconds for the slowest", slowest)
        figure("I10", "injections", len(wrong))
        assert hers >= 3
        assert wrong == []
        assert unchanged

    @pytest.mark.parametrize(
        "typed", ["%", "_", "%%%%", "____", "\\", "\\%%%%", "[0-9]{4}", "5012%", "____4567", "' OR 1=1 --"]
    )
    def test_wildcards_find_only_themselves(self, seen, typed):
        assert seen(q=typed) in ({0} if not typed.startswith("5012") else {seen(q="5012")})

    @pytest.mark.parametrize("typed", ["%", "_", "\\", "'", "%marina", "mar_na", "*", "x" * 10_000, "\x00marina"])
    def test_areas_neither(self, browser, office, typed):
        known = browser.sign_in(office.aisha).ask("GET", "/areas?q=marina").text
        assert "Dubai Marina" in known

        answer = browser.ask("GET", f"/areas?{urlencode({'q': typed})}")

        assert answer.status_code == 200
        assert "Marina" not in answer.text

    def test_an_order_that_is_unknown_is_the_usual_one(self, another, office):
        browser = another(office.aisha)
        usual = names_in_order(browser.ask("GET", "/leads").text)
        for order in ("created_at", "-phone", "phone; DROP TABLE leads", "ctid", "(SELECT 1)", "1", "random()"):
            assert (
                names_in_order(browser.ask("GET", f"/leads?{urlencode({'sort': order, 'order': order})}").text) == usual
            )


def names_in_order(html: str) -> list[str]:
    return re.findall(r'<a class="name" href="(/leads/[-0-9a-f]{36})"', html)
