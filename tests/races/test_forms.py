"""Forms sent more than once (C10) and by several people (C9): nothing twice, nothing overwritten unseen."""

from functools import partial

import pytest

from tests.factories import a_lead, an_agent, sql, tally, value
from tests.production import Answer, Form, Visitor, somebody
from tests.races.bursts import burst, statuses
from webapp.vocabulary import Role


@pytest.fixture
def lead(office):
    """A lead with an owner."""
    an_agent("Aisha Khan")
    return a_lead(first_name="Layla", last_name="Haddad")


def form_of(who: Visitor, lead, noun: str) -> Form:
    return who.get(f"/leads/{lead.lead_id}").form(f"/leads/{lead.lead_id}/{noun}")


def sent_often(who: Visitor, form: Form, full: bool) -> list[Answer]:
    return burst([partial(who.send, form)] * (100 if full else 30))


class TestTheSameFormSentOften:
    def test_a_walk_in_is_registered_once_and_every_answer_leads_to_it(self, rashid, full):
        an_agent("Aisha Khan")
        form = rashid.get("/front-desk?phone=0501234567").form("/leads").with_(first_name="Layla")
        answers = sent_often(rashid, form, full)

        assert statuses(answers) == {303: len(answers)}
        assert {answer.location for answer in answers} == {f"/leads/{value('SELECT lead_id FROM leads')}"}
        assert tally("leads", "enquiries", "visits", "submissions") == dict.fromkeys(
            ("leads", "enquiries", "visits", "submissions"), 1
        )

    def test_a_repeat_is_kept_once_and_every_answer_names_the_same_lead(self, rashid, full):
        an_agent("Aisha Khan")
        first = rashid.get("/front-desk?phone=0501234567").form("/leads")
        repeat = rashid.get("/front-desk?phone=0501234567").form("/leads")
        assert rashid.send(first).status == 303
        answers = sent_often(rashid, repeat, full)

        assert statuses(answers) == {409: len(answers)}
        named = {answer.soup.find(id="existing-lead")["data-lead-id"] for answer in answers}
        assert named == {str(value("SELECT lead_id FROM leads"))}
        assert tally("leads", "enquiries") == {"leads": 1, "enquiries": 2}

    @pytest.mark.parametrize(
        ("noun", "typed", "table"),
        [
            ("activities", {"type": "call", "notes": "Wants the Marina"}, "lead_activities"),
            (
                "tasks",
                {"type": "call", "due_date": "2035-01-15", "due_date_time": "10:00", "priority": "high"},
                "follow_up_tasks WHERE due_date > '2035-01-01'",
            ),
        ],
    )
    def test_what_is_done_with_a_lead_is_done_once(self, mariam, lead, full, noun, typed, table):
        answers = sent_often(mariam, form_of(mariam, lead, noun).with_(**typed), full)

        assert statuses(answers) == {303: len(answers)}
        assert value(f"SELECT count(*) FROM {table}") == 1

    def test_a_visit_is_added_once(self, rashid, full):
        an_agent("Aisha Khan")
        lead = a_lead("+971501234567")
        form = rashid.get("/front-desk?phone=0501234567").form(f"/leads/{lead.lead_id}/visits")
        answers = sent_often(rashid, form, full)

        assert statuses(answers) == {303: len(answers)}
        assert tally("visits", "enquiries") == {"visits": 1, "enquiries": 2}

    def test_a_closed_lead_is_opened_again_once(self, mariam, lead, full):
        sql("UPDATE leads SET status = 'lost'")
        answers = sent_often(mariam, form_of(mariam, lead, "reopening"), full)

        assert statuses(answers) == {303: len(answers)}
        assert len({answer.location for answer in answers}) == 1
        assert tally("leads") == {"leads": 2}


