"""What people read is Vietnamese first, also the name of a thing that is not there."""

import ast

from shared.values import NAMES_VI
from tests.architecture.source import PROGRAM, files, parsed


def names_of_what_is_missing() -> set[str]:
    """The words that the doors give to `found` and `NotFound`, and the classes that commands load."""
    found: set[str] = set()
    for path in files(".py", of=PROGRAM):
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name == "found" and len(node.args) == 3:
                found |= {arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)}
            elif name == "NotFound":
                found |= {k.value.value for k in node.keywords if k.arg == "what" and isinstance(k.value, ast.Constant)}
            elif name == "load" and len(node.args) == 2 and isinstance(node.args[0], ast.Name):
                found |= {node.args[0].id.lower()} if path.parts[0] == "services" else set()
    return found


def test_whatever_may_be_missing_has_a_vietnamese_name() -> None:
    names = names_of_what_is_missing()
    assert {"idea", "dossier", "certificate", "businessplan"} <= names
    assert names <= NAMES_VI.keys()
