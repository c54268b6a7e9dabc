"""The edges of the 24 hours in which a repeat is no new lead (R2), to the microsecond, in any zone of the server."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import an_agent, database_setting, stopped_clock, tally, value
from tests.races.bursts import managers, reception
from tests.races.test_capture import PHONE, new_lead, walk_in
from webapp.clock import DUBAI

DAY = timedelta(hours=24)
# London's clocks went forward on 29 March and back on 26 October: those days had 23 and 25 hours.
SERVERS = [
    ("UTC", "2026-06-01 08:15+00"),
    ("Europe/London", "2026-03-28 20:15+00"),
    ("Europe/London", "2025-10-25 20:15+00"),
]


@pytest.mark.row("C2")
@pytest.mark.parametrize(("zone", "captured_at"), SERVERS)
def test_a_repeat_until_exactly_24_hours_have_passed(office, zone, captured_at, figure):
    with database_setting("TimeZone", f"'{zone}'"), stopped_clock(captured_at) as clock:
        an_agent("Aisha Khan")
        rashid, (mariam,) = reception(office), managers(office)
        first, repeat, later = (walk_in(rashid, PHONE) for _ in range(3))
        elsewhere = mariam.get("/leads/new").form("/leads").with_(phone=PHONE, source_type="bayut")
        made = rashid.send(first)
        assert made.status == 303
        moment = clock.now.astimezone(UTC)

        clock.pass_by(seconds=DAY.total_seconds(), microseconds=-1)
        refused = rashid.send(repeat)
        shown = refused.soup.find(id="existing-lead")
        came_in = shown.find("time")
        from_elsewhere = mariam.send(elsewhere)
        clock.pass_by(microseconds=1)
        accepted = rashid.send(later)

        edges = [
            (refused.status, shown["data-lead-id"]) == (409, new_lead(made)),
            datetime.fromisoformat(came_in["datetime"]) == value("SELECT min(created_at) FROM leads") == moment
            and came_in["title"] == f"{moment.astimezone(DUBAI):%a %-d %b %Y, %H:%M}",
            from_elsewhere.status == 303,
            accepted.status == 303,
        ]
        figure("C2", f"edges that held of 4, server in {zone}, {captured_at:.10}", sum(edges))
        assert edges == [True] * 4
        assert tally("leads", "enquiries") == {"leads": 3, "enquiries": 4}
        assert value("SELECT count(DISTINCT agent_id) FROM lead_assignments") == 1
