from flask import Flask

import config
from webapp import body, commands, error_pages, formatting, guard, headers, pages, request_log
from webapp.blueprints import BLUEPRINTS, WITHOUT_CSRF
from webapp.database import engine
from webapp.extensions import babel, csrf, db, migrate


def create_app(**settings) -> Flask:
    """The application, configured from the environment and then from `settings`."""
    app = Flask(__name__, template_folder=config.ROOT / "templates", static_folder=config.ROOT / "static")
    app.request_class = body.Utf8Request
    app.config.from_mapping(config.load(settings.get("SQLALCHEMY_DATABASE_URI")), **settings)
    db.init_app(app)
    engine.init_app(app, db)
    migrate.init_app(app, db, directory=str(config.ROOT / "migrations"))
    request_log.init_app(app)
    guard.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=guard.locale)
    for part in (headers, error_pages, formatting, pages, commands):
        part.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for blueprint in WITHOUT_CSRF:
        csrf.exempt(blueprint)
    return app
