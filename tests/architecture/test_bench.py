"""Every figure that can be asked for has its function: a bench is run seldom, and would notice late what was moved."""

import importlib
import inspect

import pytest

from bench.__main__ import FIGURES, LONG, MODULES


@pytest.mark.parametrize("name", [*FIGURES, *LONG])
def test_a_figure_has_its_function(name: str) -> None:
    module = importlib.import_module(f"bench.{MODULES.get(name, name)}")
    assert inspect.iscoroutinefunction(getattr(module, name if name in MODULES else "measure"))
