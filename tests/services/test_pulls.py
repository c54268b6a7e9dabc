"""What portals hold is fetched, whatever happens on the way: nothing is lost, nothing is there twice, managers know."""

import json
from datetime import timedelta

import pytest

from tests.factories import a_phone, now, sql, tally, told, value
from tests.portals import an_event, bodies
from tests.vendors import (
    API_SECRET,
    KEY,
    LOGIN_PAGE,
    PULLED,
    a_call_of_bayut,
    a_lead_of_property_finder,
    a_row_of_bayut,
    vendor,
)
from webapp import stopping
from webapp.services import connections, enquiries, pulls
from webapp.services.access import SYSTEM
from webapp.vocabulary import NoticeKind, Portal, PullFailure, Source

PF, BAYUT, DUBIZZLE = Portal.PROPERTY_FINDER, Portal.BAYUT, Portal.DUBIZZLE
LEADS, TOKEN = "/v1/leads", "/v1/auth/token"
WHATSAPP = "whatsapp-listing"


@pytest.fixture
def host(app):
    """The portals, on this machine; all their keys are ours."""
    before = {name: app.config[name] for name in ("PORTAL_URLS", "PORTAL_KEYS")}
    with vendor() as found:
        app.config["PORTAL_URLS"] = {portal.slug: found.url for portal in Portal if portal.serves}
        app.config["PORTAL_KEYS"] = {
            PF.slug: (KEY, API_SECRET),
            BAYUT.slug: (KEY, ""),
            DUBIZZLE.slug: (KEY, ""),
        }
        yield found
    app.config.update(before)


def some_leads(count: int, *, minutes: int = 1) -> list[dict]:
    """Leads of Property Finder of the last hours, the oldest first."""
    at = now()
    return [
        a_lead_of_property_finder(number, at=at - timedelta(minutes=minutes * (count - number) + 1), phone=a_phone())
        for number in range(count)
    ]


def state(portal: Portal = PF):
    return sql("SELECT * FROM pulls WHERE source = %s", portal)[0]


def again(portal: Portal = PF) -> bool:
    """Read once more, as if the time to wait were over."""
    sql("UPDATE pulls SET not_before = NULL")
    return pulls.fetch(portal)


def failing(status: int, body: bytes = b"{}", **headers: str):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda path, query: (status, body, {"Content-Type": "application/json"} | headers)


