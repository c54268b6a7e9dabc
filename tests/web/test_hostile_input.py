"""Bad text and numbers in every field of every form, in addresses and in queries: refused in words, never kept."""

from urllib.parse import urlencode

import pytest

from tests.factories import sql, value
from tests.web.browser import controls

CANNOT_BE_SHOWN = {
    "NUL": "a\x00b",
    "control": "a\x07b",
    "bidi override": "a\u202eb",
    "10 KB": "a" * 10_240,
}
MORE_OF_IT = {
    "C1 control": "a\x9fb",
    "bidi isolate": "a\u2066b",
    "invisible only": "\u200b\u200d\u2060",
    "private use": "a\ue000b",
    "lone surrogate": b"a\xed\xa0\x80b",
    "not UTF-8": b"a\xff\xfeb",
}
NO_NUMBERS = (
    "NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    "1E400",
    "1e3",
    "9" * 40,
    "-1",
    "-0",
    "1_000",
    "0x10",
    "½",
    "1.2.3",
)
CLOSED_LISTS = ("referrer_agent_id", "agent_id")


def said(answer, name: str) -> bool:
    """Whether the page says in words what is wrong with a field: at the field, or where that is not shown, above."""
    alerts = [alert for alert in answer.page.select("[role=alert]") if alert.get_text(strip=True)]
    at_the_field = [alert for alert in alerts if alert.get("id", "").endswith(f"{name.removesuffix('_time')}-error")]
    above = [alert for alert in alerts if not alert.get("id")]
    return bool(at_the_field or above or name == "phone")


