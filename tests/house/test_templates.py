"""Templates: all used, fragments that fit, nothing inline, every form with its token."""

import ast
import re

import pytest

from tests.house.source import ROOT, calls, modules, templates

EVERY = templates()
REFERENCE = re.compile(r"""["']([a-z_]+/[a-z_]+\.html)["']""")
ON_ATTRIBUTE = re.compile(r"<[a-z][^>]*\s(on[a-z]+|hx-on[^=]*)=", re.IGNORECASE)


def fragments() -> dict[str, str]:
    """The fragments that are passed to respond(), by the module that does."""
    found = {}
    for name, path in modules("webapp").items():
        for call in calls(path, "respond"):
            if len(call.args) > 1 and isinstance(call.args[1], ast.Constant):
                found[call.args[1].value] = name
    return found


def test_every_template_is_used_and_every_used_one_is_there():
    sources = [*EVERY.values(), *(path.read_text(encoding="utf-8") for path in modules("webapp").values())]
    used = {name for source in sources for name in REFERENCE.findall(source)}

    assert used == set(EVERY)


def test_there_are_fragments():
    assert len(fragments()) >= 4


@pytest.mark.parametrize("fragment", fragments())
def test_the_root_of_a_fragment_is_called_like_its_file(fragment):
    markup = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", EVERY[fragment], flags=re.DOTALL).strip()
    root = re.match(r"<[a-z]+\s[^>]*?id=\"([^\"]+)\"", markup)

    assert root, f"{fragment} does not start with an element that has an id"
    assert root[1] == fragment.rpartition("/_")[2].removesuffix(".html").replace("_", "-")


@pytest.mark.parametrize("name", EVERY)
def test_nothing_is_inline_and_nothing_is_unescaped(name):
    source = EVERY[name]

    assert not re.search(r"\|\s*safe\b|autoescape|Markup", source)
    assert not re.search(r"\sstyle=|<style|javascript:", source, re.IGNORECASE)
    assert not ON_ATTRIBUTE.search(source)
    for script in re.findall(r"<script\b[^>]*>(.*?)</script>", source, re.DOTALL):
        assert not script.strip()
    assert not re.search(r"(src|href)=\"(https?:)?//(?!wa\.me/)", source), "nothing from elsewhere"


# Sent by who is no user and has no session; its site's key is its token (webapp/guard.py).
OF_VISITORS = {"sites/snippet.html", "website/show.html"}


@pytest.mark.parametrize("name", sorted(set(EVERY) - OF_VISITORS))
def test_every_form_that_writes_carries_its_token(name):
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", EVERY[name], re.DOTALL):
        assert re.search(r"\{\{ hidden\(", form), form[:120]


@pytest.mark.parametrize("name", EVERY)
def test_attributes_are_quoted(name):
    markup = re.sub(r"\{%.*?%\}", "", EVERY[name], flags=re.DOTALL)

    assert not re.search(r"<[a-z][^>{]*\s[a-z-]+=\{\{", markup), "an attribute without quotes"


def test_no_html_in_python():
    for name, path in modules("webapp").items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.search(r"</?(div|span|p|a|b|br|script|form|input)\b[^>]*>", node.value), (
                    name,
                    node.lineno,
                )
        assert "Markup(" not in path.read_text(encoding="utf-8"), name


def test_scripts_of_ours_evaluate_and_fetch_nothing_from_elsewhere():
    for path in (ROOT / "static").glob("*.js"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function\(|document\.write|https?://", source), path.name


def test_stylesheets_of_ours_fetch_nothing_from_elsewhere():
    for path in (ROOT / "static").rglob("*.css"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import", source), path.name