class TestPropertyFinder:
    def test_every_page_is_read_and_each_lead_is_taken_as_a_delivery_is(self, host, aisha):
        host.leads = some_leads(101)

        assert pulls.fetch(PF) is True
        assert [query["page"] for query in host.queries(LEADS)][-3:] == ["1", "2", "3"]
        assert {query["perPage"] for query in host.queries(LEADS)} == {"50"}
        assert tally("deliveries", "enquiries", "leads") == {"deliveries": 101, "enquiries": 101, "leads": 101}
        assert value("SELECT count(*) FROM deliveries WHERE is_pulled AND state = 'taken'") == 101
        assert (state().failures, state().failure) == (0, None) and state().read_at

    def test_what_is_known_changes_nothing_and_the_next_reading_begins_before_the_last_one_ended(self, host, aisha):
        host.leads = some_leads(3)
        pulls.fetch(PF)
        before, first = tally("deliveries", "enquiries", "leads", "notices", "audit_entries"), len(host.asked)

        assert pulls.fetch(PF) is False
        assert tally("deliveries", "enquiries", "leads", "notices", "audit_entries") == before
        asked = host.asked[first + 1][1]["createdAtFrom"]
        assert abs(now() - timedelta(hours=6) - sql("SELECT %s::timestamptz AS at", asked)[0].at) < timedelta(minutes=5)

    def test_what_came_late_into_the_portal_is_still_found(self, host, aisha):
        pulls.fetch(PF)
        host.leads = [a_lead_of_property_finder(1, at=now() - timedelta(hours=5), phone=a_phone())]

        assert pulls.fetch(PF) is True and tally("leads") == {"leads": 1}

    def test_a_lead_that_was_delivered_too_is_one_enquiry(self, host, aisha):
        at, phone = now() - timedelta(minutes=3), a_phone()
        host.leads = [a_lead_of_property_finder(5, at=at, phone=phone)]
        raw = an_event(1, 5, at=at.isoformat(), contacts=[{"type": "phone", "value": phone}])
        enquiries.take(enquiries.keep(Source.PROPERTY_FINDER, raw, by=SYSTEM), by=SYSTEM)
        pulls.fetch(PF)

        assert tally("deliveries", "enquiries", "leads") == {"deliveries": 2, "enquiries": 1, "leads": 1}

    def test_a_token_that_ends_under_way_is_renewed(self, host, aisha):
        host.leads = some_leads(60)
        host.token_lasts = 10  # shorter than what is kept in reserve: each request signs in anew
        pulls.fetch(PF)
        assert host.count(TOKEN) == host.count(LEADS)

        host.token_lasts = 1800
        seen = iter(range(100))
        host.fault = lambda path, query: host.valid.clear() if path == LEADS and next(seen) == 1 else None
        sql("TRUNCATE pulls")
        before = host.count(TOKEN)
        pulls.fetch(PF)

        assert host.count(TOKEN) == before + 2 and state().failures == 0

    def test_after_an_outage_a_day_is_read_at_a_time_and_not_further_back_than_it_tells(self, host, aisha, mariam):
        cursor = (now() - timedelta(days=100)).isoformat()
        sql(
            "INSERT INTO pulls (source, cursors) VALUES ('propertyFinder', jsonb_build_object('leads', %s::text))",
            cursor,
        )
        host.leads = [a_lead_of_property_finder(1, at=now() - timedelta(days=80), phone=a_phone())]

        assert pulls.fetch(PF) is True
        assert host.count(LEADS) == 88 and state().failures == 0
        assert (state().failure, told(mariam)) == (PullFailure.TOO_OLD, [NoticeKind.PORTAL_TROUBLE])

    def test_pages_that_are_not_the_ones_asked_for_are_no_answer(self, host, aisha, mariam):
        page = {"data": [], "pagination": {"page": 1, "totalPages": 2}}
        host.leads = some_leads(60)
        host.fault = lambda path, query: failing(200, json.dumps(page).encode())(path, query) if path == LEADS else None
        pulls.fetch(PF)

        assert state().failure == PullFailure.UNKNOWN_ANSWER

    def test_old_leads_of_a_portal_that_does_not_heed_the_question_are_not_called_as_new(self, host, aisha, mariam):
        old = a_lead_of_property_finder(1, at=now() - timedelta(days=40), phone=a_phone())
        page = {"data": [old], "pagination": {"page": 1, "totalPages": 1}}
        host.fault = lambda path, query: failing(200, json.dumps(page).encode())(path, query) if path == LEADS else None
        pulls.fetch(PF)

        assert tally("deliveries", "leads") == {"deliveries": 0, "leads": 0}
        assert state().failure == PullFailure.UNKNOWN_ANSWER


