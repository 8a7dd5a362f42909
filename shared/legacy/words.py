"""The tables of `words.yaml`, folded: groups, types, kinds of communes, and what begins a total or a footer."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from shared.legacy.text import fold

FILE = Path(__file__).with_name("words.yaml")


@dataclass(frozen=True, slots=True)
class Words:
    """Every table as folded text to what it means; `kinds`: how a commune's kind is written before its name."""

    header: str
    groups: dict[str, str]
    types: dict[str, str]
    beginnings: tuple[tuple[re.Pattern[str], str], ...]
    kinds: tuple[tuple[re.Pattern[str], str], ...]
    totals: tuple[str, ...]
    footers: tuple[str, ...]
    revoked: str


@cache
def load() -> Words:
    told = _told()
    return Words(
        header=fold(told["header"]), groups=_turned(told["groups"]), types=_turned(told["types"]),
        beginnings=tuple((re.compile(rf"{re.escape(t)}(?!\w)"), kind) for t, kind in _turned(told["beginnings"]).items()),
        kinds=tuple((_before(text), kind) for kind, texts in told["kinds"].items() for text in texts),
        totals=tuple(map(fold, told["totals"])), footers=tuple(map(fold, told["footers"])), revoked=fold(told["revoked"]),
    )  # fmt: skip


def named(table: str, id: str) -> str | None:
    """How the books call a group (`groups`) or a producer's kind (`types`), None for an id that is none."""
    return _told()[table].get(id, [None])[0]


@lru_cache(maxsize=1_000)
def group_of(text: str) -> str | None:
    """The id of a group by its name, None where it is none of the six."""
    return load().groups.get(fold(text))


@lru_cache(maxsize=1_000)
def type_of(text: str) -> str | None:
    """The id of a producer's kind as the books write it."""
    return load().types.get(fold(text))


@lru_cache(maxsize=10_000)
def type_told(subject: str) -> str | None:
    """The kind that a subject's name tells by its beginning, whole words only (Hội is no Hộ)."""
    folded = fold(subject)
    for beginning, kind in load().beginnings:
        if beginning.match(folded):
            return kind
    return None


def begins_with(text: str, beginnings: tuple[str, ...]) -> bool:
    """Whether a text, compared as names are, begins with one of these."""
    letter = text[:1].lower()
    return any(letter == beginning[0] for beginning in beginnings) and fold(text).startswith(beginnings)


def kind_apart(text: str) -> tuple[str | None, str]:
    """A commune's kind, if it is written, and its name without it."""
    for pattern, kind in load().kinds:
        found = pattern.match(text)
        if found and found.end() < len(text):
            return kind, text[found.end() :]
    return None, text


@cache
def _told() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def _turned(table: dict[str, list[str]]) -> dict[str, str]:
    return {fold(text): id for id, texts in table.items() for text in texts}


def _before(text: str) -> re.Pattern[str]:
    """`xã X`, `P. X`, `P.X`, `P4`: a word with a space, an abbreviation with a full stop, or before a number."""
    ends = r"(?:\s+|\.\s*|\s*(?=[0-9]))" if len(text) <= 2 and text != "xã" else r"\.?\s+"
    return re.compile(re.escape(text) + ends, re.IGNORECASE)


@cache
def codes() -> dict[str, tuple[str, str]]:
    """Every code with its meaning, Vietnamese and English."""
    told = yaml.safe_load(FILE.with_name("codes.yaml").read_text(encoding="utf-8"))
    return {code: (vi, en) for code, (vi, en) in told.items()}
