"""A lead that is merged away leaves `leads`: what is the person's follows, the rest waits as JSON for the undo."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from webapp.extensions import db
from webapp.models import (
    Consent,
    Distinction,
    Enquiry,
    FollowUpTask,
    HandoverLead,
    ImportRow,
    Lead,
    LeadActivity,
    LeadAssignment,
    LeadConversionHistory,
    LeadPropertyInterest,
    LeadSource,
    Merge,
    Notice,
    ScoreLine,
    Visit,
)
from webapp.services.merges import rows
from webapp.vocabulary import EnquiryState, InterestLevel

FOLLOW = {
    model.__tablename__: (model, key)
    for model, key in (
        (LeadActivity, LeadActivity.activity_id),
        (FollowUpTask, FollowUpTask.task_id),
        (LeadSource, LeadSource.source_id),
        (Enquiry, Enquiry.enquiry_id),
        (Visit, Visit.visit_id),
        (Notice, Notice.notice_id),
        (LeadPropertyInterest, LeadPropertyInterest.interest_id),
        (Consent, Consent.consent_id),
    )
}
"""What goes on with the lead that stays."""
POINTERS = {
    "merges": (Merge.survivor_id, Merge.merge_id),
    "reopened": (Lead.reopened_from, Lead.lead_id),
    "imported": (ImportRow.lead_id, ImportRow.enquiry_id),
}
"""What names the lead from elsewhere."""
STAY = (Lead, LeadAssignment, LeadConversionHistory, ScoreLine, HandoverLead)
"""What is the lead's alone and counts nowhere meanwhile, in the order in which it comes back."""
WEAKEST_FIRST = tuple(reversed(InterestLevel))


def put_in(lead_id: UUID, into_id: UUID) -> dict[str, Any]:
    """Take a locked lead out of `leads`; what follows goes to the one it is part of now. What the undo needs.

    Both are done `as_one_merges`.
    """
    waiting = {model.__tablename__: rows.of(model, lead_id) for model in STAY}
    waiting["distinctions"] = rows.of(Distinction, lead_id, "lead_id", "other_id")
    first = update(Enquiry).where(Enquiry.lead_id == lead_id, Enquiry.state == EnquiryState.CAPTURED)
    kept: dict[str, Any] = {
        "captured": _ids(first.values(state=EnquiryState.ATTACHED).returning(Enquiry.enquiry_id)),
        "levels": _keep_the_stronger(lead_id, into_id),
    }
    kept["moved"] = {name: _follow(name, lead_id, into_id) for name in FOLLOW}
    kept["pointed"] = {name: point(name, lead_id, into_id) for name in POINTERS}
    waiting["lead_property_interests"] = rows.of(LeadPropertyInterest, lead_id)
    kept["apart"] = _tell_apart_as_well(waiting["distinctions"], lead_id, into_id)
    _write(delete(Lead).where(Lead.lead_id == lead_id))
    return kept | {"rows": waiting}


def take_out(kept: dict[str, Any], lead_id: UUID, from_id: UUID, *, with_owner: bool) -> int:
    """Put everything back where it was; how many of the rows that followed are gone meanwhile."""
    waiting = kept["rows"]
    for row in waiting["leads"]:
        row["reopened_from"] = if_there(row["reopened_from"])
        row["owner_id"] = row["owner_id"] if with_owner else None
    for model in STAY:
        if model is not LeadAssignment or with_owner:
            rows.insert(model, waiting[model.__tablename__])
    gone = sum(len(ids) - _follow_back(name, ids, lead_id, from_id) for name, ids in kept["moved"].items())
    came = Enquiry.enquiry_id.in_(kept["captured"]), Enquiry.lead_id == lead_id
    _write(update(Enquiry).where(*came).values(state=EnquiryState.CAPTURED))
    for interest_id, (before, after) in kept["levels"].items():
        mine = LeadPropertyInterest.interest_id == interest_id, LeadPropertyInterest.interest_level == after
        _write(update(LeadPropertyInterest).where(*mine).values(interest_level=before))
    rows.insert(LeadPropertyInterest, waiting["lead_property_interests"])
    for name, ids in kept["pointed"].items():
        point_back(name, ids, lead_id)
    apart = [tuple(pair) for pair in kept["apart"]]
    _write(delete(Distinction).where(tuple_(Distinction.lead_id, Distinction.other_id).in_(apart)))
    tell_apart_again(waiting["distinctions"])
    return gone


