"""Every refusal of the database has its words (D8): the catalogue is read, so a new rule without an entry is red.

STATEMENTS breaks each rule that has a sentence at the database itself, FORMS breaks what people can break in a form,
and BEYOND says of every other constraint why nothing that people type reaches it.
"""

import re
from contextvars import Context
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.factories import a_lead, a_user, an_agent, brought_to, busy, sql
from webapp.errors import Refused
from webapp.extensions import db
from webapp.sentences import OF_CONSTRAINTS
from webapp.transaction import transactional
from webapp.vocabulary import Role, Status

# constraint -> (field, a statement that breaks it). There are a lead with its follow-up, its agent, and an admin.
STATEMENTS = {
    "invalid_status_transition": ("status", "UPDATE leads SET status = 'negotiation'"),
    "overdue_task": (
        "due_date",
        """INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date)
           SELECT lead_id, agent_id, type, now() - interval '31 days' FROM follow_up_tasks""",
    ),
    "follow_up_conflict": (
        "due_date",
        """INSERT INTO follow_up_tasks (lead_id, agent_id, type, due_date)
           SELECT lead_id, agent_id, type, due_date + interval '29 minutes' FROM follow_up_tasks""",
    ),
    "agent_overload": (
        "agent_id",
        """WITH made AS (INSERT INTO leads (source_type, phone, first_name, last_name)
                         SELECT 'bayut', '+97152' || n, '', '' FROM generate_series(1000001, 1000050) n
                         RETURNING lead_id)
           INSERT INTO lead_assignments (lead_id, agent_id) SELECT lead_id, agents.agent_id FROM made, agents""",
    ),
    "ck_active_leads_max": ("agent_id", "UPDATE agents SET active_leads_count = 51"),
    "agent_left": (
        "agent_id",
        """WITH gone AS (INSERT INTO agents (full_name, email, phone, left_at)
                         VALUES ('Gone', 'gone@desk.example', '+971501', now()) RETURNING agent_id)
           UPDATE lead_assignments SET agent_id = gone.agent_id FROM gone""",
    ),
    "agent_holds_leads": (None, "UPDATE agents SET left_at = now()"),
    "agent_email_taken": (
        "email",
        "INSERT INTO agents (full_name, email, phone) SELECT full_name, upper(email), '+971501' FROM agents",
    ),
    "uq_lead_assignment": (
        "agent_id",
        "INSERT INTO lead_assignments (lead_id, agent_id) SELECT lead_id, agent_id FROM lead_assignments",
    ),
    "agents_email_key": (
        "email",
        "INSERT INTO agents (full_name, email, phone) SELECT full_name, email, '+971501' FROM agents",
    ),
    "agents_phone_key": (
        "phone",
        "INSERT INTO agents (full_name, email, phone) SELECT full_name, 'a@b.example', phone FROM agents",
    ),
    "users_email_key": (
        "email",
        """INSERT INTO users (email, name, role, password_hash)
           SELECT upper(email), name, role, '-' FROM users WHERE role = 'admin'""",
    ),
    "users_agent_id_key": (
        "agent",
        """INSERT INTO users (email, name, role, password_hash, agent_id)
           SELECT 'a@b.example', name, role, '-', agent_id FROM users WHERE role = 'agent'""",
    ),
    "last_admin": ("role", "UPDATE users SET is_active = false WHERE role = 'admin'"),
    "ck_budget_min_lt_max": ("budget_max", "UPDATE leads SET budget_min = 2, budget_max = 1"),
    "ck_lead_budget_is_number": ("budget_max", "UPDATE leads SET budget_max = 'NaN'"),
    "ck_lead_bedrooms": ("bedrooms", "UPDATE leads SET bedrooms = 21"),
    "ck_history_deal_value": (
        "deal_value",
        """INSERT INTO lead_conversion_history (lead_id, status_from, status_to, deal_value)
           SELECT lead_id, 'negotiation', 'converted', 0 FROM leads""",
    ),
    "listings_reference_key": ("reference", "INSERT INTO listings (reference, title) VALUES ('A1', 'A'), ('A1', 'B')"),
    "ux_exports_waiting": (
        None,
        """INSERT INTO exports (user_id, format, query, count)
           SELECT user_id, 'csv', '{}', 1 FROM users CROSS JOIN generate_series(1, 2)""",
    ),
    "ck_scoring_rule_condition": (
        None,
        """INSERT INTO lead_scoring_rules (rule_name, score_adjustment, condition)
           VALUES ('x', 1, '{"type": "moon"}')""",
    ),
    "ck_scoring_rule_points": ("points", "UPDATE lead_scoring_rules SET score_adjustment = 101"),
    "ck_listing_price": ("price", "INSERT INTO listings (reference, title, price) VALUES ('A1', 'A', 0)"),
    "uq_lead_property_interest": (
        "property_id",
        """INSERT INTO lead_property_interests (lead_id, property_id, interest_level)
           SELECT lead_id, '00000000-0000-0000-0000-000000000001', 'high' FROM leads, generate_series(1, 2)""",
    ),
}

