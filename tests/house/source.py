"""The code base as data: its modules, what they import, its templates."""

import ast
from functools import cache
from pathlib import Path

import config

ROOT = config.ROOT
TEMPLATES = ROOT / "templates"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def modules(under: str = "webapp") -> dict[str, Path]:
    """The Python modules below a folder, by dotted name."""
    found = {}
    for path in sorted((ROOT / under).rglob("*.py")):
        if "__pycache__" not in path.parts:
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imports(path: Path) -> set[str]:
    """Everything that a module imports, as dotted names; only for the type checker does not count."""
    found = set()
    for node in _walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def of(names: set[str], *packages: str) -> set[str]:
    """Those of the names that are one of these packages or lie in one."""
    return {name for name in names if any(name == p or name.startswith(f"{p}.") for p in packages)}


def functions(path: Path) -> list[ast.FunctionDef]:
    """The public functions of a module."""
    return [node for node in tree(path).body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def calls(path: Path, *names: str) -> list[ast.Call]:
    """The calls of these functions or methods, by their last name."""
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and _last_name(node.func) in names]


def templates() -> dict[str, str]:
    return {
        str(path.relative_to(TEMPLATES)): path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.rglob("*.html"))
    }


def _last_name(node) -> str | None:
    return getattr(node, "attr", None) or getattr(node, "id", None)


def _walk(node):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and _last_name(child.test) == "TYPE_CHECKING":
            yield from (inner for part in child.orelse for inner in (part, *_walk(part)))
            continue
        yield child
        yield from _walk(child)
