"""The same deed for many leads: what it asks, what it does and what it leaves."""

import pytest

from tests.factories import a_lead, an_agent, brought_to, busy, sql, tally, value
from tests.web.browser import controls
from webapp.vocabulary import Status

SLOT = "2030-05-06T10:00"


@pytest.fixture
def three(aisha, yousef):
    sql("UPDATE agents SET on_duty = true")
    return [a_lead(f"+97150123456{n}", by=aisha).lead_id for n in range(3)]


def statuses() -> dict:
    return {row.lead_id: row.status for row in sql("SELECT lead_id, status FROM leads")}


class TestAsk:
    @pytest.mark.parametrize(
        "deed, asked", [("lost", "lost_reason"), ("follow_up", "due_date"), ("assign", "agent_id")]
    )
    def test_it_asks_what_the_deed_needs_and_names_the_leads(self, browser, mariam, three, deed, asked):
        answer = browser.sign_in(mariam).get("bulk.ask", lead_id=three, deed=deed)

        assert answer.status_code == 200
        assert answer.page.select(f"[name={asked}]")
        assert len(answer.page.select("form [name=lead_id]")) == 3
        assert answer.queries <= 8

    def test_without_leads_it_says_what_to_do(self, browser, aisha):
        assert "Tick some leads" in browser.sign_in(aisha).get("bulk.ask").said()

    def test_of_a_colleagues_lead_it_knows_nothing(self, browser, yousef, three):
        assert browser.sign_in(yousef).get("bulk.ask", lead_id=three, deed="lost").status_code == 404

    def test_more_than_two_hundred_are_too_many(self, browser, mariam):
        many = [f"00000000-0000-0000-0000-{n:012}" for n in range(201)]

        assert "at most 200" in browser.sign_in(mariam).get("bulk.ask", lead_id=many).said("body")


