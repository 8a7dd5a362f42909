"""Where the packaged rulesets lie, and how they are read. The only file access of the regulation."""

from pathlib import Path
from typing import Any

import yaml

# The roots searched for rulesets. A test may put a folder with a made-up ruleset before them.
ROOTS: tuple[Path, ...] = (Path(__file__).parent / "rulesets",)

# The C loader reads the 26 sheets about ten times faster; a libyaml-free build of PyYAML lacks it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def folders(roots: tuple[Path, ...]) -> dict[str, Path]:
    """Ruleset id -> its folder (a folder of that name with an `index.yaml`); earlier roots win."""
    found: dict[str, Path] = {}
    for root in roots:
        for index in sorted(root.glob("*/index.yaml")):
            found.setdefault(index.parent.name, index.parent)
    return found


def read_yaml(path: Path) -> dict[str, Any]:
    """One YAML file as plain values; raises OSError or yaml.YAMLError."""
    return yaml.load(path.read_bytes(), _Loader)


def read_bytes(path: Path) -> bytes:
    """The content of a file that a person names; raises OSError."""
    return path.read_bytes()
