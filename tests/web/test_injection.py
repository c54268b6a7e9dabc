"""Fields that nobody asked for have no effect, and what people type is shown as text wherever it is shown."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from werkzeug.datastructures import MultiDict

from tests.factories import prompt, sql, value
from tests.web.checks import shape
from tests.web.office import Caller
from tests.web.payloads import PAYLOADS, type_everywhere
from tests.web.places import address, browsers, names_of, pages, whoever_may
from tests.web.reach import BY_MACHINES, REACH
from tests.web.sending import submit
from webapp.extensions import db
from webapp.forms import fields
from webapp.models.columns import OneOf


class Spoof:
    """An answer for every column of every table, each what that column could hold."""

    def __init__(self, rooms):
        self.other = rooms.lead("a colleague's")
        self.ids = {"agent_id": rooms.yousef.agent_id, "user_id": rooms.yousef.user_id, **self.other}
        columns = {column.name: column for table in db.metadata.sorted_tables for column in table.columns}
        self.answers = {name: self.answer(column) for name, column in columns.items()}

    def answer(self, column) -> str:
        if isinstance(column.type, OneOf):
            return list(column.type.words)[-1].value
        kind = column.type.python_type
        if kind is UUID:
            return str(self.ids.get(column.name) or self.ids["user_id"])
        if kind is bool:
            return "false" if column.name.startswith("is_active") else "true"
        return {int: "970797", datetime: "2001-01-01T00:00", bytes: "x", dict: "{}", list: "spoofed"}.get(
            kind, "spoofed"
        )


def rows(held) -> dict[str, set]:
    """Everything that the database holds: of each table its rows, as sets of (column, value).

    The calendar of working days is left out: thousands of rows, all by trigger.
    """
    found = {}
    for table in (table for table in db.metadata.sorted_tables if table.name != "working_days"):
        kept = held.execute(f"SELECT to_jsonb(t) AS row FROM {table.name} t").fetchall()
        found[table.name] = {frozenset((name, str(cell)) for name, cell in row.items()) for (row,) in kept}
    return found


def written(before: dict, after: dict) -> set[tuple[str, str, str]]:
    """The cells of rows that are new or changed: (table, column, value)."""
    gone = {table: {cell for row in before[table] - after[table] for cell in row} for table in after}
    return {
        (table, *cell)
        for table in after
        for row in after[table] - before[table]
        for cell in row
        if cell not in gone[table]
    }


WRITE_NOTHING = (
    "sessions.end",
    "users.end_others",
    "links.choose",
    "imports.upload",
    "scoring.discard",
    "feeds.revoke",
)
"""Here there is nothing for them: no other session, link, file or address; a discarded draft leaves no row."""
ALL_OF_THEM = {"notifications.read": {"up_to": "999999"}}
"""What a form must say to write something here, where the usual valid one might not."""
MANY = {("bulk.change", "lead_id"), ("users.choose_mail", "mail_groups")}
"""What is ticked: one answer for each."""
OF_EVERY_LEAD = {"scoring.apply": "score_lines", "scoring.apply_again": "score_lines"}
"""What follows for every lead there is, also the one whose ids are sent along."""


@pytest.mark.row("I8")
class TestMassAssignment:
    def test_only_what_a_form_declares_is_written(self, app, rooms, desk, figure):
        """Each valid form once as it is, and once with an answer for every column there is: both write the same."""
        every = sorted(rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods)
        writes = [endpoint for endpoint in every if REACH[endpoint].done_on and endpoint not in BY_MACHINES]
        wrong, idle = [], []
        with prompt() as held:
            for endpoint in writes:
                whose = "own, closed" if "own" not in REACH[endpoint].done_on else "own"
                who = whoever_may(rooms, endpoint)
                told = []
                for spoofed in (False, True):
                    rooms.tidy()
                    row, caller = rooms.lead(whose), Caller(app, who)
                    body = rooms.body(endpoint, caller.token) | ALL_OF_THEM.get(endpoint, {})
                    undeclared = {n: a for n, a in Spoof(rooms).answers.items() if n not in desk.declared(endpoint)}
                    asked = undeclared | body if spoofed else body
                    held.execute("UPDATE notices SET read_at = NULL")
                    before = rows(held)
                    answer = caller.ask("POST", address(app, endpoint, row), data=asked)
                    told.append(written(before, rows(held)))
                    if answer.status_code not in REACH[endpoint].done:
                        wrong.append((endpoint, "with" if spoofed else "without", answer.status_code))
                plain, spoofed = told
                if not plain and endpoint not in WRITE_NOTHING:
                    idle.append(endpoint)
                same = {(table, column) for table, column, _cell in plain}
                for table, column, cell in spoofed - plain:
                    if OF_EVERY_LEAD.get(endpoint) == table:
                        continue
                    if (table, column) not in same or (column not in body and cell == undeclared.get(column)):
                        wrong.append((endpoint, table, column, cell))

        figure("I8", "routes that write", len(writes))
        figure("I8", "columns sent to each", len(asked))
        figure("I8", "routes on which more than the declared is writable", len({entry[0] for entry in wrong}))
        assert wrong == []
        assert idle == []

    def test_an_answer_that_comes_twice_is_refused_unless_its_field_may_repeat(
        self, app, rooms, desk, unchanged, figure
    ):
        wrong, tried, may_repeat = [], 0, names_of(fields.AreasField, fields.ColumnsField)
        writes = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
        for endpoint in sorted(writes - BY_MACHINES):
            rooms.tidy()
            caller = Caller(app, whoever_may(rooms, endpoint))
            url = address(app, endpoint, rooms.leads["own"])
            body = rooms.body(endpoint, caller.token)
            unchanged.from_now()
            for name in sorted(desk.declared(endpoint) | {"status", "lead_id", *body}):
                if (endpoint, name) in MANY or name in may_repeat:
                    continue
                tried += 1
                twice = [*body.items(), (name, body.get(name, "x")), *([] if name in body else [(name, "y")])]
                answer = caller.ask("POST", url, data=MultiDict(twice))
                if answer.status_code != 400:
                    wrong.append((endpoint, name, answer.status_code))
            if changed := unchanged.tables():
                wrong.append((endpoint, changed))

        figure("I8", "answers sent twice", tried)
        assert wrong == []

    def test_areas_may_repeat(self, rooms):
        caller = Caller(rooms.app, rooms.mariam)
        body = rooms.body("leads.capture", caller.token) | {"preferred_areas": ["Marina", "JVC, DIFC"]}

        assert caller.ask("POST", "/leads", data=body).status_code == 303
        assert value("SELECT preferred_areas FROM leads ORDER BY number DESC LIMIT 1") == [
            "Dubai Marina",
            "Jumeirah Village Circle",
            "DIFC",
        ]


class Gallery:
    """Every page of every role in one rooms, to be looked at again and again."""

    def __init__(self, rooms, *, full: bool):
        self.shown = [
            (role, browser, url) for role, browser in browsers(rooms, full=full).items() for url in pages(rooms, role)
        ]

    def look(self):
        """(role and address, page) of each."""
        for role, browser, url in self.shown:
            answer = browser.ask("GET", url, follow_redirects=True)
            assert answer.status_code == 200, (role, url)
            yield f"{role} {url}", as_page(answer)


@pytest.mark.row("I11")
class TestShownAsText:
    def test_no_payload_adds_an_element_or_an_attribute(self, rooms, full, figure):
        """Each column of free words holds another payload in each round; in the full size each holds them all."""
        gallery = Gallery(rooms, full=full)
        filled = type_everywhere([f"harmless words {number}" for number in range(len(PAYLOADS))])
        expected = {place: shape(page) for place, page in gallery.look()}
        wrong = []
        for start in range(0, len(PAYLOADS), 1 if full else len(PAYLOADS) // 2):
            type_everywhere(PAYLOADS[start:] + PAYLOADS[:start])
            wrong += [(start, place) for place, page in gallery.look() if shape(page) != expected[place]]

        figure("I11", "payloads", len(PAYLOADS))
        figure("I11", "columns of free words", len(filled))
        figure("I11", "pages", len(expected))
        figure("I11", "pages with an element or attribute more or less, as HTML", len(wrong))
        assert wrong == []

    def test_what_was_refused_is_shown_as_text_too(self, desk, full):
        for browser, place in desk.found.values():
            if place.endpoint == "deeds.undo":  # it is offered for a minute, and the full size takes longer
                assert submit(browser, place, {}).status_code == 303
        for browser, place in (found for found in desk.found.values() if found[1].typed):
            shapes = {typed: refused(browser, place, typed) for typed in ("harmless", *PAYLOADS[:: 1 if full else 60])}
            assert {typed: found for typed, found in shapes.items() if found != shapes["harmless"]} == {}, place

    @pytest.mark.row("I4")
    def test_words_of_people_find_their_own_direction(self, rooms, full, figure):
        """What stands alone in its element says dir=auto, or stands in a part that does; a chart's label cannot."""
        gallery = Gallery(rooms, full=full)
        type_everywhere([MARKER])
        wrong, alone = defaultdict(set), 0
        for place, page in gallery.look():
            for words in page.find_all(string=lambda words: MARKER in words):
                silent = words.parent.name in ("title", "option", "text") or words.parent.has_attr("aria-hidden")
                if not words.replace(MARKER, "").strip() and not silent:
                    alone += 1
                    if direction(words.parent) != "auto" and words.parent.name != "bdi":
                        wrong[str(words.parent)[:160]].add(place)

        figure("I4", "outputs of people's words that stand alone", alone)
        assert dict(wrong) == {}


MARKER = "Ψ"


def direction(element) -> str | None:
    """The direction that is said for an element: its own, or the nearest around it."""
    around = element
    while around is not None and not around.has_attr("dir") and around.name != "bdi":
        around = around.parent
    return around and around.get("dir", "auto")


def refused(browser, place, typed: str):
    """The forms of the page that comes back with this in every field; a bell in it makes sure that it does."""
    sent = place.sent | dict.fromkeys(place.typed, f"{typed}\x07")
    if place.endpoint == "sessions.create":
        sql("DELETE FROM rate_counters")
    answer = browser.ask("POST", place.url, data=sent)
    assert answer.status_code == 422, place
    return [shape(form) for form in as_page(answer).select("form")]


def as_page(answer) -> BeautifulSoup:
    """What came back, without a look at its words: they are the payload's."""
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")
