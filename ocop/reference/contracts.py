"""What is said on the bus as files for outsiders: `python -m ocop.reference.contracts` writes them, made from the code.

`docs/reference/schemas/<Name>.v<N>.json` are the JSON Schemas, `docs/reference/asyncapi.json` describes the topics, with
the golden examples. `python -m ocop.reference.contracts release N` freezes the schemas and the examples of a release:
what is released is never changed, and later schemas are held against it.
"""

import hashlib
import sys
from pathlib import Path
from typing import Any

import orjson

from shared.contracts.asyncapi import asyncapi
from shared.contracts.schemas import said_by, schema_of
from shared.contracts.topics import HOUSES

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
SCHEMAS = REFERENCE / "schemas"
RELEASED = SCHEMAS / "released"
GOLDEN = ROOT / "tests" / "contracts" / "golden"
SUMS = "SHA256SUMS"
STYLE = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def examples() -> dict[str, Any]:
    """The golden examples by name of the contract, as structured CloudEvents."""
    return {file.stem: orjson.loads(file.read_bytes()) for file in sorted(GOLDEN.glob("*.json"))}


def schemas() -> dict[str, bytes]:
    """The text of each schema file by name, the same whenever it is made from the same code."""
    kinds = {name: kind for house in HOUSES for name, kind in said_by(house).items()}
    return {name: orjson.dumps(schema_of(kind), option=STYLE) for name, kind in sorted(kinds.items())}


def files() -> dict[Path, bytes]:
    """Every generated file with its text."""
    found = {SCHEMAS / f"{name}.json": text for name, text in schemas().items()}
    return found | {REFERENCE / "asyncapi.json": orjson.dumps(asyncapi(examples=examples()), option=STYLE)}


def write() -> None:
    """Writes what is generated and removes schemas of what is not said any more."""
    wanted = files()
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for old in set(SCHEMAS.glob("*.json")) - wanted.keys():
        old.unlink()
    for path, text in wanted.items():
        path.write_bytes(text)


def releases() -> list[Path]:
    """The folders of what was released, the oldest first."""
    return sorted((path for path in RELEASED.glob("*") if path.is_dir()), key=lambda path: int(path.name))


def release(number: int) -> None:
    """Freezes schemas and examples with their SHA-256 sums (`sha256sum -c` at the top reads them). Raises FileExistsError."""
    folder = RELEASED / str(number)
    folder.mkdir(parents=True)
    for name, text in schemas().items():
        (folder / f"{name}.json").write_bytes(text)
    frozen = [*sorted(folder.glob("*.json")), *(GOLDEN / f"{name}.json" for name in schemas())]
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(ROOT).as_posix()}" for file in frozen]
    (folder / SUMS).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    match arguments:
        case []:
            write()
        case ["release", number] if number.isdigit():
            write()
            release(int(number))
        case _:
            sys.stderr.write("usage: python -m ocop.reference.contracts [release NUMBER]\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
