"""The office in figures: today, and yesterday against the same weekday of the weeks before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Float, Integer, select, text
from sqlalchemy.dialects.postgresql import JSONB

from webapp.extensions import db
from webapp.services import connections, enquiries
from webapp.services.access import Actor
from webapp.services.enquiries import Waiting
from webapp.vocabulary import Portal, PullFailure

DAY, WEEKS = timedelta(days=1), 8

# A week counts from the first lead on: an office that has just begun has no empty weeks behind it.
FIGURES = text("""
    SELECT (SELECT count(*) FROM leads WHERE created_at >= :today) AS captured_today,
           (SELECT count(*) FROM leads WHERE created_at >= :yesterday AND created_at < :today) AS captured_yesterday,
           (SELECT avg(captured) FROM generate_series(1, :weeks) AS back,
                LATERAL (SELECT count(*) AS captured FROM leads
                         WHERE created_at >= :yesterday - back * interval '7 days'
                           AND created_at < :today - back * interval '7 days') AS that_day
            WHERE :today - back * interval '7 days' > (SELECT min(created_at) FROM leads)) AS usual,
           (SELECT count(*) FROM leads WHERE status = 'new') AS unanswered,
           (SELECT count(*) FROM leads WHERE last_contact_at >= :today) AS contacted_today,
           (SELECT jsonb_agg(jsonb_build_array(source, quiet_since, CASE WHEN is_told THEN failure END) ORDER BY source)
            FROM pulls WHERE quiet_since IS NOT NULL OR is_told) AS portals
""").columns(
    captured_today=Integer,
    captured_yesterday=Integer,
    usual=Float,
    unanswered=Integer,
    contacted_today=Integer,
    portals=JSONB,
)


@dataclass(frozen=True)
class PortalTrouble:
    """A portal that is quiet for longer than usual, or that cannot be read."""

    portal: Portal
    quiet_since: datetime | None
    failure: PullFailure | None


@dataclass(frozen=True)
class Figures:
    """The office now, in leads, so that each number opens its rows, and the enquiries that wait for somebody.

    `usual` is None without a week before.
    """

    captured_today: int
    captured_yesterday: int
    usual: float | None
    unanswered: int
    contacted_today: int
    waiting: Waiting
    portals: list[PortalTrouble]
    key_ends_at: datetime | None
    """When the key with which Property Finder is asked ends, once that is near."""


def figures(*, today: datetime, by: Actor) -> Figures:
    """The office's figures; `today` is the start of the Dubai day."""
    asked = {"today": today, "yesterday": today - DAY, "weeks": WEEKS}
    ends_at = connections.key_ends_at().label("key_ends_at")
    query = select(FIGURES.subquery(), enquiries.waiting_of(by=by).label("waiting"), ends_at)
    found = dict(db.session.execute(query, asked).mappings().one())
    portals = [_trouble(*one) for one in found["portals"] or ()]
    return Figures(**found | {"waiting": enquiries.read_waiting(found["waiting"]), "portals": portals})


def _trouble(source: str, quiet_since: str | None, failure: str | None) -> PortalTrouble:
    since = datetime.fromisoformat(quiet_since) if quiet_since else None
    return PortalTrouble(Portal.stored(source), since, PullFailure.stored(failure) if failure else None)
