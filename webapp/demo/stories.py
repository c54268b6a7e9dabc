"""One lead after the other, written down as the product would have left it: rows of every table around a lead."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from webapp.areas import AREAS
from webapp.demo import follow_ups, market, paths, words
from webapp.demo.brokers import Broker
from webapp.demo.cases import Case
from webapp.demo.chance import make_uuid, picked
from webapp.demo.handing_out import BY_HAND
from webapp.demo.market import Property
from webapp.demo.notices import Bell
from webapp.demo.paths import Contact, Path
from webapp.demo.rhythm import midnight
from webapp.demo.scores import Rules, Score
from webapp.demo.tables import Tables
from webapp.models import Lead
from webapp.vocabulary import (
    ActivityType,
    AssignmentKind,
    Channel,
    ConversionType,
    EnquiryState,
    InterestLevel,
    Language,
    LostReason,
    NoticeKind,
    Purpose,
    ScoreReason,
    Source,
    Status,
    VisitStatus,
)

LOST_BECAUSE = {
    Status.NEW: {LostReason.NO_ANSWER: 60, LostReason.NOT_SERIOUS: 30, LostReason.OTHER: 10},
    Status.CONTACTED: {LostReason.NO_ANSWER: 34, LostReason.NOT_SERIOUS: 28, LostReason.PRICE: 22, LostReason.AREA: 16},
    Status.QUALIFIED: {
        LostReason.PRICE: 40,
        LostReason.BOUGHT_ELSEWHERE: 30,
        LostReason.AREA: 20,
        LostReason.OTHER: 10,
    },
}
INTERESTS = {
    Status.NEW: {0: 100},
    Status.CONTACTED: {0: 65, 1: 35},
    Status.QUALIFIED: {1: 60, 2: 30, 3: 10},
}
LEVELS = {InterestLevel.HIGH: 35, InterestLevel.MEDIUM: 45, InterestLevel.LOW: 20}
REPEATS = 0.05
PORTALS = (Source.BAYUT, Source.PROPERTY_FINDER, Source.DUBIZZLE)


@dataclass
class Storyteller:
    """What all stories share. `users` are the user ids of the office by name."""

    rng: Random
    moment: datetime
    tables: Tables
    rules: Rules
    pool: list[Property]
    brokers: list[Broker]
    manager: UUID
    receptionist: UUID
    bell: Bell = field(init=False)

    def __post_init__(self) -> None:
        self.bell = Bell(self.moment, self.manager)

    def tell(self, case: Case) -> None:
        """Write one lead with everything around it."""
        limit = min(self.moment, case.owner.off_since or self.moment) if case.owner else self.moment
        path = paths.walk(case, self.rng, limit)
        source = self._source(case)
        ids = [make_uuid(self.rng) for _contact in path.contacts]
        score = self._score(case, path, ids, bool(source["referrer_agent_id"]))
        self._lead(case, path, score.value)
        self.tables.add("lead_sources", **source)
        self._enquiries(case, path)
        self._ownership(case)
        self._contacts(case, path, ids)
        self._moves(case, path, self._interests(case, path))
        follow_ups.plan(self.tables, self.bell, self.rng, case, path, self.moment)

    def _lead(self, case: Case, path: Path, score: int) -> None:
        person, wish = case.person, case.wish
        latest = max(
            [case.created, *(c.struck_at or c.logged_at for c in path.contacts), path.closed_at or case.created]
        )
        self.tables.add(
            "leads",
            lead_id=case.lead_id,
            number=self.tables.number("leads"),
            source_type=case.source,
            first_name=person.first_name,
            last_name=person.last_name,
            email=person.email,
            phone=person.phone,
            nationality=person.nationality,
            language_preference=person.language_preference,
            spoken_language=person.spoken_language,
            budget_min=wish.budget_min,
            budget_max=wish.budget_max,
            property_type=wish.property_type,
            preferred_areas=list(wish.areas) or None,
            purpose=wish.purpose,
            bedrooms=wish.bedrooms,
            status=case.status,
            score=score,
            consent_at=(case.earlier or case).created if person.consents else None,
            reopened_from=case.earlier.lead_id if case.earlier and case.reopened else None,
            created_at=case.created,
            updated_at=latest,
        )

    def _source(self, case: Case) -> dict:
        rng = self.rng
        paid = case.source in (*PORTALS, Source.WEBSITE) and rng.random() < 0.35
        referred = case.source == Source.REFERRAL and not case.reopened and rng.random() < 0.6
        asked = case.source in PORTALS and rng.random() < 0.7
        return {
            "source_id": make_uuid(rng),
            "lead_id": case.lead_id,
            "source_type": case.source,
            "campaign_id": rng.choice(words.CAMPAIGNS) if paid else None,
            "referrer_agent_id": rng.choice(self.brokers).agent_id if referred else None,
            "property_id": market.like(self.pool, case.wish, rng).property_id if asked else None,
            "utm_source": rng.choice(words.UTM_SOURCES) if paid and case.source == Source.WEBSITE else None,
            "created_at": case.created,
        }

    def _score(self, case: Case, path: Path, ids: list[UUID], referred: bool) -> Score:
        """The details at the capture, then contacts and silences in time order."""
        score = Score(lambda: self.tables.number("score_lines"), lambda **line: self._line(case, line))
        details = Lead(
            source_type=case.source,
            nationality=case.person.nationality,
            budget_max=case.wish.budget_max,
            property_type=case.wish.property_type,
            preferred_areas=list(case.wish.areas),
        )
        score.change(ScoreReason.DETAILS, self.rules.of_details(details, referred), case.created)
        since = case.created
        for place, (contact, activity_id) in enumerate(zip(path.contacts, ids, strict=True)):
            self._charge_silence(score, since, contact.counted_at)
            earned = list(self.rules.of_activity(contact.type, contact.outcome))
            if place == 0:
                earned += self.rules.of_response(contact.counted_at - case.created)
            lines = score.change(ScoreReason.ACTIVITY, earned, contact.logged_at, activity_id)
            if contact.struck_at:
                score.take_back(lines, contact.struck_at, activity_id)
            else:
                since = contact.counted_at
        self._charge_silence(score, since, path.closed_at or self.moment)
        return score

    def _charge_silence(self, score: Score, since: datetime, until: datetime) -> None:
        """Once per silence, within the hour after it became one."""
        matches = self.rules.of_silence(until - since)
        if matches and self.rules.silence:
            at = min(since + self.rules.silence + self.rng.uniform(1, 60) * paths.MINUTE, until)
            score.change(ScoreReason.SILENCE, matches, at)

    def _line(self, case: Case, line: dict) -> None:
        self.tables.add("score_lines", lead_id=case.lead_id, **line)

    def _enquiries(self, case: Case, path: Path) -> None:
        first = self._enquiry(case, case.created, case.source, case.channel, EnquiryState.CAPTURED, self._message(case))
        if case.channel == Channel.VISIT:
            self._visit(case, first, *(case.visit or (self._past_visit(), case.created)))
        elif case.visit:
            self._comes_by(case, *case.visit)
        else:
            self._meets(case, path)
        again = case.repeated_at or self._asks_again(case)
        if again:
            arabic = case.person.language_preference == Language.ARABIC
            message = self.rng.choice(words.ASKED_AGAIN_IN_ARABIC if arabic else words.ASKED_AGAIN)
            self._enquiry(case, again, case.source, case.channel, EnquiryState.ATTACHED, message)
            closed = path.closed_at is not None and path.closed_at < again
            owner = case.owner_at(again)
            self.bell.tell(owner, NoticeKind.REPEAT_ENQUIRY, case, again)
            if closed or owner is None:
                self.bell.tell_manager(NoticeKind.REPEAT_ENQUIRY, case, again)

    def _asks_again(self, case: Case) -> datetime | None:
        if case.status == Status.NEW or case.channel in (Channel.VISIT, Channel.BY_HAND) or self.rng.random() > REPEATS:
            return None
        again = case.created + timedelta(hours=self.rng.uniform(0.5, 20))
        return again if again < self.moment else None

    def _enquiry(self, case, received_at, source, channel, state, message=None) -> UUID:
        enquiry_id = make_uuid(self.rng)
        adder = case.first_owner.user_id if case.first_owner and case.kind == AssignmentKind.OWN else self.manager
        taker = {Channel.VISIT: self.receptionist, Channel.BY_HAND: adder}.get(channel)
        self.tables.add(
            "enquiries",
            enquiry_id=enquiry_id,
            lead_id=case.lead_id,
            source_type=source,
            channel=channel,
            state=state,
            message=message,
            received_at=received_at,
            taken_by=taker,
        )
        return enquiry_id

    def _message(self, case: Case) -> str | None:
        """What they wrote; calls and visits leave no words, and who says little asks plainly."""
        if case.channel in (Channel.CALL, Channel.VISIT, Channel.BY_HAND):
            return None
        wish, arabic = case.wish, case.person.language_preference == Language.ARABIC
        if not wish.areas or not wish.property_type:
            return self.rng.choice(words.ASKED_PLAINLY_IN_ARABIC if arabic else words.ASKED_PLAINLY)
        area = wish.areas[0]
        what = words.TYPES_IN_ARABIC[wish.property_type] if arabic else _what(case)
        text = self.rng.choice(words.ASKED_IN_ARABIC if arabic else words.ASKED)
        asked = text.format(what=what, area=AREAS[area][0] if arabic else area, budget=f"AED {wish.price:,}")
        return asked[0].upper() + asked[1:]

    def _meets(self, case: Case, path: Path) -> None:
        """Who met their agent at the office reported at the desk first; today's are told one by one elsewhere."""
        for contact in path.contacts:
            if contact.type == ActivityType.MEETING and contact.at < midnight(self.moment):
                self._comes_by(case, VisitStatus.LEFT, contact.at - timedelta(minutes=self.rng.randint(5, 25)))

    def _comes_by(self, case: Case, status: VisitStatus, arrived: datetime) -> None:
        if arrived <= case.created:
            return
        enquiry = self._enquiry(case, arrived, Source.WALK_IN, Channel.VISIT, EnquiryState.ATTACHED)
        self._visit(case, enquiry, status, arrived)

    def _past_visit(self) -> VisitStatus:
        return VisitStatus.NO_SHOW if self.rng.random() < 0.04 else VisitStatus.LEFT

    def _visit(self, case: Case, enquiry_id: UUID, status: VisitStatus, arrived: datetime) -> None:
        ago = self.moment - arrived
        received = arrived + min(timedelta(minutes=self.rng.uniform(3, 20)), ago / 3)
        left = received + min(timedelta(minutes=self.rng.uniform(15, 70)), ago / 2)
        self.tables.add(
            "visits",
            visit_id=make_uuid(self.rng),
            enquiry_id=enquiry_id,
            lead_id=case.lead_id,
            status=status,
            arrived_at=arrived,
            received_at=received if status in (VisitStatus.RECEIVED, VisitStatus.LEFT) else None,
            left_at=left if status in (VisitStatus.LEFT, VisitStatus.NO_SHOW) else None,
        )
        self.bell.tell(case.owner_at(arrived), NoticeKind.VISITOR_WAITING, case, arrived)

    def _ownership(self, case: Case) -> None:
        if case.owner is None or case.first_owner is None:
            self.bell.tell_manager(NoticeKind.LEAD_UNASSIGNED, case, case.created)
            return
        assert case.assigned_at and case.status
        moved = case.handed_over_at
        self._move(case, None, case.first_owner, case.kind, case.explanation, case.assigned_at)
        if moved:
            self._move(case, case.first_owner, case.owner, AssignmentKind.BY_HAND, BY_HAND, moved)
        self.tables.add(
            "lead_assignments",
            assignment_id=make_uuid(self.rng),
            lead_id=case.lead_id,
            agent_id=case.owner.agent_id,
            assigned_at=case.assigned_at,
            reassigned_at=moved,
            reason=case.handover_reason,
            kind=AssignmentKind.BY_HAND if moved else case.kind,
            explanation=json.dumps(BY_HAND if moved else case.explanation),
            is_active=not case.status.is_closed,
        )

    def _move(self, case, before: Broker | None, after: Broker, kind, explanation, at: datetime) -> None:
        by_hand = kind == AssignmentKind.BY_HAND
        self.tables.add(
            "assignment_history",
            move_id=self.tables.number("assignment_history"),
            lead_id=case.lead_id,
            from_agent_id=before.agent_id if before else None,
            from_agent_name=before.profile.name if before else None,
            agent_id=after.agent_id,
            agent_name=after.profile.name,
            kind=kind,
            reason=case.handover_reason if before else None,
            explanation=json.dumps(explanation),
            moved_by=self.manager if by_hand else None,
            moved_at=at,
        )
        if kind != AssignmentKind.OWN:
            self.bell.tell(after, NoticeKind.LEAD_ASSIGNED, case, at)
        self.bell.tell(before, NoticeKind.LEAD_TAKEN, case, at)

    def _contacts(self, case: Case, path: Path, ids: list[UUID]) -> None:
        for contact, activity_id in zip(path.contacts, ids, strict=True):
            owner = case.owner_at(contact.at)
            assert owner
            self.tables.add(
                "lead_activities",
                activity_id=activity_id,
                lead_id=case.lead_id,
                agent_id=owner.agent_id,
                type=contact.type,
                notes=self._note(contact),
                outcome=contact.outcome,
                activity_at=contact.at,
                logged_by=owner.user_id,
                logged_at=contact.logged_at,
                struck_at=contact.struck_at,
                struck_by=owner.user_id if contact.struck_at else None,
            )

    def _note(self, contact: Contact) -> str | None:
        if contact.struck_at:
            return words.STRUCK_NOTE
        return self.rng.choice(words.NOTED[contact.type][contact.outcome]) if self.rng.random() < 0.8 else None

    def _moves(self, case: Case, path: Path, liked: list[Property]) -> None:
        for at, before, after in path.moves:
            owner = case.owner_at(at)
            assert owner
            self.tables.add(
                "lead_conversion_history",
                history_id=make_uuid(self.rng),
                lead_id=case.lead_id,
                status_from=before,
                status_to=after,
                changed_at=at,
                agent_id=owner.agent_id,
                changed_by=owner.user_id,
                **self._closing(case, after, liked),
            )

    def _closing(self, case: Case, status: Status, liked: list[Property]) -> dict:
        facts = dict.fromkeys(("notes", "deal_value", "conversion_type", "property_id", "lost_reason"))
        if status == Status.LOST:
            reason = picked(self.rng, LOST_BECAUSE.get(case.reached, LOST_BECAUSE[Status.QUALIFIED]))
            said = self.rng.choice(words.LOST_BECAUSE[reason]) if self.rng.random() < 0.6 else reason
            return facts | {"conversion_type": ConversionType.LOST, "lost_reason": reason, "notes": said}
        if status == Status.CONVERTED:
            rental = case.wish.deal == Purpose.RENT
            return facts | {
                "conversion_type": ConversionType.RENTAL if rental else ConversionType.SALE,
                "deal_value": round(case.wish.price * self.rng.uniform(0.9, 1.02), -3),
                "property_id": liked[0].property_id if liked else None,
            }
        return facts

    def _interests(self, case: Case, path: Path) -> list[Property]:
        """What they liked, each property once; noted with one of the contacts."""
        if not path.contacts:
            return []
        count = picked(self.rng, INTERESTS.get(case.reached, INTERESTS[Status.QUALIFIED]))
        liked = list(dict.fromkeys(market.like(self.pool, case.wish, self.rng) for _place in range(count)))
        for offer in liked:
            self.tables.add(
                "lead_property_interests",
                interest_id=make_uuid(self.rng),
                lead_id=case.lead_id,
                property_id=offer.property_id,
                interest_level=picked(self.rng, LEVELS),
                created_at=self.rng.choice(path.contacts).logged_at,
            )
        return liked


def _what(case: Case) -> str:
    """2-bedroom apartment, studio, villa, office."""
    bedrooms, kind = case.wish.bedrooms, str(case.wish.property_type)
    if kind == "commercial":
        return "office"
    if bedrooms == 0:
        return "studio"
    return kind if bedrooms is None else f"{bedrooms}-bedroom {kind}"
