"""Nothing that is typed into a search, a filter or an order is ever a pattern or SQL (I10)."""

import re
from time import monotonic
from urllib.parse import urlencode

import pytest

from tests.web.places import queries
from tests.web.sending import in_turn

SQL_IN_TEXT = (
    *("'", '"', "\\", "%", "_", "%%", "\\%", "_" * 8, "';--", "' OR '1'='1", "' OR 1=1--", "1; DROP TABLE leads"),
    *("') UNION SELECT password_hash FROM users--", "'; SELECT pg_sleep(20)--", "$$||pg_sleep(20)||$$", "{0}", ":x"),
    *("%s", "%(x)s", "E'\\x27'", "0)--", "ctid", "(SELECT 1)", "created_at DESC; DELETE FROM leads", "1" * 10_000),
    *("%" * 10_000, "[" * 5_000, "NaN", "9" * 400, "-1", "0001-01-01", "9999-12-31", "10000-01-01"),
)


@pytest.mark.row("I10")
class TestSearch:
    HARMLESS = "zzz"

    @pytest.fixture
    def seen(self, another, rooms):
        """What Aisha's list shows for a query: how many leads, and how many in all are hers."""
        browser = another(rooms.aisha)
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
    def test_areas_neither(self, browser, rooms, typed):
        known = browser.sign_in(rooms.aisha).ask("GET", "/areas?q=marina").text
        assert "Dubai Marina" in known

        answer = browser.ask("GET", f"/areas?{urlencode({'q': typed})}")

        assert answer.status_code == 200
        assert "Marina" not in answer.text

    def test_an_order_that_is_unknown_is_the_usual_one(self, another, rooms):
        browser = another(rooms.aisha)
        usual = names_in_order(browser.ask("GET", "/leads?all=1").text)
        for order in ("created_at", "-phone", "phone; DROP TABLE leads", "ctid", "(SELECT 1)", "1", "random()"):
            assert (
                names_in_order(browser.ask("GET", f"/leads?{urlencode({'sort': order, 'order': order})}").text) == usual
            )


def names_in_order(html: str) -> list[str]:
    return re.findall(r'<a class="name" href="(/leads/[-0-9a-f]{36})"', html)
