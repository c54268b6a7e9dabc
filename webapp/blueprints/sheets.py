"""A lead's history sheet, to print."""

from uuid import UUID

from flask import Blueprint, g

from webapp.responses import respond
from webapp.services import sheets

bp = Blueprint("sheets", __name__)


@bp.get("/leads/<uuid:lead_id>/sheet")
def show(lead_id: UUID):
    return respond("sheets/show.html", sheet=sheets.sheet(lead_id, by=g.actor))
