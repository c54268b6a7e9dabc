"""What cannot be saved is never said to be: a database that only reads, and commits that fail (D9)."""

from uuid import uuid4

import pytest

from tests.factories import a_lead, a_phone, an_agent, prompt, sql, tally, value
from webapp.extensions import db

WRITABLE = "-c default_transaction_read_only=off"
# Complete forms, so that each comes as far as its first write. Whatever else can be posted is sent empty.
COMPLETE = {
    "leads.capture": {"phone": "0507654321", "source_type": "website"},
    "leads.amend": {"phone": "0507654321", "first_name": "Noor", "version": "1"},
    "activities.log": {"type": "call", "notes": "Wants the Marina"},
    "tasks.schedule": {"type": "call", "due_date": "2035-01-15T10:00", "priority": "high"},
    "tasks.complete": {},
    "tasks.cancel": {"reason": "Called us"},
    "pipeline.move": {"status_from": "new", "status": "contacted"},
    "enquiries.add_visit": {},
    "users.prefer": {"language": "en", "theme": "dark"},
    "notifications.read": {},
    "sessions.end": {},
}
FAIL = """
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE 'Failing row contains (secret)' USING ERRCODE = '{state}', CONSTRAINT = '{constraint}',
              TABLE = 'follow_up_tasks', DETAIL = 'Key (lead_id)=(secret) is not present in table "leads".'; END $$;
    CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON follow_up_tasks DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION fail()
"""


@pytest.mark.row("D9")
class TestADatabaseThatOnlyReads:
    @pytest.fixture
    def lead_id(self, app):
        """A lead with an owner and a first follow-up."""
        an_agent("Aisha Khan")
        return a_lead(first_name="Layla").lead_id

    @pytest.fixture
    def only_reads(self, browser, lead_id):
        """Every new connection reads only, as on a standby; somebody has been signed in for a while."""
        tokens = browser.tokens()
        sql("UPDATE sessions SET last_seen_at = last_seen_at - interval '2 minutes'")
        self.set("SET default_transaction_read_only = on")
        yield tokens
        self.set("RESET default_transaction_read_only")

    def set(self, setting: str) -> None:
        with prompt(options=WRITABLE) as owner:
            owner.execute(f'ALTER DATABASE "{owner.info.dbname}" {setting}')
        db.session.remove()
        db.engine.dispose()

    def test_pages_are_shown_and_nothing_is_said_to_be_saved(self, app, browser, lead_id, only_reads, figure):
        task_id = value("SELECT task_id FROM follow_up_tasks")
        for endpoint, values in (("leads.show", {"lead_id": lead_id}), ("leads.index", {}), ("home.show", {})):
            assert browser.get(endpoint, **values).status_code == 200
        routes = [rule for rule in app.url_map.iter_rules() if "POST" in rule.methods]
        wrong = []
        for rule in routes:
            values = {name: {"lead_id": lead_id, "task_id": task_id}.get(name, uuid4()) for name in rule.arguments}
            data = only_reads | COMPLETE.get(rule.endpoint, {})
            answer = browser.open("POST", browser.url(rule.endpoint, **values), data=data, follow=False)
            expected = answer.status_code == 503 if rule.endpoint in COMPLETE else answer.status_code >= 400
            if not expected:
                wrong.append((rule.endpoint, answer.status_code, answer.said()))
            elif rule.endpoint in COMPLETE:
                assert "Nothing can be saved right now, only read." in answer.said()
                assert int(answer.headers["Retry-After"]) > 0

        assert wrong == []
        assert {*COMPLETE} <= {rule.endpoint for rule in routes}
        figure("D9", f"false successes of {len(routes)} routes that write", len(wrong))


@pytest.mark.row("D9")
class TestACommitThatFails:
    @pytest.fixture
    def fails(self, browser):
        """Every follow-up makes the commit fail like this."""

        def fails(state: str, constraint: str) -> None:
            sql(FAIL.format(state=state, constraint=constraint))

        an_agent("Aisha Khan")
        yield fails
        sql("DROP FUNCTION IF EXISTS fail CASCADE")

    @pytest.mark.parametrize(
        ("state", "constraint", "status", "words"),
        [
            ("23Z04", "follow_up_conflict", 409, "Follow-ups of one agent need 30 minutes between them."),
            ("23503", "some_table_lead_id_fkey", 409, "Something that belongs to this is gone meanwhile."),
            ("22001", "", 422, "Something here is too long"),
            ("23514", "a_rule_nobody_mapped", 500, "Tell your admin the number"),
            ("53100", "", 503, "Nothing can be saved right now, only read."),
            ("57014", "", 503, "The office is busy right now. Nothing was saved"),
        ],
    )
    def test_no_page_says_that_it_was_saved(self, app, browser, fails, monkeypatch, state, constraint, status, words):
        browser.get("leads.new")
        data = browser.filled("/leads", "leads.capture", {}) | {"phone": a_phone(), "source_type": "website"}
        fails(state, constraint)
        monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
        answer = browser.client.post("/leads", data=data)

        assert answer.status_code == status
        assert words in answer.text
        for inside in ("secret", "Failing row", "follow_up_tasks", "violates", "INSERT", "COMMIT", "psycopg"):
            assert inside not in answer.text
        assert tally("leads", "enquiries", "submissions") == {"leads": 0, "enquiries": 0, "submissions": 0}
