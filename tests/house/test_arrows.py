"""Imports point downwards only: blueprints -> forms -> services -> models -> the shared pieces below them."""

import ast

import pytest

from tests.house.source import calls, imports, modules, of, tree

ONE_LINE = (
    "api",
    "privacy",
    "handovers",
    "bulk",
    "exports",
    "imports",
    "hooks",
    "website",
    "pulls",
    "check_ins",
    "enquiries",
    "merges",
    "people",
    "leads",
    "consents",
    "deeds",
    "activities",
    "pipeline",
    "metrics",
    "assignments",
    "tasks",
    "scoring",
    "stops",
    "contact_guard",
    "interests",
    "listings",
    "agents",
    "connections",
    "sites",
    "feeds",
    "links",
    "users",
    "notifications",
    "submissions",
    "api_keys",
    "jobs",
    "hours",
    "office",
    "backups",
    "audit",
    "access",
)
READERS = (
    "timeline",
    "lead_view",
    "sheets",
    "audit_log",
    "calls",
    "my_day",
    "calendar",
    "board",
    "desk",
    "workload",
    "figures",
    "reports",
    "response",
    "suggestions",
    "search",
    "doctor",
    "health",
)
REQUEST_SIDE = (
    "request",
    "session",
    "g",
    "flash",
    "url_for",
    "redirect",
    "render_template",
    "make_response",
    "jsonify",
)
LAYERS = (
    ("webapp.blueprints",),
    ("webapp.forms",),
    ("webapp.services",),
    ("webapp.models",),
    ("webapp.extensions", "webapp.vocabulary", "webapp.errors"),
)
WHY_ROLLBACK = {
    "webapp.transaction": "the one place that commits",
    "webapp.guard": "the page's READ ONLY transaction ends before last_seen_at is written",
    "webapp.error_pages": "what a failed statement left must not be used for the error page",
    "webapp.services.health": "a database that is away is an answer",
    "webapp.database.engine": "on a lost connection it has happened already",
}


def names(package: str) -> dict:
    return {name: path for name, path in modules().items() if name == package or name.startswith(f"{package}.")}


def service_of(name: str) -> str:
    """webapp.services.leads.capture -> leads."""
    return name.removeprefix("webapp.services").lstrip(".").partition(".")[0]


@pytest.mark.parametrize("name", [*names("webapp.blueprints"), *names("webapp.forms")])
def test_pages_and_forms_know_no_database(name):
    assert (
        of(imports(modules()[name]), "sqlalchemy", "webapp.models", "webapp.database", "webapp.extensions.db") == set()
    )


@pytest.mark.parametrize("name", [*names("webapp.services"), *names("webapp.models"), *names("webapp.database")])
def test_the_rules_know_no_web(name):
    found = imports(modules()[name])

    assert (
        of(found, "flask_wtf", "wtforms", "werkzeug", "webapp.blueprints", "webapp.forms", "webapp.responses") == set()
    )
    assert of(found, *(f"flask.{part}" for part in REQUEST_SIDE)) == set()
    if name != "webapp.services.health":  # it asks the app where its migrations are
        assert of(found, "flask") == set()


@pytest.mark.parametrize("name", modules())
def test_nothing_imports_a_layer_above(name):
    mine = next((n for n, layer in enumerate(LAYERS) if of({name}, *layer)), None)
    if mine is None:
        return
    above = [package for layer in LAYERS[:mine] for package in layer]

    assert (
        of(imports(modules()[name]), *above, "webapp.commands", "webapp.jobs", "webapp.demo", "webapp.launch") == set()
    )


def test_every_service_has_its_place():
    known = {service_of(name) for name in names("webapp.services")} - {""}

    assert known <= {*ONE_LINE, *READERS}


@pytest.mark.parametrize("name", [name for name in names("webapp.services") if service_of(name) in ONE_LINE])
def test_services_stand_in_one_line_and_call_only_to_their_right(name):
    mine = service_of(name)
    called = {service_of(used) for used in of(imports(modules()[name]), "webapp.services")} - {mine, ""}

    assert called <= set(ONE_LINE[ONE_LINE.index(mine) + 1 :])


@pytest.mark.parametrize("reader", READERS)
def test_readers_write_nothing_and_are_asked_by_pages_commands_and_readers_only(reader):
    path = modules()[f"webapp.services.{reader}"]
    used_by = {
        name
        for name, other in modules().items()
        if of(imports(other), f"webapp.services.{reader}")
        and not name.startswith(("webapp.blueprints.", "webapp.commands.", "webapp.deployment"))
    }

    assert of(imports(path), "webapp.transaction") == set()
    assert not calls(path, "add", "delete", "flush", "insert", "update", "with_for_update")
    assert {service_of(name) for name in used_by} <= {*READERS}


def test_nothing_is_imported_inside_a_function():
    inside = [
        f"{name}:{part.lineno}"
        for name, path in {**modules(), **modules("tests")}.items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for part in ast.walk(node)
        if isinstance(part, ast.Import | ast.ImportFrom)
    ]

    assert inside == []


def test_only_the_unit_of_work_commits():
    committing = {name for name, path in modules().items() if calls(path, "commit", "begin", "begin_nested")}
    rolling_back = {name for name, path in modules().items() if calls(path, "rollback")}

    assert committing <= {"webapp.transaction", "webapp.database.rate_limits"}  # counters outlive what they count
    assert rolling_back == set(WHY_ROLLBACK)


def test_every_public_write_is_one_unit_of_work():
    """A service function that adds, changes or deletes is @transactional or only called by one that is."""
    bare = []
    for name, path in names("webapp.services").items():
        for node in tree(path).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            decorated = any(getattr(part, "id", "") == "transactional" for part in node.decorator_list)
            records = any(
                isinstance(part, ast.Call) and ast.unparse(part.func) == "audit.record" for part in ast.walk(node)
            )
            if records and not decorated:
                bare.append(f"{name}.{node.name}")

    assert bare == []


def test_models_stand_alone():
    for name, path in names("webapp.models").items():
        ours = of(imports(path), "webapp")
        assert of(ours, "webapp.models", "webapp.extensions", "webapp.vocabulary", "webapp.errors") == ours, name


def test_no_view_catches_anything():
    caught = [
        name
        for name, path in names("webapp.blueprints").items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
    ]

    assert caught in ([], ["webapp.blueprints.leads"])  # an owner in a URL that is no id is ignored