class TestBayut:
    def test_every_kind_is_asked_for_people_only_and_in_dubai_s_time(self, host, aisha):
        at, phone = now() - timedelta(hours=2), a_phone()
        host.rows = {
            WHATSAPP: [a_row_of_bayut(1, at=at, phone=phone)],
            "email-agent": [a_row_of_bayut(2, at=at, phone=a_phone(), kind="email")],
            "call_logs": [a_call_of_bayut(3, at=at, phone=a_phone())],
        }

        assert pulls.fetch(BAYUT) is True
        kinds = {(query["type"], query.get("target")) for query in host.queries(PULLED)}
        assert kinds == {(kind, t) for kind in ("email", "whatsapp") for t in ("listing", "agent", "agency")} | {
            ("call_logs", None),
            ("story_leads", None),
        }
        assert {query["is_trulead"] for query in host.queries(PULLED)} == {"1"}
        found = sql("SELECT channel, received_at FROM enquiries ORDER BY channel")
        assert [row.channel for row in found] == ["call", "email", "whatsapp"]
        assert {row.received_at for row in found} == {at.replace(microsecond=0)}

    def test_the_same_array_again_and_again_is_taken_once(self, host, aisha):
        host.rows = {
            WHATSAPP: [a_row_of_bayut(n, at=now() - timedelta(minutes=5), phone=a_phone()) for n in range(450)]
        }
        for _ in range(3):
            pulls.fetch(BAYUT)

        assert tally("deliveries", "enquiries", "leads") == {"deliveries": 450, "enquiries": 450, "leads": 450}

    def test_one_key_is_for_one_portal(self, host, aisha):
        host.rows = {WHATSAPP: [a_row_of_bayut(1, at=now() - timedelta(minutes=5), phone=a_phone())]}
        pulls.fetch_all()

        assert sorted(row.source for row in sql("SELECT source FROM deliveries")) == ["bayut", "dubizzle"]

    def test_it_is_never_asked_for_more_than_it_tells(self, host, aisha, mariam):
        cursors = json.dumps(dict.fromkeys([WHATSAPP, "call_logs"], (now() - timedelta(days=300)).isoformat()))
        sql("INSERT INTO pulls (source, cursors) VALUES ('bayut', %s::jsonb)", cursors)
        pulls.fetch(BAYUT)

        assert state(BAYUT).failures == 0
        assert (state(BAYUT).failure, told(mariam)) == (PullFailure.TOO_OLD, [NoticeKind.PORTAL_TROUBLE])

    def test_a_login_page_is_no_empty_list(self, host, app, mariam):
        app.config["PORTAL_KEYS"] = {BAYUT.slug: ("expired", "")}
        pulls.fetch(BAYUT)

        assert state(BAYUT).failure == PullFailure.NOT_JSON and state(BAYUT).cursors == {}
        assert host.count(PULLED) == 1 and told(mariam) == [NoticeKind.PORTAL_TROUBLE]

    def test_one_kind_that_fails_holds_the_others_not_back(self, host, aisha, mariam):
        host.fault = lambda path, query: failing(422)(path, query) if query.get("type") == "call_logs" else None
        host.rows = {"story_leads": [a_row_of_bayut(1, at=now() - timedelta(minutes=5), phone=a_phone())]}
        pulls.fetch(BAYUT)

        assert tally("leads") == {"leads": 1} and state(BAYUT).failure == PullFailure.NOT_TAKEN
        assert "call_logs" not in state(BAYUT).cursors and len(state(BAYUT).cursors) == 7
        for _ in range(3):
            again(BAYUT)
        assert state(BAYUT).not_before - state(BAYUT).failed_at < timedelta(minutes=5)


class TestSameEnquiry:
    """With deliveries and readings both on, one enquiry may come under two ids."""

    PHONE = "+971501234567"

    def delivered(self, number: str, *, at, reference="TST-1") -> None:
        body = json.loads(bodies("bayut_push_whatsapp.json")[0])
        body |= {"id": number, "received_at": at.isoformat()}
        body["enquirer"]["phone_number"] = self.PHONE
        body["listing"]["reference"] = reference
        enquiries.take(enquiries.keep(Source.BAYUT, json.dumps(body).encode(), by=SYSTEM), by=SYSTEM)

    def fetched(self, number: int, *, at, reference="TST-1") -> None:
        raw = json.dumps(a_row_of_bayut(number, at=at, phone=self.PHONE, reference=reference)).encode()
        for delivery_id in enquiries.keep_pulled(Source.BAYUT, [raw], by=SYSTEM):
            enquiries.take(delivery_id, by=SYSTEM)

    @pytest.mark.parametrize("first", ["delivered", "fetched"])
    def test_it_is_one_with_both_ids_and_later_events_of_either_find_it(self, aisha, first):
        at = now().replace(microsecond=0) - timedelta(hours=1)
        steps = [lambda: self.delivered("push-1", at=at), lambda: self.fetched(1, at=at + timedelta(minutes=9))]
        for step in steps if first == "delivered" else reversed(steps):
            step()

        (enquiry,) = sql("SELECT * FROM enquiries")
        assert {enquiry.portal_lead_id, enquiry.other_lead_id} == {"push-1", "whatsapp|00000001"}
        assert value("SELECT count(*) FROM deliveries WHERE enquiry_id = %s", enquiry.enquiry_id) == 2
        assert tally("leads") == {"leads": 1}

    @pytest.mark.parametrize("other", [{"minutes": 11}, {"reference": "TST-2"}])
    def test_a_later_one_or_one_about_another_property_is_its_own(self, aisha, other):
        at = now() - timedelta(hours=1)
        self.delivered("push-1", at=at)
        self.fetched(1, at=at + timedelta(minutes=other.get("minutes", 1)), reference=other.get("reference", "TST-1"))

        assert tally("enquiries", "leads") == {"enquiries": 2, "leads": 1}

    def test_two_that_came_the_same_way_stay_two(self, aisha):
        at = now() - timedelta(hours=1)
        self.delivered("push-1", at=at)
        self.delivered("push-2", at=at)
        self.fetched(1, at=at)

        assert tally("enquiries") == {"enquiries": 2}
        assert value("SELECT count(*) FROM enquiries WHERE other_lead_id IS NOT NULL") == 1


