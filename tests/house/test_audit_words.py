"""Every verb and every key that the audit keeps has words for people."""

import ast
import re
from collections.abc import Iterator

from tests.house.source import ROOT, calls, modules, tree
from webapp.services.audit_log.labels import HIDDEN, LABELS
from webapp.vocabulary import Verb

IN_SQL = re.compile(r"insert into audit_entries \(verb[^)]*\)\s*(?:values\s*\(|select )\s*'([a-z_.]+)'", re.IGNORECASE)
OF_FUNCTIONS = {"filters"}
"""What stands beside the rest, key by key."""


def recorded(path) -> Iterator[ast.Call]:
    return (call for call in calls(path, "record") if ast.unparse(call.func) == "audit.record")


def verbs() -> set[str]:
    """Every verb that the code records: those made of a deed's name are looked up where the deeds are told."""
    found = set()
    for path in modules().values():
        for call in recorded(path):
            verb = call.args[0]
            if isinstance(verb, ast.Constant):
                found.add(verb.value)
            else:
                found |= {
                    ast.unparse(verb)[2:-1].replace("{deed}", told.args[0].value) for told in calls(path, "_tell_audit")
                }
    sources = [*modules().values(), *(ROOT / "migrations" / "sql").rglob("*.sql")]
    return found.union(*(IN_SQL.findall(path.read_text(encoding="utf-8")) for path in sources))


def keys() -> set[str]:
    """Every key of what the code records: in the call itself, or in the module's functions that tell the facts."""
    found = set()
    for path in modules().values():
        told = list(recorded(path))
        names = {ast.unparse(part.func) for call in told for part in ast.walk(call) if isinstance(part, ast.Call)}
        functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef) and node.name in names]
        for node in (*told, *functions):
            for part in ast.walk(node):
                if isinstance(part, ast.Dict):
                    found |= {key.value for key in part.keys if isinstance(key, ast.Constant)}
    return found


def test_no_verb_lacks_a_sentence():
    found = verbs()

    assert {"leads.capture", "tasks.cancel", "denied", "audit.blank"} <= found
    assert found - {verb.value for verb in Verb} == set()


def test_a_sentence_is_no_name_of_code():
    assert [verb for verb in Verb if "." in str(verb.label) or "_" in str(verb.label)] == []


def test_no_key_lacks_a_label():
    found = keys()

    assert {"status", "due_date", "agent_id", "retention_months"} <= found
    assert found - {*LABELS, *HIDDEN, *OF_FUNCTIONS} == set()
