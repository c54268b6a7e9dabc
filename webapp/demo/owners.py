"""Who owns a lead, and every owner it had (R4, R5)."""

from datetime import datetime

from webapp.demo.brokers import Broker
from webapp.demo.cases import Case
from webapp.demo.chance import make_uuid
from webapp.demo.handing_out import BY_HAND
from webapp.demo.stage import Stage
from webapp.vocabulary import AssignmentKind, NoticeKind


def write(stage: Stage, case: Case) -> None:
    """The assignment and its history; Mariam is told of leads that came when nobody could take them."""
    if case.assigned_at is None or case.assigned_at > case.created:
        stage.bell.tell_manager(NoticeKind.LEAD_UNASSIGNED, case, case.created)
    if case.owner is None or case.first_owner is None:
        return
    assert case.assigned_at and case.kind and case.explanation and case.status
    moved = case.handed_over_at
    _move(stage, case, None, case.first_owner, case.kind, case.explanation, case.assigned_at)
    if moved:
        _move(stage, case, case.first_owner, case.owner, AssignmentKind.BY_HAND, BY_HAND, moved)
    stage.tables.add(
        "lead_assignments",
        assignment_id=make_uuid(stage.rng),
        lead_id=case.lead_id,
        agent_id=case.owner.agent_id,
        assigned_at=case.assigned_at,
        reassigned_at=moved,
        reason=case.handover_reason,
        kind=AssignmentKind.BY_HAND if moved else case.kind,
        explanation=BY_HAND if moved else case.explanation,
        is_active=not case.status.is_closed,
    )


def _move(
    stage: Stage,
    case: Case,
    before: Broker | None,
    after: Broker,
    kind: AssignmentKind,
    explanation: str,
    at: datetime,
) -> None:
    by_hand = kind == AssignmentKind.BY_HAND
    stage.tables.add(
        "assignment_history",
        move_id=stage.tables.number("assignment_history"),
        lead_id=case.lead_id,
        from_agent_id=before.agent_id if before else None,
        from_agent_name=before.profile.name if before else None,
        agent_id=after.agent_id,
        agent_name=after.profile.name,
        kind=kind,
        reason=case.handover_reason if before else None,
        explanation=explanation,
        moved_by=stage.manager if by_hand else None,
        moved_at=at,
    )
    if kind != AssignmentKind.OWN:
        stage.bell.tell(after, NoticeKind.LEAD_ASSIGNED, case, at)
    stage.bell.tell(before, NoticeKind.LEAD_TAKEN, case, at)