def point(name: str, lead_id: UUID, into_id: UUID | None) -> list[str | int]:
    """What named the lead names the one that it is part of, or none; that one does not name itself. What it was."""
    pointer, key = POINTERS[name]
    moved = update(pointer.class_).where(pointer == lead_id, key.is_distinct_from(into_id))
    return _ids(moved.values({pointer: into_id}).returning(key))


def point_back(name: str, ids: list[str | int], lead_id: UUID) -> int:
    """What named the lead names it again; how many of them are still there."""
    pointer, key = POINTERS[name]
    return len(_ids(update(pointer.class_).where(key.in_(ids)).values({pointer: lead_id}).returning(key)))


def tell_apart_again(pairs: list[dict]) -> int:
    """The lead is told apart again from those that are still there; from how many."""
    still = [pair for pair in pairs if _are_there(pair)]
    rows.insert(Distinction, still)
    return len(still)


@contextmanager
def as_one_merges() -> Iterator[None]:
    """Meanwhile what follows a lead is not changed by it, nobody has had a turn, and the history of owners rests."""
    _set("on")
    yield
    _set("")


def _set(merging: str) -> None:
    db.session.flush()
    db.session.execute(text("SELECT set_config('app.merging', :merging, true)"), {"merging": merging})


def _keep_the_stronger(lead_id: UUID, into_id: UUID) -> dict[str, tuple[str, str]]:
    """Of two interests in one property the stronger level is that of the one that stays: its level before and after."""
    mine = {one.property_id: one for one in _interests(into_id)}
    levels = {}
    for other in _interests(lead_id):
        stays = mine.get(other.property_id)
        if stays and WEAKEST_FIRST.index(other.interest_level) > WEAKEST_FIRST.index(stays.interest_level):
            levels[str(stays.interest_id)] = (stays.interest_level, other.interest_level)
            stays.interest_level = other.interest_level
    db.session.flush()
    return levels


def _interests(lead_id: UUID):
    return db.session.scalars(select(LeadPropertyInterest).where(LeadPropertyInterest.lead_id == lead_id)).all()


def _follow(name: str, lead_id: UUID, into_id: UUID) -> list[str | int]:
    """Move what is the lead's; a second interest in a property has nowhere to go. What was moved."""
    model, key = FOLLOW[name]
    moving = update(model).where(model.lead_id == lead_id)
    if model is LeadPropertyInterest:
        there = select(model.property_id).where(model.lead_id == into_id)
        moving = moving.where(model.property_id.not_in(there))
    return _ids(moving.values(lead_id=into_id).returning(key))


def _follow_back(name: str, ids: list[str | int], lead_id: UUID, from_id: UUID) -> int:
    model, key = FOLLOW[name]
    return len(_ids(update(model).where(key.in_(ids), model.lead_id == from_id).values(lead_id=lead_id).returning(key)))


def _tell_apart_as_well(pairs: list[dict], lead_id: UUID, into_id: UUID) -> list[list[str]]:
    """Who is not the one is not the other either, now that they are the same."""
    others = {pair["other_id"] if pair["lead_id"] == str(lead_id) else pair["lead_id"] for pair in pairs}
    made = [sorted((str(into_id), other)) for other in others - {str(into_id)}]
    if not made:
        return []
    values = [{"lead_id": first, "other_id": second} for first, second in made]
    added = (
        insert(Distinction).values(values).on_conflict_do_nothing().returning(Distinction.lead_id, Distinction.other_id)
    )
    return [[str(one) for one in pair] for pair in db.session.execute(added)]


def if_there(lead_id: str | None) -> str | None:
    """The lead's id, if it is in `leads`."""
    return lead_id if lead_id and db.session.scalar(select(Lead.lead_id).where(Lead.lead_id == lead_id)) else None


def _are_there(pair: dict) -> bool:
    return bool(if_there(pair["lead_id"]) and if_there(pair["other_id"]))


def _ids(statement) -> list[str | int]:
    """The keys that it gives, as JSON holds them."""
    return [key if isinstance(key, int) else str(key) for key in _write(statement).scalars()]


def _write(statement):
    return db.session.execute(statement.execution_options(synchronize_session=False))
