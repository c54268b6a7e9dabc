"""One's own calendar in the programs of one's phone: its private address, and what is read there."""

import hashlib
from datetime import timedelta

import pytest
from ical.calendar_stream import CalendarStream, IcsCalendarStream
from icalendar import Calendar

from tests.factories import busy, now, sql, value
from tests.web.browser import Browser
from tests.web.diary import layla
from webapp.services import feeds, tasks
from webapp.services.tasks import FollowUp
from webapp.vocabulary import Role, TaskType

DESK = "https://desk.example"
TOMORROW = timedelta(days=1)


@pytest.fixture(autouse=True)
def lead(aisha):
    """Layla, a lead of Aisha's; nothing is planned with her yet."""
    return layla()


@pytest.fixture
def token(aisha):
    return feeds.make(by=aisha)


@pytest.fixture
def program(app):
    """A calendar program: it has the address and nothing else."""
    return Browser(app)


def planned_in(lead, span, *, by, type=TaskType.CALL):
    """A follow-up this long from now, at a full minute."""
    at = (now() + span).replace(second=0, microsecond=0)
    return tasks.schedule(lead.lead_id, FollowUp(type, at), by=by)


def read(program, token, headers=None):
    return program.ask("GET", f"/feeds/{token}.ics", headers=headers)


def events(answer) -> list:
    """Its events as two readers take them, one of which takes nothing that RFC 5545 does not allow."""
    check_lines(answer.data)
    strict = IcsCalendarStream.calendar_from_ics(answer.text)
    read_back = Calendar.from_ical(answer.data)
    found = list(read_back.events)
    assert [str(event["uid"]) for event in found] == [event.uid for event in strict.events]
    assert [str(event["summary"]) for event in found] == [event.summary for event in strict.events]
    assert not read_back.errors and not any(event.errors for event in found)
    assert len(CalendarStream.from_ics(answer.text).calendars) == 1
    return found


def long_ago(table: str, change: str) -> None:
    """A change that no trigger sees: time has passed."""
    sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    sql(f"UPDATE {table} SET {change}")
    sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def check_lines(data: bytes) -> None:
    """What RFC 5545 asks of the lines, whatever is in them."""
    assert data.endswith(b"END:VCALENDAR\r\n")
    lines = data.removesuffix(b"\r\n").split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    text = data.decode()
    assert not any(ord(c) < 32 and c not in "\r\n" for c in text)
    names = [line.partition(b":")[0].partition(b";")[0] for line in lines if not line.startswith(b" ")]
    assert set(names) <= {
        *(b"BEGIN", b"END", b"VERSION", b"PRODID", b"CALSCALE", b"NAME", b"X-WR-CALNAME", b"REFRESH-INTERVAL"),
        *(b"X-PUBLISHED-TTL", b"UID", b"DTSTAMP", b"LAST-MODIFIED", b"SEQUENCE", b"DTSTART", b"DTEND", b"SUMMARY"),
        *(b"DESCRIPTION", b"URL", b"CLASS", b"ACTION", b"TRIGGER"),
    }


class TestMake:
    @pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
    def test_it_is_shown_once_and_kept_as_a_hash(self, app, browser, aisha, monkeypatch, htmx):
        monkeypatch.setitem(app.config, "BASE_URL", DESK)
        browser.sign_in(aisha).get("users.account")

        answer = browser.post("feeds.make", htmx=htmx)

        address = answer.page.select_one("#feed input[readonly]")["value"]
        token = address.removeprefix(f"{DESK}/feeds/").removesuffix(".ics")
        assert len(token) >= 43 and answer.headers["Cache-Control"] == "no-store"
        assert answer.page.select_one("#feed a.btn")["href"] == address.replace("https:", "webcal:")
        assert value("SELECT token_hash FROM feeds") == hashlib.sha256(token.encode()).digest()
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'feeds.make'") == 1
        assert token not in str(sql("SELECT * FROM audit_entries"))
        page = browser.get("users.account").page
        assert not page.select("#feed input[readonly]") and "Make a new address" in page.select_one("#feed").text

    @pytest.mark.row("S5")
    def test_a_new_one_takes_its_place(self, browser, program, aisha, token):
        browser.sign_in(aisha).post("feeds.make")

        assert read(program, token).status_code == 404
        assert value("SELECT count(*) FROM feeds") == 1

    def test_the_calendar_leads_there(self, browser, aisha):
        assert browser.sign_in(aisha).get("calendar.show").page.select_one("a[href='/account#feed']")

    def test_whoever_is_no_agent_is_offered_none(self, browser, mariam, unchanged):
        browser.sign_in(mariam)
        unchanged.from_now()
        assert not browser.get("users.account").page.select("#feed")
        assert not browser.get("calendar.show").page.select("a[href='/account#feed']")
        assert browser.post("feeds.make").status_code == 422
        assert unchanged

    def test_a_manager_who_is_an_agent_has_one(self, browser, program, mariam, aisha, lead):
        planned_in(lead, TOMORROW, by=aisha)
        sql("UPDATE users SET agent_id = NULL WHERE user_id = %s", aisha.user_id)
        sql("UPDATE users SET agent_id = %s WHERE user_id = %s", aisha.agent_id, mariam.user_id)

        made = browser.sign_in(mariam).post("feeds.make")

        token = made.page.select_one("#feed input")["value"].rpartition("/")[2].removesuffix(".ics")
        assert [str(event["summary"]) for event in events(read(program, token))] == ["Call: Layla Haddad"]


