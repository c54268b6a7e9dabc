"""A lead's story: contacts, follow-ups, moves, owners, enquiries and silences in one order. Reads only."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from webapp.extensions import db
from webapp.vocabulary import (
    ActivityType,
    AssignmentKind,
    CallResult,
    Channel,
    ConversionType,
    History,
    LostReason,
    Outcome,
    Source,
    Status,
    StopChannel,
    StopReason,
    TaskStatus,
    TaskType,
    Why,
    Word,
)

AT_ONCE = 50

# Each source gives its newest events before a place, in one shape. What happened in the same moment stands by rank.
SHAPE = """
    SELECT NULL::text AS kind, 0 AS rank, NULL::timestamptz AS at, NULL::text AS key,
           NULL::text AS word, NULL::text AS second, NULL::text AS third, NULL::text AS note,
           NULL::uuid AS who_id, NULL::text AS who, NULL::text AS from_name, NULL::text AS to_name,
           NULL::timestamptz AS due_date, NULL::numeric AS deal_value,
           NULL::uuid AS property_id, NULL::text AS reference, NULL::text AS title,
           NULL::uuid AS activity_id, false AS is_struck, NULL::text[] AS rules, NULL::int[] AS points
    WHERE false"""
# What is kept of the person's numbers, not of the lead.
THEIRS = """phone <> '' AND phone = ANY (ARRAY(
                  SELECT phone::text FROM leads WHERE lead_id = :lead_id
                  UNION ALL SELECT unnest(phones) FROM merges WHERE survivor_id = :lead_id AND undone_at IS NULL))"""
SOURCES = {
    "enquiry": """
        SELECT 'enquiry', 0, at, key, channel, source_type, why, message, taken_by, u.name, NULL, NULL,
               NULL, NULL, NULL, listing_reference, NULL, NULL, false, NULL, NULL
        FROM (SELECT *, received_at AS at, enquiry_id::text AS key FROM enquiries) e
        LEFT JOIN users u ON u.user_id = taken_by""",
    "owner": """
        SELECT 'owner', 1, at, key, m.kind, NULL, NULL, CASE WHEN reason IS DISTINCT FROM m.kind THEN reason END,
               NULL, NULL, from_agent_name, agent_name,
               NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL
        FROM (SELECT kind, reason, from_agent_name, agent_name, moved_at AS at, lpad(move_id::text, 20, '0') AS key,
                     CAST(:lead_id AS uuid) AS lead_id
              FROM assignment_history WHERE lead_id = ANY (ARRAY(
                  SELECT CAST(:lead_id AS uuid)
                  UNION ALL SELECT absorbed_id FROM merges WHERE survivor_id = :lead_id AND undone_at IS NULL))) m""",
    "score": """
        SELECT 'score', 2, at, key, reason, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
               NULL, NULL, NULL, NULL, NULL, NULL, false, rules, points
        FROM (SELECT lead_id, reason, created_at AS at, lpad(min(line_id)::text, 20, '0') AS key,
                     array_agg(rule_name::text ORDER BY line_id) AS rules, array_agg(counted ORDER BY line_id) AS points
              FROM score_lines
              WHERE lead_id = :lead_id AND (:every_score OR reason = 'silence' AND activity_id IS NULL)
              GROUP BY lead_id, reason, activity_id, created_at) s""",
    "follow_up": """
        SELECT 'follow_up', 3, at, key, type, status, NULL, coalesce(cancel_reason, notes), NULL, NULL, NULL, NULL,
               due_date, NULL, NULL, NULL, NULL, NULL, cancelled_at IS NOT NULL, NULL, NULL
        FROM (SELECT *, CASE status WHEN 'completed' THEN coalesce(cancelled_at, updated_at) ELSE created_at END AS at,
                     task_id::text AS key FROM follow_up_tasks) t""",
    "activity": """
        SELECT 'activity', 4, at, key, type, outcome, call_result, notes,
               logged_by, coalesce(u.name, g.full_name), NULL, NULL,
               NULL, NULL, NULL, NULL, NULL, activity_id, struck_at IS NOT NULL, NULL,
               (SELECT array_agg(points ORDER BY line_id, part) FROM standing_lines s
                WHERE s.lead_id = a.lead_id AND s.activity_id = a.activity_id AND s.reason = 'activity')
        FROM (SELECT *, activity_at AS at, activity_id::text AS key FROM lead_activities) a
        LEFT JOIN users u ON u.user_id = logged_by LEFT JOIN agents g ON g.agent_id = a.agent_id""",
    "move": """
        SELECT 'move', 5, at, key, status_to, conversion_type, lost_reason,
               CASE WHEN notes IS DISTINCT FROM lost_reason THEN notes END, changed_by, u.name, NULL, NULL,
               NULL, deal_value, property_id, reference, title, NULL, false, NULL, NULL
        FROM (SELECT *, changed_at AS at, history_id::text AS key FROM lead_conversion_history) m
        LEFT JOIN users u ON u.user_id = changed_by LEFT JOIN listings USING (property_id)""",
    "merge": """
        SELECT 'merge', 6, at, key, NULL, NULL, NULL, NULL, merged_by, u.name, NULL, '#' || number,
               NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL
        FROM (SELECT *, merged_at AS at, merge_id::text AS key, survivor_id AS lead_id FROM merges
              WHERE undone_at IS NULL) m
        LEFT JOIN users u ON u.user_id = merged_by""",
    "stop": f"""
        SELECT 'stop', 7, at, key, channel, reason, NULL, note, stopped_by, u.name, NULL, NULL,
               NULL, NULL, NULL, NULL, NULL, NULL, lifted_at IS NOT NULL, NULL, NULL
        FROM (SELECT *, stopped_at AS at, stop_id::text AS key, CAST(:lead_id AS uuid) AS lead_id
              FROM contact_stops WHERE {THEIRS}) s
        LEFT JOIN users u ON u.user_id = stopped_by""",
    "lift": f"""
        SELECT 'lift', 8, at, key, channel, NULL, NULL, lift_reason, lifted_by, u.name, NULL, NULL,
               NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL
        FROM (SELECT *, lifted_at AS at, stop_id::text AS key, CAST(:lead_id AS uuid) AS lead_id
              FROM contact_stops WHERE {THEIRS} AND lifted_at IS NOT NULL) s
        LEFT JOIN users u ON u.user_id = lifted_by""",
}
BEFORE = """
        WHERE lead_id = :lead_id AND at <= CAST(:at AS timestamptz)
          AND (at, {rank}, key) < (CAST(:at AS timestamptz), CAST(CAST(:rank AS text) AS int), CAST(:key AS text))
        ORDER BY at DESC, key DESC LIMIT :most"""
SHOWN = {
    History.ALL: tuple(SOURCES),
    History.CONTACTS: ("activity", "stop", "lift"),
    History.FOLLOW_UPS: ("follow_up",),
    History.MOVES: ("owner", "move", "merge"),
    History.ENQUIRIES: ("enquiry",),
    History.SCORE: ("score",),
}
WORDS: dict[str, tuple[type[Word], ...]] = {
    "enquiry": (Channel, Source, Why),
    "owner": (AssignmentKind,),
    "follow_up": (TaskType, TaskStatus),
    "activity": (ActivityType, Outcome, CallResult),
    "move": (Status, ConversionType, LostReason),
    "stop": (StopChannel, StopReason),
    "lift": (StopChannel,),
}
NEWEST = ("infinity", "9", "")
PLACE = re.compile(r"([-0-9T:.]{19,26}\+00:00)~([0-9])~([-0-9a-f]{1,36})")


@dataclass(frozen=True)
class Event:
    """Something that happened; `kind` says what, and with it what the words mean (WORDS)."""

    kind: str
    rank: int
    at: datetime
    key: str
    word: Word | None
    second: Word | None
    third: Word | None
    note: str | None
    who_id: UUID | None
    who: str | None
    from_name: str | None
    to_name: str | None
    due_date: datetime | None
    deal_value: Decimal | None
    property_id: UUID | None
    reference: str | None
    title: str | None
    activity_id: UUID | None
    is_struck: bool
    rules: list[str] | None
    points: list[int] | None

    @property
    def place(self) -> str:
        """Where it stands in the story: what comes before it is asked for by this."""
        return f"{self.at.astimezone(UTC).isoformat()}~{self.rank}~{self.key}"


@dataclass(frozen=True)
class Part:
    """Which part of a story is asked for: events of this kind, from before this `place` on (None: the newest)."""

    shown: History = History.ALL
    before: str | None = None


@dataclass(frozen=True)
class Story:
    """Up to fifty events, newest first, whether there is more before them, and whether there is newer."""

    shown: History
    events: list[Event]
    more: bool
    is_earlier: bool


def tell(lead_id: UUID, part: Part) -> Story:
    """The part of a lead's story that is asked for, in one round trip. A place that cannot be read is the newest."""
    shown, before = part.shown, part.before
    place = PLACE.fullmatch(before or "")
    at, rank, key = place.groups() if place and _is_moment(place[1]) else NEWEST
    parts = [sql + BEFORE.format(rank=n) for n, (kind, sql) in enumerate(SOURCES.items()) if kind in SHOWN[shown]]
    union = " UNION ALL ".join(f"({part})" for part in (SHAPE, *parts))
    found = db.session.execute(
        text(f"{union} ORDER BY at DESC, rank DESC, key DESC LIMIT :most"),
        {
            "lead_id": lead_id,
            "at": at,
            "rank": rank,
            "key": key,
            "most": AT_ONCE + 1,
            "every_score": shown == History.SCORE,
        },
    )
    events = [_event(row._asdict()) for row in found]
    return Story(shown, events[:AT_ONCE], len(events) > AT_ONCE, (at, rank, key) != NEWEST)


def _event(row: dict) -> Event:
    """The row with its words as what they mean here."""
    words = zip(("word", "second", "third"), WORDS.get(row["kind"], ()), strict=False)
    return Event(**row | {name: kind.stored(row[name]) for name, kind in words if row[name]})


def _is_moment(at: str) -> bool:
    try:
        return datetime.fromisoformat(at).tzinfo == UTC
    except ValueError:
        return False
