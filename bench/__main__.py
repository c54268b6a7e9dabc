"""The measures of speed and size: python3 run.py bench [--leads N] [part ...], the parts as PARTS names them.

Each is made on a database of its own with this many leads and leaves its figures in bench/results.
"""

import argparse
import json
import os
import platform
import secrets
import time
from pathlib import Path

import flask_migrate
from sqlalchemy import text

from bench import bell, capture, imports, memory, naive, office, pages, queries, rescore, search, stale
from webapp import create_app
from webapp.database import embedded
from webapp.extensions import db

RESULTS = Path(__file__).parent / "results"
PARTS = {
    "queries": queries,
    "pages": pages,
    "search": search,
    "capture": capture,
    "memory": memory,
    "stale": stale,
    "naive": naive,
    "imports": imports,
    "rescore": rescore,
    "bell": bell,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 run.py bench", description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all, if none is named")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    os.environ.setdefault("SECRET_KEY", secrets.token_hex(32))
    with embedded.throwaway() as server:
        os.environ["DATABASE_URL"] = server.url("postgres")
        app = create_app()
        with app.test_request_context():
            flask_migrate.upgrade()
            began = time.perf_counter()
            office.generate(asked.leads)
            facts = {
                "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
                "server": f"PostgreSQL {db.session.scalar(text('SHOW server_version'))}",
                "generated in s": round(time.perf_counter() - began),
            }
            db.session.remove()
            db.engine.dispose()
            # From here on as in production: what was acknowledged is on the disk.
            server.stop()
            server.durable = True
            server.start()
            for name in asked.parts or PARTS:
                keep(name, asked.leads, facts | PARTS[name].measure())
                db.session.rollback()


def keep(name: str, leads: int, figures: dict) -> None:
    """Write one size's figures beside those of the others, and print them."""
    path = RESULTS / f"{name}.json"
    kept = json.loads(path.read_text()) if path.exists() else {"sizes": {}}
    sizes = kept["sizes"] | {str(leads): figures}
    kept = {
        "command": f"python3 run.py bench --leads N {name}",
        "bars": PARTS[name].BARS,
        "sizes": dict(sorted(sizes.items(), key=lambda size: int(size[0]))),
    }
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    print(json.dumps({name: figures}, indent=1, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