class TestTheSameNonceWithAnotherBody:
    def test_it_is_refused_and_writes_nothing(self, rashid):
        an_agent("Aisha Khan")
        form = rashid.get("/front-desk?phone=0501234567").form("/leads")
        assert rashid.send(form.with_(first_name="Layla")).status == 303
        answer = rashid.send(form.with_(first_name="Noor"))

        assert answer.status == 422
        assert "sent before with other contents" in answer.words
        assert tally("leads", "enquiries") == {"leads": 1, "enquiries": 1}

    def test_at_once_one_of_them_is_taken_and_the_others_are_refused(self, rashid):
        an_agent("Aisha Khan")
        form = rashid.get("/front-desk?phone=0501234567").form("/leads")
        bodies = [form.with_(first_name=f"Layla{chr(65 + n)}") for n in range(12)]
        answers = burst([partial(rashid.send, body) for body in bodies])

        assert statuses(answers) == {303: 1, 422: len(bodies) - 1}
        assert tally("leads", "enquiries") == {"leads": 1, "enquiries": 1}


class TestTwoPeopleChangeOneLead:
    def amendments(self, office, lead, size: int) -> tuple[list[Answer], list[Visitor], list[Form]]:
        """The details opened by four managers before any of them saves, then all saved at once."""
        managers = [Visitor(office).sign_in(somebody(f"Manager Number{n}", Role.MANAGER)) for n in range(4)]
        path = f"/leads/{lead.lead_id}"
        opened = [manager.get(f"{path}/edit").form(path) for manager in managers]
        forms = [opened[n % 4].with_(first_name=f"Layla{n}") for n in range(size)]
        return burst([partial(managers[n % 4].send, form) for n, form in enumerate(forms)]), managers, forms

    def test_one_is_saved_and_the_others_see_both_and_keep_what_they_typed(self, office, lead, full):
        size = 200 if full else 24
        answers, _, forms = self.amendments(office, lead, size)

        assert statuses(answers) == {303: 1, 409: size - 1}
        saved = value("SELECT first_name FROM leads")
        assert value("SELECT version FROM leads") == int(forms[0]["version"]) + 1
        for answer, form in zip(answers, forms, strict=True):
            if answer.status == 303:
                assert form["first_name"] == saved
            else:
                assert "Saved meanwhile" in answer.words and saved in answer.words
                assert answer.form(form.action)["first_name"] == form["first_name"]

    def test_saving_again_after_looking_replaces_what_was_seen(self, office, lead):
        answers, managers, forms = self.amendments(office, lead, 4)
        slower = next(n for n, answer in enumerate(answers) if answer.status == 409)
        again = answers[slower].form(forms[slower].action)

        assert managers[slower].send(again).status == 303
        assert value("SELECT first_name FROM leads") == forms[slower]["first_name"]
        changes = sql("SELECT before, after FROM audit_entries WHERE verb = 'leads.amend' ORDER BY 1 IS NULL, entry_id")
        assert [change.before["first_name"] for change in changes[1:]] == [
            change.after["first_name"] for change in changes[:-1]
        ]

    def test_whatever_the_other_changed_is_shown_before_it_is_replaced(self, mariam, lead):
        path = f"/leads/{lead.lead_id}"
        mine, theirs = (mariam.get(f"{path}/edit").form(path) for _ in range(2))
        typed = {"bedrooms": "3", "purpose": "rent", "property_type": "villa", "nationality": "Lebanon"}
        typed |= {"spoken_language": "russian", "budget_min": "1.1M", "budget_max": "2M", "consent": "y"}
        assert mariam.send(theirs.with_(**typed)).status == 303
        answer = mariam.send(mine.with_(first_name="Noor"))

        assert answer.status == 409
        meanwhile = answer.soup.find("form", id="amend-form").find(class_="is-soon").get_text(" ")
        shown = ("3", "Rent", "Villa", "Lebanon", "Russian", "1,100,000", "2,000,000")
        assert [word for word in shown if word not in meanwhile] == []
