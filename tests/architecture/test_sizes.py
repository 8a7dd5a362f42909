"""Sizes that keep a file readable in one go and a function on one screen."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, files, functions, parsed

FILE_LINES = 400
FUNCTION_LINES = 40


def long_functions(tree: ast.Module) -> list[str]:
    sizes = {f"{f.name} (line {f.lineno})": (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions(tree)}
    return [f"{name}: {size} lines" for name, size in sizes.items() if size > FUNCTION_LINES]


@pytest.mark.parametrize("path", files(".py", ".sql"), ids=str)
def test_a_file_is_no_longer_than_a_reader_can_hold(path: Path) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= FILE_LINES


@pytest.mark.parametrize("path", files(".py"), ids=str)
def test_a_function_fits_one_screen(path: Path) -> None:
    assert long_functions(parsed(path)) == []


def test_a_function_of_one_line_too_many_is_found() -> None:
    fits = "def f():\n" + "    x = 1\n" * (FUNCTION_LINES - 1)
    assert long_functions(ast.parse(fits)) == []
    assert long_functions(
        ast.parse(f"class C:\n    async {fits}".replace("\n    x", "\n        x") + " " * 8 + "y = 1")
    )
