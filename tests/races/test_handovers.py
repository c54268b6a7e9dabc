"""Agents leave while leads come in and are given to them; two managers undo one hand-over at once (C11, C5)."""

from functools import partial

import pytest

from tests.factories import a_phone, an_agent, sql, tally, value
from tests.production import Office, somebody
from tests.races.bursts import AGENT_ROW, Race, broken_rules, captured, managers, owner_of, reception, statuses
from tests.races.test_assignment import opened, to
from tests.races.test_capture import walk_in
from webapp.extensions import db
from webapp.services import handovers
from webapp.services.handovers import Wish
from webapp.vocabulary import Role


class Leaving(Race):
    """Every agent but one is deactivated while visitors are registered and leads are given to them."""

    def __init__(self, office: Office, size: int):
        waiting = [captured() for _ in range(size)]  # nobody is there who could take them
        self.stays = an_agent("Aisha Khan")
        going = [an_agent(f"Agent Number{n}") for n in range(size)]
        manager, another = managers(office, 2)
        rashid = reception(office)
        self.going = len(going)
        for agent, lead_id in zip(going, waiting, strict=True):
            form = manager.get(f"/agents/{agent.agent_id}/edit").form(f"/agents/{agent.agent_id}/departure")
            self.calls = [
                *getattr(self, "calls", []),
                partial(manager.send, form),
                partial(another.send, to(agent, opened(another, lead_id))),
                partial(rashid.send, walk_in(rashid, a_phone())),
            ]
        self.held = AGENT_ROW, going[0].agent_id

    def holds(self):
        leaving, giving, coming = (self.answers[n::3] for n in range(3))
        assert statuses(coming) == {303: self.going}
        assert {*statuses(leaving), *statuses(giving)} <= {303, 409, 422}
        left = value("SELECT count(*) FROM agents WHERE left_at IS NOT NULL")
        assert left == statuses(leaving).get(303, 0)
        assert value("SELECT count(*) FROM users WHERE role = 'agent' AND NOT is_active") == left
        assert broken_rules() == {}


class TwoUndo(Race):
    """One hand-over undone by several managers at once: it goes back once, and the others are told by whom."""

    def __init__(self, office: Office, size: int):
        self.before = an_agent("Aisha Khan")
        self.leads = [captured() for _ in range(5)]
        after = an_agent("Yousef Haddad")
        people = managers(office, size)
        by = somebody("Mariam Saleh", Role.MANAGER)
        handover_id = handovers.take(self.leads, Wish(after.agent_id, "Holiday"), by=by).handover_id
        db.session.rollback()
        page = f"/handovers/{handover_id}"
        self.calls = [partial(one.send, one.get(page).form(f"{page}/undo")) for one in people]
        self.held = "SELECT FROM handovers WHERE handover_id = %s FOR UPDATE", handover_id

    def holds(self):
        assert statuses(self.answers) == {303: 1, 409: len(self.calls) - 1}
        refused = [answer.words for answer in self.answers if answer.status == 409]
        assert [words for words in refused if "has undone it already" not in words] == []
        assert {owner_of(lead_id) for lead_id in self.leads} == {self.before.agent_id}
        assert value("SELECT count(*) FROM assignment_history WHERE kind = 'given_back'") == 5
        assert broken_rules() == {}


class OneAddress(Race):
    """New agents with one e-mail address in different capitals: one is added, the others are told at the field."""

    def __init__(self, office: Office, size: int):
        (manager,) = managers(office)
        forms = [manager.get("/agents/new").form("/agents") for _ in range(size)]
        address = "hana.aziz@agents.example"
        self.calls = [
            partial(
                manager.send,
                form.with_(full_name="Hana Aziz", email=address[:n].upper() + address[n:], phone=a_phone()),
            )
            for n, form in enumerate(forms)
        ]
        self.held = (
            "SELECT pg_advisory_xact_lock(hashtextextended('agent_email:' || %s, 0))",
            address,
        )

    def holds(self):
        assert statuses(self.answers) == {303: 1, 409: len(self.calls) - 1}
        refused = [answer.words for answer in self.answers if answer.status == 409]
        assert [words for words in refused if "Another agent has this e-mail address" not in words] == []
        assert tally("agents") == {"agents": 1}


@pytest.mark.row("C11")
class TestAgentsWhoLeave:
    def test_no_active_lead_is_ever_theirs(self, office, full, report, figure):
        race = Leaving(office, 40 if full else 8).burst()
        report("C11", race)
        figure("C11", "agents who left meanwhile", value("SELECT count(*) FROM agents WHERE left_at IS NOT NULL"))
        race.holds()

    def test_seen_waiting_for_the_agent_either_they_leave_or_the_lead_is_theirs(self, office):
        Leaving(office, 2).forced().holds()

    @pytest.mark.parametrize("first", ["the lead", "the agent"])
    def test_at_the_prompt_whoever_comes_second_is_refused(self, app, first):
        lead_id = captured()
        agent = an_agent("Aisha Khan")
        give = "INSERT INTO lead_assignments (lead_id, agent_id) VALUES (%s, %s)", lead_id, agent.agent_id
        go = "UPDATE agents SET left_at = now() WHERE agent_id = %s", agent.agent_id
        once, refused = (give, go) if first == "the lead" else (go, give)
        sql(*once)

        with pytest.raises(Exception, match="still has active leads" if first == "the lead" else "has left the office"):
            sql(*refused)
        assert broken_rules() == {}


@pytest.mark.row("C5")
class TestOneHandoverUndoneByTwo:
    def test_it_goes_back_once_and_the_others_are_told(self, office, full):
        TwoUndo(office, 12 if full else 4).burst().holds()

    def test_seen_waiting_for_it_still_once(self, office):
        TwoUndo(office, 3).forced().holds()


class TestOneAddressForTwoAgents:
    def test_seen_waiting_for_it_only_one_gets_it(self, office):
        OneAddress(office, 3).forced().holds()