# constraint -> (the form, what is typed, the field it is said at; a form that is only a button has none to show).
FORMS = {
    "ck_source_type": ("leads.capture", {"source_type": "television"}, "source_type"),
    "ck_lead_source_source_type": ("leads.capture", {"source_type": "television"}, "source_type"),
    "ck_enquiry_source_type": ("leads.capture", {"source_type": "television"}, "source_type"),
    "ck_lead_purpose": ("leads.capture", {"purpose": "swap"}, "purpose"),
    "ck_lead_bedrooms": ("leads.capture", {"bedrooms": "21"}, "bedrooms"),
    "ck_budget_min_lt_max": ("leads.capture", {"budget_min": "2M", "budget_max": "1M"}, "budget_max"),
    "ck_lead_budget_is_number": ("leads.capture", {"budget_max": "NaN"}, "budget_max"),
    "lead_sources_referrer_agent_id_fkey": (
        "leads.capture",
        {"referrer_agent_id": str(uuid4())},
        "referrer_agent_id",
    ),
    "ck_task_type": ("tasks.schedule", {"type": "telegram"}, "type"),
    "ck_task_priority": ("tasks.schedule", {"priority": "utmost"}, "priority"),
    "overdue_task": ("tasks.schedule", {"due_date": "2020-01-15T10:00"}, "due_date"),
    "ck_activity_type": ("activities.log", {"type": "telegram"}, "type"),
    "ck_activity_call_result": ("activities.log", {"call_result": "splendid"}, "call_result"),
    "ck_contact_stop_channel": ("stops.add", {"channel": "pigeon"}, "channel"),
    "ck_contact_stop_reason": ("stops.add", {"reason": "whim"}, "reason"),
    "ck_activity_outcome": ("activities.log", {"outcome": "splendid"}, "outcome"),
    "ck_lead_status": ("pipeline.move", {"status_from": "new", "status": "sold"}, "status"),
    "invalid_status_transition": ("pipeline.move", {"status_from": "new", "status": "negotiation"}, "status"),
    "ck_history_lost_reason": (
        "pipeline.move",
        {"status_from": "new", "status": "lost", "lost_reason": "boredom"},
        "lost_reason",
    ),
    "ck_visit_status": ("enquiries.mark_visit", {"status": "asleep"}, None),
    "ck_user_language": ("users.prefer", {"language": "eo"}, "language"),
    "ck_user_theme": ("users.prefer", {"theme": "plaid"}, "theme"),
}
COMPLETE = {
    "leads.capture": {"phone": "0507654321", "source_type": "website"},
    "tasks.schedule": {"type": "call", "due_date": "2035-01-15T10:00"},
    "activities.log": {"type": "call"},
    "stops.add": {"channel": "call", "reason": "asked"},
}

