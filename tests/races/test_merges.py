"""Two leads merged by several people at once, in both directions, while people write to them and call again (C5)."""

from functools import partial

import pytest

from tests.factories import a_phone, an_agent, value
from tests.production import Office, somebody
from tests.races.bursts import LEAD_ROW, Race, broken_rules, captured, managers, statuses
from webapp.extensions import db
from webapp.services import merges
from webapp.services.merges import Wish
from webapp.vocabulary import Role, Side


class TwoMerge(Race):
    """Every manager has the same two leads side by side and merges them: one does, the others are told."""

    def __init__(self, office: Office, size: int):
        an_agent("Aisha Khan")
        self.first, self.second = captured(phone=a_phone()), captured(phone=a_phone())
        self.calls = []
        for n, manager in enumerate(managers(office, size)):
            one, other = (self.first, self.second) if n % 2 else (self.second, self.first)
            page = f"/leads/{one}/merge/{other}"
            self.calls.append(partial(manager.send, manager.get(page).form(page)))
        self.held = LEAD_ROW, self.first

    def holds(self):
        assert statuses(self.answers) == {303: 1, 409: len(self.calls) - 1}
        refused = [answer.words for answer in self.answers if answer.status == 409]
        assert [words for words in refused if "was merged into #" not in words] == []
        assert value("SELECT count(*) FROM leads") == value("SELECT count(*) FROM merges") == 1
        assert value("SELECT count(*) FROM follow_up_tasks") == 2
        assert broken_rules() == {}


class TwoUndo(Race):
    """One merge undone by several managers at once: once, and the others are told by whom."""

    def __init__(self, office: Office, size: int):
        an_agent("Aisha Khan")
        pair = captured(phone=a_phone()), captured(phone=a_phone())
        by = somebody("Mariam Saleh", Role.MANAGER)
        merge = merges.make(*pair, Wish(Side.LEAD, (1, 1)), by=by)
        merge_id, page = merge.merge_id, f"/leads/{merge.survivor_id}"
        db.session.rollback()
        self.calls = [
            partial(one.send, one.get(page).form(f"/merges/{merge_id}/undo")) for one in managers(office, size)
        ]
        self.held = LEAD_ROW, pair[0]

    def holds(self):
        assert statuses(self.answers) == {303: 1, 409: len(self.calls) - 1}
        refused = [answer.words for answer in self.answers if answer.status == 409]
        assert [words for words in refused if "has undone it already" not in words] == []
        assert value("SELECT count(*) FROM leads") == 2
        assert broken_rules() == {}


class MergedMeanwhile(Race):
    """Two leads are merged while their person calls again and again, from both numbers."""

    def __init__(self, office: Office, size: int):
        an_agent("Aisha Khan")
        self.phones = [a_phone(), a_phone()]
        pair = [captured(phone=phone) for phone in self.phones]
        manager, another = managers(office, 2)
        page = "/leads/{}/merge/{}".format(*pair)
        blank = [another.get("/leads/new").form("/leads") for _ in range(size)]
        calls = [form.with_(phone=self.phones[n % 2], source_type="website") for n, form in enumerate(blank)]
        visits = [partial(another.send, call) for call in calls]
        self.calls = [partial(manager.send, manager.get(page).form(page)), *visits]
        self.held = LEAD_ROW, pair[0]

    def holds(self):
        merged, *visits = self.answers
        assert merged.status == 303 and statuses(visits) == {409: len(visits)}
        assert value("SELECT count(*) FROM leads") == 1
        assert value("SELECT count(*) FROM enquiries") == 2 + len(visits)
        assert broken_rules() == {}


@pytest.mark.row("C5")
class TestTwoLeadsMergedAtOnce:
    def test_one_merge_is_made_and_the_others_are_told(self, office, full):
        TwoMerge(office, 12 if full else 4).burst().holds()

    def test_seen_waiting_for_a_lead_still_one(self, office):
        TwoMerge(office, 3).forced().holds()

    def test_it_is_undone_once(self, office, full):
        TwoUndo(office, 12 if full else 4).burst().holds()

    def test_seen_waiting_for_the_lead_it_is_undone_once(self, office):
        TwoUndo(office, 3).forced().holds()

    def test_who_calls_again_meanwhile_is_that_one_person(self, office, full):
        MergedMeanwhile(office, 20 if full else 6).burst().holds()
