"""What holds for every history of a lead: tried with many of them."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import a_lead, backdated, value
from webapp.services import activities, leads, scoring
from webapp.services.leads import Details
from webapp.services.scoring import share_clamp
from webapp.vocabulary import ActivityType, Outcome, PropertyType, Source

POINTS = st.lists(st.integers(-120, 120), max_size=12)


@given(score=st.integers(0, 100), points=POINTS)
def test_the_clamp_is_shared_so_that_the_lines_add_up(score, points):
    change = min(100, max(0, score + sum(points))) - score

    counted = share_clamp(points, change)

    assert sum(counted) == change
    assert all(abs(left) <= abs(asked) for left, asked in zip(counted, points, strict=True))
    assert all(left * asked >= 0 for left, asked in zip(counted, points, strict=True))


@given(points=POINTS)
def test_without_a_clamp_every_line_counts_in_full(points):
    assert share_clamp(points, sum(points)) == points


@given(points=st.lists(st.integers(1, 120), min_size=1, max_size=12), data=st.data())
def test_the_clamp_takes_from_the_last_ones_first(points, data):
    change = data.draw(st.integers(0, sum(points)))

    counted = share_clamp(points, change)

    touched = [place for place, (left, asked) in enumerate(zip(counted, points, strict=True)) if left != asked]
    assert all(counted[place] == 0 for place in touched[1:])
    assert touched == list(range(touched[0], len(points))) if touched else change == sum(points)


LOG = st.tuples(st.just("log"), st.sampled_from(ActivityType), st.sampled_from([None, *Outcome]))
STRIKE = st.tuples(st.just("strike"), st.integers(0, 9))
AMEND = st.tuples(
    st.just("amend"),
    st.sampled_from([None, 1, 3_000_000, 20_000_000]),
    st.sampled_from([None, PropertyType.VILLA]),
    st.sampled_from([None, "UAE", "Oman"]),
)
WAIT = st.tuples(st.just("wait"), st.integers(1, 9))


@pytest.mark.usefixtures("app")
class TestAnyHistory:
    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        source=st.sampled_from([Source.WALK_IN, Source.REFERRAL]),
        story=st.lists(st.one_of(LOG, LOG, STRIKE, AMEND, WAIT), min_size=1, max_size=8),
    )
    def test_the_lines_add_up_to_the_score_at_every_step(self, aisha, source, story):
        lead, logged = a_lead(source=source), []

        for deed, *what in story:
            if deed == "log":
                logged.append(activities.log(lead.lead_id, by=aisha, type=what[0], outcome=what[1]).activity_id)
            elif deed == "strike" and logged:
                activities.strike(logged.pop(what[0] % len(logged)), by=aisha)
            elif deed == "amend":
                budget, kind, nationality = what
                details = Details(
                    lead.phone,
                    lead.source_type,
                    budget_max=budget and Decimal(budget),
                    property_type=kind,
                    nationality=nationality,
                )
                leads.amend(lead.lead_id, details, by=aisha, version=lead.version)
            elif deed == "wait":
                lead = backdated(lead, days=what[0])

            score, total = (
                lead.score,
                value("SELECT sum(counted) FROM score_lines WHERE lead_id = %s", lead.lead_id),
            )
            assert 0 <= score == total == scoring.explain(lead).score <= 100
