"""The pages of the company that send our form: each with a key of its own, and where its visitors are sent back to."""

import secrets
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from webapp.errors import Conflict, Missing
from webapp.extensions import db
from webapp.models import Site
from webapp.services import audit
from webapp.services.access import Actor
from webapp.transaction import transactional


@transactional
def add(name: str, *, by: Actor, return_to: list[str]) -> Site:
    """A new form, named after the page it will stand on; two that work never have one name."""
    if db.session.scalar(select(Site.site_id).where(Site.name == name, Site.revoked_at.is_(None))):
        raise Conflict(
            _("There is a form of that name. Revoke it, or name this one after its page."), code="stale", field="name"
        )
    site = Site(name=name, key=secrets.token_urlsafe(32), return_to=return_to, created_by=by.user_id)
    db.session.add(site)
    db.session.flush()
    audit.record("sites.add", by=by, subject_id=site.site_id, after={"name": name, "return_to": return_to})
    return site


@transactional
def revoke(site_id: UUID, *, by: Actor) -> Site:
    """Take this form no more, from the next one on. What it brought stays."""
    revoked = update(Site).where(Site.site_id == site_id, Site.revoked_at.is_(None))
    site = db.session.scalar(revoked.values(revoked_at=func.now()).returning(Site))
    if site is None:
        raise Missing(_("That is not here, or not yours to see."))
    audit.record("sites.revoke", by=by, subject_id=site_id, before={"name": site.name})
    return site


def everyone() -> list[Site]:
    """All forms, those that work first, the newest first."""
    query = select(Site).options(joinedload(Site.maker))
    return list(db.session.scalars(query.order_by(Site.revoked_at.is_not(None), Site.created_at.desc())))


def of(key: str) -> Site:
    """The form with this key, as long as it is taken."""
    site = db.session.scalar(select(Site).where(Site.key == key, Site.revoked_at.is_(None)))
    if site is None:
        raise Missing(_("This form is taken no more."))
    return site
