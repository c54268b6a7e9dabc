from uuid import uuid4

import pytest

from tests.factories import a_phone, tally
from webapp.errors import Invalid
from webapp.services import leads, submissions
from webapp.services.leads import Details, Origin
from webapp.vocabulary import Source


@pytest.fixture
def send(aisha, rashid):
    """Send the walk-in form: its nonce, its phone, and who sends it."""

    def send(nonce, phone, by=rashid):
        def write():
            capture = leads.capture(Details(phone, Source.WALK_IN), Origin(), by=by)
            return {"lead_id": str(capture.lead.lead_id), "created": capture.created}

        return submissions.once(nonce, {"phone": phone}, write, by=by)

    return send


def test_the_same_form_again_gets_the_first_result_and_writes_nothing(send):
    nonce, phone = uuid4(), a_phone()
    first = send(nonce, phone)
    before = tally("leads", "enquiries", "audit_entries", "notices", "submissions")

    again = send(nonce, phone)

    assert first["created"]
    assert again == first
    assert tally(*before) == before
    assert before["leads"] == before["enquiries"] == 1


def test_another_form_of_the_same_contents_is_another_enquiry(send):
    phone = a_phone()
    send(uuid4(), phone)

    assert send(uuid4(), phone)["created"] is False
    assert tally("leads", "enquiries") == {"leads": 1, "enquiries": 2}


def test_the_same_nonce_with_other_contents_is_refused(send):
    nonce = uuid4()
    send(nonce, a_phone())

    with pytest.raises(Invalid, match="other contents") as refused:
        send(nonce, a_phone())

    assert refused.value.code == "validation_error"
    assert tally("leads", "submissions") == {"leads": 1, "submissions": 1}


def test_somebody_elses_nonce_is_refused(send, mariam):
    nonce, phone = uuid4(), a_phone()
    send(nonce, phone)

    with pytest.raises(Invalid):
        send(nonce, phone, by=mariam)


def test_a_refused_form_leaves_its_nonce_for_the_corrected_one(send):
    nonce = uuid4()
    with pytest.raises(Invalid) as refused:
        send(nonce, "0571234567")
    assert refused.value.field == "phone"

    assert send(nonce, a_phone())["created"]
