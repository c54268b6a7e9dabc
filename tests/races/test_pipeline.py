"""Many moves of one lead at once (R8): one wins, the others are told what the lead is now."""

from functools import partial

import pytest

from tests.factories import a_lead, an_agent, brought_to, sql, value
from tests.production import Form, Office
from tests.races.bursts import LEAD_ROW, Race, managers, statuses
from webapp.vocabulary import Status

# What is allowed from a viewing, what is not, and what each move must bring.
WISHES = (
    {"status": "negotiation"},
    {"status": "qualified"},
    {"status": "lost", "lost_reason": "price", "notes": "Too dear"},
    {"status": "converted", "conversion_type": "sale", "deal_value": "2.4M"},
    {"status": "contacted"},
    {"status": "new"},
)
LABELS = {Status.NEGOTIATION: "Negotiation", Status.QUALIFIED: "Qualified", Status.LOST: "Lost"}


class OneMove(Race):
    """A lead at its viewing, and a page sent with every wish in turn, the forbidden ones directly: one move wins."""

    def __init__(self, office: Office, size: int):
        an_agent("Aisha Khan")
        self.lead_id = brought_to(a_lead(first_name="Layla"), Status.VIEWING_SCHEDULED).lead_id
        self.mariam, *_ = managers(office)
        form = self.mariam.get(f"/leads/{self.lead_id}").form(f"/leads/{self.lead_id}/status")
        assert form["status_from"] == "viewing_scheduled"
        self.forms: list[Form] = [form.with_(**WISHES[n % len(WISHES)]) for n in range(size)]
        self.calls = [partial(self.mariam.send, form) for form in self.forms]
        self.held = LEAD_ROW, self.lead_id

    def holds(self):
        assert statuses(self.answers) == {303: 1, 409: len(self.calls) - 1}
        assert self.now in Status.VIEWING_SCHEDULED.moves
        assert self.history()[3:] == [("viewing_scheduled", self.now, self.now == Status.LOST)]
        refused = [answer.words for answer in self.answers if answer.status == 409]
        told = [f"this lead is {LABELS[self.now]} now", "A lead cannot go from Viewing to "]
        assert [words for words in refused if not any(sentence in words for sentence in told)] == []

    @property
    def now(self) -> Status:
        return Status(value("SELECT status FROM leads WHERE lead_id = %s", self.lead_id))

    def history(self) -> list[tuple[str, str, bool]]:
        """Each move, and whether a reason for a loss came with it."""
        return sql("""SELECT status_from, status_to, lost_reason IS NOT NULL FROM lead_conversion_history
                      ORDER BY changed_at""")


@pytest.mark.row("C7")
class TestManyMovesOfOneLead:
    def test_one_wins_and_who_was_slower_reads_what_the_lead_is_now(self, office, full, report, figure):
        race = OneMove(office, 50 if full else 24).burst(at_once=50)
        report("C7", race)
        figure("C7", "moves that won", statuses(race.answers)[303])
        race.holds()

    def test_seen_waiting_for_the_lead_still_one_wins(self, office):
        OneMove(office, 3).forced().holds()

    def test_a_page_that_was_open_too_long_says_so_where_the_loss_is_asked(self, office):
        race = OneMove(office, 1)
        path = f"/leads/{race.lead_id}/status"
        lost = race.mariam.get(f"{path}?status=lost").form(path)
        assert race.mariam.send(race.forms[0]).status == 303
        answer = race.mariam.send(lost.with_(lost_reason="price", notes="Too dear"))

        assert answer.status == 409
        assert "this lead is Negotiation now" in answer.words
        assert "Too dear" in answer.text