class TestForms:
    """Each form that a role has, by the page that shows it."""

    @pytest.fixture
    def shown(self, browser, request, aisha, lead):
        def show(who, endpoint, **query):
            sql(
                "INSERT INTO lead_activities (lead_id, agent_id, type) VALUES (%s, %s, 'call')",
                lead.lead_id,
                aisha.agent_id,
            )
            values = (
                {"lead_id": lead.lead_id} if endpoint != "leads.new" and endpoint.startswith(("leads", "pipe")) else {}
            )
            browser.sign_in(request.getfixturevalue(who))
            browser.get(endpoint, **values, **query)
            return browser

        return show

    PAGES = [
        ("aisha", "leads.new", {}, 14),
        ("rashid", "front_desk.show", {"phone": "0507654321"}, 12),
        ("aisha", "leads.edit", {}, 13),
        ("mariam", "leads.show", {}, 14),
        ("aisha", "pipeline.ask", {"status": "lost"}, 2),
        ("aisha", "users.account", {}, 2),
    ]

    @pytest.mark.parametrize("who, endpoint, query, at_least", PAGES, ids=[page[1] for page in PAGES])
    def test_text_that_cannot_be_shown_is_refused_at_every_field(
        self, shown, unchanged, who, endpoint, query, at_least
    ):
        browser = shown(who, endpoint, **query)
        page, at = browser.last, browser.at
        unchanged.from_now()
        tried, wrong = 0, []
        for url, sent, names in fields_of(page, at):
            for name in names:
                tried += 1
                for kind, text in CANNOT_BE_SHOWN.items():
                    answer = browser.open("POST", url, data=plausible(sent, name) | {name: text}, follow=False)
                    if answer.status_code not in (409, 422) or not said(answer, name):
                        wrong.append((url.rpartition("/")[2], name, kind, answer.status_code))
                if not unchanged:
                    wrong.append((url, name, "stored"))
                    unchanged.from_now()

        assert wrong == []
        assert tried >= at_least

    @pytest.mark.parametrize("kind", MORE_OF_IT)
    @pytest.mark.parametrize("name", ["first_name", "message", "preferred_areas", "phone"])
    def test_and_so_is_everything_else_that_is_no_text(self, browser, aisha, unchanged, name, kind):
        browser.sign_in(aisha)
        sent = browser.filled("/leads", "leads.capture", {}) | {"phone": "0507654321"}
        unchanged.from_now()
        body, boundary = multipart(sent | {name: MORE_OF_IT[kind]})

        answer = browser.open("POST", "/leads", data=body, content_type=f"multipart/form-data; boundary={boundary}")

        assert answer.status_code == 422
        assert answer.said(f"#lead-form [id={name}-error]")
        assert unchanged

    @pytest.mark.parametrize("field", ["budget_max", "budget_min", "bedrooms"])
    @pytest.mark.parametrize("typed", NO_NUMBERS)
    def test_what_is_no_number_is_refused_at_its_field(self, browser, aisha, unchanged, field, typed):
        browser.sign_in(aisha).get("leads.new")
        unchanged.from_now()

        answer = browser.post("leads.capture", {"phone": "0507654321", field: typed})

        assert answer.status_code == 422
        assert answer.said(f"#lead-form [id={field}-error]")
        assert answer.page.select_one(f"[name={field}]")["value"] == typed
        assert unchanged

    @pytest.mark.parametrize("typed", NO_NUMBERS)
    def test_a_deal_value_is_a_number_too(self, browser, aisha, lead, unchanged, typed):
        from_here = "UPDATE leads SET status = %s"
        for status in ("contacted", "qualified", "viewing_scheduled", "negotiation"):
            sql(from_here, status)
        browser.sign_in(aisha).get("pipeline.ask", lead_id=lead.lead_id, status="converted")
        unchanged.from_now()

        answer = browser.post("pipeline.move", {"deal_value": typed, "conversion_type": "sale"}, lead_id=lead.lead_id)

        assert answer.status_code == 422
        assert answer.said("[id=deal_value-error]")
        assert unchanged

    def test_a_megabyte_is_too_much_at_once(self, shown, unchanged):
        browser = shown("aisha", "leads.new")
        unchanged.from_now()
        for name in ("message", "first_name", "phone", "preferred_areas"):
            answer = browser.post("leads.capture", {"phone": "0507654321", name: "x" * 1_000_000})
            assert answer.status_code == 413
            assert "more than can be sent at once" in answer.text
        assert unchanged

    def test_a_thousand_and_one_parts_are_too_many(self, shown, unchanged):
        browser = shown("aisha", "leads.new")
        unchanged.from_now()
        sent = browser.filled("/leads", "leads.capture", {}) | {f"part{n}": "x" for n in range(1_001)}

        answer = browser.open("POST", "/leads", data=sent, content_type="multipart/form-data")

        assert answer.status_code == 413
        assert unchanged

    def test_the_longest_that_fits_is_kept_whole(self, browser, aisha):
        longest = {"first_name": "a" * 100, "last_name": "ب" * 100, "message": "c" * 2000, "nationality": "d" * 50}

        assert browser.sign_in(aisha).post("leads.capture", {"phone": "0507654321", **longest}).hops

        assert sql("SELECT first_name, last_name, nationality FROM leads") == [("a" * 100, "ب" * 100, "d" * 50)]
        assert value("SELECT message FROM enquiries") == "c" * 2000

    @pytest.mark.parametrize(
        "name",
        ["محمد عبد الله", "José O'Brien-Núñez", "李小龍", "👨‍👩‍👧 Family", "<b>Bold</b>", "Robert'); --"],
    )
    def test_what_can_be_shown_is_kept_as_typed(self, browser, aisha, name):
        browser.sign_in(aisha).post("leads.capture", {"phone": "0507654321", "last_name": name})

        assert value("SELECT last_name FROM leads") == name
        assert browser.last.h1.get_text() == name


