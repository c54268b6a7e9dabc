"""What was done with a lead and where it led: contacts, moves and the properties it liked (R8, R9)."""

from uuid import UUID

from webapp.demo import words
from webapp.demo.cases import Case
from webapp.demo.chance import Odds, make_uuid
from webapp.demo.market import Property
from webapp.demo.paths import Contact, Path
from webapp.demo.stage import Stage
from webapp.vocabulary import ActivityType, CallResult, ConversionType, InterestLevel, LostReason, Purpose, Status

LOST_BECAUSE = {
    Status.NEW: Odds({LostReason.NO_ANSWER: 60, LostReason.NOT_SERIOUS: 30, LostReason.OTHER: 10}),
    Status.CONTACTED: Odds(
        {LostReason.NO_ANSWER: 34, LostReason.NOT_SERIOUS: 28, LostReason.PRICE: 22, LostReason.AREA: 16}
    ),
    Status.QUALIFIED: Odds(
        {
            LostReason.PRICE: 40,
            LostReason.BOUGHT_ELSEWHERE: 30,
            LostReason.AREA: 20,
            LostReason.OTHER: 10,
        }
    ),
}
INTERESTS = {
    Status.NEW: Odds({0: 100}),
    Status.CONTACTED: Odds({0: 65, 1: 35}),
    Status.QUALIFIED: Odds({1: 60, 2: 30, 3: 10}),
}
LEVELS = Odds({InterestLevel.HIGH: 35, InterestLevel.MEDIUM: 45, InterestLevel.LOW: 20})


def write(stage: Stage, case: Case, path: Path, ids: list[UUID]) -> None:
    """All of it; `ids` are the activities', which the score lines know already."""
    _contacts(stage, case, path, ids)
    _moves(stage, case, path, _interests(stage, case, path))


def _contacts(stage: Stage, case: Case, path: Path, ids: list[UUID]) -> None:
    before: Contact | None = None
    for contact, activity_id in zip(path.contacts, ids, strict=True):
        owner = case.owner_at(contact.at)
        assert owner
        note = _note(stage, contact)
        stage.tables.add(
            "lead_activities",
            activity_id=activity_id,
            lead_id=case.lead_id,
            agent_id=owner.agent_id,
            type=contact.type,
            notes=note,
            outcome=contact.outcome,
            call_result=_result(contact, note),
            activity_at=contact.at,
            logged_by=owner.user_id,
            logged_at=contact.logged_at,
            struck_at=contact.struck_at,
            struck_by=owner.user_id if contact.struck_at else None,
            pause=contact.at - before.at if before and not contact.struck_at else None,
        )
        before = before if contact.struck_at else contact


def _note(stage: Stage, contact: Contact) -> str | None:
    if contact.struck_at:
        return words.STRUCK_NOTE
    return stage.rng.choice(words.NOTED[contact.type][contact.outcome]) if stage.rng.random() < 0.8 else None


def _result(contact: Contact, note: str | None) -> CallResult | None:
    """What the note says came of a call; who wrote nothing of the kind had an answer."""
    return words.RESULTS.get(note, CallResult.ANSWERED) if contact.type == ActivityType.CALL else None


def _moves(stage: Stage, case: Case, path: Path, liked: list[Property]) -> None:
    for at, before, after in path.moves:
        owner = case.owner_at(at)
        assert owner
        stage.tables.add(
            "lead_conversion_history",
            history_id=make_uuid(stage.rng),
            lead_id=case.lead_id,
            status_from=before,
            status_to=after,
            changed_at=at,
            agent_id=owner.agent_id,
            changed_by=owner.user_id,
            **_closing(stage, case, after, liked),
        )


def _closing(stage: Stage, case: Case, status: Status, liked: list[Property]) -> dict:
    """What a final move brings: why it was lost, or what was sold or rented and for how much."""
    facts = dict.fromkeys(("notes", "deal_value", "conversion_type", "property_id", "lost_reason"))
    if status == Status.LOST:
        reason = LOST_BECAUSE.get(case.reached, LOST_BECAUSE[Status.QUALIFIED]).draw(stage.rng)
        said = stage.rng.choice(words.LOST_BECAUSE[reason]) if stage.rng.random() < 0.6 else reason
        return facts | {"conversion_type": ConversionType.LOST, "lost_reason": reason, "notes": said}
    if status == Status.CONVERTED:
        rental = case.wish.deal == Purpose.RENT
        return facts | {
            "conversion_type": ConversionType.RENTAL if rental else ConversionType.SALE,
            "deal_value": round(case.wish.price * stage.rng.uniform(0.9, 1.02), -3),
            "property_id": liked[0].property_id if liked else None,
        }
    return facts


def _interests(stage: Stage, case: Case, path: Path) -> list[Property]:
    """What they liked, each property once; noted with one of the contacts."""
    if not path.contacts:
        return []
    count = INTERESTS.get(case.reached, INTERESTS[Status.QUALIFIED]).draw(stage.rng)
    liked = list(dict.fromkeys(stage.offers.like(case.wish, stage.rng) for _place in range(count)))
    for offer in liked:
        stage.tables.add(
            "lead_property_interests",
            interest_id=make_uuid(stage.rng),
            lead_id=case.lead_id,
            property_id=offer.property_id,
            interest_level=LEVELS.draw(stage.rng),
            created_at=stage.rng.choice(path.contacts).logged_at,
        )
    return liked