class TestRevoke:
    @pytest.mark.row("S5")
    def test_it_works_no_more(self, browser, program, aisha, token):
        assert read(program, token).status_code == 200

        answer = browser.sign_in(aisha).post("feeds.revoke")

        assert "works no more" in answer.text
        assert read(program, token).status_code == 404
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'feeds.revoke'") == 1


class TestShow:
    @pytest.mark.parametrize("token", ["", "x", "no-such-address", "%00", "%ff", "a" * 2000, "..%2f..%2faccount"])
    def test_an_address_that_is_none_is_missing(self, program, token):
        assert read(program, token).status_code == 404

    @pytest.mark.row("S1", "S5")
    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE users SET is_active = false",
            "UPDATE users SET role = 'receptionist'",
            "UPDATE users SET agent_id = NULL",
            "DELETE FROM feeds",
            "DELETE FROM users",
        ],
    )
    def test_whoever_may_no_longer_see_it_has_none(self, program, token, change):
        assert read(program, token).status_code == 200
        sql(change)

        assert read(program, token).status_code == 404

    @pytest.mark.parametrize("change", [{"is_active": ""}, {"role": "receptionist"}, {"agent_id": ""}])
    def test_what_an_admin_has_taken_does_not_come_back_by_itself(self, browser, omar, program, aisha, token, change):
        browser.sign_in(omar).get("users.show", user_id=aisha.user_id)
        sent = {"is_active": "y"} | change
        browser.post("users.change", {name: text or None for name, text in sent.items()}, user_id=aisha.user_id)
        browser.post(
            "users.change",
            {"is_active": "y", "role": Role.AGENT.value, "agent_id": str(aisha.agent_id)},
            user_id=aisha.user_id,
        )
        assert value("SELECT agent_id FROM users WHERE user_id = %s AND is_active", aisha.user_id) == aisha.agent_id

        assert read(program, token).status_code == 404

    def test_another_name_leaves_it_as_it_is(self, browser, omar, program, aisha, token):
        browser.sign_in(omar).get("users.show", user_id=aisha.user_id)
        browser.post("users.change", {"name": "Aisha Khan"}, user_id=aisha.user_id)

        assert "Aisha Khan" in read(program, token).text

    def test_what_it_says_of_a_follow_up(self, app, program, aisha, lead, token, monkeypatch):
        monkeypatch.setitem(app.config, "BASE_URL", DESK)
        sql("UPDATE leads SET email = 'layla@clients.example', budget_max = 1250000")
        task = planned_in(lead, TOMORROW, by=aisha)
        sql("UPDATE follow_up_tasks SET notes = 'Wants a sea view'")

        answer = read(program, token)

        (event,) = events(answer)
        row = sql("SELECT t.due_date, greatest(t.updated_at, l.updated_at) AS at FROM follow_up_tasks t, leads l")[0]
        assert str(event["uid"]) == str(task.task_id)
        assert event.start == row.due_date and event.end - event.start == timedelta(minutes=30)
        assert answer.data.count(b"DTSTART:") == 1 and str(event["dtstart"].to_ical(), "ascii").endswith("Z")
        assert event["dtstamp"].dt == event["last-modified"].dt == row.at.replace(microsecond=0)
        assert str(event["summary"]) == "Call: Layla Haddad"
        assert str(event["description"]) == f"Lead #{lead.number}\n{DESK}/leads/{lead.lead_id}"
        assert str(event["url"]) == f"{DESK}/leads/{lead.lead_id}"
        (alarm,) = event.walk("VALARM")
        assert (alarm["action"], alarm["trigger"].dt) == ("DISPLAY", -timedelta(minutes=10))
        for line in ("TRIGGER:-PT10M", "REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M"):
            assert f"\r\n{line}\r\n" in answer.text
        assert answer.content_type == "text/calendar; charset=utf-8"
        for secret in (lead.phone, lead.phone[4:], "layla@clients", "1250000", "sea view", token):
            assert secret not in answer.text

    def test_a_follow_up_that_moves_is_the_same_one_with_a_higher_number(self, program, aisha, lead, token):
        task = planned_in(lead, TOMORROW, by=aisha)
        long_ago("follow_up_tasks", "created_at = now() - interval '2 hours', updated_at = now() - interval '1 hour'")
        long_ago("leads", "updated_at = now() - interval '1 hour'")
        (before,) = events(read(program, token))

        tasks.reschedule(task.task_id, due_date=task.due_date + timedelta(hours=3), by=aisha)

        (after,) = events(read(program, token))
        assert str(after["uid"]) == str(before["uid"])
        assert after.start - before.start == timedelta(hours=3)
        assert after["sequence"] > before["sequence"] >= 3600
        assert after["dtstamp"].dt > before["dtstamp"].dt

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE follow_up_tasks SET status = 'completed'",
            "UPDATE follow_up_tasks SET status = 'completed', cancelled_at = now()",
            "UPDATE leads SET status = 'lost'",
            "DELETE FROM leads",
        ],
    )
    def test_what_is_done_or_cancelled_disappears(self, program, aisha, lead, token, change):
        planned_in(lead, TOMORROW, by=aisha)
        assert len(events(read(program, token))) == 1
        if "lost" in change:
            sql("UPDATE follow_up_tasks SET status = 'completed', cancelled_at = now()")
        sql(change)

        assert events(read(program, token)) == []

    def test_it_holds_what_is_overdue_since_30_days_and_due_in_180(self, program, aisha, lead, token):
        for days in (-29, -27, 1, 179, 181):
            planned_in(lead, timedelta(days=days), by=aisha)
        long_ago("follow_up_tasks", "due_date = due_date - interval '2 days' WHERE due_date < now()")

        starts = [event.start - now() for event in events(read(program, token))]

        assert [span.days for span in starts] == [-30, 0, 178]

    def test_nobody_elses(self, program, aisha, yousef, mariam, lead, token):
        planned_in(lead, TOMORROW, by=aisha)
        his = feeds.make(by=yousef)
        assert events(read(program, his)) == []

        sql("UPDATE lead_assignments SET agent_id = %s", yousef.agent_id)

        assert events(read(program, token)) == [] == events(read(program, his))  # the follow-up itself moves by R5

    @pytest.mark.parametrize(
        "name",
        [
            "Layla\r\nBEGIN:VALARM\r\nACTION:PROCEDURE",
            "x\nATTENDEE:mailto:a@b.example",
            "a\u2028END:VEVENT\u0085b\x0bc\x0cd\x07e\x7f",
            'Comma, semi; colon: back\\slash \\n "quoted" ^n',
            "ليلى بنت عبد الرحمن الهاشمي من دبي مارينا",
            "👩‍👩‍👧" * 12,
            "\u202eevil\u202c",
            "<script>alert(1)</script>",
        ],
    )
    def test_whatever_a_name_holds_is_text(self, program, aisha, lead, token, name):
        planned_in(lead, TOMORROW, by=aisha)
        sql("UPDATE leads SET first_name = %s, last_name = ''", name)

        answer = read(program, token)

        (event,) = events(answer)
        plain = "".join(" " if ord(c) < 32 or 127 <= ord(c) < 160 else c for c in f"Call: {name}")
        assert str(event["summary"]) == " ".join(plain.split())
        assert [alarm["action"] for alarm in event.walk("VALARM")] == ["DISPLAY"]

    def test_it_speaks_the_language_of_its_user(self, program, aisha, lead, token):
        planned_in(lead, TOMORROW, by=aisha)
        sql("UPDATE users SET language = 'ar'")

        answer = read(program, token, headers={"Accept-Language": "en"})

        assert str(events(answer)[0]["summary"]) == "اتصال: Layla Haddad"

    def test_what_has_not_changed_is_not_sent_again(self, program, aisha, lead, token):
        planned_in(lead, TOMORROW, by=aisha)
        first = read(program, token)
        again = read(program, token, headers={"If-None-Match": first.headers["ETag"]})

        assert first.headers["Cache-Control"] == "private, no-cache"
        assert (again.status_code, again.data) == (304, b"")
        assert "Set-Cookie" not in first.headers

        sql("UPDATE leads SET first_name = 'Laila'")
        assert read(program, token, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200

    def test_it_takes_as_many_queries_for_40_as_for_none(self, program, aisha, lead, token):
        none = program.open("GET", f"/feeds/{token}.ics")
        busy(aisha, 39)
        sql(
            """INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date)
               SELECT lead_id, %s, 'viewing', now() + row_number() OVER () * interval '90 min' FROM leads
               WHERE lead_id NOT IN (SELECT lead_id FROM follow_up_tasks)""",
            aisha.agent_id,
        )

        many = program.open("GET", f"/feeds/{token}.ics")

        assert len(events(many)) >= 40
        assert many.queries == none.queries <= 4

    @pytest.mark.parametrize("limit, right", [("FEEDS", True), ("WRONG_FEEDS", False)])
    def test_a_flood_is_refused(self, program, aisha, token, limit, right, monkeypatch):
        asked = token if right else "no-such-address"
        for _time in range(240 if right else 100):
            read(program, asked)

        refused = read(program, asked)

        assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
        other = "no-such-address" if right else token
        assert read(program, other).status_code == (404 if right else 200)
        assert token not in str(sql("SELECT key FROM rate_counters"))

    def test_it_stands_in_no_log(self, app, program, aisha, lead, token, capsys, caplog):
        app.config["LOG_REQUESTS"] = True
        read(program, token)
        read(program, f"{token}x")

        told = capsys.readouterr()
        assert token not in told.out + told.err + caplog.text
