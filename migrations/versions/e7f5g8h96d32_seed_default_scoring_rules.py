"""Seed the canonical scoring rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "e7f5g8h96d32"
down_revision = "d6e4f7g85c21"
branch_labels = None
depends_on = None

RULES = (
    ("Budget over AED 10M", 20, {"type": "budget_min", "threshold": 10_000_000}),
    ("Budget over AED 5M", 15, {"type": "budget_min", "threshold": 5_000_000}),
    ("Budget over AED 2M", 10, {"type": "budget_min", "threshold": 2_000_000}),
    ("Any budget given", 5, {"type": "budget_min", "threshold": 0}),
    ("Source: referral", 95, {"type": "source", "value": "referral"}),
    ("Source: Bayut", 90, {"type": "source", "value": "bayut"}),
    ("Source: Property Finder", 85, {"type": "source", "value": "propertyfinder"}),
    ("Source: website", 80, {"type": "source", "value": "website"}),
    ("Source: Dubizzle", 75, {"type": "source", "value": "dubizzle"}),
    ("Source: walk-in", 70, {"type": "source", "value": "walk_in"}),
    ("UAE national", 10, {"type": "nationality", "values": ["UAE", "Emirati"]}),
    (
        "GCC national",
        5,
        {"type": "nationality", "values": ["Saudi", "Kuwait", "Bahrain", "Qatar", "Oman"]},
    ),
    ("Property type known", 5, {"type": "property_type"}),
    ("Preferred area known", 5, {"type": "preferred_areas"}),
    ("Referred by an agent", 10, {"type": "referral"}),
    ("Positive outcome", 5, {"type": "activity_outcome", "value": "positive"}),
    ("Viewing held", 10, {"type": "activity_type", "value": "viewing"}),
    ("Offer made", 20, {"type": "activity_type", "value": "offer_made"}),
    ("Silent for 7 days", -10, {"type": "inactivity_days", "threshold": 7}),
    ("Answered within 1 hour", 15, {"type": "response_time", "max_hours": 1}),
    ("Answered within 4 hours", 10, {"type": "response_time", "max_hours": 4}),
    ("Answered within 24 hours", 5, {"type": "response_time", "max_hours": 24}),
    ("Answered within 72 hours", 0, {"type": "response_time", "max_hours": 72}),
    ("Answered after 72 hours", -10, {"type": "response_time", "min_hours": 72}),
)

rules = sa.table(
    "lead_scoring_rules",
    sa.column("rule_name", sa.String),
    sa.column("score_adjustment", sa.Integer),
    sa.column("condition", JSONB),
)


def upgrade():
    present = set(op.get_bind().scalars(sa.select(rules.c.rule_name)))
    missing = [rule for rule in RULES if rule[0] not in present]
    op.bulk_insert(rules, [dict(zip(rules.c.keys(), rule, strict=True)) for rule in missing])


def downgrade():
    # A rule that somebody has changed since is theirs, so all three values have to match.
    for name, points, condition in RULES:
        op.execute(
            rules.delete().where(
                rules.c.rule_name == name,
                rules.c.score_adjustment == points,
                rules.c.condition == condition,
            )
        )
