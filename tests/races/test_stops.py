"""Several people say at once that somebody is not to be contacted: one row stands, and everybody else is told."""

from functools import partial

from tests.factories import an_agent, sql
from tests.races.bursts import LEAD_ROW, Race, captured, managers, statuses
from tests.races.test_capture import PHONE
from webapp.models.stops import STANDS


class OneStop(Race):
    """The same stop, said by many on the leads of one person."""

    def __init__(self, office, size: int, sources: tuple[str, ...] = ("website",)):
        an_agent("Aisha Khan")
        leads = [captured(phone=PHONE) for _source in sources[:1]]
        for source in sources[1:]:
            leads += [
                row.lead_id
                for row in sql(
                    "INSERT INTO leads (source_type, first_name, last_name, phone) VALUES (%s, '', '', %s)"
                    " RETURNING lead_id",
                    source,
                    PHONE,
                )
            ]
        people = managers(office, 4)
        pages = [
            (who, who.get(f"/leads/{lead_id}/stops").form(f"/leads/{lead_id}/stops"))
            for who, lead_id in zip(people * size, leads * size, strict=False)
        ]
        self.calls = [partial(who.send, form.with_(channel="all")) for who, form in pages[:size]]
        self.held = LEAD_ROW, leads[0]

    def holds(self):
        assert statuses(self.answers) == {303: 1, 409: len(self.calls) - 1}
        assert [tuple(row) for row in sql(f"SELECT phone, channel FROM contact_stops WHERE {STANDS}")] == [
            (PHONE, "all")
        ]


class TestManySayTheSame:
    def test_on_one_lead(self, office):
        OneStop(office, 8).burst().holds()

    def test_on_three_leads_of_one_person(self, office):
        OneStop(office, 6, ("website", "bayut", "dubizzle")).burst().holds()

    def test_seen_waiting_for_the_lead(self, office):
        OneStop(office, 3).forced().holds()
