"""Many moves of one lead at once (R8): one wins, the others are told what the lead is now."""

from functools import partial

import pytest

from tests.factories import a_lead, an_agent, brought_to, sql, value
from tests.production import Answer, Form, Visitor
from tests.races.bursts import burst, statuses
from webapp.models import Lead
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


@pytest.fixture
def viewing(office) -> Lead:
    """A lead with an owner whose viewing is planned."""
    an_agent("Aisha Khan")
    return brought_to(a_lead(first_name="Layla"), Status.VIEWING_SCHEDULED)


def moves(who: Visitor, lead: Lead, size: int) -> list[partial[Answer]]:
    """The page's form, opened once and sent with each wish in turn, the forbidden ones directly."""
    form = who.get(f"/leads/{lead.lead_id}").form(f"/leads/{lead.lead_id}/status")
    assert form["status_from"] == "viewing_scheduled"
    forms: list[Form] = [form.with_(**WISHES[n % len(WISHES)]) for n in range(size)]
    return [partial(who.send, form) for form in forms]


def now(lead: Lead) -> Status:
    return Status(value("SELECT status FROM leads WHERE lead_id = %s", lead.lead_id))


@pytest.mark.row("C7")
def test_one_of_many_different_moves_wins_and_the_history_has_no_gap(mariam, viewing, full, figure):
    size = 60 if full else 24
    answers = burst(moves(mariam, viewing, size))
    figure("C7", f"moves that won of {size} from one status", statuses(answers)[303])

    assert statuses(answers) == {303: 1, 409: size - 1}
    assert now(viewing) in Status.VIEWING_SCHEDULED.moves
    last = sql("SELECT status_from, status_to FROM lead_conversion_history ORDER BY changed_at DESC LIMIT 1")
    assert last == [("viewing_scheduled", now(viewing))]
    assert value("SELECT count(*) FROM lead_conversion_history") == 4
    assert value("SELECT count(*) FROM lead_conversion_history WHERE lost_reason IS NOT NULL") == (
        now(viewing) == Status.LOST
    )


def test_who_was_slower_reads_what_the_lead_is_now(mariam, viewing):
    answers = burst(moves(mariam, viewing, 12))

    label = LABELS[now(viewing)]
    slower = [answer for answer in answers if answer.status == 409 and "cannot go from" not in answer.words]
    assert [answer.words for answer in slower if f"this lead is {label} now" not in answer.words] == []
    assert slower


def test_a_page_that_was_open_too_long_says_so_where_the_loss_is_asked(mariam, viewing):
    lost = mariam.get(f"/leads/{viewing.lead_id}/status?status=lost").form(f"/leads/{viewing.lead_id}/status")
    brought_to_negotiation = mariam.send(moves(mariam, viewing, 1)[0].args[0])
    assert brought_to_negotiation.status == 303
    answer = mariam.send(lost.with_(lost_reason="price", notes="Too dear"))

    assert answer.status == 409
    assert "this lead is Negotiation now" in answer.words
    assert "Too dear" in answer.text
