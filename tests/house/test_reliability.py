"""Every row of the reliability table that stands so far has tests that say so."""

import ast

from tests.house.source import modules, tree

STANDS = """
    C1 C2 C3 C5 C7 C8 C9 C10 C12
    D1 D3 D4 D5 D6 D7 D8 D9
    P2 P3 P4 P5
    I1 I2 I4 I5 I6 I8 I9 I10 I11
    Z1 Z2 Z3 Z5 Z7 Z8
    S1 S2 S3 S4 S6 S8
    B1 B2 B4
    G1 G3 G4
    R1 R2
"""


def proved() -> set[str]:
    """The rows that `pytest.mark.row(...)` names anywhere in the tests."""
    return {
        row.value
        for path in modules("tests").values()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.row"
        for row in node.args
        if isinstance(row, ast.Constant)
    }


def test_every_row_has_a_test():
    assert set(STANDS.split()) - proved() == set()