class TestFailures:
    @pytest.mark.parametrize(
        ("status", "body", "why"),
        [
            (200, LOGIN_PAGE, PullFailure.NOT_JSON),
            (302, b"", PullFailure.NOT_JSON),
            (200, b"", PullFailure.NOT_JSON),
            (200, b"[" * 100_000, PullFailure.NOT_JSON),
            (200, b'{"data": []}', PullFailure.UNKNOWN_ANSWER),
            (200, b"[1, 2]", PullFailure.UNKNOWN_ANSWER),
            (200, b"null", PullFailure.UNKNOWN_ANSWER),
            (400, b"{}", PullFailure.NOT_TAKEN),
            (401, b"{}", PullFailure.KEY_REFUSED),
            (403, b"{}", PullFailure.KEY_REFUSED),
            (429, b"{}", PullFailure.TOO_MANY),
            (500, b"{}", PullFailure.BROKEN),
            (503, LOGIN_PAGE, PullFailure.BROKEN),
        ],
    )
    @pytest.mark.parametrize("portal", [PF, BAYUT], ids=["property finder", "bayut"])
    def test_it_has_a_word_and_nothing_is_taken_for_read(self, host, mariam, portal, status, body, why):
        host.fault = failing(status, body, Location="/login")
        pulls.fetch(portal)

        found = state(portal)
        assert (found.failure, found.failures, found.read_at, found.cursors) == (why, 1, None, {})
        assert found.not_before > now() and tally("deliveries") == {"deliveries": 0}
        assert told(mariam) == ([] if why.passes else [NoticeKind.PORTAL_TROUBLE])

    def test_an_answer_that_is_cut_is_no_answer_and_what_came_before_is_kept(self, host, aisha):
        host.leads = some_leads(60)
        seen = iter(range(100))

        def cut(path, query):
            if path == LEADS and next(seen) == 1:
                host.cut_at = 1_000

        host.fault = cut
        pulls.fetch(PF)
        assert state().failure == PullFailure.UNREACHABLE and state().cursors == {}
        assert tally("deliveries", "leads") == {"deliveries": 50, "leads": 50}

        assert again() is True
        assert tally("deliveries", "leads") == {"deliveries": 60, "leads": 60} and state().failures == 0

    def test_a_host_that_is_not_there_is_unreachable(self, host, app):
        app.config["PORTAL_URLS"] = app.config["PORTAL_URLS"] | {BAYUT.slug: "http://127.0.0.1:1"}
        pulls.fetch(BAYUT)

        assert state(BAYUT).failure == PullFailure.UNREACHABLE

    def test_it_waits_longer_each_time_and_as_long_as_it_is_asked_to(self, host, app):
        host.fault = failing(503)
        waits = []
        for _ in range(6):
            again(BAYUT)
            waits.append(round((state(BAYUT).not_before - state(BAYUT).failed_at) / timedelta(minutes=1)))
        host.fault = failing(429, Retry_After="7200")
        again(BAYUT)

        assert waits == [4, 8, 16, 32, 60, 60]
        assert state(BAYUT).not_before - state(BAYUT).failed_at == timedelta(hours=2)

    def test_before_the_time_it_is_not_asked(self, host, app):
        host.fault = failing(503)
        pulls.fetch(BAYUT)
        before = len(host.asked)

        assert pulls.fetch(BAYUT) is False and len(host.asked) == before

    def test_what_passes_is_told_when_it_lasts_and_once_until_it_is_over(self, host, aisha, mariam):
        host.fault = failing(503)
        for _ in range(5):
            again()
        assert told(mariam) == [NoticeKind.PORTAL_TROUBLE] and state().failures == 5

        host.fault = lambda path, query: None
        again()
        assert (state().failures, state().failure, state().is_told) == (0, PullFailure.BROKEN, False)

        host.fault = failing(401)
        again()
        assert told(mariam) == [NoticeKind.PORTAL_TROUBLE] * 2

    def test_one_portal_that_fails_keeps_no_other_from_being_read(self, host, app, aisha, mariam):
        app.config["PORTAL_URLS"] = app.config["PORTAL_URLS"] | {PF.slug: "http://127.0.0.1:1"}
        host.rows = {WHATSAPP: [a_row_of_bayut(1, at=now() - timedelta(minutes=5), phone=a_phone())]}

        assert pulls.fetch_all().done == 2 and tally("leads") == {"leads": 2}

    def test_it_stops_between_two_pages_and_goes_on_where_it_was(self, host, aisha):
        host.leads = some_leads(120)
        with stopping.told_by(lambda: host.count(LEADS) >= 3):
            pulls.fetch(PF)
        assert 0 < tally("deliveries")["deliveries"] < 120 and state().read_at is None

        pulls.fetch(PF)
        assert tally("deliveries", "leads") == {"deliveries": 120, "leads": 120} and state().read_at