# why -> the constraints that nothing typed by people reaches
BEYOND = {
    "Asked for with ON CONFLICT, or under the lock of the portal's lead: the second one is the first.": (
        "uq_delivery_source_external_id",
        "ux_enquiries_other_lead_id",
        "ux_enquiries_portal_lead_id",
        "deliveries_enquiry_id_fkey",
    ),
    "The agent was found by number or e-mail in the same transaction; agents are never deleted.": (
        "enquiries_owner_id_fkey",
    ),
    "Random, 43 letters and digits.": ("connections_path_key", "sites_key_key"),
    "Counted, clamped or written by the database's own triggers, or by one service alone, which asks first.": (
        "ck_active_leads_nonneg",
        "ck_export_count",
        "ck_kept_sale_five_years",
        "ck_contact_stop_words",
        "ck_office_settings_calls",
        "ck_office_settings_hours",
        "ck_user_quiet_hours",
        "ck_mail_attempt",
        "ux_mails_open",
        "ck_office_settings_retention",
        "ck_office_settings_one",
        "ck_special_hours_days",
        "ck_special_hours_span",
        "ux_special_hours_begins_name",
        "ck_working_hours_span",
        "ck_working_hours_weekday",
        "ck_job_turns_counts",
        "ck_pull_failures",
        "ck_score_range",
        "ck_score_line_reason",
        "ck_score_line_parts",
        "ck_score_line_part",
        "ck_scoring_set_progress",
        "ck_scoring_set_rules",
    ),
    "A word that the services choose, never the person.": (
        "ck_enquiry_channel",
        "ck_enquiry_lead",
        "ck_enquiry_state",
        "ck_enquiry_why",
        "ck_connection_enabled",
        "ck_connection_pulled",
        "ck_pull_failure",
        "ck_pull_source",
        "ck_connection_source",
        "ck_consent_channel",
        "ck_consent_how",
        "ck_consent_purpose",
        "ck_delivery_source",
        "ck_delivery_state",
        "ck_distinction_order",
        "ck_export_ended",
        "ck_export_format",
        "ck_job_turns_state",
        "ck_scoring_set_number",
        "ck_scoring_set_state",
        "ck_import_format",
        "ck_import_row_source_type",
        "ck_import_row_state",
        "ck_import_source_type",
        "ck_import_state",
        "ck_handover_lead_state",
        "ck_enquiry_broker_lead",
        "ck_handover_order",
        "ck_lead_assignment_kind",
        "ck_notice_kind",
        "ck_mail_failure",
        "ck_mail_state",
        "ck_user_mail_groups",
        "ck_task_cancelled_is_closed",
        "ck_task_status",
        "ck_user_role",
    ),
    "No form takes it yet; from the command line and files it comes as a word of the vocabulary.": (
        "ck_interest_level",
        "ck_listing_property_type",
        "ck_listing_purpose",
    ),
    "The row it points to is loaded as the actor may see it, and locked, before anything is written: else 404.": (
        "consents_lead_id_fkey",
        "distinctions_lead_id_fkey",
        "kept_sales_lead_id_fkey",
        "distinctions_other_id_fkey",
        "enquiries_lead_id_fkey",
        "follow_up_tasks_agent_id_fkey",
        "follow_up_tasks_lead_id_fkey",
        "handover_leads_lead_id_fkey",
        "import_rows_enquiry_id_fkey",
        "import_rows_lead_id_fkey",
        "lead_activities_agent_id_fkey",
        "lead_activities_lead_id_fkey",
        "lead_assignments_agent_id_fkey",
        "lead_assignments_lead_id_fkey",
        "lead_conversion_history_agent_id_fkey",
        "lead_conversion_history_lead_id_fkey",
        "lead_property_interests_lead_id_fkey",
        "lead_sources_lead_id_fkey",
        "leads_reopened_from_fkey",
        "merges_survivor_id_fkey",
        "ux_merges_absorbed_id",
        "ux_broker_leads_lead_id",
        "enquiries_broker_lead_id_fkey",
        "notices_lead_id_fkey",
        "notices_mail_id_fkey",
        "score_lines_activity_id_fkey",
        "score_lines_lead_id_fkey",
        "score_lines_reverses_fkey",
        "visits_enquiry_id_fkey",
        "visits_lead_id_fkey",
        "agent_performance_metrics_agent_id_fkey",
    ),
    "The user is whoever is signed in, or the agent found by e-mail: users and agents are never deleted.": (
        "api_keys_created_by_fkey",
        "consents_taken_by_fkey",
        "contact_stops_lifted_by_fkey",
        "contact_stops_stopped_by_fkey",
        "distinctions_decided_by_fkey",
        "enquiries_taken_by_fkey",
        "exports_user_id_fkey",
        "feeds_user_id_fkey",
        "job_turns_asked_by_fkey",
        "handover_leads_agent_id_fkey",
        "handover_leads_from_agent_id_fkey",
        "handovers_agent_id_fkey",
        "handovers_undone_by_fkey",
        "handovers_user_id_fkey",
        "imports_undone_by_fkey",
        "imports_user_id_fkey",
        "lead_activities_logged_by_fkey",
        "lead_activities_struck_by_fkey",
        "lead_conversion_history_changed_by_fkey",
        "broker_leads_agent_id_fkey",
        "broker_leads_set_aside_by_fkey",
        "merges_agent_id_fkey",
        "merges_merged_by_fkey",
        "merges_undone_by_fkey",
        "mails_user_id_fkey",
        "notices_user_id_fkey",
        "one_time_links_user_id_fkey",
        "scoring_sets_applied_by_fkey",
        "scoring_sets_made_by_fkey",
        "sessions_user_id_fkey",
        "sites_created_by_fkey",
        "submissions_user_id_fkey",
        "users_agent_id_fkey",
    ),
    "Made by the database: a random id, a sequence, a hash of a random token.": (
        "agent_performance_metrics_pkey",
        "agents_pkey",
        "connections_pkey",
        "pulls_pkey",
        "sites_pkey",
        "special_hours_pkey",
        "working_days_pkey",
        "working_hours_pkey",
        "consents_pkey",
        "contact_stops_pkey",
        "kept_sales_pkey",
        "deliveries_pkey",
        "alembic_version_pkc",
        "assignment_history_pkey",
        "audit_entries_pkey",
        "enquiries_pkey",
        "api_answers_key_id_fkey",
        "api_keys_pkey",
        "api_keys_token_hash_key",
        "export_parts_export_id_fkey",
        "export_parts_pkey",
        "exports_pkey",
        "feeds_token_hash_key",
        "follow_up_tasks_pkey",
        "job_turns_pkey",
        "handover_leads_handover_id_fkey",
        "handover_leads_pkey",
        "handovers_pkey",
        "import_parts_import_id_fkey",
        "import_parts_pkey",
        "import_rows_import_id_fkey",
        "imports_pkey",
        "lead_activities_pkey",
        "lead_assignments_pkey",
        "lead_conversion_history_pkey",
        "lead_days_pkey",
        "move_days_pkey",
        "deal_days_pkey",
        "lead_property_interests_pkey",
        "lead_scoring_rules_pkey",
        "lead_sources_pkey",
        "leads_number_key",
        "leads_pkey",
        "listings_pkey",
        "broker_leads_pkey",
        "merges_pkey",
        "mails_pkey",
        "notices_pkey",
        "one_time_links_pkey",
        "score_lines_pkey",
        "scoring_sets_pkey",
        "sessions_pkey",
        "sessions_token_hash_key",
        "users_pkey",
        "visits_pkey",
    ),
    "Written with ON CONFLICT: the second one is an answer, not an error.": (
        "api_answers_pkey",
        "feeds_pkey",
        "office_settings_pkey",
        "ux_contact_stops_standing",
        "import_rows_pkey",
        "ux_imports_hash",
        "distinctions_pkey",
        "rate_counters_pkey",
        "submissions_pkey",
        "uq_job_turns_job_due_at",
    ),
    "Rules and their draft are changed one at a time, under a lock of their own.": (
        "scoring_sets_number_key",
        "ux_scoring_sets_draft",
    ),
    "One visit an enquiry: the lead is locked and the enquiry is looked for without one.": ("visits_enquiry_id_key",),
}
# SQLSTATEs of our own that name no fixed constraint.
BEYOND_STATES = {"23Z09": "a guard that met another isolation level: nothing that people type changes it"}

