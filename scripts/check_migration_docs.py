#!/usr/bin/env python3
"""Says where docs/database_schema.md and migrations/versions differ; an argument names another root."""

import ast
import re
import sys
from pathlib import Path

ROW = re.compile(r"^\|\s*(\d+)\s*\|\s*`([^`]+)`\s*\|\s*`([^`]+)`\s*\|", re.MULTILINE)
TOTAL = re.compile(r"^\*\*Total migrations:\s*(\d+)\*\*", re.MULTILINE)
HEAD = re.compile(r"^\*\*Current head:\*\*\s*`([^`]+)`", re.MULTILINE)


def identifiers(path: Path) -> dict:
    """The module-level `revision` and `down_revision` of a revision file."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id in ("revision", "down_revision"):
            found[target.id] = ast.literal_eval(node.value)
    return found


def read_chain(versions: Path) -> tuple[list[tuple[str, str]], list[str]]:
    """The revisions from first to head as (id, file name), and what keeps them from being one chain."""
    names, after, problems = {}, {}, []
    for path in sorted(versions.glob("*.py")):
        found = identifiers(path)
        revision, down = found.get("revision"), found.get("down_revision")
        if revision is None:
            problems.append(f"{path.name} names no revision.")
            continue
        if revision in names:
            problems.append(f"{names[revision]} and {path.name} are both revision {revision}.")
        if down in after:
            problems.append(f"{names[after[down]]} and {path.name} both follow {down or 'nothing'}.")
        names[revision], after[down] = path.name, revision
    heads = sorted(revision for revision in names if revision not in after)
    if len(heads) != 1:
        problems.append(f"There is not one head but {len(heads)}: {', '.join(heads) or 'none'}.")
    chain, current = [], after.get(None)
    while current is not None and len(chain) < len(names):
        chain.append((current, names[current]))
        current = after.get(current)
    reached = {revision for revision, _name in chain}
    problems += [f"{names[lost]} is not on the chain." for lost in names if lost not in reached]
    return chain, problems


def differences(chain: list[tuple[str, str]], document: str) -> list[str]:
    """A sentence for each way in which the document's migration table is not the chain."""
    expected = [(number, *revision) for number, revision in enumerate(chain, start=1)]
    listed = [(int(number), revision, name) for number, revision, name in ROW.findall(document)]
    missing = [row for row in expected if row not in listed]
    surplus = [row for row in listed if row not in expected]
    problems = [f"The document lacks migration {n}: {revision} in {name}." for n, revision, name in missing]
    problems += [
        f"The document lists migration {n}: {revision} in {name}; there is none." for n, revision, name in surplus
    ]
    if not problems and listed != expected:
        problems.append("The document lists the migrations in another order or more than once.")
    total = TOTAL.search(document)
    if not total or int(total[1]) != len(chain):
        problems.append(f"The document's total is {total[1] if total else 'missing'}, not {len(chain)}.")
    head, last = HEAD.search(document), chain[-1][0] if chain else "there"
    if not head or head[1] != last:
        problems.append(f"The document's head is {head[1] if head else 'missing'}, not {last}.")
    return problems


def main(root: Path) -> int:
    chain, problems = read_chain(root / "migrations" / "versions")
    problems += differences(chain, (root / "docs" / "database_schema.md").read_text(encoding="utf-8"))
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{len(chain)} migrations, all documented; the head is {chain[-1][0]}.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]))
