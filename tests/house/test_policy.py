"""Every route has its permission, its method and its service."""

import pytest

from tests.house.source import ROOT, functions, modules
from webapp import create_app, pages
from webapp.policy import ANYBODY, POLICY, allows
from webapp.vocabulary import Role

SESSIONS = {"create", "end"}  # a session is made by signing in and ended by signing out
COUNTED = ("notice_id",)
"""What has a number; the rest has a random id."""


@pytest.fixture(scope="module")
def routes(server_url):
    """The app's routes; nothing here asks a database."""
    app = create_app(TESTING=True, SQLALCHEMY_DATABASE_URI=server_url)
    return list(app.url_map.iter_rules()), app.view_functions


def test_every_endpoint_has_a_policy_and_no_policy_is_left_over(routes):
    rules, _views = routes

    assert {rule.endpoint for rule in rules} == set(POLICY)


def test_nobody_gets_in_by_an_endpoint_that_is_not_there():
    for role in (None, *Role):
        assert not allows(role, None)
        assert not allows(role, "nothing.here")


def test_only_doors_and_health_are_open_to_anybody():
    open_to_anybody = {endpoint for endpoint, roles in POLICY.items() if roles is ANYBODY}

    assert open_to_anybody == {
        "static",
        "health.live",
        "health.ready",
        "sessions.new",
        "sessions.create",
        "sessions.speak",
        "links.open",
        "links.show",
        "links.choose",
        "api.describe",
        "api.capture",
        "hooks.receive",
        "website.show",
        "website.send",
        "website.thank",
        "check_ins.show",
        "check_ins.arrive",
        "feeds.show",
    }


def test_roles_in_the_policy_are_roles():
    for endpoint, roles in POLICY.items():
        assert roles is ANYBODY or (roles and roles <= set(Role)), endpoint


def test_every_write_is_a_post_and_nothing_both_reads_and_writes(routes):
    rules, _views = routes
    for rule in rules:
        methods = rule.methods - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), rule


def test_a_verb_on_a_thing_is_a_noun_in_the_address(routes):
    rules, _views = routes
    verbs = {"complete", "cancel", "assign", "move", "log", "strike", "edit_lead", "delete", "update", "create", "save"}
    for rule in rules:
        assert not verbs & set(rule.rule.split("/")), rule
        assert rule.rule == rule.rule.lower() and "_" not in rule.rule.replace("_id", ""), rule


def test_addresses_take_ids_as_uuids_only(routes):
    rules, _views = routes
    for rule in rules:
        for name in rule.arguments:
            if name.endswith("_id"):
                assert f"<{'int' if name in COUNTED else 'uuid'}:{name}>" in rule.rule


def test_a_view_that_writes_is_named_like_the_service_it_calls(routes):
    rules, views = routes
    services = {
        name.removeprefix("webapp.services.").partition(".")[0]: set() for name in modules() if ".services." in name
    }
    for name, path in modules().items():
        if name.startswith("webapp.services."):
            noun = name.removeprefix("webapp.services.").partition(".")[0]
            services[noun] |= {function.name for function in functions(path)}
    for rule in rules:
        noun, _dot, verb = rule.endpoint.partition(".")
        if "POST" not in rule.methods:
            continue
        assert views[rule.endpoint].__name__ == verb
        if noun == "sessions":
            assert verb in SESSIONS
        else:
            assert verb in services[noun], rule.endpoint


def test_every_blueprint_is_a_noun_with_templates_or_none():
    nouns = {name.rpartition(".")[2] for name in modules() if name.startswith("webapp.blueprints.")}
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}

    assert folders - nouns == {"ui", "layouts", "errors"}


def test_the_menu_leads_only_where_its_readers_may_go():
    for entry in pages.MENU:
        assert any(allows(role, entry.endpoint) for role in entry.roles), entry


def test_services_and_web_tests_have_the_blueprints_names():
    tested = {path.stem for path in (ROOT / "tests" / "web").glob("test_*.py")}
    blueprints = {name.rpartition(".")[2] for name in modules() if name.startswith("webapp.blueprints.")}

    assert {f"test_{name}" for name in blueprints} <= tested
