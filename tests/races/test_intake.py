"""Portals deliver at least once, all at once and in any order: each of their leads is one enquiry."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random

import pytest

from tests import production
from tests.factories import an_agent, sql, tally, value
from tests.portals import ENVIRONMENT, FIXTURES, FOLDER, PUSHED, a_phone_of, an_event, bodies, deliver, source_of
from webapp.extensions import db
from webapp.services import enquiries
from webapp.services.access import SYSTEM
from webapp.vocabulary import Portal

TIMES = 20
PULLED = sorted({*FIXTURES} - {*PUSHED})
pytestmark = pytest.mark.row("S9")


@pytest.fixture(scope="module")
def office(server_url, template, tmp_path_factory):
    """The office with every portal's door open."""
    folder = tmp_path_factory.mktemp("portals")
    with production.running_office(server_url, template, folder, **ENVIRONMENT) as office:
        yield office


@pytest.fixture(autouse=True)
def agents(sound):
    for name in ("Aisha Khan", "Yousef Haddad"):
        an_agent(name)


def at_once(calls) -> Counter:
    with ThreadPoolExecutor(TIMES) as crowd:
        return Counter(crowd.map(lambda call: call(), calls))


def holds(name: str) -> None:
    """One enquiry for each of the fixture's leads, and a lead or a touch where it has a phone."""
    expected = FIXTURES[name]["expected"]
    phones = sum(one["phone_e164"] is not None for one in expected)
    assert tally("deliveries", "enquiries", "leads") == {
        "deliveries": len(expected),
        "enquiries": len(expected),
        "leads": phones,
    }
    found = Counter(row.state for row in sql("SELECT state FROM enquiries"))
    assert found == Counter({"captured": phones, "needs_review": len(expected) - phones})
    assert value("SELECT count(*) FROM follow_up_tasks") == phones


@pytest.mark.parametrize("name", PUSHED)
def test_a_fixture_posted_twenty_times_at_once_is_one_enquiry(office, name):
    raw = (FOLDER / name).read_bytes()

    assert at_once([partial(deliver, office.port, Portal(source_of(name)), raw)] * TIMES) == {200: TIMES}
    holds(name)


@pytest.mark.parametrize("name", PULLED)
def test_a_fixture_pulled_twenty_times_at_once_is_one_enquiry_for_each_row(office, name):
    def pulled() -> None:
        with office.app.app_context():
            for raw in bodies(name):
                if delivery_id := enquiries.keep(source_of(name), raw, by=SYSTEM):
                    enquiries.take(delivery_id, by=SYSTEM)
            db.session.remove()

    at_once([pulled] * TIMES)
    holds(name)


def test_the_events_of_one_lead_in_any_order_at_once_are_one_enquiry_with_the_newest_words(office):
    phone = a_phone_of("+971501234567")
    events = [
        an_event(number, 1, at=f"2026-03-04T09:{number:02}:00Z", name=f"Name {number}", contacts=phone)
        for number in range(TIMES)
    ]
    Random(TIMES).shuffle(events)

    assert at_once(partial(deliver, office.port, Portal.PROPERTY_FINDER, raw) for raw in events) == {200: TIMES}
    assert tally("deliveries", "enquiries", "leads") == {"deliveries": TIMES, "enquiries": 1, "leads": 1}
    (enquiry,) = sql("SELECT name, received_at::text FROM enquiries")
    assert enquiry.name == f"Name {TIMES - 1}" and ":00:00" in enquiry.received_at


def test_one_person_on_all_portals_at_once_has_one_agent(office):
    same = b'"enquirer":{"phone_number":"971501234567"}'
    calls = [
        partial(deliver, office.port, portal, b'{"id":"%d",%b}' % (number, same))
        for portal in (Portal.BAYUT, Portal.DUBIZZLE)
        for number in range(TIMES)
    ]

    assert at_once(calls) == {200: 2 * TIMES}
    assert tally("enquiries", "leads") == {"enquiries": 2 * TIMES, "leads": 2}
    assert value("SELECT count(DISTINCT agent_id) FROM lead_assignments") == 1


def test_a_delivery_that_the_worker_takes_up_at_the_same_time_is_taken_once(office):
    ids = [
        enquiries.keep(Portal.BAYUT.source, b'{"id":"%d","enquirer":{"phone_number":"0501234567"}}' % n, by=SYSTEM)
        for n in range(4)
    ]

    def taken(delivery_id) -> bool:
        with office.app.app_context():
            found = enquiries.take(delivery_id, by=SYSTEM) is not None
            db.session.remove()
            return found

    assert at_once(partial(taken, delivery_id) for delivery_id in ids * 5) == {True: 4, False: 16}
    assert tally("enquiries", "leads") == {"enquiries": 4, "leads": 1}
