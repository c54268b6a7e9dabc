"""A person is erased while they call again and while somebody writes to their lead."""

from functools import partial

import pytest

from tests.factories import a_phone, an_agent, sql, value
from tests.production import Office, Visitor, somebody
from tests.races.bursts import LEAD_ROW, Race, broken_rules, captured, managers, statuses
from webapp.vocabulary import Role

SAID = "their villa in Al Barari"


class ErasedMeanwhile(Race):
    """An admin erases somebody while they call again from the same number and a colleague logs what was said."""

    def __init__(self, office: Office, size: int):
        an_agent("Aisha Khan")
        self.phone = a_phone()
        self.lead_id = captured(phone=self.phone)
        admin = Visitor(office).sign_in(somebody("Omar Haddad", Role.ADMIN))
        reception, colleague = managers(office, 2)
        erasure = admin.get(f"/leads/{self.lead_id}/privacy").form(f"/leads/{self.lead_id}/privacy/erasure")
        blank = [reception.get("/leads/new").form("/leads") for _ in range(size)]
        calls = [
            form.with_(phone=self.phone, source_type="website", first_name="Zubaydah", message=SAID) for form in blank
        ]
        log = f"/leads/{self.lead_id}/activities"
        contacts = [colleague.get(f"/leads/{self.lead_id}").form(log) for _ in range(size)]
        self.calls = [
            partial(admin.send, erasure.with_(reason="asked", digits=self.phone[-4:])),
            *(partial(reception.send, call) for call in calls),
            *(partial(colleague.send, contact.with_(type="call", notes=SAID)) for contact in contacts),
        ]
        self.size = size
        self.held = LEAD_ROW, self.lead_id

    def holds(self):
        erased, *others = self.answers
        calls, contacts = others[: self.size], others[self.size :]
        assert erased.status == 303
        assert statuses(calls).keys() <= {303, 409} and statuses(calls).get(303, 0) <= 1
        assert statuses(contacts).keys() <= {303, 404, 409}
        # Whoever called afterwards is a new person; everybody else is on record, without a word of theirs.
        assert value("SELECT count(*) FROM leads") == 1 + statuses(calls).get(303, 0)
        assert value("SELECT count(*) FROM enquiries") == 1 + len(calls)
        assert value("SELECT first_name || last_name || phone FROM leads WHERE lead_id = %s", self.lead_id) == ""
        left = sql(
            """SELECT message FROM enquiries WHERE lead_id = %s AND num_nonnulls(message, name, phone) > 0
               UNION ALL SELECT notes FROM lead_activities WHERE lead_id = %s AND notes <> ''""",
            self.lead_id,
            self.lead_id,
        )
        assert left == []
        assert broken_rules() == {}


@pytest.mark.row("C11")
class TestAPersonIsErasedMeanwhile:
    def test_what_came_before_is_blank_and_what_came_after_is_a_new_person(self, office, full):
        ErasedMeanwhile(office, 20 if full else 5).burst().holds()

    def test_seen_waiting_for_their_lead(self, office):
        ErasedMeanwhile(office, 2).forced().holds()
