"""Where portals and the website deliver; each signs what it sends (docs/portals.md)."""

from flask import Blueprint, request

from webapp.services import hooks

bp = Blueprint("hooks", __name__)

MOST = 1_048_576


@bp.post("/hooks/<portal>/<path>")
def receive(portal, path):
    request.max_content_length = MOST
    raw = request.get_data()
    is_new = hooks.receive(portal, path, raw, request.headers.get, address=request.remote_addr or "")
    return {"status": "kept" if is_new else "known"}
