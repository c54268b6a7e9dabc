"""An agent who answers at the very moment their silent leads are taken from them (R5): row J2 of the table is ours."""

import random
from functools import partial
from uuid import UUID

import pytest

from tests.factories import an_agent, backdated, sql
from tests.production import Form, Visitor, somebody_agent
from tests.races.bursts import burst, captured, statuses
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import assignments

OUTCOMES = """
    SELECT full_name = 'Aisha Khan', (SELECT count(*) FROM lead_activities c WHERE c.lead_id = l.lead_id)
    FROM leads l JOIN agents ON agent_id = owner_id
"""
OTHERS_ARE_HERE = "UPDATE agents SET on_duty = %s WHERE full_name <> 'Aisha Khan'"


@pytest.fixture
def aisha(office) -> Visitor:
    """An agent with an open browser; two others could take her leads."""
    aisha = Visitor(office).sign_in(somebody_agent("Aisha Khan"))
    for name in ("Yousef Haddad", "Mona Saleh"):
        an_agent(name)
    return aisha


def silent() -> UUID:
    """A lead of hers that nobody has answered for a day."""
    lead_id = captured()
    backdated(db.session.get(Lead, lead_id), hours=25)
    return lead_id


def call(aisha: Visitor, lead_id: UUID) -> Form:
    page = aisha.get(f"/leads/{lead_id}")
    return page.form(f"/leads/{lead_id}/activities").with_(type="call")


class TestReassignStale:
    @pytest.mark.row("J2")
    def test_nobody_who_has_just_acted_loses_the_lead(self, office, aisha, full, figure):
        rounds, leads = (25, 40) if full else (1, 12)
        taken = 0
        for number in range(rounds):
            sql(OTHERS_ARE_HERE, False)
            forms = [call(aisha, silent()) for _lead in range(leads)]
            random.Random(number).shuffle(forms)
            sql(OTHERS_ARE_HERE, True)

            def job():
                with office.app.app_context():
                    try:
                        return assignments.reassign_stale()
                    finally:
                        db.session.remove()

            tally, *answers = burst([job, *(partial(aisha.send, form) for form in forms)], at_once=2)

            saved = statuses(answers).get(303, 0)
            assert statuses(answers) == {303: saved} | ({404: leads - saved} if saved < leads else {})
            assert (tally.done, tally.failed) == (leads - saved, 0)
            stayed, left = (True, 1), (False, 0)
            assert sorted(map(tuple, sql(OUTCOMES))) == [left] * (leads - saved) + [stayed] * saved
            taken += tally.done
            sql("DELETE FROM leads")
        figure("J2", f"leads taken from who had just acted, in {rounds * leads} trials", 0)
        figure("J2", "of these trials the job came first in", taken)
        assert not full or 0 < taken < rounds * leads  # few are on one side now and then
