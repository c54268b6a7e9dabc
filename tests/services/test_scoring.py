from datetime import timedelta
from decimal import Decimal

import pytest
from psycopg.types.json import Jsonb

from tests.factories import a_lead, a_phone, backdated, brought_to, sql, value
from webapp.extensions import db
from webapp.models import Lead
from webapp.services import activities, leads, scoring
from webapp.services.leads import Details, Origin
from webapp.vocabulary import ActivityType, Outcome, PropertyType, Source, Status

pytestmark = pytest.mark.usefixtures("app")


def lines(lead, reason=None):
    """(rule, points, counted) of a lead's lines in their order."""
    db.session.rollback()
    rows = sql(
        "SELECT rule_name, points, counted, reason FROM score_lines WHERE lead_id = %s ORDER BY line_id",
        lead.lead_id,
    )
    return [row[:3] for row in rows if reason in (None, row.reason)]


def log(lead, by, type=ActivityType.CALL, outcome=None, **when):
    return activities.log(lead.lead_id, by=by, type=type, outcome=outcome, **when)


def a_rule(name, points, **condition):
    sql(
        "INSERT INTO lead_scoring_rules (rule_name, score_adjustment, condition) VALUES (%s, %s, %s)",
        name,
        points,
        Jsonb(condition),
    )


def only(*rules):
    """From here on these are all the rules: (name, points, condition)."""
    sql("DELETE FROM lead_scoring_rules")
    for name, points, condition in rules:
        a_rule(name, points, **condition)


class TestDetails:
    def test_there_are_24_canonical_rules(self):
        assert value("SELECT count(*) FROM lead_scoring_rules") == 24

    @pytest.mark.parametrize(
        ("source", "points"),
        [
            (Source.REFERRAL, 95),
            (Source.BAYUT, 90),
            (Source.PROPERTY_FINDER, 85),
            (Source.WEBSITE, 80),
            (Source.DUBIZZLE, 75),
            (Source.WALK_IN, 70),
        ],
    )
    def test_a_source_gives_its_points(self, source, points):
        assert a_lead(source=source).score == points

    @pytest.mark.parametrize(
        ("budget", "points"),
        [
            ("0.01", 5),
            ("2000000", 5),
            ("2000000.01", 10),
            ("5000000", 10),
            ("5000000.01", 15),
            ("10000000", 15),
            ("10000000.01", 20),
            ("500000000", 20),
        ],
    )
    def test_only_the_highest_budget_tier_counts(self, budget, points):
        assert a_lead(source=Source.WALK_IN, budget_max=Decimal(budget)).score == 70 + points

    def test_no_budget_gives_nothing(self):
        assert lines(a_lead(source=Source.WALK_IN)) == [("Source: walk-in", 70, 70)]

    @pytest.mark.parametrize(
        ("nationality", "points"),
        [
            *((spelling, 10) for spelling in ("UAE", "Emirati", " uae ", "EMIRATI")),
            *((country, 5) for country in ("Saudi", "Kuwait", "Bahrain", "Qatar", "Oman", " oMAN")),
            *((other, 0) for other in ("British", "Omani", "U A E", "")),
        ],
    )
    def test_a_nationality_is_compared_trimmed_and_without_case(self, nationality, points):
        assert a_lead(source=Source.WALK_IN, nationality=nationality).score == 70 + points

    @pytest.mark.parametrize("given", PropertyType)
    def test_any_property_type_gives_five(self, given):
        assert a_lead(source=Source.WALK_IN, property_type=given).score == 75

    def test_any_areas_give_five_once(self):
        assert a_lead(source=Source.WALK_IN, preferred_areas=("JBR", "Mirdif")).score == 75

    def test_a_referrer_gives_ten(self, aisha):
        assert a_lead(source=Source.WALK_IN, origin=Origin(referrer_agent_id=aisha.agent_id)).score == 80

    def test_a_referrer_still_counts_after_an_amendment(self, aisha):
        lead = a_lead(source=Source.WALK_IN, origin=Origin(referrer_agent_id=aisha.agent_id))

        amended = leads.amend(lead.lead_id, Details(lead.phone, lead.source_type), by=aisha, version=1)

        assert amended.score == 80

    def test_the_clamp_takes_from_the_last_lines_and_says_so(self):
        lead = a_lead(source=Source.BAYUT, budget_max=Decimal(11_000_000), nationality="UAE")

        assert lead.score == 100
        assert lines(lead) == [
            ("Source: Bayut", 90, 90),
            ("Budget over AED 10M", 20, 10),
            ("UAE national", 10, 0),
        ]
        assert (scoring.explain(lead).clamped, scoring.explain(lead).score) == (-20, 100)


