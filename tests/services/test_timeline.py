"""A lead's story, part by part and fifty at a time."""

import pytest
from sqlalchemy import text

from tests.factories import a_lead, brought_to, sql, value
from webapp.extensions import db
from webapp.services import activities, enquiries, tasks, timeline
from webapp.services.leads import Origin
from webapp.services.timeline import AT_ONCE, Part
from webapp.vocabulary import ActivityType, Channel, History, Outcome, Status, VisitStatus

# How many activities this transaction has looked at.
READ = text("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'lead_activities'")


@pytest.fixture
def lead(aisha):
    """Somebody has called, come by, moved it on and cancelled what was planned."""
    lead = a_lead(by=aisha)
    activities.log(lead.lead_id, by=aisha, type=ActivityType.CALL, outcome=Outcome.POSITIVE, notes="Wants the Marina")
    enquiries.add_visit(lead.lead_id, by=aisha)
    tasks.cancel(value("SELECT task_id FROM follow_up_tasks"), by=aisha, reason="They come by")
    return brought_to(lead, Status.CONTACTED) if lead.status == Status.NEW else lead


def told(lead, part=History.ALL) -> set[str]:
    return {event.kind for event in timeline.tell(lead.lead_id, Part(part)).events}


class TestParts:
    def test_all_of_it_has_everything(self, lead):
        assert told(lead) == {"activity", "enquiry", "owner", "move", "follow_up"}

    @pytest.mark.parametrize(
        "part, kinds",
        [
            (History.CONTACTS, {"activity"}),
            (History.FOLLOW_UPS, {"follow_up"}),
            (History.MOVES, {"owner", "move"}),
            (History.ENQUIRIES, {"enquiry"}),
            (History.SCORE, {"score"}),
        ],
    )
    def test_a_part_has_what_it_says(self, lead, part, kinds):
        assert told(lead, part) == kinds

    def test_an_activity_has_its_words_and_points(self, aisha, lead):
        (call,) = timeline.tell(lead.lead_id, Part(History.CONTACTS)).events

        assert (call.word, call.second, call.note, call.who) == ("call", "positive", "Wants the Marina", aisha.name)
        assert sorted(call.points) == [5, 15]

    def test_an_enquiry_has_its_words_and_who_took_it(self, lead, rashid):
        enquiries.mark_visit(value("SELECT visit_id FROM visits"), by=rashid, status=VisitStatus.LEFT)
        a_lead(lead.phone, lead.source_type, by=rashid, origin=Origin(Channel.CALL, "Any news?"))

        newest, *_earlier = timeline.tell(lead.lead_id, Part(History.ENQUIRIES)).events

        assert (newest.word, newest.second, newest.note) == (Channel.CALL, lead.source_type, "Any news?")
        assert newest.who == rashid.name

    def test_what_a_score_was_made_of_adds_up(self, lead):
        events = timeline.tell(lead.lead_id, Part(History.SCORE)).events

        assert sum(sum(event.points) for event in events) == value("SELECT score FROM leads")


class TestPages:
    MANY = 120

    @pytest.fixture
    def long_story(self, aisha, lead):
        """Many calls, three of each moment."""
        sql(
            """INSERT INTO lead_activities (lead_id, agent_id, type, activity_at)
               SELECT %s, %s, 'call', now() - (n / 3) * interval '1 minute' FROM generate_series(1, %s) n""",
            lead.lead_id,
            aisha.agent_id,
            self.MANY,
        )
        return lead

    def test_every_event_comes_once_and_in_order(self, long_story):
        seen, before = [], None
        for _page in range(4):
            story = timeline.tell(long_story.lead_id, Part(before=before))
            seen += story.events
            assert len(story.events) <= AT_ONCE
            if not story.more:
                break
            before = story.events[-1].place

        assert not story.more and story.is_earlier
        assert len({event.place for event in seen}) == len(seen)
        assert [event.at for event in seen] == sorted((event.at for event in seen), reverse=True)
        assert sum(event.kind == "activity" for event in seen) == self.MANY + 1

    @pytest.mark.parametrize("before", ["", "x", "infinity~9~", "2030-02-30T10:00:00+00:00~1~a", "~~", "1~2~3~4"])
    def test_a_place_that_cannot_be_read_is_the_newest(self, long_story, before):
        story = timeline.tell(long_story.lead_id, Part(before=before))

        assert len(story.events) == AT_ONCE and not story.is_earlier

    def test_a_long_story_is_not_read_to_its_end(self, aisha, lead):
        """The newest fifty of many thousand: nearly all rows are left where they lie."""
        sql(
            """INSERT INTO lead_activities (lead_id, agent_id, type, activity_at)
               SELECT %s, %s, 'call', now() - n * interval '1 minute' FROM generate_series(1, 10000) n""",
            lead.lead_id,
            aisha.agent_id,
        )
        sql("ANALYZE lead_activities")

        story = timeline.tell(lead.lead_id, Part())

        assert story.more
        assert 50 < db.session.scalar(READ) < 500