class TestChange:
    def test_all_are_closed_for_one_reason(self, browser, aisha, three):
        browser.sign_in(aisha).get("bulk.ask", lead_id=three, deed="lost")

        answer = browser.post("bulk.change", {"lead_id": three, "lost_reason": "price"})

        assert answer.hops[0][0] == 303
        assert "3 leads changed." in answer.said("body")
        assert {*statuses().values()} == {"lost"}
        assert value("SELECT count(*) FROM lead_conversion_history WHERE lost_reason = 'price'") == 3

    def test_what_is_refused_stays_as_it_was_and_says_why(self, browser, aisha, three):
        closed = brought_to(a_lead("+971509999999", by=aisha), Status.LOST).lead_id
        browser.sign_in(aisha).get("bulk.ask", lead_id=[*three, closed], deed="lost")

        answer = browser.post("bulk.change", {"lead_id": [*three, closed], "lost_reason": "area"})

        assert "3 leads changed. 1 stayed as it was." in answer.said("h1")
        assert "cannot go from Lost" in answer.said()
        assert value("SELECT count(*) FROM lead_conversion_history WHERE lost_reason = 'area'") == 3

    def test_follow_ups_follow_each_other_where_the_calendar_is_taken(self, browser, aisha, three):
        browser.sign_in(aisha).get("bulk.ask", lead_id=three, deed="follow_up")

        browser.post("bulk.change", {"lead_id": three, "type": "call", "due_date": SLOT})

        due = [
            row.due
            for row in sql("""
            SELECT to_char(due_date AT TIME ZONE 'Asia/Dubai', 'HH24:MI') AS due FROM follow_up_tasks
            WHERE due_date > '2030-05-01' ORDER BY due_date""")
        ]
        assert due == ["10:00", "10:30", "11:00"]

    def test_a_manager_hands_them_over(self, browser, mariam, yousef, three):
        browser.sign_in(mariam).get("bulk.ask", lead_id=three, deed="assign")

        browser.post("bulk.change", {"lead_id": three, "agent_id": yousef.agent_id, "reason": "Holiday"})

        assert {row.owner_id for row in sql("SELECT owner_id FROM leads")} == {yousef.agent_id}

    def test_an_agent_hands_nothing_over(self, browser, aisha, yousef, three):
        browser.sign_in(aisha).get("bulk.ask", lead_id=three, deed="lost")

        answer = browser.post("bulk.change", {"deed": "assign", "agent_id": yousef.agent_id, "reason": "Mine no more"})

        assert answer.status_code == 403
        assert {row.owner_id for row in sql("SELECT owner_id FROM leads")} == {aisha.agent_id}

    def test_one_foreign_lead_among_them_and_nothing_is_done(self, browser, aisha, yousef, three):
        his = a_lead("+971521111111", by=yousef).lead_id
        browser.sign_in(aisha).get("bulk.ask", lead_id=three, deed="lost")

        answer = browser.post("bulk.change", {"lead_id": [*three, his], "lost_reason": "price"})

        assert answer.status_code == 404
        assert {*statuses().values()} == {"new"}

    @pytest.mark.parametrize(
        "deed, typed, said",
        [
            ("lost", {}, "Choose the reason"),
            ("follow_up", {"due_date": ""}, "Say when"),
            ("follow_up", {"due_date": "2001-01-01T10:00"}, "more than 30 days ago"),
            ("assign", {"reason": ""}, "Say why"),
        ],
    )
    def test_what_is_missing_is_said_and_nothing_is_done(self, browser, mariam, three, deed, typed, said):
        before = tally("follow_up_tasks", "lead_conversion_history", "audit_entries")
        browser.sign_in(mariam).get("bulk.ask", lead_id=three, deed=deed)

        answer = browser.post("bulk.change", {"lead_id": three} | typed)

        assert said in answer.said()
        assert {*statuses().values()} == {"new"}
        assert tally("follow_up_tasks", "lead_conversion_history") == {
            name: before[name] for name in ("follow_up_tasks", "lead_conversion_history")
        }

    @pytest.mark.parametrize(
        "deed, name, most, column",
        [
            ("follow_up", "about", 200, "follow_up_tasks.notes"),
            ("lost", "notes", 2000, "lead_conversion_history.notes"),
            ("assign", "reason", 200, "lead_assignments.reason"),
        ],
    )
    def test_words_are_kept_whole_or_refused(self, browser, mariam, yousef, three, deed, name, most, column):
        answers = {"due_date": SLOT, "lost_reason": "other", "agent_id": yousef.agent_id, "reason": "Holiday"}
        table, _dot, words = column.partition(".")
        kept = f"SELECT count(*) FROM {table} WHERE {words} = %s"
        browser.sign_in(mariam)
        for length, times in ((most + 1, 0), (most, 3)):
            typed = "ب" * length
            browser.get("bulk.ask", lead_id=three, deed=deed)

            answer = browser.post("bulk.change", answers | {"lead_id": three, name: typed})

            assert value(kept, typed) == times
            assert (typed in answer.text) == (times == 0 or deed == "assign")  # a hand-over says why

    def test_sent_twice_it_is_done_once(self, browser, aisha, three):
        browser.sign_in(aisha).get("bulk.ask", lead_id=three, deed="follow_up")
        filled = browser.filled("/leads/changes", "bulk.change", {}) | {"type": "call", "due_date": SLOT}
        for _time in range(2):
            browser.open("POST", "/leads/changes", data=filled | {"lead_id": three})

        assert value("SELECT count(*) FROM follow_up_tasks WHERE due_date > '2030-05-01'") == 3


