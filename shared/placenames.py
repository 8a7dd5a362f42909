"""Administrative units by name, for reading old papers: every unit that bore it, with its days. Nothing here is ever chosen.

Names are compared as the tables ask: case, the place of the tone mark, apostrophes, hyphens, spaces and 08/8 do not count.
`former_units.csv` has names that had ended before the map of 2025; what they became is a help, and for some not known.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

from shared import units
from shared.units import LEVEL_OF_LENGTH, Level, Unit

FORMER_NOW_ON = date(2025, 6, 30)  # the day whose map the codes are of to which former units went
TONES = "\u0300\u0301\u0303\u0309\u0323"
APOSTROPHES = dict.fromkeys(map(ord, "’'`´ʼ‘"))
HYPHENS = str.maketrans("-–", "  ")
KINDS = sorted(
    ("thành phố", "tỉnh", "quận", "huyện", "thị xã", "phường", "xã", "thị trấn", "đặc khu"), key=len, reverse=True
)


@dataclass(frozen=True, slots=True)
class Named:
    """A unit that bears a name. `former`: it had ended before 2025, between `last_listed` and `not_listed`, and went to
    the units `now` of June 2025 (none: not known).
    """

    level: Level
    code: str
    parent: str | None
    name: str
    kind: str
    valid_from: date | None
    valid_to: date | None
    by: Literal["name", "also", "former"]
    now: tuple[str, ...] = ()
    last_listed: date | None = None


def fold(name: str) -> str:
    """One spelling for comparing; Đắk, Đăk and Đak stay different."""
    text = unicodedata.normalize("NFD", name.lower()).translate(APOSTROPHES).translate(HYPHENS)
    return "".join(map(_word, text.split()))


def _word(word: str) -> str:
    bare = unicodedata.normalize("NFC", "".join(sign for sign in word if sign not in TONES))
    tones = "".join(sign for sign in word if sign in TONES)
    return (bare.lstrip("0") if bare.isdigit() else bare) + tones


def kind_apart(text: str) -> tuple[str | None, str]:
    """The kind before a name, if one is written, and the name."""
    tidy = " ".join(unicodedata.normalize("NFC", text).split())
    kind = next((kind for kind in KINDS if tidy.lower().startswith(f"{kind} ")), None)
    return kind, tidy[len(kind) + 1 :] if kind else tidy


def named(text: str, *, on: date | None = None, level: Level | None = None, within: str | None = None) -> list[Named]:
    """All units of the name: those of the kind that is written first, then by level and code.

    `on`: only units of that day, and former ones that may still have been there. `within`: a province or district.
    """
    kind, name = kind_apart(text)
    found = [
        one
        for wanted in dict.fromkeys((fold(name), fold(text)))
        for one in _by_name().get(wanted, ())
        if (level is None or one.level == level) and (on is None or _there(one, on)) and _lies_in(one, within)
    ]
    order = {"province": 0, "district": 1, "commune": 2}
    return sorted(
        dict.fromkeys(found),
        key=lambda one: (kind is not None and one.kind.removesuffix(" trung ương") != kind, order[one.level], one.code,
                         one.valid_from or date.min),
    )  # fmt: skip


def shown(one: Named, today: date) -> dict[str, Any]:
    """A candidate as it is read: what it was, when, and every unit of today that holds a part of it."""
    ends = one.now if one.by == "former" else (one.code,)
    known_on = FORMER_NOW_ON if one.by == "former" else _last_day(one, today)
    today_units = [
        {"level": unit.level, "code": unit.code, "name": unit.full_name}
        for code in ends for unit in units.successors(_level(code), code, known_on, max(today, known_on))
    ]  # fmt: skip
    above = units.unit(_level(one.parent), one.parent, known_on) if one.parent else None
    return {
        "level": one.level, "code": one.code, "name": f"{one.kind.removesuffix(' trung ương')} {one.name}", "by": one.by,
        "parent": one.parent, "parent_name": above and above.full_name, "valid_from": one.valid_from,
        "valid_to": one.valid_to, "last_listed": one.last_listed,
        "went_to": [unit.full_name for code in one.now if (unit := units.unit(_level(code), code, FORMER_NOW_ON))],
        "today": list({u["code"]: u for u in today_units}.values()),
    }  # fmt: skip


def _there(one: Named, on: date) -> bool:
    return (one.valid_from or date.min) <= on < (one.valid_to or date.max)


def _lies_in(one: Named, within: str | None) -> bool:
    """By the codes of its own time, through its district where there was one."""
    if within is None or within in (one.parent, one.code):
        return True
    day = _last_day(one, date.max)
    above = units.unit(_level(one.parent), one.parent, day) if one.parent else None
    return above is not None and above.parent == within


def _last_day(one: Named, today: date) -> date:
    """A day on which it was there: its last, or today."""
    if one.valid_to is None:
        return min(today, date.max - units.DAY) if today < date.max else max(units.map_days())
    return min(one.valid_to, date.max) - units.DAY


def _level(code: str) -> Level:
    return LEVEL_OF_LENGTH[len(code)]


@cache
def _by_name() -> dict[str, list[Named]]:
    index: dict[str, list[Named]] = {}
    for one in (*_listed(), *_former()):
        names = (one.name, *_also(one))
        for n, name in enumerate(names):
            entry = one if n == 0 else _as_also(one)
            index.setdefault(fold(name), []).append(entry)
    return index


def _listed() -> Iterator[Named]:
    for level in ("province", "district", "commune"):
        for unit in units.every(level):
            yield _of(unit)


def _of(unit: Unit) -> Named:
    return Named(unit.level, unit.code, unit.parent, unit.name, unit.kind, unit.valid_from, unit.valid_to, "name")


def _also(one: Named) -> tuple[str, ...]:
    if one.by == "former":
        return ()
    unit = units.unit(one.level, one.code, one.valid_from or (one.valid_to or date.max) - units.DAY)
    return unit.also if unit else ()


def _as_also(one: Named) -> Named:
    return Named(one.level, one.code, one.parent, one.name, one.kind, one.valid_from, one.valid_to, "also")


def _former() -> Iterator[Named]:
    for _, code, parent, name, kind, last, gone, now in units.former():
        yield Named(
            LEVEL_OF_LENGTH[len(code)], code, parent or None, name, kind, None, date.fromisoformat(gone), "former",
            tuple(filter(None, now.split("|"))), date.fromisoformat(last),
        )  # fmt: skip
