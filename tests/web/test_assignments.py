"""Giving a lead to an agent by hand."""

import pytest

from tests.factories import a_lead, busy, owner, sql, value

PAGE_AND_FRAGMENT = pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])


@PAGE_AND_FRAGMENT
class TestAssign:
    @pytest.fixture
    def taken(self, lead, yousef):
        """Aisha's lead; by now Yousef is on duty too."""
        sql("UPDATE agents SET on_duty = true")
        return lead

    def test_the_new_owner_is_shown_with_the_reason(self, browser, mariam, yousef, taken, htmx):
        sent = {"agent_id": str(yousef.agent_id), "reason": "Speaks Russian"}
        answer = browser.sign_in(mariam).post("assignments.assign", sent, lead_id=taken.lead_id, htmx=htmx)

        assert answer.path == f"/leads/{taken.lead_id}"
        assert answer.fills == ("#main" if htmx else None)
        assert "Yousef Haddad" in answer.said("section[aria-labelledby=owner]")
        assert "Speaks Russian" in answer.said("section[aria-labelledby=owner]")
        assert "Yousef Haddad owns this lead now." in answer.said("#toasts")
        assert owner(taken) == yousef.agent_id

    def test_follow_ups_that_had_to_move_are_said(self, browser, mariam, yousef, taken, htmx):
        busy(yousef, 1)
        sql(
            """INSERT INTO follow_up_tasks (lead_id, agent_id, type, priority, due_date)
               SELECT (SELECT lead_id FROM lead_assignments WHERE agent_id = %s), %s, 'call', 'low', due_date
               FROM follow_up_tasks""",
            yousef.agent_id,
            yousef.agent_id,
        )
        answer = browser.sign_in(mariam).post(
            "assignments.assign",
            {"agent_id": str(yousef.agent_id), "reason": "Leave"},
            lead_id=taken.lead_id,
            htmx=htmx,
        )

        assert "1 follow-up moved to a free slot." in answer.said("#toasts")

    def test_a_full_agent_is_refused_at_the_field(self, browser, mariam, yousef, taken, unchanged, htmx):
        busy(yousef, 50)
        browser.sign_in(mariam).get("leads.show", lead_id=taken.lead_id)
        unchanged.from_now()

        sent = {"agent_id": str(yousef.agent_id), "reason": "Kept"}
        answer = browser.post("assignments.assign", sent, lead_id=taken.lead_id, htmx=htmx)

        assert answer.status_code == 409
        assert "already has 50 active leads" in answer.said("#assign-agent_id-error")
        assert answer.page.select_one("#assignment-form [name=reason]")["value"] == "Kept"
        chosen = answer.page.select_one("#assignment-form [name=agent_id] option[selected]")
        assert chosen["value"] == str(yousef.agent_id)
        assert answer.page.select_one("details[open] #assignment-form")
        assert unchanged

    @pytest.mark.parametrize("off_duty", [False, True])
    def test_the_same_or_an_absent_agent_is_refused_at_the_field(
        self, browser, mariam, aisha, yousef, taken, unchanged, htmx, off_duty
    ):
        sql("UPDATE agents SET on_duty = false WHERE agent_id = %s", yousef.agent_id)
        browser.sign_in(mariam).get("leads.show", lead_id=taken.lead_id)
        unchanged.from_now()

        whom, said = (yousef, "is off duty") if off_duty else (aisha, "owns this lead already")
        sent = {"agent_id": str(whom.agent_id), "reason": "x"}
        answer = browser.post("assignments.assign", sent, lead_id=taken.lead_id, htmx=htmx)

        assert answer.status_code == 422
        assert said in answer.said("#assign-agent_id-error")
        assert unchanged

    @pytest.mark.parametrize("agent_id", ["x", "00000000-0000-0000-0000-000000000000"])
    def test_an_agent_that_is_none_is_refused(self, browser, mariam, taken, unchanged, htmx, agent_id):
        browser.sign_in(mariam).get("leads.show", lead_id=taken.lead_id)
        unchanged.from_now()

        answer = browser.post(
            "assignments.assign", {"agent_id": agent_id, "reason": "x"}, lead_id=taken.lead_id, htmx=htmx
        )

        assert answer.status_code in (404, 422)
        assert unchanged

    def test_the_best_match_may_be_asked_for(self, browser, mariam, aisha, htmx):
        sql("UPDATE agents SET on_duty = false")
        lead = a_lead()
        assert owner(lead) is None
        sql("UPDATE agents SET on_duty = true")

        answer = browser.sign_in(mariam).post(
            "assignments.assign", {"agent_id": "", "reason": "Back on duty"}, lead_id=lead.lead_id, htmx=htmx
        )

        assert answer.hops
        assert owner(lead) is not None

    def test_agents_do_not_hand_leads_over(self, browser, aisha, yousef, taken, unchanged, htmx):
        browser.sign_in(aisha).get("leads.show", lead_id=taken.lead_id)
        assert not browser.last.select("#assignment-form")
        unchanged.from_now()

        sent = {"agent_id": str(yousef.agent_id), "reason": "x"}
        answer = browser.post("assignments.assign", sent, lead_id=taken.lead_id, htmx=htmx)

        assert answer.status_code == 403
        assert "Your role does not include this." in answer.text
        assert unchanged


class TestReason:
    def test_a_move_by_hand_needs_a_reason(self, browser, mariam, aisha, yousef, lead, unchanged):
        sql("UPDATE agents SET on_duty = true")
        browser.sign_in(mariam).get("leads.show", lead_id=lead.lead_id)
        unchanged.from_now()
        sent = {"agent_id": str(yousef.agent_id), "reason": ""}

        answer = browser.post("assignments.assign", sent, lead_id=lead.lead_id)

        assert answer.status_code == 422, "R5: by a manager with a reason"
        assert answer.said("#assign-reason-error")
        assert unchanged
        assert value("SELECT count(*) FROM lead_assignments") == 1
