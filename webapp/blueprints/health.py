"""For those who watch the server."""

from flask import Blueprint, jsonify

from webapp.services import health

bp = Blueprint("health", __name__)


@bp.get("/livez")
def live():
    """The process answers; the database is not asked."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready():
    """Whether requests and jobs can be served: database, revision, the worker's heartbeat."""
    state = health.look()
    return jsonify(state.facts()), 200 if state.is_ready else 503
