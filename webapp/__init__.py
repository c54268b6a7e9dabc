from flask import Flask

import config
from webapp import models
from webapp.database import engine
from webapp.extensions import babel, csrf, db, migrate

__all__ = ["create_app", "models"]


def create_app(**settings) -> Flask:
    """The application, configured from the environment and then from `settings`."""
    app = Flask(__name__, template_folder=config.ROOT / "templates", static_folder=config.ROOT / "static")
    app.config.from_mapping(config.load(), **settings)
    db.init_app(app)
    engine.init_app(app, db)
    migrate.init_app(app, db, directory=str(config.ROOT / "migrations"))
    csrf.init_app(app)
    babel.init_app(app)
    return app
