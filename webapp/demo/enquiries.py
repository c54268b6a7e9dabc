"""What reached us: the first enquiry, repeats, and visits at the front desk (R2)."""

from datetime import datetime, timedelta
from uuid import UUID

from webapp.areas import AREAS
from webapp.demo import words
from webapp.demo.cases import Case
from webapp.demo.chance import make_uuid
from webapp.demo.paths import Path
from webapp.demo.rhythm import midnight
from webapp.demo.stage import Stage
from webapp.vocabulary import (
    ActivityType,
    AssignmentKind,
    Channel,
    EnquiryState,
    Language,
    NoticeKind,
    Purpose,
    Source,
    Status,
    VisitStatus,
)

REPEATS, NO_SHOWS = 0.05, 0.04
SPECIAL = {Purpose.BUY: words.ASKED_TO_BUY, Purpose.RENT: words.ASKED_TO_RENT}


def write(stage: Stage, case: Case, path: Path) -> None:
    """The enquiry that became the lead, and what came after it from the same person."""
    first = _enquiry(stage, case, case.created, case.source, case.channel, EnquiryState.CAPTURED, _message(stage, case))
    if case.channel == Channel.VISIT:
        _visit(stage, case, first, *(case.visit or (_past_visit(stage), case.created)))
    elif case.visit:
        _comes_by(stage, case, *case.visit)
    else:
        _meets(stage, case, path)
    if again := case.repeated_at or _asks_again(stage, case):
        _repeat(stage, case, path, again)


def _repeat(stage: Stage, case: Case, path: Path, again: datetime) -> None:
    """Kept on the lead; its owner is told, and Mariam where it is closed or nobody's."""
    arabic = case.person.language_preference == Language.ARABIC
    message = stage.rng.choice(words.ASKED_AGAIN_IN_ARABIC if arabic else words.ASKED_AGAIN)
    _enquiry(stage, case, again, case.source, case.channel, EnquiryState.ATTACHED, message)
    owner = case.owner_at(again)
    stage.bell.tell(owner, NoticeKind.REPEAT_ENQUIRY, case, again)
    if owner is None or (path.closed_at and path.closed_at < again):
        stage.bell.tell_manager(NoticeKind.REPEAT_ENQUIRY, case, again)


def _asks_again(stage: Stage, case: Case) -> datetime | None:
    if case.status == Status.NEW or case.channel in (Channel.VISIT, Channel.BY_HAND) or stage.rng.random() > REPEATS:
        return None
    again = case.created + timedelta(hours=stage.rng.uniform(0.5, 20))
    return again if again < stage.moment else None


def _enquiry(
    stage: Stage,
    case: Case,
    received_at: datetime,
    source: Source,
    channel: Channel,
    state: EnquiryState,
    message: str | None = None,
) -> UUID:
    enquiry_id = make_uuid(stage.rng)
    adder = case.first_owner.user_id if case.first_owner and case.kind == AssignmentKind.OWN else stage.manager
    taker = {Channel.VISIT: stage.receptionist, Channel.BY_HAND: adder}.get(channel)
    stage.tables.add(
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


def _message(stage: Stage, case: Case) -> str | None:
    """What they wrote; calls and visits leave no words, and who says little asks plainly."""
    if case.channel in (Channel.CALL, Channel.VISIT, Channel.BY_HAND):
        return None
    wish, arabic = case.wish, case.person.language_preference == Language.ARABIC
    if not wish.areas or not wish.property_type:
        return stage.rng.choice(words.ASKED_PLAINLY_IN_ARABIC if arabic else words.ASKED_PLAINLY)
    area = wish.areas[0]
    what = words.TYPES_IN_ARABIC[wish.property_type] if arabic else _what(case)
    text = stage.rng.choice(words.ASKED_IN_ARABIC if arabic else words.ASKED + SPECIAL[wish.deal])
    asked = text.format(what=what, area=AREAS[area][0] if arabic else area, budget=f"AED {wish.price:,}")
    return asked.replace(" a apartment", " an apartment")


def _meets(stage: Stage, case: Case, path: Path) -> None:
    """Who met their agent at the office reported at the desk first; today's are told one by one elsewhere."""
    for contact in path.contacts:
        if contact.type == ActivityType.MEETING and contact.at < midnight(stage.moment):
            _comes_by(stage, case, VisitStatus.LEFT, contact.at - timedelta(minutes=stage.rng.randint(5, 25)))


def _comes_by(stage: Stage, case: Case, status: VisitStatus, arrived: datetime) -> None:
    if arrived <= case.created:
        return
    enquiry = _enquiry(stage, case, arrived, Source.WALK_IN, Channel.VISIT, EnquiryState.ATTACHED)
    _visit(stage, case, enquiry, status, arrived)


def _past_visit(stage: Stage) -> VisitStatus:
    return VisitStatus.NO_SHOW if stage.rng.random() < NO_SHOWS else VisitStatus.LEFT


def _visit(stage: Stage, case: Case, enquiry_id: UUID, status: VisitStatus, arrived: datetime) -> None:
    ago = stage.moment - arrived
    received = arrived + min(timedelta(minutes=stage.rng.uniform(3, 20)), ago / 3)
    left = received + min(timedelta(minutes=stage.rng.uniform(15, 70)), ago / 2)
    stage.tables.add(
        "visits",
        visit_id=make_uuid(stage.rng),
        enquiry_id=enquiry_id,
        lead_id=case.lead_id,
        status=status,
        arrived_at=arrived,
        received_at=received if status in (VisitStatus.RECEIVED, VisitStatus.LEFT) else None,
        left_at=left if status in (VisitStatus.LEFT, VisitStatus.NO_SHOW) else None,
    )
    stage.bell.tell(case.owner_at(arrived), NoticeKind.VISITOR_WAITING, case, arrived)


def _what(case: Case) -> str:
    """2-bedroom apartment, studio, villa, fitted office."""
    bedrooms, kind = case.wish.bedrooms, str(case.wish.property_type)
    if kind == "commercial":
        return "fitted office"
    if bedrooms == 0:
        return "studio"
    return kind if bedrooms is None else f"{bedrooms}-bedroom {kind}"
