"""What runs by itself, as managers and admins see it."""

import pytest

from tests.factories import sql, value
from webapp.vocabulary import JobName


def a_turn(job: JobName, state: str, *, minutes: int, attempt: int = 1, error: str = "", done=0, failed=0) -> None:
    """A turn of this job so long ago, and how it ended."""
    sql(
        """INSERT INTO job_turns (due_at, started_at, job, state, attempt, error, done, failed)
           SELECT ago, ago, %s, %s, %s, %s, %s, %s FROM (SELECT now() - make_interval(mins => %s) AS ago) t""",
        *(job.value, state, attempt, error, done, failed, minutes),
    )


@pytest.fixture
def turns(app):
    a_turn(JobName.OVERDUE, "done", minutes=1)
    a_turn(JobName.METRICS, "done", minutes=2, done=3, failed=1)
    a_turn(JobName.INACTIVITY, "broken", minutes=3, attempt=2, error="Unavailable")
    a_turn(JobName.REASSIGN_STALE, "running", minutes=4)
    a_turn(JobName.EXPORTS, "broken", minutes=5, attempt=5, error="KeyError")
    a_turn(JobName.EXPORTS, "done", minutes=1)


class TestIndex:
    def test_each_job_says_how_it_went(self, browser, mariam, turns):
        answer = browser.sign_in(mariam).get("jobs.index")

        assert answer.queries <= 6
        said = {
            row.td.get_text(strip=True): " ".join(row.get_text(" ").split()) for row in answer.page.select("tr:has(td)")
        }
        assert set(said) == {str(name.label) for name in JobName}
        assert "Nothing to do" in said["Follow-ups become overdue"]
        assert "3 done, one could not be, and the worker's log says why" in said["Figures of the agents"]
        assert "broke off, is tried again" in said["Silence costs points"]
        assert "The database was busy or away. It is tried again." in said["Silence costs points"]
        assert "at it" in said["Unanswered leads move on"]
        assert (
            "Nothing to do" in said["Long exports are made"] and "none in a week" not in said["Long exports are made"]
        )
        assert "no turn yet" in said["What is over is cleared away"]

    def test_what_happened_lately_is_told_newest_first(self, browser, mariam, turns):
        page = browser.sign_in(mariam).get("jobs.index").page

        lately = [line.get_text(" ", strip=True) for line in page.select("[aria-labelledby=lately] li")]
        assert [line.partition(" ")[0] for line in lately] == ["Figures", "Silence", "Unanswered", "Long"]
        assert "An error nobody expected (KeyError)" in lately[-1]

    def test_a_mail_server_that_is_away_is_said_in_words(self, browser, mariam):
        a_turn(JobName.MAILS, "broken", minutes=1, error="MailServerAway")
        a_turn(JobName.MAILS, "broken", minutes=2, error="MailServerRefuses")

        said = browser.sign_in(mariam).get("jobs.index").said()

        assert "The mail server cannot be reached." in said and "does not take mail from us" in said

    def test_mails_that_did_not_get_through_are_told_with_whom_they_are_for_and_why(self, browser, mariam, aisha):
        assert not browser.sign_in(mariam).get("jobs.index").page.select("[aria-labelledby=mails]")
        sql(
            """INSERT INTO mails (user_id, state, failure, code, made_at, ended_at)
               SELECT user_id, state, failure, code, now() - ago, now() FROM users,
                      (VALUES ('failed', 'address_refused', 550, interval '0'),
                              ('waiting', 'cut_off', NULL, '1 hour'),
                              ('sent', 'put_off', 451, '2 hours'),
                              ('sent', NULL, NULL, '3 hours'),
                              ('failed', 'given_up', 450, '8 days')) m (state, failure, code, ago)
               WHERE name = 'Aisha Rahman'"""
        )

        answer = browser.get("jobs.index")

        lines = [" ".join(line.get_text(" ").split()) for line in answer.page.select("[aria-labelledby=mails] li")]
        assert [line.partition(" To ")[0].startswith("To Aisha Rahman") for line in lines] == [True] * 3
        assert "does not take this address. (550) given up" in lines[0]
        assert "The connection broke" in lines[1] and "is tried again" in lines[1]
        assert "sent in the end" in lines[2]
        assert answer.queries <= 6

    def test_without_any_it_says_so(self, browser, mariam):
        assert "Nothing worth telling happened" in browser.sign_in(mariam).get("jobs.index").said("main")

    def test_a_worker_that_is_not_there_is_the_headline(self, browser, mariam):
        a_turn(JobName.OVERDUE, "done", minutes=20)

        assert browser.sign_in(mariam).get("jobs.index").said("h1") == "Nothing runs by itself at the moment."


class TestAsk:
    @pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
    def test_a_turn_is_asked_for(self, browser, mariam, htmx):
        browser.sign_in(mariam).get("jobs.index")

        browser.post("jobs.ask", {"job": "metrics"}, htmx=htmx)

        page = browser.get("jobs.index")
        assert "within a minute" in page.text
        (line,) = page.page.select("[aria-labelledby=lately] li")
        assert "asked for by Mariam Saleh" in " ".join(line.get_text(" ").split())
        assert value("SELECT count(*) FROM audit_entries WHERE verb = 'jobs.ask'") == 1

    def test_a_job_that_is_none_is_refused(self, browser, mariam, unchanged):
        browser.sign_in(mariam).get("jobs.index")
        unchanged.from_now()

        assert browser.post("jobs.ask", {"job": "everything"}).status_code == 422
        assert unchanged