class TestAddresses:
    QUERIES = (
        "a\x00b",
        "\x07",
        "\u202e",
        b"\xed\xa0\x80",
        b"\xff",
        "x" * 10_240,
        "%" * 500,
        "NaN",
        "9" * 400,
        "-1",
        "' OR 1=1",
        "[]",
    )
    PAGES = {
        "leads.index": (
            "q",
            "status",
            "source_type",
            "owner",
            "after",
            "created_from",
            "created_to",
            "contacted_from",
            "overdue",
        ),
        "leads.new": ("phone",),
        "front_desk.show": ("phone", "typing"),
        "areas.matching": ("q",),
        "notifications.bell": ("after",),
        "sessions.new": ("next",),
    }

    @pytest.mark.parametrize("endpoint", PAGES)
    def test_a_query_is_never_an_accident(self, browser, mariam, lead, unchanged, endpoint):
        browser.sign_in(mariam)
        unchanged.from_now()
        for name in self.PAGES[endpoint]:
            for text in self.QUERIES:
                url = f"{browser.url(endpoint)}?{urlencode({name: text})}"
                answer = browser.open("GET", url, htmx=endpoint == "notifications.bell", follow=False)
                assert answer.status_code in (200, 204, 302, 400), (name, text)
        assert unchanged

    def test_repeated_parameters_are_no_accident(self, browser, mariam, lead):
        twice = "q=1&q=2&after=x&after=y&owner=none&owner=x&status=new&status=new&created_from=x&created_from=y"

        assert browser.sign_in(mariam).open("GET", f"/leads?{twice}").status_code == 200

    @pytest.mark.parametrize(
        "part", ["%00", "%ff", "%ed%a0%80", "..", "%2e%2e%2f", "x" * 5_000, "%0d%0aX:y", "1' OR '1"]
    )
    def test_a_path_that_is_none_is_missing(self, browser, mariam, part):
        browser.sign_in(mariam)
        for path in (f"/leads/{part}", f"/leads/{part}/edit", f"/{part}", f"/static/{part}"):
            assert browser.open("GET", path, follow=False).status_code in (302, 308, 400, 404), path

    @pytest.mark.parametrize("language", ["%00", "%ff", "x" * 5_000, "..%2f", "ar%0d%0aSet-Cookie:x=1"])
    def test_a_language_that_is_none_sets_no_cookie(self, browser, language):
        answer = browser.open("GET", f"/language/{language}", follow=False)

        assert answer.status_code in (302, 404)
        assert "Set-Cookie" not in answer.headers


def multipart(sent: dict) -> tuple[bytes, str]:
    """A form's body with its texts as they are, whether they are UTF-8 or not."""
    boundary = "-" * 20 + "x"
    lines = []
    for name, text in sent.items():
        content = text if isinstance(text, bytes) else text.encode()
        lines += [f"--{boundary}".encode(), f'Content-Disposition: form-data; name="{name}"'.encode(), b"", content]
    return b"\r\n".join([*lines, f"--{boundary}--".encode(), b""]), boundary


def fields_of(page, at):
    """The address of every form to be posted, what it would send, and the names of its fields."""
    seen = set()
    for form in page.select("main form[method=post]"):
        url = form.get("action") or at
        if url.endswith(("/completion", "/striking", "/reopening")) or url in seen:
            continue
        seen.add(url)
        sent = controls(form)
        shown = form.select("input[name]:not([type=hidden], [type=checkbox]), select[name], textarea[name]")
        yield url, sent, sorted({control["name"] for control in shown} - set(CLOSED_LISTS))


def plausible(sent: dict, name: str) -> dict:
    """Enough for the form to be taken if it were not for the one bad field."""
    enough = {
        "phone": "0507654321",
        "type": "call",
        "lost_reason": "price",
        "due_date": "2030-01-01",
        "reason": "Leave",
    }
    enough |= {
        "due_date_time": "10:00",
        "next_type": "call",
        "next_due_date": "2030-02-01",
        "next_due_date_time": "10:00",
    }
    if name.endswith("_time"):
        enough[name.removesuffix("_time")] = "2030-01-01"
    return sent | {key: text for key, text in enough.items() if key in sent or key in ("type", "lost_reason")}