class TestPreview:
    """What a hand-over would do, said before it is done."""

    @pytest.fixture
    def fifty(self, aisha, yousef):
        """Aisha holds 50 leads and goes; two others have 30 places between them."""
        busy(aisha, 50)
        hana, noor = busy(an_agent("Hana Aziz", languages=["arabic"]), 40), busy(an_agent("Noor Ali"), 30)
        sql("UPDATE agents SET on_duty = agent_id <> %s WHERE agent_id <> %s", aisha.agent_id, yousef.agent_id)
        sql("UPDATE leads SET language_preference = 'arabic' WHERE owner_id = %s AND number %% 5 = 0", aisha.agent_id)
        return hana, noor

    def preview(self, browser, **query):
        page = browser.get("bulk.ask", deed="assign", **query).page
        form = page.select_one("form[action='/leads/changes']")
        sent = controls(form) | {"reason": "Leaves on Monday", "preview": "1"}
        sent["lead_id"] = [field["value"] for field in form.select("[name=lead_id]")]
        return browser.open("POST", form["action"], data=sent)

    def confirm(self, browser, answer):
        form = answer.page.select_one("form[action='/leads/changes']")
        chosen = [field["value"] for field in form.select("[name=lead_id]")]
        return browser.open("POST", form["action"], data=controls(form) | {"lead_id": chosen})

    def promised(self, answer) -> dict:
        rows = [row.select("td") for row in answer.page.select("table.data tbody tr")]
        return {lead.a["href"].rpartition("/")[2]: to.bdi.get_text() for lead, to in rows}

    def owners(self) -> dict:
        rows = sql("SELECT l.lead_id::text, full_name FROM leads l JOIN agents ON agent_id = owner_id")
        return {row.lead_id: row.full_name for row in rows}

    def test_thirty_of_fifty_find_a_place_and_nothing_has_happened_yet(self, browser, mariam, aisha, fifty, everything):
        browser.sign_in(mariam).get("bulk.ask")
        before = everything()

        answer = self.preview(browser, owner=aisha.agent_id)

        assert answer.said("h1") == "30 leads would move. 20 stay."
        assert everything() == before
        assert len(self.promised(answer)) == 30
        assert answer.said(".notice").count("Nobody else on duty has room.") == 20

    def test_what_was_promised_is_what_is_done(self, browser, mariam, aisha, fifty):
        promised = self.promised(self.preview(browser.sign_in(mariam), owner=aisha.agent_id))

        answer = self.confirm(browser, self.preview(browser, owner=aisha.agent_id))

        assert answer.said("h1") == "30 leads moved. 20 stay."
        assert promised.items() <= self.owners().items()
        assert {value("SELECT active_leads_count FROM agents WHERE agent_id = %s", who.agent_id) for who in fifty} == {
            50
        }
        assert value("SELECT active_leads_count FROM agents WHERE agent_id = %s", aisha.agent_id) == 20

    def test_it_says_why_and_which_follow_ups_move(self, browser, mariam, aisha, yousef, three):
        hana = an_agent("Hana Aziz", languages=["arabic"])
        sql("UPDATE leads SET language_preference = 'arabic'")
        sql("UPDATE agents SET on_duty = agent_id = ANY(%s)", [aisha.agent_id, hana.agent_id])
        other = a_lead(by=hana)
        sql(
            """UPDATE follow_up_tasks SET due_date = (SELECT min(due_date) FROM follow_up_tasks WHERE lead_id <> %s)
               WHERE lead_id = %s""",
            other.lead_id,
            other.lead_id,
        )

        answer = self.preview(browser.sign_in(mariam), lead_id=three)

        assert {*self.promised(answer).values()} == {"Hana Aziz"}
        assert "Speaks their language +2" in answer.said("table.data")
        assert "Call moves to" in answer.said("table.data")

    def test_a_full_agent_takes_none(self, browser, mariam, aisha, yousef, three):
        busy(yousef, 50)
        browser.sign_in(mariam).get("bulk.ask", lead_id=three, deed="assign")

        answer = browser.post(
            "bulk.change", {"lead_id": three, "agent_id": yousef.agent_id, "reason": "Holiday", "preview": "1"}
        )

        assert answer.said("h1") == "0 leads would move. 3 stay."
        assert "Yousef Haddad already has 50 active leads." in answer.said()

    def test_only_a_manager_asks_for_it(self, browser, aisha, three):
        browser.sign_in(aisha).get("bulk.ask", lead_id=three, deed="follow_up")

        sent = {"lead_id": three, "deed": "assign", "reason": "x", "preview": "1"}

        assert browser.post("bulk.change", sent).status_code == 403
