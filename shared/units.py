"""Administrative units of Vietnam and their history: a code means a unit only with a date.

Provinces (tỉnh, thành phố), districts (huyện, until 30 June 2025) and communes (xã, phường, đặc khu) of both maps, and
what became of each. The data are `data/units/units.csv` and `unit_changes.csv`; mergers to come are new rows there.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

Level = Literal["province", "district", "commune"]
Map = Literal["today", "day"]  # by which a place is meant: today's, or that of the day of each fact
Row = tuple[str, ...]

LEVEL, CODE, PARENT, FROM, TO = 0, 1, 2, 5, 6  # columns of the units
DAY = timedelta(days=1)
NEW_CODE, CHANGED_ON = 2, 3  # columns of the changes
DATA = Path(__file__).with_name("data") / "units"
LEVEL_OF_LENGTH: dict[int, Level] = {2: "province", 3: "district", 5: "commune"}


def level_of(code: str) -> Level | None:
    """The level that codes of this length are of; None for what is no code."""
    return LEVEL_OF_LENGTH.get(len(code)) if code.isdecimal() else None


class UnknownUnit(ValueError):
    """No unit has this code on this day."""

    def __init__(self, level: Level, code: str, on: date) -> None:
        self.level, self.code, self.on = level, code, on
        super().__init__(f"no {level} has the code {code!r} on {on}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it was from `valid_from` to the day before `valid_to`; None = open on that side.

    `parent` is the code of that time: commune to district before 1 July 2025, to province since.
    """

    level: Level
    code: str
    parent: str | None
    name: str
    kind: str
    valid_from: date | None
    valid_to: date | None
    also: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """The name with its kind: "xã Ba Động", "tỉnh Quảng Ngãi", "thành phố Huế"."""
        return f"{self.kind.removesuffix(' trung ương')} {self.name}"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a unit on a day; more than one `targets` = it was split, and each row is one candidate."""

    level: Level
    old_code: str
    new_code: str
    on: date
    targets: int
    partly: bool
    note: str

    @property
    def new_level(self) -> Level:
        """The level of `new_code`: five island districts became communes."""
        return LEVEL_OF_LENGTH[len(self.new_code)]


# --- one day ---


def unit(level: Level, code: str, on: date) -> Unit | None:
    """The unit that has this code on this day, None if there is none."""
    return next(_on(on, _rows_of("units.csv", (LEVEL, CODE), (level, code))), None)


def province(code: str, on: date) -> Unit | None:
    return unit("province", code, on)


def commune(code: str, on: date) -> Unit | None:
    return unit("commune", code, on)


def require_commune(code: str, on: date) -> Unit:
    """The commune that has this code on this day. Raises UnknownUnit."""
    return _required("commune", code, on)


def parent_on(level: Level, code: str, on: date) -> Unit | None:
    """The unit above on this day: district or province of a commune, province of a district; None above a province."""
    below = unit(level, code, on)
    if below is None or below.parent is None:
        return None
    return unit(LEVEL_OF_LENGTH[len(below.parent)], below.parent, on)


def district_of(commune_code: str, on: date) -> Unit | None:
    """The district of a commune on this day; None since 1 July 2025."""
    above = parent_on("commune", commune_code, on)
    return above if above and above.level == "district" else None


def province_of(commune_code: str, on: date) -> Unit | None:
    """The province of a commune on this day, through its district where there was one."""
    above = parent_on("commune", commune_code, on)
    return parent_on("district", above.code, on) if above and above.level == "district" else above


def provinces(on: date) -> list[Unit]:
    """All provinces of this day, by code: 63 until 30 June 2025, 34 since."""
    return _below("", on)


def codes(level: Level) -> frozenset[str]:
    """Every code of a level, of whatever day."""
    return frozenset(row[CODE] for row in _table("units.csv") if row[LEVEL] == level)


def communes_of(province_code: str, on: date) -> list[Unit]:
    """All communes of a province on this day, by code, through its districts where there were any."""
    below = _below(province_code, on)
    districts = [found.code for found in below if found.level == "district"]
    communes = [found for found in below if found.level == "commune"]
    communes += [found for code in districts for found in _below(code, on)]
    return sorted(communes, key=lambda found: found.code)


def districts_of(province_code: str, on: date) -> list[Unit]:
    """All districts of a province on this day, by code, also those without communes; none since they ended."""
    return [found for found in _below(province_code, on) if found.level == "district"]


# --- from one day to another ---


@cache
def map_days() -> tuple[date, ...]:
    """The days on which the map changed, in order: between two of them every code means one unit."""
    days = {row[column] for row in _table("units.csv") for column in (FROM, TO)} - {""}
    return tuple(date.fromisoformat(day) for day in sorted(days))


def same_land_since(level: Level, code: str, on: date) -> date | None:
    """Since when the code has meant the area that it means on this day, by whatever name and kind; None = from the start.

    A day on which the unit took in anything, gave away anything or came to be begins another area. Raises UnknownUnit.
    """
    found = unit(level, code, on)
    if found is None:
        raise UnknownUnit(level, code, on)
    begun = found.valid_from
    if begun is None:
        return None
    sources = [_change(row) for row in _rows_of("unit_changes.csv", (NEW_CODE, CHANGED_ON), (code, begun.isoformat()))]
    if len(sources) != 1 or sources[0].old_code != code or sources[0].partly:
        return begun
    return same_land_since(level, code, begun - timedelta(days=1))


def every(level: Level) -> list[Unit]:
    """Every unit of a level, of whatever day, in the order of the table."""
    return [_unit(row) for row in _rows_of("units.csv", (LEVEL,), (level,))]


def former() -> Sequence[Row]:
    """Names that had ended before the map of 2025: level, code, parent, name, kind, last listed, not listed, now."""
    return _table("former_units.csv")


@lru_cache(maxsize=65_536)
def day_of_codes(province_code: str, commune_code: str, on: date) -> date:
    """The latest day until `on` on which the commune lay in the province: a thing that was begun before the map changed keeps
    the codes of its beginning. `on` itself where no day fits.
    """
    days = (on, *(day - DAY for day in reversed(map_days()) if day <= on))
    return next((day for day in days if _lies_in(commune_code, province_code, day)), on)


def _lies_in(commune_code: str, province_code: str, on: date) -> bool:
    if not commune_code:
        return province(province_code, on) is not None
    above = province_of(commune_code, on)
    return above is not None and above.code == province_code


def ended(level: Level, known_on: date, by: date) -> list[Unit]:
    """The units of the day `known_on` that are no longer what they were on the day `by`, in the order of the table."""
    first, last = known_on.isoformat(), by.isoformat()
    rows = _rows_of("units.csv", (LEVEL,), (level,))
    return [_unit(row) for row in rows if row[FROM] <= first < row[TO] <= last]


def changed_on(day: date) -> list[Change]:
    """Everything that changed on a day, in the order of the table; [] on any other."""
    return [_change(row) for row in _rows_of("unit_changes.csv", (CHANGED_ON,), (day.isoformat(),))]


def changes(level: Level, code: str, after: date) -> list[Change]:
    """What became of the unit on the first day of change after the given one; [] if nothing did.

    Several rows = a split: show all of them, store none, let a person choose.
    """
    rows = _rows_of("unit_changes.csv", (LEVEL, CODE), (level, code))
    later = [change for change in map(_change, rows) if change.on > after]
    first = min((change.on for change in later), default=None)
    return [change for change in later if change.on == first]


def successors(level: Level, code: str, known_on: date, on: date) -> list[Unit]:
    """Every unit of the day `on` that holds at least a part of what the code meant on `known_on`; [] if nothing.

    One unit is an answer, several are candidates. Raises ValueError where `on` is before `known_on`: from new to old
    there is no rule.
    """
    if on < known_on:
        raise ValueError(f"successors are asked for forward in time: {on} is before {known_on}")
    if unit(level, code, known_on) is None:
        return []
    ends = dict.fromkeys(_ends(level, code, known_on, on))
    found = [unit(end_level, end_code, on) for end_level, end_code in ends]
    return [end for end in found if end is not None]


def predecessors(level: Level, code: str, known_on: date, on: date) -> list[Unit]:
    """Every unit of the earlier day `on` of which a part lies in what the code means on `known_on`; [] if it means nothing.

    One unit is an answer, several say that no rule tells where something in it lay. Raises ValueError where `on` is later.
    """
    if on > known_on:
        raise ValueError(f"predecessors are asked for back in time: {on} is after {known_on}")
    found = unit(level, code, known_on)
    if found is None:
        return []
    if found.valid_from is None or found.valid_from <= on:
        return [found]
    before = found.valid_from - timedelta(days=1)
    rows = _rows_of("unit_changes.csv", (NEW_CODE, CHANGED_ON), (code, found.valid_from.isoformat()))
    sources = dict.fromkeys((change.level, change.old_code) for change in map(_change, rows))
    earlier = [end for at, old in sources for end in predecessors(at, old, before, on)]
    return list(dict.fromkeys(earlier))


def today_code(province_code: str, known_on: date, on: date) -> str | None:
    """The code that the province of `known_on` has on the day `on`; None where there is no single successor."""
    found = successors("province", province_code, known_on, on)
    return found[0].code if len(found) == 1 else None


def became(level: Level, code: str, known_on: date, on: date) -> str | None:
    """The code that a unit has on the day `on`, where it is whole; None where it was split or is none.

    A code that means nothing on `known_on` is that of the last unit that had it before.
    """
    if unit(level, code, known_on) is None:
        ends = [row[TO] for row in _rows_of("units.csv", (LEVEL, CODE), (level, code)) if row[TO]]
        before = [end for end in ends if end <= known_on.isoformat()]
        if not before:
            return None
        known_on = date.fromisoformat(max(before)) - timedelta(days=1)
    if on < known_on or any(step.partly for step in changes(level, code, known_on) if step.on <= on):
        return None
    found = successors(level, code, known_on, on)
    return found[0].code if len(found) == 1 and found[0].level == level else None


def _ends(level: Level, code: str, known_on: date, on: date) -> Iterator[tuple[Level, str]]:
    steps = [step for step in changes(level, code, known_on) if step.on <= on]
    if not steps:
        yield level, code
    for step in steps:
        yield from _ends(step.new_level, step.new_code, step.on, on)


# --- which facts lie in a unit: by today's map, or by the map of one day ---

Stretch = tuple[str, date, date]  # a code, the first day on which it means the area asked for, the day after the last


@lru_cache(maxsize=4096)
def within(level: Level, code: str, on: date) -> tuple[Stretch, ...]:
    """Every code of any day whose whole unit lies in what the code means on the day `on`, with the days of that.

    What was split lies nowhere as a whole. Empty where the code means nothing.
    """
    found = unit(level, code, on)
    if found is None:
        return ()
    own = (code, found.valid_from or date.min, found.valid_to or date.max)
    if found.valid_from is None:
        return (own,)
    begun = found.valid_from
    sources = map(_change, _rows_of("unit_changes.csv", (NEW_CODE, CHANGED_ON), (code, begun.isoformat())))
    whole = [change.old_code for change in sources if change.level == level and not change.partly]
    return own, *(one for old in whole for one in within(level, old, begun - timedelta(days=1)))


def same_land(level: Level, code: str, on: date) -> tuple[Stretch, ...]:
    """The code with all days on which it means the area that it means on the day `on`; empty where it means nothing."""
    found = unit(level, code, on)
    if found is None:
        return ()
    since = same_land_since(level, code, on)
    while (
        found.valid_to and unit(level, code, found.valid_to) and same_land_since(level, code, found.valid_to) == since
    ):
        found = _required(level, code, found.valid_to)
    return ((code, since or date.min, found.valid_to or date.max),)


def _required(level: Level, code: str, on: date) -> Unit:
    found = unit(level, code, on)
    if found is None:
        raise UnknownUnit(level, code, on)
    return found


# --- the tables: read once, and made into units only when asked for, so that a start costs little ---


def _below(parent: str, on: date) -> list[Unit]:
    return sorted(_on(on, _rows_of("units.csv", (PARENT,), (parent,))), key=lambda found: found.code)


def _on(on: date, rows: Iterable[Row]) -> Iterator[Unit]:
    day = on.isoformat()
    for row in rows:
        valid_from, valid_to = row[FROM], row[TO]
        if valid_from <= day and (not valid_to or day < valid_to):
            yield _unit(row)


def _rows_of(table: str, columns: tuple[int, ...], key: Row) -> Sequence[Row]:
    return _index(table, columns).get(key, ())


@cache
def _index(table: str, columns: tuple[int, ...]) -> dict[Row, list[Row]]:
    index: dict[Row, list[Row]] = {}
    for row in _table(table):
        index.setdefault(tuple(row[column] for column in columns), []).append(row)
    return index


@cache
def _table(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)  # the names of the columns
        return [tuple(row) for row in rows]


@cache
def _unit(row: Row) -> Unit:
    _, code, parent, name, kind, valid_from, valid_to, also = row
    return Unit(
        LEVEL_OF_LENGTH[len(code)], code, parent or None, name, kind, _date(valid_from), _date(valid_to),
        tuple(filter(None, also.split("|"))),
    )  # fmt: skip


@cache
def _change(row: Row) -> Change:
    _, old_code, new_code, on, targets, partly, note = row
    return Change(
        LEVEL_OF_LENGTH[len(old_code)], old_code, new_code, date.fromisoformat(on), int(targets), partly == "1", note
    )


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
