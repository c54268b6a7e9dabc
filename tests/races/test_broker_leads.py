"""A lead is set aside as a broker's, and brought back, by several people at once, while its person calls again (C5)."""

from functools import partial

import pytest

from tests.factories import a_phone, an_agent, sql, value
from tests.production import Office, somebody
from tests.races.bursts import LEAD_ROW, Race, broken_rules, captured, managers, statuses
from webapp.extensions import db
from webapp.services import activities, enquiries
from webapp.vocabulary import ActivityType, Role

BROKER_ROW = "SELECT FROM broker_leads WHERE lead_id = %s FOR NO KEY UPDATE"


def worked_with(phone: str | None = None) -> tuple:
    """A lead that somebody has spoken with, and the enquiry that made it."""
    aisha = an_agent("Aisha Khan")
    lead_id = captured(phone=phone)
    activities.log(lead_id, by=aisha, type=ActivityType.CALL)
    db.session.rollback()
    return lead_id, value("SELECT enquiry_id FROM enquiries WHERE lead_id = %s", lead_id)


class AllSetAside(Race):
    """Every manager has the enquiry open and says that it is a broker's: one does it, the others are told."""

    def __init__(self, office: Office, size: int):
        self.lead_id, enquiry_id = worked_with()
        page = f"/enquiries/{enquiry_id}"
        self.calls = [partial(one.send, one.get(page).form(f"{page}/broker")) for one in managers(office, size)]
        self.held = LEAD_ROW, self.lead_id

    def holds(self):
        assert statuses(self.answers) == {303: 1, 409: len(self.calls) - 1}
        assert value("SELECT count(*) FROM leads") == 0
        assert value("SELECT lead_id FROM broker_leads") == self.lead_id
        assert value("SELECT sum(active_leads_count) FROM agents") == 0
        assert broken_rules() == {}


class AllBringBack(Race):
    """Every manager brings the same lead back: it comes back once, and the others are told."""

    def __init__(self, office: Office, size: int):
        self.lead_id, enquiry_id = worked_with()
        enquiries.mark_broker(enquiry_id, by=somebody("Mariam Saleh", Role.MANAGER))
        db.session.rollback()
        page = f"/enquiries/{enquiry_id}"
        self.calls = [partial(one.send, one.get(page).form(f"{page}/review")) for one in managers(office, size)]
        self.held = BROKER_ROW, self.lead_id

    def holds(self):
        assert statuses(self.answers) == {303: 1, 409: len(self.calls) - 1}
        assert value("SELECT lead_id FROM leads") == self.lead_id
        assert value("SELECT count(*) FROM broker_leads") == 0
        assert value("SELECT count(*) FROM lead_activities") == 1
        assert broken_rules() == {}


class CalledMeanwhile(Race):
    """A lead is set aside while its person calls again and a colleague writes to it: nobody's word is lost."""

    def __init__(self, office: Office, size: int):
        self.phone = a_phone()
        self.lead_id, enquiry_id = worked_with(self.phone)
        manager, reception, colleague = managers(office, 3)
        page, log = f"/enquiries/{enquiry_id}", f"/leads/{self.lead_id}/activities"
        blank = [reception.get("/leads/new").form("/leads") for _ in range(size)]
        contacts = [colleague.get(f"/leads/{self.lead_id}").form(log) for _ in range(size)]
        self.calls = [
            partial(manager.send, manager.get(page).form(f"{page}/broker")),
            *(partial(reception.send, call.with_(phone=self.phone, source_type="website")) for call in blank),
            *(partial(colleague.send, contact.with_(type="call")) for contact in contacts),
        ]
        self.manager, self.enquiry_id, self.size = manager, enquiry_id, size
        self.held = LEAD_ROW, self.lead_id

    def holds(self):
        aside, *others = self.answers
        calls, contacts = others[: self.size], others[self.size :]
        assert aside.status == 303
        assert statuses(calls).keys() <= {303, 409} and statuses(calls).get(303, 0) <= 1
        assert statuses(contacts).keys() <= {303, 409}
        assert value("SELECT count(*) FROM leads") == statuses(calls).get(303, 0)
        assert value("SELECT count(*) FROM enquiries") == 1 + len(calls)
        assert broken_rules() == {}
        enquiries.bring_back(self.enquiry_id, by=somebody("Mariam Saleh", Role.MANAGER))
        assert value("SELECT count(*) FROM lead_activities WHERE lead_id = %s", self.lead_id) == 1 + statuses(
            contacts
        ).get(303, 0)
        assert sql("SELECT FROM enquiries WHERE lead_id IS NULL") == []
        assert broken_rules() == {}


@pytest.mark.row("C5")
class TestABrokersLead:
    def test_it_is_set_aside_once(self, office, full):
        AllSetAside(office, 12 if full else 4).burst().holds()

    def test_seen_waiting_for_the_lead_it_is_set_aside_once(self, office):
        AllSetAside(office, 3).forced().holds()

    def test_it_is_brought_back_once(self, office, full):
        AllBringBack(office, 12 if full else 4).burst().holds()

    def test_seen_waiting_for_what_was_kept_it_is_brought_back_once(self, office):
        AllBringBack(office, 3).forced().holds()

    def test_who_calls_or_writes_meanwhile_is_on_record(self, office, full):
        CalledMeanwhile(office, 20 if full else 5).burst().holds()

    def test_seen_waiting_for_the_lead_they_are_on_record(self, office):
        CalledMeanwhile(office, 2).forced().holds()
