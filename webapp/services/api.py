"""What programs do: they capture leads, once for each Idempotency-Key."""

from webapp.models import ApiKey
from webapp.services import api_keys, enquiries, leads
from webapp.services.access import Actor
from webapp.services.api_keys import Answer
from webapp.services.leads import Details, Origin


def capture(
    details: Details, origin: Origin, *, key: ApiKey, idempotency_key: str | None, body: bytes, by: Actor
) -> Answer:
    """Capture a lead (R1) and say what came of it: 201, or 409 with the lead that this one repeats (R2).

    `body` is what was sent: the same Idempotency-Key may only come back with the same. Refused as
    `enquiries.register` and `api_keys.once` refuse.
    """
    return api_keys.once(key, idempotency_key, body, lambda: _captured(details, origin, by), by=by)


def _captured(details: Details, origin: Origin, by: Actor) -> Answer:
    capture = enquiries.register(details, origin, by=by)
    if not capture.created:
        return Answer(409, {"lead_id": str(capture.lead.lead_id)})
    lead = leads.as_captured(capture.lead.lead_id, by=by)
    owner = lead.owner
    told = {
        "success": True,
        "lead_id": str(lead.lead_id),
        "assigned_agent": owner and {"agent_id": str(owner.agent_id), "name": owner.full_name, "phone": owner.phone},
        "lead_score": lead.score,
        "next_follow_up": lead.next_step_at.isoformat() if lead.next_step_at else None,
    }
    return Answer(201, told)
