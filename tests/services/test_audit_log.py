"""The audit as people read it: who, by which door, on which lead, and what it was before."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.factories import a_lead, sql, value
from tests.files import a_csv, uploaded
from webapp.forms.imports import read_row
from webapp.services import activities, audit_log, deeds, enquiries, imports, leads, merges, privacy, tasks
from webapp.services.audit_log import Change, Filters
from webapp.services.leads import Details
from webapp.services.merges import Wish
from webapp.services.tasks import FollowUp
from webapp.vocabulary import ActivityType, Door, ErasureReason, LeadColumn, Side, Source, TaskType, Verb


@pytest.fixture
def lead(aisha):
    return a_lead(by=aisha, first_name="Layla", last_name="Haddad")


def an_entry(verb: str, *, before: str | None = None, after: str | None = None, lead_id=None) -> None:
    sql(
        "INSERT INTO audit_entries (verb, lead_id, before, after) VALUES (%s, %s, %s, %s)", verb, lead_id, before, after
    )


def newest(**narrowed):
    return audit_log.page(Filters(**narrowed)).entries[0]


class TestChanges:
    @pytest.mark.parametrize(
        "verb, before, after, said",
        [
            ("pipeline.move", '{"status": "new"}', '{"status": "lost"}', [("Status", "New", "Lost")]),
            ("tasks.cancel", '{"status": "pending"}', '{"status": "completed"}', [("Status", "Pending", "Completed")]),
            ("enquiries.mark_visit", '{"status": "waiting"}', '{"status": "left"}', [("Status", "Waiting", "Left")]),
            ("denied", None, '{"status": 403}', [("Answer", None, "403")]),
            ("leads.amend", '{"budget_max": null}', '{"budget_max": "2500000.00"}', [
                ("Budget up to, AED", "–", "2,500,000")
            ]),
            ("leads.amend", '{"consent": false}', '{"consent": true}', [("Agrees to be contacted", "no", "yes")]),
            ("tasks.reschedule", '{"due_date": "2026-03-31T08:00:00+00:00"}', '{"due_date": "2026-04-01T08:00:00Z"}', [
                ("Due", "Tue 31 Mar 2026, 12:00", "Wed 1 Apr 2026, 12:00")
            ]),
            ("agents.set_duty", None, '{"off_duty_until": "2027-03-31"}', [("Off duty until", None, "31 Mar 2027")]),
            ("agents.amend", '{"types": []}', '{"types": ["villa"]}', [("Property types", "–", "Villa")]),
            ("leads.export", None, '{"count": 2, "filters": {"status": ["lost"], "q": [null]}}', [
                ("How many", None, "2"), ("Status", None, "Lost"), ("Search", None, "made blank")
            ]),
            ("imports.choose", None, '{"columns": ["phone", null]}', [("Columns", None, "Phone number, –")]),
            ("sites.revoke", '{"name": "Contact"}', None, [("Name", None, "Contact")]),
            ("users.change", '{"name": "A", "role": "agent"}', '{"name": "A", "role": "admin"}', [
                ("Role", "Agent", "Admin")
            ]),
        ],
    )  # fmt: skip
    def test_each_value_is_in_words_with_its_label(self, app, verb, before, after, said):
        an_entry(verb, before=before, after=after)

        assert sorted(newest().changes, key=str) == sorted((Change(*one) for one in said), key=str)

    @pytest.mark.parametrize(
        "after", ['[1, "x"]', '"x"', "7", '{"due_date": "2026-99-99T08:00:00Z"}', '{"status": {"a": [1]}}',
                  '{"budget_max": "much"}', '{"filters": ["x"]}', '{"agent_id": "0000"}']
    )  # fmt: skip
    def test_what_another_program_left_is_shown_as_it_stands(self, app, after):
        an_entry("somebody.else", after=after)

        entry = newest()
        assert entry.verb.label == "somebody.else"
        assert all(change.after for change in entry.changes)

    def test_ids_are_names(self, lead, yousef, aisha, mariam):
        (given,) = [entry for entry in audit_log.page(Filters()).entries if entry.verb == Verb.ASSIGNMENTS_ASSIGN]

        assert Change("Agent", None, "Aisha Rahman") in given.changes

    def test_what_was_undone_is_told_in_its_own_words(self, lead, aisha, clock):
        follow_up = FollowUp(TaskType.VIEWING, clock.now + timedelta(days=3))
        task = tasks.schedule(lead.lead_id, follow_up, by=aisha)
        deeds.undo(lead.lead_id, by=aisha, deed=deeds.latest(task.task_id, by=aisha))

        entry = newest(verbs=(Verb.DEEDS_UNDO,))

        assert Change("What", None, "Viewing") in entry.changes
        assert Change("What was undone", None, "Planned a follow-up") in entry.changes

    def test_what_was_erased_says_that_it_is_blank(self, lead, omar):
        leads.amend(lead.lead_id, Details(lead.phone, lead.source_type, first_name="Noor"), by=omar, version=1)
        privacy.erase(lead.lead_id, by=omar, reason=ErasureReason.ASKED, digits=lead.phone[-4:])

        (amended,) = audit_log.page(Filters(verbs=(Verb.LEADS_AMEND,))).entries

        assert Change("First name", None, "made blank") in amended.changes
        assert amended.name == "Unnamed caller"
        assert "Noor" not in str(audit_log.page(Filters()))
        assert newest(verbs=(Verb.PRIVACY_ERASE,)).changes == [Change("Why", None, "They asked for it")]


class TestDoor:
    def test_it_is_as_far_as_the_entry_knows(self, lead, aisha, mariam):
        sql("DELETE FROM audit_entries")
        rows = (
            ("leads.amend", aisha.user_id, aisha.name, Door.PAGE),
            ("leads.capture", None, "API: Landing page", Door.API),
            ("imports.remove", None, "Lead desk", Door.IMPORT),
            ("tasks.mark_overdue", None, "Lead desk", Door.ITSELF),
            ("users.set_password", None, "Lead desk", Door.COMMAND),
        )
        for verb, who, name, _door in rows:
            sql("INSERT INTO audit_entries (verb, actor_id, actor_name) VALUES (%s, %s, %s)", verb, who, name)

        told = audit_log.page(Filters()).entries

        assert [(entry.verb, entry.door) for entry in reversed(told)] == [(row[0], row[3]) for row in rows]
        assert [entry.who for entry in reversed(told)] == ["Aisha Rahman", "API: Landing page", None, None, None]

    def test_a_lead_out_of_a_file_came_by_the_import(self, lead, mariam):
        import_id = uploaded(a_csv(["Name", "Phone"], ["Noor", "0507654321"]), by=mariam)
        imports.choose(import_id, [LeadColumn.NAME, LeadColumn.PHONE], Source.BAYUT, read_row, by=mariam)
        imports.start(import_id, read_row, by=mariam)

        imported, by_hand = audit_log.page(Filters(verbs=(Verb.LEADS_CAPTURE,))).entries

        assert (imported.name, imported.door, imported.who) == ("Noor", Door.IMPORT, "Mariam Saleh")
        assert by_hand.door == Door.PAGE


class TestLead:
    def test_a_number_finds_what_was_merged_into_it_and_the_other_way(self, lead, mariam):
        other = a_lead()
        activities.log(lead.lead_id, by=mariam, type=ActivityType.CALL)
        versions = tuple(value("SELECT version FROM leads WHERE lead_id = %s", it.lead_id) for it in (lead, other))
        merges.make(lead.lead_id, other.lead_id, Wish(Side.LEAD, versions), by=mariam)

        both = [audit_log.page(Filters(number=number)).entries for number in (lead.number, other.number)]

        assert both[0] == both[1]
        captured = [entry for entry in both[0] if entry.verb == Verb.LEADS_CAPTURE]
        assert {(entry.number, entry.name) for entry in captured} == {
            (lead.number, "Layla Haddad"),
            (other.number, None),
        }

    def test_one_that_was_set_aside_is_found_by_its_number(self, lead, mariam):
        activities.log(lead.lead_id, by=mariam, type=ActivityType.CALL)
        enquiry_id = value("SELECT enquiry_id FROM enquiries WHERE lead_id = %s", lead.lead_id)
        enquiries.mark_broker(enquiry_id, by=mariam)

        told = audit_log.page(Filters(number=lead.number)).entries

        assert {entry.verb for entry in told} >= {Verb.LEADS_CAPTURE, Verb.ENQUIRIES_SET_LEAD_ASIDE}
        assert {(entry.number, entry.name) for entry in told} == {(lead.number, None)}

    def test_one_that_is_gone_leaves_its_entries(self, app):
        an_entry("leads.capture", lead_id=uuid4())

        entry = newest()
        assert (entry.number, entry.name) == (None, None)
        assert entry.lead_id


class TestPage:
    def test_every_entry_once_also_where_many_have_one_moment(self, app):
        sql(
            """INSERT INTO audit_entries (verb, happened_at, actor_id)
               SELECT 'leads.amend', timestamptz '2026-01-01' + n / 40 * interval '1 hour',
                      CASE WHEN n %% 2 = 0 THEN %s::uuid END
               FROM generate_series(1, 130) n""",
            uuid4(),
        )
        for filters in (Filters(), Filters(by_itself=True), Filters(verbs=(Verb.LEADS_AMEND,))):
            seen, after = [], None
            while True:
                page = audit_log.page(filters, after=after)
                seen += [entry.entry_id for entry in page.entries]
                after = page.after
                if after is None:
                    break
            assert seen == sorted(set(seen), reverse=True)
            assert len(seen) == (65 if filters.by_itself else 130)
