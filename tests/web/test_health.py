"""For those who watch the server."""

from tests.factories import sql
from webapp.services import backups
from webapp.services.backups import BACKUP


class TestHealth:
    def test_alive_needs_no_database(self, browser):
        answer = browser.get("health.live")

        assert (answer.status_code, answer.response.json, answer.queries) == (200, {"status": "ok"}, 0)

    def test_ready_says_what_is_missing(self, browser):
        answer = browser.get("health.ready")

        assert answer.status_code == 503
        facts = answer.response.json
        assert (facts["database"], facts["revision"], facts["jobs"]) == (True, True, False)

    def test_ready_tells_the_age_of_the_last_backup(self, browser):
        assert browser.get("health.ready").response.json["backup"] is None
        backups.record_made(by=BACKUP, file="/backups/desk", size=1, sha256="0")
        sql("UPDATE audit_entries SET happened_at = now() - interval '1 hour'")

        facts = browser.get("health.ready").response.json

        assert 3600 <= facts["backup"] < 3660
