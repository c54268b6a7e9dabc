"""Many managers at once (R5, R6): the cap holds, a lead has one owner, and opposite moves never lock each other out."""

from dataclasses import replace
from functools import partial

import pytest

from tests.factories import a_lead, an_agent, busy, owner, sql, tally, value
from tests.production import Answer, Form, Visitor, somebody
from tests.races.bursts import burst, forced, statuses
from webapp.models import Lead
from webapp.services.access import Actor
from webapp.vocabulary import Role


def unowned(count: int) -> list[str]:
    """Leads that came in while nobody could take them."""
    return [str(a_lead().lead_id) for _ in range(count)]


def opened(manager: Visitor, lead_id: str) -> Form:
    """The form on the lead's page as this manager sees it now."""
    return manager.get(f"/leads/{lead_id}").form(f"/leads/{lead_id}/assignment")


def to(agent: Actor, form: Form, lead_id: str | None = None) -> Form:
    """The form filled in; with `lead_id` as another lead's page in the same state shows it."""
    action = f"/leads/{lead_id}/assignment" if lead_id else form.action
    return replace(form, action=action).with_(agent_id=str(agent.agent_id), reason="Knows the tower")


@pytest.fixture
def managers(office) -> list[Visitor]:
    """Four managers, each signed in."""
    return [Visitor(office).sign_in(somebody(f"Manager Number{n}", Role.MANAGER)) for n in range(4)]


def sent_by(managers: list[Visitor], forms: list[Form]) -> list[partial[Answer]]:
    return [partial(managers[n % len(managers)].send, form) for n, form in enumerate(forms)]


class TestTheLastFreePlace:
    def test_one_of_many_leads_gets_it_and_the_others_stay_captured(self, managers, full):
        size = 100 if full else 24
        leads = unowned(size)
        aisha = busy(an_agent("Aisha Khan"), 49)
        pages = [opened(manager, leads[0]) for manager in managers]
        forms = [to(aisha, pages[n % 4], lead_id) for n, lead_id in enumerate(leads)]
        answers = burst(sent_by(managers, forms))

        assert statuses(answers) == {303: 1, 409: size - 1}
        assert all("already has 50 active leads" in answer.words for answer in answers if answer.status == 409)
        assert value("SELECT active_leads_count FROM agents") == 50
        kept = "SELECT count(*) FROM leads WHERE lead_id = ANY (%s::uuid[])"
        assert value(kept, leads) == size
        assert value(f"{kept} AND lead_id NOT IN (SELECT lead_id FROM lead_assignments)", leads) == size - 1
        assert value("SELECT count(*) FROM follow_up_tasks") == 1

    def test_seen_waiting_for_the_choice_still_only_one_gets_it(self, managers):
        leads = unowned(3)
        aisha = busy(an_agent("Aisha Khan"), 49)
        forms = [to(aisha, opened(managers[n], lead_id)) for n, lead_id in enumerate(leads)]
        answers = forced("assignment", sent_by(managers, forms))

        assert statuses(answers) == {303: 1, 409: 2}
        assert value("SELECT active_leads_count FROM agents") == 50


class TestOneLeadForManyAgents:
    def race(self, managers, size: int) -> tuple[Lead, list[Answer]]:
        lead = a_lead()
        agents = [an_agent(f"Agent Number{n}") for n in range(size)]
        pages = [opened(manager, str(lead.lead_id)) for manager in managers]
        forms = [to(agent, pages[n % 4]) for n, agent in enumerate(agents)]
        return lead, burst(sent_by(managers, forms))

    def test_it_has_one_owner_and_as_many_moves_as_successes(self, managers, full):
        lead, answers = self.race(managers, 100 if full else 20)

        successes = statuses(answers).pop(303)
        assert set(statuses(answers)) <= {303, 409}
        assert tally("lead_assignments", "assignment_history") == {
            "lead_assignments": 1,
            "assignment_history": successes,
        }
        assert value("SELECT sum(active_leads_count) FROM agents") == 1
        assert value("SELECT count(*) FROM follow_up_tasks WHERE status <> 'completed'") == 1
        assert value("SELECT agent_id FROM follow_up_tasks") == owner(lead)

    def test_who_was_slower_is_told_who_has_it(self, managers):
        lead, answers = self.race(managers, 8)

        assert statuses(answers) == {303: 1, 409: 7}
        name = value("SELECT full_name FROM agents WHERE agent_id = %s", owner(lead))
        assert all(name in answer.words for answer in answers if answer.status == 409)


class TestOppositeMoves:
    def test_two_agents_swapping_leads_never_deadlock_and_the_counters_stay_true(self, managers, full):
        rounds, each = (20, 12) if full else (2, 6)
        aisha, yousef = an_agent("Aisha Khan"), an_agent("Yousef Haddad")
        leads = [a_lead() for _ in range(2 * each)]
        others = {aisha.agent_id: yousef, yousef.agent_id: aisha}
        for _ in range(rounds):
            forms = [
                to(others[owner(lead)], opened(managers[n % 4], str(lead.lead_id))) for n, lead in enumerate(leads)
            ]
            assert statuses(burst(sent_by(managers, forms))) == {303: len(leads)}

        assert tally("lead_assignments", "leads") == {"lead_assignments": len(leads), "leads": len(leads)}
        assert {row.n for row in sql("SELECT active_leads_count AS n FROM agents")} == {each}
        assert value("SELECT count(*) FROM assignment_history") == len(leads) * (rounds + 1)