@pytest.mark.usefixtures("rules")
class TestRulesAreData:
    def test_with_no_rules_a_lead_is_neutral(self, aisha):
        only()

        lead = a_lead()
        assert lead.score == 50
        log(lead, aisha, ActivityType.OFFER_MADE)
        assert lead.score == 50

    def test_a_changed_row_changes_the_scoring(self):
        sql("UPDATE lead_scoring_rules SET score_adjustment = 12 WHERE rule_name = 'Source: walk-in'")

        assert a_lead(source=Source.WALK_IN).score == 12

    def test_an_added_row_counts_too(self):
        a_rule("Budget over AED 20M", 30, type="budget_min", threshold=20_000_000)

        assert a_lead(source=Source.WALK_IN, budget_max=Decimal(20_000_000)).score == 90
        assert a_lead(source=Source.WALK_IN, budget_max=Decimal(20_000_001)).score == 100

    def test_a_score_never_falls_below_zero(self):
        only(("Source: walk-in", -20, {"type": "source", "value": "walk_in"}))

        lead = a_lead(source=Source.WALK_IN)
        assert lead.score == 0
        assert lines(lead) == [("Source: walk-in", -20, 0)]

    def test_what_a_removed_rule_gave_stays_until_the_lead_is_amended(self, aisha):
        lead = a_lead(source=Source.WALK_IN, nationality="UAE")
        sql("DELETE FROM lead_scoring_rules WHERE rule_name = 'UAE national'")
        assert db.session.get(Lead, lead.lead_id).score == 80

        details = Details(lead.phone, lead.source_type, nationality="UAE")
        assert leads.amend(lead.lead_id, details, by=aisha, version=1).score == 70


class TestActivities:
    @pytest.mark.parametrize(
        ("type", "outcome", "points"),
        [
            (ActivityType.CALL, Outcome.POSITIVE, 5),
            (ActivityType.CALL, Outcome.NEUTRAL, 0),
            (ActivityType.CALL, Outcome.NEGATIVE, 0),
            (ActivityType.EMAIL, None, 0),
            (ActivityType.MEETING, None, 0),
            (ActivityType.WHATSAPP, None, 0),
            (ActivityType.VIEWING, None, 10),
            (ActivityType.VIEWING, Outcome.POSITIVE, 15),
            (ActivityType.OFFER_MADE, None, 20),
            (ActivityType.OFFER_MADE, Outcome.NEGATIVE, 20),
        ],
    )
    def test_outcome_and_type_give_their_points(self, aisha, rules, type, outcome, points):
        sql("DELETE FROM lead_scoring_rules WHERE condition->>'type' = 'response_time'")
        lead = a_lead(source=Source.WALK_IN)

        log(lead, aisha, type, outcome)

        assert lead.score == 70 + points

    HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)

    @pytest.mark.parametrize(
        ("took", "rule", "points"),
        [
            (timedelta(0), "Answered within 1 hour", 15),
            (HOUR, "Answered within 1 hour", 15),
            (HOUR + SECOND, "Answered within 4 hours", 10),
            (4 * HOUR, "Answered within 4 hours", 10),
            (4 * HOUR + SECOND, "Answered within 24 hours", 5),
            (24 * HOUR, "Answered within 24 hours", 5),
            (24 * HOUR + SECOND, "Answered within 72 hours", 0),
            (72 * HOUR, "Answered within 72 hours", 0),
            (72 * HOUR + SECOND, "Answered after 72 hours", -10),
            (400 * HOUR, "Answered after 72 hours", -10),
        ],
    )
    def test_the_first_answer_earns_what_its_tier_says(self, aisha, clock, took, rule, points):
        lead = a_lead(source=Source.WALK_IN)
        clock.pass_by(seconds=took.total_seconds())

        log(lead, aisha)

        assert (rule, points, points) in lines(lead, "activity")

    def test_only_the_first_activity_earns_it(self, aisha):
        lead = a_lead(source=Source.WALK_IN)
        log(lead, aisha)
        log(lead, aisha)

        assert lines(lead, "activity") == [("Answered within 1 hour", 15, 15)]

    def test_an_activity_counts_no_earlier_than_15_minutes_before_it_was_logged(self, aisha, clock):
        lead = a_lead(source=Source.WALK_IN)
        clock.pass_by(hours=4, minutes=15, seconds=1)

        log(lead, aisha, activity_at=lead.created_at + timedelta(minutes=5))

        assert lines(lead, "activity") == [("Answered within 24 hours", 5, 5)]

    def test_within_the_15_minutes_it_counts_when_it_happened(self, aisha, clock):
        lead = a_lead(source=Source.WALK_IN)
        clock.pass_by(hours=4, minutes=15)

        log(lead, aisha, activity_at=lead.created_at + timedelta(minutes=5))

        assert lines(lead, "activity") == [("Answered within 4 hours", 10, 10)]


