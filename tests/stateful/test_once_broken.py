"""Orders of deeds that once broke a rule, as the state machine found them."""

import pytest

from tests.stateful.expected import DAY, HOUR, Wish
from tests.stateful.test_any_order import AnyOrder
from webapp.vocabulary import ActivityType, LostReason, Source, Status

ONE, OTHER = "+971550000001", "+971550000002"


@pytest.fixture
def machine(world) -> AnyOrder:
    """The office, with what is done by name: `deed(**what)` does it and looks whether everything is as it should be."""
    return AnyOrder(world)


def captured(machine: AnyOrder, phone: str) -> None:
    machine.capture("rashid", phone, Source.WALK_IN, Wish(), again=False)
    machine.look()


def test_a_silence_after_a_contact_that_was_logged_late_is_charged(machine):
    captured(machine, ONE)
    machine.time_passes(8 * DAY)
    machine.run_job("inactivity")
    machine.log("mariam", n=0, type=ActivityType.CALL, outcome=None, ago=5 * HOUR, next_in=None)
    machine.time_passes(8 * DAY)
    machine.run_job("inactivity")
    machine.look()

    assert len(machine.desk.cases[0].charged_at) == 2


def test_a_contact_with_a_closed_lead_of_nobody_plans_no_call(machine):
    for agent in machine.world.furniture:
        machine.come_or_go(agent)
    captured(machine, ONE)
    machine.move("mariam", n=0, seen=None, status=Status.LOST, reason=LostReason.PRICE, deal=None)
    machine.come_or_go("agent 0")
    machine.log("mariam", n=0, type=ActivityType.CALL, outcome=None, ago=0, next_in=None)
    machine.look()

    assert machine.desk.cases[0].owner == "agent 0"


def test_an_overdue_follow_up_that_moves_to_a_later_slot_is_not_overdue_there(machine):
    captured(machine, ONE)
    captured(machine, OTHER)
    machine.time_passes(DAY + 10)
    machine.run_job("overdue")
    new_owner = machine.desk.cases[1].owner
    machine.assign("mariam", n=0, to=new_owner, reason="Holiday", seen="what is so")
    machine.look()

    open_ones = "SELECT status FROM follow_up_tasks ORDER BY due_date"
    assert [row.status for row in machine.world.ask(open_ones)] == ["overdue", "pending"]
