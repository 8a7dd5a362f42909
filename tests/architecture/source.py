"""The project's own source files, as the checks of its architecture read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("ocop", "services", "shared")
ALL = (*PROGRAM, "tests", "bench")
HOUSES = ("registration", "evaluation", "certification", "promotion", "programme")


def files(*suffixes: str, of: tuple[str, ...] = ALL) -> list[Path]:
    """Paths relative to the project, in order; a part that does not exist yet has none."""
    found = (path for part in of for path in (ROOT / part).rglob("*") if path.suffix in suffixes)
    return sorted(path.relative_to(ROOT) for path in found)


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file of the project."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
