"""Many managers at once (R5, R6): the cap holds, a lead has one owner, and opposite moves never lock each other out."""

from dataclasses import replace
from functools import partial
from itertools import cycle

import pytest

from tests.factories import an_agent, busy, sql, tally, value
from tests.production import Form, Office, Visitor
from tests.races.bursts import ADVISORY, AGENT_ROW, Race, captured, managers, owner_of, statuses
from webapp.services.access import Actor


def opened(manager: Visitor, lead_id) -> Form:
    """The form on the lead's page as this manager sees it now."""
    return manager.get(f"/leads/{lead_id}").form(f"/leads/{lead_id}/assignment")


def to(agent: Actor, form: Form) -> Form:
    """The form, filled in."""
    return form.with_(agent_id=str(agent.agent_id), reason="Knows the tower")


def on(lead_id, form: Form) -> Form:
    """The form as the page of another lead in the same state shows it."""
    return replace(form, action=f"/leads/{lead_id}/assignment")


class LastPlace(Race):
    """An agent at 49, and many leads given to them at once: one is taken, the others stay captured and unassigned."""

    def __init__(self, office: Office, size: int):
        self.leads = [captured() for _ in range(size)]  # nobody is there who could take them
        aisha = busy(an_agent("Aisha Khan"), 49)
        people = managers(office, 4)
        forms = [to(aisha, opened(manager, self.leads[0])) for manager in people]
        pages = cycle(zip(people, forms, strict=True))
        self.calls = [
            partial(manager.send, on(lead_id, form))
            for lead_id, (manager, form) in zip(self.leads, pages, strict=False)
        ]
        self.held = ADVISORY, "assignment"

    def holds(self):
        refused = [answer for answer in self.answers if answer.status == 409]
        assert statuses(self.answers) == {303: 1, 409: len(self.leads) - 1}
        assert all("Aisha Khan already has 50 active leads" in answer.words for answer in refused)
        assert self.active() == 50
        assert self.kept("") == len(self.leads)
        assert self.kept("AND lead_id NOT IN (SELECT lead_id FROM lead_assignments)") == len(refused)
        assert value("SELECT count(*) FROM follow_up_tasks") == 1

    def active(self) -> int:
        return value("""SELECT count(*) FROM lead_assignments JOIN leads USING (lead_id)
                        WHERE status NOT IN ('converted', 'lost')""")

    def kept(self, condition: str) -> int:
        return value(f"SELECT count(*) FROM leads WHERE lead_id = ANY (%s) {condition}", self.leads)


class OneOwner(Race):
    """One lead, given to as many agents by as many managers at once: it has one owner, and the others see who."""

    def __init__(self, office: Office, size: int):
        self.lead_id = captured()
        agents = [an_agent(f"Agent Number{n}") for n in range(size)]
        people = managers(office, size)
        self.calls = [
            partial(manager.send, to(agent, opened(manager, self.lead_id)))
            for manager, agent in zip(people, agents, strict=True)
        ]
        self.held = ADVISORY, "assignment"

    def holds(self):
        assert statuses(self.answers) == {303: 1, 409: len(self.calls) - 1}
        assert tally("lead_assignments", "assignment_history") == {"lead_assignments": 1, "assignment_history": 1}
        assert value("SELECT sum(active_leads_count) FROM agents") == 1
        assert sql("SELECT agent_id FROM follow_up_tasks") == [(owner_of(self.lead_id),)]
        name = value("SELECT full_name FROM agents WHERE agent_id = %s", owner_of(self.lead_id))
        refused = [answer.words for answer in self.answers if answer.status == 409]
        assert [words for words in refused if f"Somebody was faster: {name} owns this lead now" not in words] == []


class OppositeMoves(Race):
    """Two agents swap all their leads at once: nobody is locked out, and each has as many as before."""

    def __init__(self, office: Office, each: int):
        self.each = each
        self.manager, *_ = managers(office)
        self.one, self.other = an_agent("Aisha Khan"), an_agent("Yousef Haddad")
        self.leads = [captured() for _ in range(2 * each)]
        self.held = AGENT_ROW, min(self.one.agent_id, self.other.agent_id)

    @property
    def calls(self):
        swap = {self.one.agent_id: self.other, self.other.agent_id: self.one}
        forms = [to(swap[owner_of(lead_id)], opened(self.manager, lead_id)) for lead_id in self.leads]
        return [partial(self.manager.send, form) for form in forms]

    def holds(self):
        assert statuses(self.answers) == {303: len(self.leads)}
        assert tally("lead_assignments", "leads") == {"lead_assignments": len(self.leads), "leads": len(self.leads)}
        assert {row.n for row in sql("SELECT active_leads_count AS n FROM agents")} == {self.each}


@pytest.mark.row("C3")
class TestTheLastFreePlace:
    def test_one_of_many_leads_gets_it_and_the_others_stay_captured(self, office, full, report, figure):
        race = LastPlace(office, 100 if full else 24).burst(at_once=100)
        report("C3", race)
        figure("C3", "active leads of the agent", race.active())
        figure("C3", "leads lost", len(race.leads) - race.kept(""))
        race.holds()

    def test_seen_waiting_for_the_choice_still_only_one_gets_it(self, office):
        LastPlace(office, 3).forced().holds()


@pytest.mark.row("C5")
class TestOneLeadForManyAgents:
    def test_it_has_one_owner_and_who_was_slower_is_told_who(self, office, full, report, figure):
        race = OneOwner(office, 100 if full else 16).burst(at_once=100)
        report("C5", race)
        figure("C5", "assignments of the lead", value("SELECT count(*) FROM lead_assignments"))
        figure("C5", "rows of its history", value("SELECT count(*) FROM assignment_history"))
        race.holds()

    def test_seen_waiting_for_the_choice_still_one_owner(self, office):
        OneOwner(office, 3).forced().holds()

    def test_without_what_the_page_showed_each_one_moves_it_and_every_move_is_in_the_history(self, office, full):
        race = OneOwner(office, 24 if full else 8)
        race.calls = [partial(call.func, call.args[0].without("owner_from")) for call in race.calls]
        race.burst()

        assert statuses(race.answers) == {303: len(race.calls)}
        assert tally("lead_assignments", "assignment_history") == {
            "lead_assignments": 1,
            "assignment_history": len(race.calls),
        }
        assert sql("SELECT agent_id FROM follow_up_tasks WHERE status <> 'completed'") == [(owner_of(race.lead_id),)]


@pytest.mark.row("C5")
class TestOppositeMoves:
    def test_two_agents_swapping_leads_never_deadlock_and_the_counters_stay_true(self, office, full, report):
        rounds, each = (20, 12) if full else (2, 5)
        race = OppositeMoves(office, each)
        for _ in range(rounds):
            race.burst().holds()

        assert value("SELECT count(*) FROM assignment_history") == 2 * each * (rounds + 1)
        assert race.figures()["deadlocks"] == 0

    def test_seen_waiting_for_an_agent_they_still_pass_each_other(self, office):
        OppositeMoves(office, 3).forced().holds()
