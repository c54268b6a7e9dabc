"""One JSON line a request: what was asked, what was answered, how long it took. No names, phones or tokens."""

import json
import sys
import time

from flask import g, request

from webapp.guard import POLLED

QUIET = (*POLLED, "static", "health.live", "health.ready")


def init_app(app) -> None:
    if not app.config["LOG_REQUESTS"]:
        return

    @app.before_request
    def begin():
        g.began = time.perf_counter()

    @app.after_request
    def tell(response):
        if request.endpoint not in QUIET:
            actor = g.get("actor")
            line = {
                "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "method": request.method,
                "endpoint": request.endpoint,
                "status": response.status_code,
                "ms": round((time.perf_counter() - g.began) * 1000, 1),
                "user": str(actor.user_id) if actor else None,
            }
            print(json.dumps(line), file=sys.stdout, flush=True)
        return response
