"""Nothing that is typed into a search, a filter or an order is ever a pattern or SQL (I10)."""

import re
from time import monotonic
from urllib.parse import urlencode

import pytest

from tests.factories import a_lead, sql
from tests.web.places import queries
from tests.web.sending import in_turn
from webapp.services import listings
from webapp.services.access import SYSTEM

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


def hits(answer) -> list[str]:
    return [" ".join(hit.get_text(" ").split()) for hit in answer.page.select("main a.hit, #palette-found a.hit")]


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
class TestShow:
    """The search from anywhere: a page, and what its dialog is sent."""

    @pytest.fixture
    def look(self, browser, htmx):
        return lambda **query: browser.get("search.show", htmx=htmx, target="palette-found" if htmx else None, **query)

    def test_who_is_found_and_where_they_are(self, browser, look, aisha, lead, htmx):
        browser.sign_in(aisha)

        answer = look(q="layla")

        (line,) = answer.page.select("main a.hit, #palette-found a.hit")
        assert line["href"] == f"/leads/{lead.lead_id}"
        assert hits(answer) == [f"LH Layla Haddad #{lead.number} +971 50 123 4567 New"]
        assert answer.fills == ("#palette-found" if htmx else None)
        assert line.get("role") == ("option" if htmx else None)

    def test_a_manager_sees_whose_they_are(self, browser, look, mariam, aisha, lead, htmx):
        browser.sign_in(mariam)

        assert "Aisha Rahman" in hits(look(q="layla"))[0]

    @pytest.mark.parametrize("typed", ["layla", "0501234567", "4567", "AP-S-7", "dubai m", "", "zzqq"])
    def test_it_takes_as_many_queries_for_many_as_for_one(self, browser, look, aisha, lead, htmx, typed):
        browser.sign_in(aisha)
        a_property(lead)
        one = look(q=typed)
        for number in range(9):
            a_lead(f"+9715012{number}4567", first_name="Layla", by=aisha)
        sql(
            "INSERT INTO lead_property_interests (lead_id, property_id, interest_level)"
            " SELECT lead_id, property_id, 'high' FROM leads, listings ON CONFLICT DO NOTHING"
        )

        many = look(q=typed)

        assert many.queries == one.queries <= (4 if htmx else 5)

    def test_what_is_more_is_in_the_list(self, browser, look, aisha, htmx):
        for number in range(9):
            a_lead(first_name="Samir", last_name=str(number), by=aisha)
        browser.sign_in(aisha)

        answer = look(q="samir")

        assert hits(answer)[-1] == "All leads that fit"
        assert answer.page.select("main a.hit, #palette-found a.hit")[-1]["href"] == "/leads?q=samir"

    def test_a_property_leads_to_who_likes_it_and_who_looks_there(self, browser, look, mariam, lead, htmx):
        a_property(lead)
        browser.sign_in(mariam)

        found = hits(look(q="ap-s-7"))

        assert len(found) == 2
        assert "Layla Haddad" in found[0] and "Studio" in found[1] and "Dubai Marina" in found[1]

    def test_an_area_and_an_action(self, browser, look, aisha, lead, htmx):
        browser.sign_in(aisha)

        assert hits(look(q="jumeirah village c")) == ["Jumeirah Village Circle Leads that look there"]
        calendar = look(q="calen")
        assert hits(calendar) == ["Calendar"]
        assert "Nobody" not in calendar.text
        assert hits(look(q="plan")) == ["Plan a follow-up"]

    @pytest.mark.parametrize(
        "who, has, lacks",
        [
            ("aisha", ("New lead", "Plan a follow-up", "My day", "My figures"), ("Users", "Front desk", "Workload")),
            ("mariam", ("New lead", "Morning board", "Workload"), ("Users", "My day", "Plan a follow-up")),
            ("omar", ("Users", "Audit", "Reports"), ("New lead", "Front desk", "Plan a follow-up")),
            ("rashid", ("New visitor", "Front desk"), ("New lead", "Leads", "Calendar", "Users")),
        ],
    )
    def test_without_words_it_offers_what_this_role_can_do(self, browser, look, request, htmx, who, has, lacks):
        browser.sign_in(request.getfixturevalue(who))

        answer = look()

        offered = set(hits(answer))
        assert offered.issuperset(has) and not offered & set(lacks)
        for link in answer.page.select("main a.hit, #palette-found a.hit"):
            assert browser.open("GET", link["href"]).status_code == 200

    def test_reception_is_told_who_it_is_and_goes_to_the_front_desk(self, browser, look, rashid, aisha, lead, htmx):
        browser.sign_in(rashid)

        (line,) = look(q="050 123 4567").page.select("main a.hit, #palette-found a.hit")

        assert "Layla Haddad" in line.get_text() and "Aisha Rahman" in line.get_text()
        assert browser.open("GET", line["href"]).said("#person") == "Layla Haddad"
        for typed in ("layla", "4567", f"#{lead.number}"):
            answer = look(q=typed)
            assert "Layla Haddad" not in answer.text
            assert "Type the whole phone number" in answer.text

    def test_whoever_finds_nobody_is_told_what_to_do(self, browser, look, aisha, rashid, lead, htmx):
        browser.sign_in(aisha)
        answer = look(q="050 111 2222")
        assert "Nobody of yours" in answer.text and hits(answer) == ["New lead +971 50 111 2222"]
        form = browser.open("GET", answer.page.select_one("main a.hit, #palette-found a.hit")["href"])
        assert form.page.select_one("[name=phone]")["value"] == "+971501112222"
        assert "Type two letters of a name" in look(q="12").text
        assert hits(look(q="zzqq"))[0] == "New lead"

    @pytest.mark.parametrize(
        "typed", [*SQL_IN_TEXT[:20], "\x00", "\r\n", "\u202e", "<script>alert(1)</script>", '"><b>', "x" * 5000]
    )
    def test_whatever_is_typed_is_text(self, browser, look, mariam, lead, unchanged, htmx, typed):
        browser.sign_in(mariam)
        unchanged.from_now()

        answer = look(q=typed)

        assert answer.status_code == 200
        assert "Layla" not in answer.text and not answer.page.select("script:not([src]), main b, #palette-found b")
        assert unchanged


def a_property(lead) -> None:
    """A property that she likes."""
    listing = listings.add("AP-S-7", by=SYSTEM, title="Studio", area="Dubai Marina")
    sql(
        "INSERT INTO lead_property_interests (lead_id, property_id, interest_level) VALUES (%s, %s, 'high')",
        lead.lead_id,
        listing.property_id,
    )


def names_in_order(html: str) -> list[str]:
    return re.findall(r'<a class="name" href="(/leads/[-0-9a-f]{36})"', html)
