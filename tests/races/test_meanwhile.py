"""What changes at the prompt while people race (C11): agents go off duty, leads are deleted; nothing is left behind."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest

from tests.factories import a_phone, an_agent, prompt, sql, tally, value
from tests.production import Answer, eventually
from tests.races.bursts import Call, burst, captured, managers, statuses, waiting
from tests.races.test_assignment import LastPlace, OneOwner, opened, to
from tests.races.test_capture import walk_ins

OFF_DUTY = "UPDATE agents SET on_duty = false WHERE full_name = 'Aisha Khan' RETURNING clock_timestamp()"
NOTHING_OF_THEM = dict.fromkeys(("leads", "lead_assignments", "follow_up_tasks", "enquiries", "score_lines"), 0)

pytestmark = pytest.mark.row("C11")


def among(calls: Sequence[Call], deed: Callable[[], None]) -> list[Call]:
    """The calls with this deed in their middle."""
    half = len(calls) // 2
    return [*calls[:half], deed, *calls[half:]]


def deleted(hand: psycopg.Connection, lead_ids: list) -> None:
    hand.execute("DELETE FROM leads WHERE lead_id = ANY (%s)", [lead_ids])


@pytest.fixture
def hand(office):
    """Somebody at the SQL prompt."""
    with prompt() as hand:
        yield hand


def while_going_off_duty(call: Call) -> Answer:
    """The answer of a call that is seen waiting while the agent's going off duty is not yet committed."""
    with prompt(autocommit=False) as hand, ThreadPoolExecutor(1) as desk:
        hand.execute(OFF_DUTY)
        answer = desk.submit(call)
        eventually(waiting, "the call waits for the agent's row", within=2.5)
        hand.commit()
        return answer.result()


class TestAnAgentGoesOffDuty:
    def test_nobody_gives_them_a_lead_after_that(self, office, hand, full, figure):
        leads = [captured() for _ in range(49 if full else 20)]
        aisha, (mariam,) = an_agent("Aisha Khan"), managers(office)
        given = [partial(mariam.send, to(aisha, opened(mariam, lead_id))) for lead_id in leads]
        ended = []
        answers = burst(among(given, lambda: ended.extend(hand.execute(OFF_DUTY).fetchone())))

        assert set(statuses(answers)) <= {303, 422}
        assert all("is off duty" in answer.words for answer in answers if answer.status == 422)
        after = value("SELECT count(*) FROM assignment_history WHERE moved_at > %s", *ended)
        figure("C11", "leads given to an agent after they went off duty", after)
        assert after == 0
        assert value("SELECT active_leads_count FROM agents") == statuses(answers).get(303, 0)

    def test_a_manager_who_waited_for_that_is_told(self, office):
        lead_id, (mariam,) = captured(), managers(office)
        form = to(an_agent("Aisha Khan"), opened(mariam, lead_id))
        answer = while_going_off_duty(partial(mariam.send, form))

        assert answer.status == 422
        assert "Aisha Khan is off duty" in answer.words
        assert tally("leads", "lead_assignments") == {"leads": 1, "lead_assignments": 0}

    def test_a_capture_that_waited_for_that_goes_to_the_next_agent(self, office):
        an_agent("Aisha Khan")
        yousef = an_agent("Yousef Haddad", turn=value("SELECT now()"))
        (capture,) = walk_ins(office, [a_phone()])
        answer = while_going_off_duty(capture)

        assert answer.status == 303
        assert sql("SELECT agent_id FROM lead_assignments") == [(yousef.agent_id,)]


class TestLeadsAreDeleted:
    def test_a_lead_that_many_give_to_somebody_leaves_nothing_behind(self, office, hand, full):
        race = OneOwner(office, 50 if full else 12)
        race.calls = among(race.calls, lambda: deleted(hand, [race.lead_id]))
        race.burst()

        assert set(statuses(race.answers)) <= {303, 404, 409}
        assert tally(*NOTHING_OF_THEM) == NOTHING_OF_THEM
        assert value("SELECT sum(active_leads_count) FROM agents") == 0

    def test_the_last_place_is_given_once_to_a_lead_that_is_still_there(self, office, hand, full):
        race = LastPlace(office, 60 if full else 20)
        gone = race.leads[::2]
        race.calls = among(race.calls, lambda: deleted(hand, gone))
        race.burst()

        assert set(statuses(race.answers)) <= {303, 404, 409}
        assert race.kept("") == len(race.leads) - len(gone)
        assert race.active() == 49 + value("SELECT count(*) FROM lead_assignments WHERE lead_id = ANY (%s)", race.leads)
        assert race.active() <= 50

    def test_one_that_is_gone_before_the_answer_names_it_is_not_here_and_nobody_is_told_of_it(self, office):
        lead_id, (mariam,) = captured(), managers(office)
        form = to(an_agent("Aisha Khan"), opened(mariam, lead_id))
        with prompt(autocommit=False) as hand, ThreadPoolExecutor(1) as desk:
            hand.execute("LOCK TABLE notices IN SHARE MODE")
            answer = desk.submit(mariam.send, form)
            eventually(waiting, "the deed is done, and its notice waits", within=2.5)
            deleted(hand, [lead_id])
            hand.commit()

        assert answer.result().status == 404
        assert tally("leads", "notices") == {"leads": 0, "notices": 0}