CONSTRAINTS = """
    SELECT conname::text AS name, contype::text AS kind, conrelid::regclass::text AS owner FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u', 'x')
      AND conrelid::regclass::text NOT LIKE 'procrastinate\\_%'
    UNION ALL
    SELECT c.relname::text, 'u', i.indrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
      AND i.indrelid::regclass::text NOT LIKE 'procrastinate\\_%'
"""
FUNCTIONS = """
    SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname NOT LIKE 'procrastinate\\_%'
"""
STATES = {"c": "23514", "f": "23503", "p": "23505", "u": "23505", "x": "23P01"}
RAISE = """
    DO $$ BEGIN RAISE 'new row for relation "{owner}" violates constraint "{name}"' USING ERRCODE = '{state}',
        CONSTRAINT = '{name}', TABLE = '{owner}', DETAIL = 'Failing row contains (secret, INSERT INTO {owner}).'; END $$
"""
INSIDE = re.compile(r"secret|Failing row|violates|INSERT INTO|psycopg|sqlalchemy|Traceback|DETAIL")


def raised() -> tuple[set[str], set[str]]:
    """The constraints and the SQLSTATEs that our own functions raise."""
    bodies = "\n".join(row.prosrc for row in sql(FUNCTIONS))
    return {*re.findall(r"constraint = '(\w+)'", bodies)}, {*re.findall(r"errcode = '(\w{5})'", bodies)}


