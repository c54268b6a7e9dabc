"""What is no text and what is no number, in every field of every form, in addresses, queries and headers: refused in
words and never kept."""

import re
from collections import Counter
from itertools import product
from urllib.parse import quote_from_bytes, urlencode
from uuid import UUID

import psycopg
import pytest

from tests.factories import prompt, sql
from tests.web.places import ASK_NOTHING, names_of, numbers, queries
from tests.web.reach import BY_MACHINES
from tests.web.sending import in_turn, is_named, middle, submit
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
NO_DAYS = (
    *(
        "2030-02-30T10:00",
        "2030-13-01T10:00",
        "2030-01-01T24:00",
        "2030-01-01T10:60",
        "10000-01-01T10:00",
        "-1-01-01T10:00",
    ),
    *("2030-01-01", "T10:00", "tomorrow", "2030-01-01T10:00:00Z", "2030-01-01 10:00", "NaN", "0000-00-00T00:00", "1e9"),
)
DAYS_AT_THE_EDGE = ("0001-01-01T00:00", "0001-01-01T23:59", "1900-01-01T10:00", "9999-12-31T23:59", "9998-12-31T23:59")
LONGEST_ADDRESS = 8_000
"""What every server lets through as one line."""


def test_every_form_is_found_on_a_page(app, desk):
    """A form that comes later is tried with everything below as soon as a page shows it."""
    writes = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods} - BY_MACHINES

    assert {place.endpoint for _browser, place in desk.found.values()} == writes


@pytest.mark.row("I1")
class TestNoText:
    def test_it_is_refused_at_every_field_and_never_kept(self, desk, unchanged, full, figure):
        kinds = in_turn([*product(NO_TEXT, (False, True))], few=2, full=full)
        tried, wrong, broken, kept = 0, [], 0, []
        unchanged.from_now()
        for browser, place, name in desk.fields():
            for kind, multipart in kinds():
                tried += 1
                if place.endpoint == "sessions.create":
                    sql("DELETE FROM rate_counters")
                answer = submit(browser, place, {name: NO_TEXT[kind]}, multipart=multipart)
                broken += answer.status_code >= 500
                if answer.status_code not in (400, 422) or not is_named(middle(answer), name):
                    wrong.append((place.endpoint, name, kind, answer.status_code))
            if changed := unchanged.tables():
                kept.append((place.endpoint, name, changed))
                unchanged.from_now()

        figure("I1", "fields of forms", len([*desk.fields()]))
        figure("I1", "bad texts sent to them, plain and multipart", tried)
        figure("I1", "answers of 500 and above", broken)
        figure("I1", "stored", len(kept))
        assert (wrong, kept) == ([], [])

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
        texts = in_turn(NO_TEXT.values(), few=4, full=full)
        parts = in_turn([*NO_TEXT.values(), b"x" * 5_000, b"..", b"%2e%2e%2f", b"\r\nX: y"], few=3, full=full)
        together = [{name} for name in sorted(queries())] if full else [queries()]
        tokens = browser.tokens()
        read = [
            rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and allows(Role.MANAGER, rule.endpoint)
        ]
        unchanged.from_now()

        def ask(channel, *request, **options):
            tried[channel] += 1
            answer = browser.ask(*request, **options)
            if answer.status_code not in (200, 204, 302, 303, 308, 400, 403, 404, 405, 410):
                wrong.append((channel, request, options, answer.status_code))

        for rule in (rule for rule in read if rule.endpoint not in ASK_NOTHING):
            plain = browser.url(rule.endpoint, **dict.fromkeys(rule.arguments, UUID(int=0)))
            for names in together if not rule.arguments else ():
                for text in texts():
                    ask("query", "GET", f"{plain}?{'&'.join(f'{name}={quote_from_bytes(text)}' for name in names)}")
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
    def test_they_are_refused_at_every_field_that_is_a_number(self, desk, unchanged, full, figure):
        typings = in_turn(NO_NUMBERS, few=7, full=full)
        unchanged.from_now()
        tried, wrong, names = 0, [], set()
        for browser, place, name in desk.fields():
            for typed in typings() if name in numbers() else ():
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

    def test_what_is_no_moment_is_refused_and_the_ends_of_time_are_no_accident(self, desk, unchanged, full, figure):
        days, edges = in_turn(NO_DAYS, few=5, full=full), in_turn(DAYS_AT_THE_EDGE, few=5, full=full)
        unchanged.from_now()
        tried, wrong, names = 0, [], set()
        for browser, place, name in desk.fields():
            if name not in names_of(fields.MomentField):
                continue
            names.add(name)
            for typed in (*days(), *edges()):
                tried += 1
                answer = submit(browser, place, {name: typed, f"{name}_time": typed.partition("T")[2]})
                if answer.status_code >= 500 or (typed in NO_DAYS and not is_named(middle(answer), name)):
                    wrong.append((place.endpoint, name, typed, answer.status_code))

        figure("I2", "what is no moment, sent to moment fields", tried)
        assert wrong == []
        assert names == names_of(fields.MomentField)

    def test_digits_of_every_script_are_digits(self, browser, aisha):
        typed = {"phone": "٠٥٠٧٦٥٤٣٢١", "budget_max": "١٬٢٥٠٬٠٠٠", "bedrooms": "٣"}

        assert browser.sign_in(aisha).post("leads.capture", typed).hops

        assert sql("SELECT phone, budget_max, bedrooms FROM leads") == [("+971507654321", 1_250_000, 3)]

    def test_what_only_a_program_fills_in_is_never_an_accident(self, desk, full, figure):
        tried, wrong, numbers = 0, [], in_turn(NO_NUMBERS, few=3, full=full)
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
        browser, wrong, numbers = desk.browsers[Role.MANAGER], [], in_turn(NO_NUMBERS, few=3, full=full)
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
        ("deal_days", "value"),
    }
    """Written by the hourly figures and by trigger alone, from deal values that are guarded."""

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
