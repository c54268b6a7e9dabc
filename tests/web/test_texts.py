"""Good text in any script is kept and shown as it was typed, up to its length; what is longer is refused, never cut."""

import unicodedata
from itertools import cycle, product
from time import monotonic

import pytest
from bs4 import BeautifulSoup

from tests.web.office import Caller
from tests.web.places import address, names_of, whoever_may
from tests.web.sending import is_named, middle, send, submit
from webapp.forms import fields
from webapp.guard import LARGER

FIRST = (
    *("عائشة", "أَحْمَد", "نمی‌خواهم", "محمد 123 Ali", "שלום", "José", "Jose\u0301", "Ǻngström", "李小龍", "สวัสดี", "हिन्दी"),
    *("👩‍👩‍👧", "🇦🇪", "👍🏽", "\u200fعمر", "O'Brien-Núñez", "<b>&amp;", '"quoted"', "A\u030a\u0323", "İstanbul ﷺ"),
)
SECOND = (
    *("بنت راشد", "آل مكتوم", "Smith, Jr.", "и Петров", "Nguyễn", "🧑🏿‍🚀 & co", "‎LTR‎", "e\u0301\u0302", "𝒳𝓎𝓏", "ﬁ ﬂ"),
    *("50% off_", "\\n \\0", "{{ 7*7 }}", "٣٫٥ مليون", "Z͑ͫ̓a̴lgo"),
)


@pytest.fixture
def texts(desk):
    """Every field that keeps free text and shows it: (endpoint, name, maxlength)."""
    free = names_of(fields.TextField, fields.LongTextField) - {"phone", "email", "property_id"}
    return sorted(
        {
            (place.endpoint, name, most)
            for _browser, place in desk.found.values()
            for name, most in place.typed.items()
            if name in free and place.endpoint not in ELSEWHERE and (place.endpoint, name) not in CHOSEN
        }
    )


ELSEWHERE = ("bulk.change", "check_ins.arrive", "privacy.erase", "office.change", "scoring.put")
"""Of many leads, shown to others only, never kept, a number, and inside a draft: in the tests of their own pages."""

CHOSEN = {("stops.add", "reason")}
"""Of a list here, and a text in other forms."""

WITH_WORDS = {"pipeline.move": {"status": "lost", "lost_reason": "price"}}
"""What asks for words, where the usual valid form does not."""


class Keeper:
    """Sends valid forms with one more text in them, each for a lead of its own, and looks where it is shown."""

    def __init__(self, app, rooms):
        self.app, self.rooms, self.caller = app, rooms, Caller(app, rooms.mariam)
        self.callers = {rooms.mariam: self.caller}

    def send(self, endpoint: str, answers: dict):
        who = whoever_may(self.rooms, endpoint)
        self.caller = self.callers.get(who) or self.callers.setdefault(who, Caller(self.app, who))
        self.rooms.tidy()
        url = address(self.rooms.app, endpoint, self.rooms.lead("own"))
        valid = self.rooms.body(endpoint, self.caller.token) | WITH_WORDS.get(endpoint, {})
        return self.caller.ask("POST", url, data=valid | answers)

    def page(self, answer):
        """The page that the form led to."""
        led = self.caller.ask("GET", answer.headers["Location"]) if answer.status_code == 303 else answer
        return BeautifulSoup(led.text, "html.parser")


@pytest.fixture
def keeper(app, rooms) -> Keeper:
    return Keeper(app, rooms)


NOWHERE_SHOWN = {"tasks.cancel"}
"""A follow-up that was cancelled is shown nowhere yet, so why it was is not either."""


SHOWN_ONCE = {"api_keys.add"}
"""What answers with a secret that no other page ever shows, so not by sending on to one."""


def kept_by(endpoint: str) -> int:
    return 200 if endpoint in SHOWN_ONCE else 303


@pytest.mark.row("I4")
class TestText:
    def test_it_comes_back_as_it_was_typed_in_any_script(self, keeper, texts, stored, full, figure):
        spelled = [" ".join(pair) for pair in product(FIRST, SECOND)]
        assert len(set(spelled)) == 300
        places, wrong = cycle(texts), []
        for typed in spelled if full else spelled[:: 300 // 40]:
            endpoint, name, _most = next(place for place in places if place[2] >= len(typed))
            answer = keeper.send(endpoint, {name: typed})
            kept = unicodedata.normalize("NFC", typed)
            if answer.status_code != kept_by(endpoint) or not any(
                column.endswith(name) for _table, column in stored(kept)
            ):
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
                if (answer.status_code, bool(kept)) != ((kept_by(endpoint), True) if length == most else (422, False)):
                    wrong.append((endpoint, name, length, answer.status_code))
                if length > most and (not is_named(middle(answer), name) or "ب" * (length - 3) not in answer.text):
                    wrong.append((endpoint, name, length, "not said, or what was typed is gone"))
                cut += answer.status_code == kept_by(endpoint) and not kept

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
                fits = size < 1_000_000 or place.endpoint in LARGER
                if answer.status_code != (422 if fits else 413):
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