@pytest.mark.row("D8")
class TestTheMap:
    def test_every_constraint_has_its_words_or_a_reason_to_need_none(self, app, figure):
        known = {row.name for row in sql(CONSTRAINTS)} | raised()[0]
        beyond = [name for names in BEYOND.values() for name in names]
        placed = {*STATEMENTS, *FORMS, *beyond}

        figure("D8", f"unmapped of {len(known)} constraints and rules", len(known - placed))
        assert known - placed == set()
        assert placed - known == set(), "an entry for what is not there"
        assert len(beyond) == len({*beyond}) and not {*beyond} & {*STATEMENTS, *FORMS}
        assert {*OF_CONSTRAINTS} == {*STATEMENTS}

    def test_every_sqlstate_of_ours_comes_with_a_constraint_of_the_map(self, app):
        names, states = raised()

        assert names <= {*OF_CONSTRAINTS}
        assert {state for state in states if state.startswith("23Z")} == states
        assert len(states - {*BEYOND_STATES}) == len(names)


@pytest.fixture
def office(app):
    """An admin, an agent with a lead, and a visitor."""
    a_user("Omar Nasser", Role.ADMIN)
    an_agent("Aisha Khan")
    return a_lead(first_name="Layla")


@pytest.mark.row("D8")
@pytest.mark.parametrize("name", STATEMENTS)
def test_a_rule_broken_at_the_database_names_the_field_in_words(office, name):
    field, statement = STATEMENTS[name]

    @transactional
    def break_it():
        db.session.execute(text(statement))

    with pytest.raises(Refused) as refused:
        break_it()
    assert 400 <= refused.value.status < 500
    assert refused.value.field == field
    assert refused.value.message and not INSIDE.search(refused.value.message)


