"""What is written here: nothing left for later, nothing switched off, promises in words."""

import ast
import re

import pytest

from tests.house.source import ROOT, calls, functions, modules, tree

LATER = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
SOURCES = [
    path
    for folder in ("webapp", "tests", "templates", "static", "migrations", "scripts", "docs")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".html", ".js", ".css", ".sql", ".md") and not {"vendor", "__pycache__"} & set(path.parts)
]
TESTS = modules("tests")
WAITS_WITH_A_DEADLINE = "tests.production"
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "misc"}


def test_nothing_is_left_for_later():
    found = [str(path.relative_to(ROOT)) for path in SOURCES if LATER.search(path.read_text(encoding="utf-8"))]

    assert found == []


def test_no_test_is_switched_off_for_good_or_sleeps():
    for name, path in TESTS.items():
        marks = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
        assert not marks & {"skip", "xfail", "importorskip"}, name
        for condition in calls(path, "skipif"):
            assert {keyword.arg for keyword in condition.keywords} == {"reason"}, name
        if name != WAITS_WITH_A_DEADLINE:
            assert not calls(path, "sleep"), name


def test_our_own_code_is_not_mocked():
    for name, path in TESTS.items():
        assert "mock" not in {node.module for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)}, name
        assert not calls(path, "MagicMock", "Mock", "patch"), name


def test_no_module_is_called_by_what_it_is_not():
    assert not [name for name in [*modules(), *TESTS] if FORBIDDEN_NAMES & set(name.split("."))]


@pytest.mark.parametrize("name", [name for name in modules() if name.startswith("webapp.services.")])
def test_every_public_service_states_its_promise(name):
    path = modules()[name]
    public = [node for node in tree(path).body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    for node in [*functions(path), *public]:
        promise = ast.get_docstring(node)
        assert promise, f"{name}.{node.name}"
        assert promise.splitlines()[0].rstrip().endswith((".", "?", "!", ",", ":")) or "\n" in promise, node.name


@pytest.mark.parametrize("name", [name for name in modules() if name.startswith("webapp.services.")])
def test_who_acts_is_always_said_by_name(name):
    for function in functions(modules()[name]):
        positional = [argument.arg for argument in function.args.args]
        assert "by" not in positional or name == "webapp.services.access", f"{name}.{function.name}"


def test_every_module_of_ours_says_what_it_is_for():
    exempt = re.compile(r"webapp\.(forms|models|services)\b|webapp\.(database|extensions)$|webapp$")
    silent = [name for name, path in modules().items() if not ast.get_docstring(tree(path)) and not exempt.match(name)]

    assert silent == []
