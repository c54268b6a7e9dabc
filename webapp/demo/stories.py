"""One lead after the other, written down as the product would have left it: rows of every table around a lead."""

from datetime import datetime
from functools import partial
from uuid import UUID

from webapp.demo import contacts, enquiries, follow_ups, owners, paths, words
from webapp.demo.cases import Case
from webapp.demo.chance import make_uuid
from webapp.demo.follow_ups import NextStep
from webapp.demo.paths import MINUTE, Path
from webapp.demo.scores import Score
from webapp.demo.stage import Stage
from webapp.services.scoring import Match
from webapp.vocabulary import ScoreReason, Source

PORTALS = (Source.BAYUT, Source.PROPERTY_FINDER, Source.DUBIZZLE)


def tell(stage: Stage, case: Case) -> None:
    """Write one lead with everything around it."""
    off_since = case.owner.off_since if case.owner else None
    path = paths.walk(case, stage.rng, off_since or stage.moment)
    source = _source(stage, case)
    ids = [make_uuid(stage.rng) for _contact in path.contacts]
    score = _score(stage, case, path, ids, bool(source["referrer_agent_id"]))
    stage.tables.add("lead_sources", **source)
    enquiries.write(stage, case, path)
    owners.write(stage, case)
    contacts.write(stage, case, path, ids)
    _lead(stage, case, path, score.value, follow_ups.plan(stage, case, path))


def _lead(stage: Stage, case: Case, path: Path, score: int, next_step: NextStep | None) -> None:
    person, wish = case.person, case.wish
    counted = [contact for contact in path.contacts if not contact.struck_at]
    latest = max([case.created, *(c.struck_at or c.logged_at for c in path.contacts), path.closed_at or case.created])
    stage.tables.add(
        "leads",
        lead_id=case.lead_id,
        number=stage.tables.number("leads"),
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
        owner_id=case.owner.agent_id if case.owner else None,
        first_contact_at=min((contact.counted_at for contact in counted), default=None),
        last_contact_at=max((contact.at for contact in counted), default=None),
        next_step_at=next_step.due if next_step else None,
        next_step_type=next_step.kind if next_step else None,
    )


def _source(stage: Stage, case: Case) -> dict:
    rng = stage.rng
    paid = case.source in (*PORTALS, Source.WEBSITE) and rng.random() < 0.35
    referred = case.source == Source.REFERRAL and not case.reopened and rng.random() < 0.6
    asked = case.source in PORTALS and rng.random() < 0.7
    return {
        "source_id": make_uuid(rng),
        "lead_id": case.lead_id,
        "source_type": case.source,
        "campaign_id": rng.choice(words.CAMPAIGNS) if paid else None,
        "referrer_agent_id": rng.choice(stage.brokers).agent_id if referred else None,
        "property_id": stage.offers.like(case.wish, rng).property_id if asked else None,
        "utm_source": rng.choice(words.UTM_SOURCES) if paid and case.source == Source.WEBSITE else None,
        "created_at": case.created,
    }


def _score(stage: Stage, case: Case, path: Path, ids: list[UUID], referred: bool) -> Score:
    """The details at the capture, then contacts and silences in time order."""
    tables = stage.tables
    score = Score(partial(tables.number, "score_lines"), partial(tables.add, "score_lines", lead_id=case.lead_id))
    score.change(ScoreReason.DETAILS, _details(stage, case, referred), case.created)
    since = case.created
    for place, (contact, activity_id) in enumerate(zip(path.contacts, ids, strict=True)):
        _charge_silence(stage, score, since, contact.counted_at)
        earned = list(stage.rules.of_activity(contact.type, contact.outcome))
        if place == 0:
            earned += stage.rules.of_response(contact.counted_at - case.created)
        lines = score.change(ScoreReason.ACTIVITY, earned, contact.logged_at, activity_id)
        if contact.struck_at:
            score.take_back(lines, contact.struck_at, activity_id)
        else:
            since = contact.counted_at
    _charge_silence(stage, score, since, path.closed_at or stage.moment)
    return score


def _details(stage: Stage, case: Case, referred: bool) -> list[Match]:
    wish = case.wish
    return stage.rules.of_details(
        case.source,
        case.person.nationality,
        stage.rules.alike(wish.budget_max),
        wish.property_type,
        bool(wish.areas),
        referred,
    )


def _charge_silence(stage: Stage, score: Score, since: datetime, until: datetime) -> None:
    """Once per silence, within the hour after it became one."""
    matches = stage.rules.of_silence(until - since)
    if matches and stage.rules.silence:
        at = min(since + stage.rules.silence + stage.rng.uniform(1, 60) * MINUTE, until)
        score.change(ScoreReason.SILENCE, matches, at)
