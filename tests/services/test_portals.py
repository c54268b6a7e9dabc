"""What portals send, read by pure functions: exactly as the manifest of their fixtures says, and never an exception."""

import hashlib
import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.portals import FIXTURES, FOLDER, bodies
from webapp import portals
from webapp.portals import Arrival
from webapp.vocabulary import Channel, Source

PORTALS = (Source.PROPERTY_FINDER, Source.BAYUT, Source.DUBIZZLE, Source.WEBSITE)
KEYS = st.sampled_from(
    sorted(set(json.dumps([f.read_text() for f in FOLDER.glob("*_*.json")]).replace("\\", "").split('"')))
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.sampled_from(["None", "", "2026-03-04"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def told(arrival: Arrival) -> dict:
    """The arrival as the manifest would write it, without what only our website says."""
    found = json.loads(json.dumps(asdict(arrival), default=str))
    for ours in ("phone", "purpose", "consent", "consent_wording", "utm_source", "campaign_id", "site", "suspicion"):
        found.pop(ours)
    at = arrival.received_at
    found["received_at"] = at.isoformat().replace("+00:00", "Z") if at else None
    return found


@pytest.mark.parametrize("name", FIXTURES)
class TestFixtures:
    def test_its_bytes_are_the_manifest_s(self, name):
        raw = (FOLDER / name).read_bytes()

        assert (len(raw), hashlib.sha256(raw).hexdigest()) == (FIXTURES[name]["bytes"], FIXTURES[name]["sha256"])

    def test_it_is_read_exactly_as_the_manifest_says(self, name):
        source = Source(FIXTURES[name]["portal"])

        assert [told(portals.read(source, body)) for body in bodies(name)] == FIXTURES[name]["expected"]


def sound(source: Source, raw: bytes) -> None:
    """Whatever it was: it has an id that a column takes, no field that a column refuses, and links of the web only."""
    arrival = portals.read(source, raw)

    assert arrival == portals.read(source, raw)
    assert arrival.source == source and 0 < len(arrival.external_id) <= 200
    assert arrival.is_known or arrival == Arrival(source, external_id=arrival.external_id)
    for value in asdict(arrival).values():
        if isinstance(value, str):
            value.encode()
            assert value.strip() and "\x00" not in value
    assert all(link is None or link.startswith("http") for link in (arrival.reply_link, arrival.listing_url))


@pytest.mark.parametrize("source", PORTALS)
class TestAnything:
    @given(raw=st.binary(max_size=200))
    def test_no_bytes_raise(self, source, raw):
        sound(source, raw)

    @given(body=VALUES)
    def test_no_json_raises(self, source, body):
        sound(source, json.dumps(body).encode())

    @given(data=st.data())
    def test_no_fixture_with_other_values_raises(self, source, data):
        body = json.loads(bodies(data.draw(st.sampled_from(sorted(FIXTURES))))[0])
        spot = body
        while data.draw(st.booleans()):
            inner = [value for value in spot.values() if isinstance(value, dict) and value]
            spot = data.draw(st.sampled_from(inner)) if inner else spot
        spot[data.draw(st.sampled_from(sorted(spot)))] = data.draw(VALUES)

        sound(source, json.dumps(body).encode())

    @pytest.mark.parametrize(
        "raw",
        [
            b"[" * 100_000,
            b'{"id": ' + b"9" * 5000 + b"}",
            b'{"id": NaN, "enquirer": {"name": Infinity}}',
            b'{"id": "a\\ud800\\u0000b", "enquirer": {}}',
            '{"id": "x"}'.encode("utf-16"),
            b'\xef\xbb\xbf{"id": "x", "enquirer": {}}',
            b"id=1&name=x",
            b"",
        ],
    )
    def test_what_is_no_enquiry_is_kept_by_its_fingerprint_or_id(self, source, raw):
        sound(source, raw)


class TestValues:
    def test_a_dangerous_link_is_none(self):
        raw = b'{"id":"1","enquirer":{"contact_link":"javascript:alert(1)","phone_number":"0501234567"}}'

        assert portals.read(Source.BAYUT, raw).reply_link is None

    @pytest.mark.parametrize("nothing", ['"None"', '""', "null", '" "', '"null"'])
    def test_nothing_is_written_in_many_ways(self, nothing):
        raw = f'{{"id":"1","enquirer":{{"name":{nothing},"phone_number":{nothing}}}}}'.encode()
        arrival = portals.read(Source.BAYUT, raw)

        assert (arrival.name, arrival.phone, arrival.phone_e164) == (None, None, None)

    def test_an_id_longer_than_a_column_is_its_fingerprint(self):
        arrival = portals.read(Source.BAYUT, json.dumps({"id": "x" * 5000, "enquirer": {}}).encode())

        assert arrival.portal_lead_id == arrival.external_id == f"sha256:{hashlib.sha256(b'x' * 5000).hexdigest()}"

    def test_a_service_number_is_kept_as_sent_and_is_no_person_s(self):
        arrival = portals.read(Source.BAYUT, b'{"id":"1","enquirer":{"phone_number":"80012345"}}')

        assert (arrival.phone, arrival.phone_e164) == ("80012345", None)


class TestPropertyFinderPull:
    def test_an_item_of_a_page_is_read_like_its_event(self):
        event = json.loads((FOLDER / "pf_lead_created_whatsapp.json").read_bytes())
        item = event["payload"] | {"id": event["entity"]["id"], "createdAt": event["timestamp"]}
        (raw,) = portals.pulled(json.dumps({"data": [item], "pagination": {"total": 1}}).encode())
        arrival = portals.read(Source.PROPERTY_FINDER, raw)

        assert arrival.external_id == arrival.portal_lead_id == "PFL-900001"
        assert arrival.phone_e164 == "+971501234567" and arrival.received_at.isoformat() == "2026-03-04T09:12:44+00:00"


class TestWebsite:
    def test_a_form_is_read(self):
        raw = json.dumps(
            {
                "id": "form-1",
                "name": "Layla Testova",
                "email": "layla@example.invalid",
                "purpose": "rent",
                "consent": {"purpose": "contact", "wording_version": "3", "at": "2026-03-04T09:12:44Z"},
                "utm_source": "newsletter",
                "submitted_at": "2026-03-04T13:12:44+04:00",
            }
        ).encode()
        arrival = portals.read(Source.WEBSITE, raw)

        assert (arrival.channel, arrival.purpose, arrival.consent) == (Channel.WEB_FORM, "rent", True)
        assert arrival.consent_wording == "3"
        assert arrival.received_at.isoformat() == "2026-03-04T09:12:44+00:00"