class TestStrike:
    def test_it_takes_back_exactly_what_was_counted(self, aisha):
        lead = a_lead(source=Source.BAYUT)
        first = log(lead, aisha, ActivityType.VIEWING, Outcome.POSITIVE)
        assert lines(lead, "activity") == [
            ("Positive outcome", 5, 5),
            ("Viewing held", 10, 5),
            ("Answered within 1 hour", 15, 0),
        ]

        activities.strike(first.activity_id, by=aisha)

        assert lead.score == 90
        assert lines(lead, "activity")[3:] == [
            ("Positive outcome", -5, -5),
            ("Viewing held", -5, -5),
            ("Answered within 1 hour", 0, 0),
        ]
        assert [line.rule_name for line in scoring.explain(lead).lines] == ["Source: Bayut"]

    def test_the_response_clock_starts_again(self, aisha):
        lead = a_lead(source=Source.WALK_IN)
        mistake = log(lead, aisha)
        lead = backdated(lead, hours=2)
        activities.strike(mistake.activity_id, by=aisha)

        log(lead, aisha)

        assert lead.score == 80
        assert [line.rule_name for line in scoring.explain(lead).lines] == [
            "Source: walk-in",
            "Answered within 4 hours",
        ]

    def test_striking_a_later_one_leaves_the_first(self, aisha):
        lead = a_lead(source=Source.WALK_IN)
        log(lead, aisha)
        offer = log(lead, aisha, ActivityType.OFFER_MADE)

        activities.strike(offer.activity_id, by=aisha)

        assert lead.score == 85


class TestSilence:
    def charged(self, lead):
        return lines(lead, "silence")

    def test_a_week_without_a_contact_is_charged_before_the_activity_that_ends_it(self, aisha):
        lead = backdated(a_lead(source=Source.BAYUT, budget_max=Decimal(11_000_000)), days=7)

        log(lead, aisha, ActivityType.OFFER_MADE)

        assert lines(lead)[2:] == [
            ("Silent for 7 days", -10, -10),
            ("Offer made", 20, 20),
            ("Answered after 72 hours", -10, -10),
        ]

    def test_a_minute_less_is_not(self, aisha):
        lead = backdated(a_lead(), days=7, minutes=-1)
        log(lead, aisha)

        assert self.charged(lead) == []

    def test_once_per_silence(self, aisha):
        lead = backdated(a_lead(), days=30)
        first = log(lead, aisha)
        log(lead, aisha)
        activities.strike(first.activity_id, by=aisha)
        log(lead, aisha)

        assert len(self.charged(lead)) == 1

    def test_the_next_silence_is_charged_too(self, aisha):
        lead = backdated(a_lead(), days=8)
        log(lead, aisha)
        lead = backdated(lead, days=8)
        log(lead, aisha)

        assert len(self.charged(lead)) == 2

    def test_also_where_the_contact_between_was_typed_in_a_little_later(self, aisha):
        lead = backdated(a_lead(), days=8)
        log(lead, aisha, activity_at=value("SELECT now() - interval '10 minutes'"))
        lead = backdated(lead, days=8)
        log(lead, aisha)

        assert len(self.charged(lead)) == 2

    def test_closed_leads_are_never_charged(self, aisha):
        lead = backdated(brought_to(a_lead(), Status.LOST), days=30)
        log(lead, aisha)

        assert self.charged(lead) == []


def test_leads_are_scored_alike_whatever_the_spelling_of_the_source(rules):
    sql("""UPDATE lead_scoring_rules SET condition = '{"type": "source", "value": " BAYUT"}'
           WHERE rule_name = 'Source: Bayut'""")

    assert a_lead(a_phone(), Source.BAYUT).score == 90
