import pytest

from tests.factories import a_capture, a_lead, a_user, owner, sql, tally, told, value
from webapp.errors import Invalid
from webapp.services import activities, leads, notifications
from webapp.services.notifications import Bell
from webapp.transaction import transactional
from webapp.vocabulary import ActivityType, NoticeKind, Role, Status


@pytest.fixture
def no_notices(app):
    """Nothing can be written into notices."""
    sql("ALTER TABLE notices ADD CONSTRAINT nothing_more CHECK (false) NOT VALID")
    yield
    sql("ALTER TABLE notices DROP CONSTRAINT nothing_more")


class TestAfterTheCommit:
    def test_a_notice_that_fails_does_not_undo_a_capture(self, aisha, no_notices, caplog):
        capture = a_capture()

        assert value("SELECT count(*) FROM leads") == 1
        assert owner(capture.lead) == aisha.agent_id
        assert value("SELECT count(*) FROM notices") == 0
        assert "After the commit" in caplog.text

    def test_the_next_one_is_told_all_the_same(self, aisha, no_notices):
        lead = a_lead()
        sql("ALTER TABLE notices DROP CONSTRAINT nothing_more")
        a_lead(lead.phone)
        sql("ALTER TABLE notices ADD CONSTRAINT nothing_more CHECK (false) NOT VALID")

        assert told(aisha) == [NoticeKind.REPEAT_ENQUIRY]

    def test_what_was_refused_tells_nobody(self, aisha, mariam):
        @transactional
        def capture_and_regret(*, by):
            leads.capture(leads.Details("0501234567", "bayut"), leads.Origin(), by=by)
            raise Invalid("No.")

        with pytest.raises(Invalid):
            capture_and_regret(by=mariam)
        a_lead()

        assert told(aisha) == [NoticeKind.LEAD_ASSIGNED]
        assert tally("leads") == {"leads": 1}


class TestWhoIsTold:
    def test_nobody_is_told_what_they_did_themselves(self, aisha, mariam):
        a_lead(by=aisha)
        sql("UPDATE agents SET on_duty = false")
        a_lead(by=mariam)

        assert (told(aisha), told(mariam)) == ([], [])

    def test_all_active_managers_and_nobody_else(self, mariam, rashid, omar):
        second = a_user("Huda Ali", Role.MANAGER)
        gone = a_user("Ziad Amin", Role.MANAGER)
        sql("UPDATE users SET is_active = false WHERE name = 'Ziad Amin'")

        a_lead()

        assert told(mariam) == told(second) == [NoticeKind.LEAD_UNASSIGNED]
        assert told(gone) == told(rashid) == told(omar) == []


class TestBell:
    def test_it_counts_until_read(self, aisha, mariam):
        first, second = a_lead(), a_lead()
        newest = notifications.bell(by=aisha).newest
        assert notifications.bell(by=aisha).unread == 2
        assert [notice.lead.lead_id for notice in notifications.latest(by=aisha)] == [second.lead_id, first.lead_id]

        notifications.read(by=aisha, up_to=newest - 1)
        assert notifications.bell(by=aisha).unread == 1
        notifications.read(by=aisha, up_to=newest)
        assert notifications.bell(by=aisha) == Bell(unread=0, newest=newest)
        assert len(notifications.latest(by=aisha, limit=1)) == 1

    def test_nobody_reads_somebody_elses(self, aisha, mariam):
        a_lead()

        notifications.read(by=mariam, up_to=10_000)

        assert notifications.bell(by=aisha).unread == 1
        assert notifications.bell(by=mariam) == Bell(unread=0, newest=0)


def test_a_refusal_outside_a_request_is_a_sentence_too(aisha):
    """Jobs and commands call services without a browser whose language could be asked for."""
    with pytest.raises(Invalid, match="in the future"):
        activities.log(
            a_lead().lead_id,
            by=aisha,
            type=ActivityType.CALL,
            activity_at=value("SELECT now() + interval '1 hour'"),
        )
    assert str(Status.NEW.label) == "New"