class TestKeys:
    def test_without_a_key_nobody_is_asked(self, host, app):
        app.config["PORTAL_KEYS"] = {}
        pulls.fetch_all()

        assert host.asked == [] and tally("deliveries") == {"deliveries": 0}

    def test_a_key_of_the_admin_works_until_it_is_switched_off(self, host, app, aisha, omar):
        app.config["PORTAL_KEYS"] = {}
        host.leads = some_leads(2)
        connections.set_key(PF, by=omar, api_key=KEY, api_secret=API_SECRET, is_pulled=True)
        assert pulls.fetch(PF) is True
        connections.set_key(PF, by=omar, api_key="", api_secret="", is_pulled=False)
        before = len(host.asked)

        assert pulls.fetch(PF) is False and len(host.asked) == before

    def test_a_key_that_another_secret_key_sealed_is_asked_for_again(self, host, app, mariam):
        app.config["PORTAL_KEYS"] = {}
        sql("INSERT INTO connections (source, path, api_key, is_pulled) VALUES ('bayut', 'x', 'x', true)")
        pulls.fetch(BAYUT)

        assert state(BAYUT).failure == PullFailure.NO_KEY and host.asked == []
        assert told(mariam) == [NoticeKind.PORTAL_TROUBLE]

    def test_a_new_key_is_tried_at_once(self, host, app, omar):
        app.config["PORTAL_KEYS"] = {}
        connections.set_key(BAYUT, by=omar, api_key="expired", api_secret="", is_pulled=True)
        pulls.fetch(BAYUT)
        assert state(BAYUT).not_before
        connections.set_key(BAYUT, by=omar, api_key=KEY, api_secret="", is_pulled=True)
        pulls.fetch(BAYUT)

        assert state(BAYUT).failures == 0 and state(BAYUT).read_at


class TestWatch:
    def delivered(self, *, hours_ago: list[float], source="bayut") -> None:
        for nth, hours in enumerate(hours_ago):
            sql(
                "INSERT INTO deliveries (source, external_id, payload, received_at, state)"
                " VALUES (%s, %s, '', now() - %s, 'taken')",
                source,
                f"{nth}-{hours}",
                timedelta(hours=hours),
            )

    def test_managers_hear_once_when_a_portal_is_quiet_for_longer_than_ever(self, host, mariam):
        self.delivered(hours_ago=[5 + nth * 3 for nth in range(40)])

        assert pulls.watch(BAYUT) is True and pulls.watch(BAYUT) is False
        assert told(mariam) == [NoticeKind.PORTAL_QUIET]
        assert state(BAYUT).quiet_since == value("SELECT max(received_at) FROM deliveries")

        self.delivered(hours_ago=[0])
        pulls.watch(BAYUT)
        assert state(BAYUT).quiet_since is None

    @pytest.mark.parametrize(
        "hours_ago",
        [
            [4 + nth * 3 for nth in range(40)],  # not yet half as long again as its gaps
            [2.5 + nth * 0.1 for nth in range(40)],  # not yet three hours
            [50 + nth * 3 for nth in range(10)],  # it hardly ever delivers
            [9, 10, 11, 12, *(24 + nth for nth in range(30))],  # its nights are as long
        ],
    )
    def test_a_usual_silence_is_nobody_s_news(self, host, mariam, hours_ago):
        self.delivered(hours_ago=hours_ago)

        assert pulls.watch(BAYUT) is False and told(mariam) == []

    def test_a_portal_that_is_closed_is_not_quiet_and_in_no_trouble(self, host, app, mariam):
        self.delivered(hours_ago=[5 + nth * 3 for nth in range(40)])
        host.fault = failing(401)
        pulls.fetch(BAYUT)
        pulls.watch(BAYUT)
        assert state(BAYUT).is_told and state(BAYUT).quiet_since
        app.config["PORTAL_KEYS"] = {}

        assert pulls.watch(BAYUT) is False
        assert (state(BAYUT).is_told, state(BAYUT).quiet_since) == (False, None)
