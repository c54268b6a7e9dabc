"""Forms sent more than once (C10) and by several people (C9): nothing twice, nothing overwritten unseen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from tests.factories import a_phone, an_agent, sql, tally, value
from tests.production import Form, Office, Visitor, somebody
from tests.races.bursts import ADVISORY, LEAD_ROW, Race, burst, captured, managers, reception, statuses
from tests.races.test_capture import PHONE, walk_in
from tests.races.test_tasks import planned, ten_o_clock
from webapp.vocabulary import Role

NAMES = ("first_name", "last_name", "nationality")


def form_of(who: Visitor, lead_id: UUID, noun: str) -> Form:
    return who.get(f"/leads/{lead_id}").form(f"/leads/{lead_id}/{noun}")


class OneVersion(Race):
    """The details of a lead, open on many pages at once and saved with other words: one is saved, nobody overwrites it.

    They change different fields and the same one.
    """

    def __init__(self, office: Office, size: int):
        an_agent("Aisha Khan")
        self.lead_id = captured(first_name="Layla", last_name="Haddad")
        self.people = managers(office, 4)
        path = f"/leads/{self.lead_id}"
        pages = [manager.get(f"{path}/edit").form(path) for manager in self.people]
        self.typed = [(NAMES[n % 3], f"Word{chr(97 + n // 26)}{chr(97 + n % 26)}") for n in range(size)]
        self.forms = [pages[n % 4].with_(**dict([typed])) for n, typed in enumerate(self.typed)]
        self.calls = [partial(self.people[n % 4].send, form) for n, form in enumerate(self.forms)]
        self.held = LEAD_ROW, self.lead_id

    def holds(self):
        assert statuses(self.answers) == {303: 1, 409: len(self.calls) - 1}
        assert self.silent_overwrites() == 0
        saved_name, saved = next(
            typed for typed, answer in zip(self.typed, self.answers, strict=True) if answer.status == 303
        )
        now = {"first_name": "Layla", "last_name": "Haddad", "nationality": None} | {saved_name: saved}
        assert {name: value(f"SELECT {name} FROM leads") for name in NAMES} == now
        for (name, word), form, answer in zip(self.typed, self.forms, self.answers, strict=True):
            if answer.status == 409:
                meanwhile = answer.soup.find("form", id="amend-form").find(class_="is-soon").get_text(" ")
                assert "Saved meanwhile" in meanwhile and saved in meanwhile
                assert answer.form(form.action)[name] == word

    def silent_overwrites(self) -> int:
        """Savings that somebody was told of and that no version counts."""
        return statuses(self.answers).get(303, 0) - (value("SELECT version FROM leads") - int(self.forms[0]["version"]))


@pytest.mark.row("C9")
class TestManyPeopleChangeOneLead:
    def test_one_is_saved_and_the_others_see_both_and_keep_what_they_typed(self, office, full, report, figure):
        race = OneVersion(office, 200 if full else 24).burst(at_once=50)
        report("C9", race)
        figure("C9", "silent overwrites", race.silent_overwrites())
        race.holds()

    def test_seen_waiting_for_the_lead_still_one_is_saved(self, office):
        OneVersion(office, 3).forced().holds()

    def test_saving_again_after_looking_replaces_what_was_seen(self, office):
        race = OneVersion(office, 4).burst()
        slower = next(n for n, answer in enumerate(race.answers) if answer.status == 409)
        again = race.answers[slower].form(race.forms[slower].action)

        assert race.people[slower].send(again).status == 303
        name, word = race.typed[slower]
        assert value(f"SELECT {name} FROM leads") == word
        changes = sql("SELECT before, after FROM audit_entries WHERE verb = 'leads.amend' ORDER BY entry_id")
        assert len(changes) == 2
        seen = {"first_name": "Layla", "last_name": "Haddad", "nationality": None} | changes[0].after
        assert changes[1].before.items() <= seen.items()

    def test_whatever_the_other_changed_is_shown_before_it_is_replaced(self, office):
        race = OneVersion(office, 2)
        typed = {"bedrooms": "3", "purpose": "rent", "property_type": "villa", "nationality": "Lebanon"}
        typed |= {"spoken_language": "russian", "budget_min": "1.1M", "budget_max": "2M", "consent": "y"}
        assert race.people[0].send(race.forms[0].with_(**typed)).status == 303
        answer = race.people[1].send(race.forms[1])

        assert answer.status == 409
        meanwhile = answer.soup.find("form", id="amend-form").find(class_="is-soon").get_text(" ")
        shown = ("3", "Rent", "Villa", "Lebanon", "Russian", "1,100,000", "2,000,000")
        assert [word for word in shown if word not in meanwhile] == []

    def test_everything_done_with_one_lead_at_once_is_done(self, office, full):
        """Different deeds do not make each other stale: the version is of the details only."""
        times = 20 if full else 4
        race = OneVersion(office, 1)
        mariam, lead_id = race.people[0], race.lead_id
        deeds = [form_of(mariam, lead_id, "activities").with_(type="call", outcome="positive") for _ in range(times)]
        deeds += [planned(mariam, lead_id, ten_o_clock() + n * timedelta(minutes=30)) for n in range(times)]
        deeds += [race.forms[0], form_of(mariam, lead_id, "status").with_(status="contacted")]
        answers = burst([partial(mariam.send, deed) for deed in deeds])

        moved = answers.pop()
        assert moved.status == 303 or "this lead is Contacted now" in moved.words  # the first call moved it
        assert statuses(answers) == {303: len(answers)}
        assert tally("lead_activities", "follow_up_tasks", "lead_conversion_history") == {
            "lead_activities": times,
            "follow_up_tasks": times + 1,
            "lead_conversion_history": 1,
        }


@dataclass(frozen=True)
class Kind:
    """A form that carries a nonce: who sends it, opened anew for each pair, and the rows that it makes."""

    person: Callable[[Office], Visitor]
    opened: Callable[[Visitor, int], Form]
    table: str


def manager(office: Office) -> Visitor:
    return managers(office)[0]


def walk_in_form(who: Visitor, _n: int) -> Form:
    return walk_in(who, a_phone()).with_(first_name="Layla")


def activity_form(who: Visitor, _n: int) -> Form:
    return form_of(who, captured(), "activities").with_(type="call", notes="Wants the Marina")


def task_form(who: Visitor, n: int) -> Form:
    return planned(who, captured(), ten_o_clock() + n * timedelta(minutes=30))


def interest_form(who: Visitor, _n: int) -> Form:
    return form_of(who, captured(), "interests").with_(property_id=str(uuid4()))


def visit_form(who: Visitor, _n: int) -> Form:
    phone = a_phone()
    lead_id = captured(phone=phone)
    return who.get(f"/front-desk?phone={quote(phone)}").form(f"/leads/{lead_id}/visits")


def reopening_form(who: Visitor, _n: int) -> Form:
    lead_id = captured()
    sql("UPDATE leads SET status = 'lost' WHERE lead_id = %s", lead_id)
    return form_of(who, lead_id, "reopening")


def change_form(who: Visitor, _n: int) -> Form:
    return who.get(f"/leads/changes?lead_id={captured()}&deed=lost").form("/leads/changes").with_(lost_reason="price")


def agent_form(who: Visitor, n: int) -> Form:
    form = who.get("/agents/new").form("/agents")
    return form.with_(full_name="New Agent", email=f"agent{n}@new.example", phone=a_phone())


def admin(office: Office) -> Visitor:
    return Visitor(office).sign_in(somebody("Omar Nasser", Role.ADMIN))


def invitation_form(who: Visitor, n: int) -> Form:
    return who.get("/users/new").form("/users").with_(name="New User", email=f"user{n}@new.example", role="agent")


def consent_form(who: Visitor, _n: int) -> Form:
    lead_id = captured()
    return who.get(f"/leads/{lead_id}/stops").form(f"/leads/{lead_id}/consents").with_(is_given="y")


def stop_form(who: Visitor, _n: int) -> Form:
    path = f"/leads/{captured()}/stops"
    return who.get(path).form(path)


KINDS = {
    "consents.record": Kind(manager, consent_form, "consents"),
    "stops.add": Kind(manager, stop_form, "contact_stops"),
    "agents.add": Kind(manager, agent_form, "agents WHERE email LIKE '%%@new.example'"),
    "users.invite": Kind(admin, invitation_form, "users WHERE email LIKE '%%@new.example'"),
    "leads.capture": Kind(reception, walk_in_form, "leads"),
    "activities.log": Kind(manager, activity_form, "lead_activities"),
    "tasks.schedule": Kind(manager, task_form, "follow_up_tasks WHERE type = 'viewing'"),
    "bulk.change": Kind(manager, change_form, "lead_conversion_history WHERE lost_reason = 'price'"),
    "interests.add": Kind(manager, interest_form, "lead_property_interests"),
    "enquiries.add_visit": Kind(reception, visit_form, "visits"),
    "leads.open_again": Kind(manager, reopening_form, "leads WHERE reopened_from IS NOT NULL"),
}


class Twice(Race):
    """Forms of one kind, each sent twice in the same moment: each makes one record, and both answers lead to it."""

    def __init__(self, office: Office, kind: Kind, pairs: int):
        enough_agents(pairs)
        self.kind = kind
        self.who = kind.person(office)
        self.forms = [kind.opened(self.who, n) for n in range(pairs)]

    def burst(self, at_once: int = 2):
        self.answers = []
        for form in self.forms:
            self.answers += burst([partial(self.who.send, form)] * 2, at_once)
        return self

    def holds(self):
        assert statuses(self.answers) == {303: len(self.answers)}
        assert self.differing() == 0
        assert self.records() == len(self.forms)

    def pairs(self):
        return list(zip(self.answers[::2], self.answers[1::2], strict=True))

    def differing(self) -> int:
        """Forms whose two answers lead to different places."""
        return sum(one.location != other.location for one, other in self.pairs())

    def records(self) -> int:
        return value(f"SELECT count(*) FROM {self.kind.table}")

    def apart(self) -> float:
        """The longest time between the two sendings of a form."""
        return max(abs(one.began - other.began) for one, other in self.pairs())


def enough_agents(leads: int) -> None:
    """Agents who can take so many leads and those opened again."""
    for n in range(1 + 2 * leads // 50):
        an_agent(f"Agent Number{n}")


@pytest.mark.row("C10")
class TestTheSameFormSentTwice:
    def test_every_kind_of_form_that_carries_a_nonce_is_here(self, office):
        views = office.app.view_functions.items()

        assert {endpoint for endpoint, view in views if "once" in view.__code__.co_names} == set(KINDS)

    @pytest.mark.parametrize("kind", KINDS)
    def test_within_milliseconds_it_makes_one_record_and_both_answers_lead_to_it(self, office, full, kind, figure):
        race = Twice(office, KINDS[kind], 100 if full else 3).burst()
        figure("C10", f"{kind}: records of {len(race.forms)} forms sent twice", race.records())
        figure("C10", f"{kind}: different answers to one form", race.differing())
        figure("C10", f"{kind}: between the two sendings at most, s", race.apart())
        race.holds()

    def test_sent_very_often_it_still_makes_one(self, office, full):
        an_agent("Aisha Khan")
        rashid = reception(office)
        answers = burst([partial(rashid.send, walk_in_form(rashid, 0))] * (100 if full else 24))

        assert statuses(answers) == {303: len(answers)}
        assert {answer.location for answer in answers} == {f"/leads/{value('SELECT lead_id FROM leads')}"}
        made = ("leads", "enquiries", "visits", "submissions")
        assert tally(*made) == dict.fromkeys(made, 1)

    def test_seen_waiting_for_each_other_they_make_one_record(self, office):
        an_agent("Aisha Khan")
        rashid = reception(office)
        race = Race()
        race.calls = [partial(rashid.send, walk_in(rashid, PHONE))] * 2
        race.held = ADVISORY, f"phone:{PHONE}"
        race.forced()

        assert statuses(race.answers) == {303: 2}
        assert tally("leads", "enquiries", "submissions") == {"leads": 1, "enquiries": 1, "submissions": 1}

    def test_a_repeat_is_kept_once_and_every_answer_names_the_same_lead(self, rashid):
        an_agent("Aisha Khan")
        first, repeat = walk_in(rashid, PHONE), walk_in(rashid, PHONE)
        assert rashid.send(first).status == 303
        answers = burst([partial(rashid.send, repeat)] * 12)

        assert statuses(answers) == {409: len(answers)}
        named = {answer.soup.find(id="existing-lead")["data-lead-id"] for answer in answers}
        assert named == {str(value("SELECT lead_id FROM leads"))}
        assert tally("leads", "enquiries") == {"leads": 1, "enquiries": 2}


@pytest.mark.row("C10")
class TestTheSameNonceWithAnotherBody:
    def test_it_is_refused_and_writes_nothing(self, rashid):
        an_agent("Aisha Khan")
        form = walk_in(rashid, PHONE)
        assert rashid.send(form.with_(first_name="Layla")).status == 303
        answer = rashid.send(form.with_(first_name="Noor"))

        assert answer.status == 422
        assert "sent before with other contents" in answer.words
        assert tally("leads", "enquiries") == {"leads": 1, "enquiries": 1}

    def test_at_once_one_of_them_is_taken_and_the_others_are_refused(self, rashid, full):
        an_agent("Aisha Khan")
        form = walk_in(rashid, PHONE)
        bodies = [form.with_(last_name="x" * n) for n in range(100 if full else 12)]
        answers = burst([partial(rashid.send, body) for body in bodies])

        assert statuses(answers) == {303: 1, 422: len(bodies) - 1}
        assert tally("leads", "enquiries") == {"leads": 1, "enquiries": 1}
