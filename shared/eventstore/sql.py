"""Reads `.sql` files of named statements: `-- name: x` begins each, and each becomes an attribute."""

import re
from pathlib import Path

NAMED = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


class Statements:
    """The named statements of a file, and of those in the folder of its name beside it.

    A misspelt name is an AttributeError at first use, a duplicate at load.
    """

    def __init__(self, path: Path) -> None:
        files = [path, *sorted(path.with_suffix("").glob("*.sql"))]
        parts = [part for file in files for part in NAMED.split(file.read_text(encoding="utf-8"))[1:]]
        names = parts[::2]
        if len(set(names)) != len(names):
            raise ValueError(f"{path.name} names a statement twice")
        for name, text in zip(names, parts[1::2], strict=True):
            setattr(self, name, text.strip().rstrip(";"))

    def __getattr__(self, name: str) -> str:
        raise AttributeError(f"no statement is named {name}")


STORE = Statements(Path(__file__).with_name("statements.sql"))
CHECKPOINT = Statements(Path(__file__).with_name("checkpoints.sql"))
PROOF = Statements(Path(__file__).with_name("proof.sql"))
