"""Areas while somebody types."""

from flask import Blueprint, render_template, request

from webapp import areas

bp = Blueprint("areas", __name__)


@bp.get("/areas")
def matching():
    return render_template("areas/_area_list.html", found=areas.matching(request.args.get("q", "")[:60]))
