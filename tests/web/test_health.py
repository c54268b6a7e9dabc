"""For those who watch the server."""


class TestHealth:
    def test_alive_needs_no_database(self, browser):
        answer = browser.get("health.live")

        assert (answer.status_code, answer.response.json, answer.queries) == (200, {"status": "ok"}, 0)

    def test_ready_says_what_is_missing(self, browser):
        answer = browser.get("health.ready")

        assert answer.status_code == 503
        facts = answer.response.json
        assert (facts["database"], facts["revision"], facts["jobs"]) == (True, True, False)