@pytest.mark.row("D8")
class TestForms:
    @pytest.fixture
    def sent(self, browser, office):
        """What the manager is told when a form of the lead is sent like this."""
        values = {"lead_id": office.lead_id}

        def sent(endpoint: str, typed: dict):
            at = values if endpoint.startswith(("assignments", "tasks", "activities", "pipeline", "stops")) else {}
            if endpoint == "enquiries.mark_visit":
                browser.post("enquiries.add_visit", **values)
                at = {"visit_id": sql("SELECT visit_id FROM visits")[0].visit_id}
            return browser.post(endpoint, COMPLETE.get(endpoint, {}) | typed, **at)

        return sent

    @pytest.mark.parametrize("name", FORMS)
    def test_a_rule_broken_in_a_form_is_said_at_its_field_or_above(self, sent, name):
        endpoint, typed, field = FORMS[name]
        answer = sent(endpoint, typed)

        assert 400 <= answer.status_code < 500
        assert said_at(answer, field)
        assert not INSIDE.search(answer.text)

    def test_a_full_agent_is_said_at_the_agent(self, browser, office):
        full = busy(an_agent("Yousef Haddad"), 50)
        answer = browser.post(
            "assignments.assign", {"agent_id": str(full.agent_id), "reason": "x"}, lead_id=office.lead_id
        )

        assert answer.status_code == 409
        assert said_at(answer, "agent_id")

    def test_a_clash_is_said_at_the_moment(self, browser, office):
        browser.get("leads.show", lead_id=office.lead_id)
        wish = {"type": "call", "due_date": "2035-01-15T10:00"}
        assert browser.post("tasks.schedule", wish, lead_id=office.lead_id).hops
        answer = browser.post("tasks.schedule", wish | {"due_date": "2035-01-15T10:29"}, lead_id=office.lead_id)

        assert answer.status_code == 409
        assert said_at(answer, "due_date")

    def test_a_deal_without_a_value_is_said_at_the_value(self, browser, office):
        brought_to(office, Status.NEGOTIATION)
        typed = {"status_from": "negotiation", "status": "converted", "conversion_type": "sale", "deal_value": "0"}
        answer = browser.post("pipeline.move", typed, lead_id=office.lead_id)

        assert answer.status_code == 422
        assert said_at(answer, "deal_value")


def said_at(answer, field: str | None) -> bool:
    """Whether the page has words at the field, or above where the form itself is not shown again."""
    if field is None:
        return "Choose one of the list." in answer.said()
    alerts = [alert for alert in answer.page.select("[role=alert]") if alert.get_text(strip=True)]
    return any(alert.get("id", f"{field}-error").endswith(f"{field}-error") for alert in alerts)


@pytest.mark.row("D8")
def test_whatever_the_database_refuses_no_page_shows_what_is_inside(app, browser, monkeypatch, figure):
    """Each constraint of the catalogue refuses once in the middle of a request, as PostgreSQL says it."""
    refusing = ""

    @transactional
    def refuse():
        db.session.execute(text(refusing))

    monkeypatch.setitem(app.view_functions, "users.account", refuse)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    shown, wrong = [], []
    every = sql(CONSTRAINTS)
    for row in every:
        refusing = RAISE.format(owner=row.owner, name=row.name, state=STATES[row.kind])
        answer = Context().run(browser.client.get, "/account")
        if INSIDE.search(answer.text) or row.name in answer.text:
            shown.append(row.name)
        in_words = row.name in OF_CONSTRAINTS or row.kind == "f"
        if (400 <= answer.status_code < 500) != in_words or (answer.status_code == 500) == in_words:
            wrong.append((row.name, answer.status_code))

    assert (shown, wrong) == ([], [])
    figure("D8", f"pages of {len(every)} refusals with SQL, DETAIL or table names", len(shown))
