"""A province as a plan means it: its districts and communes on one map, and where facts known by other maps lie in it.

A fact keeps the codes of the day on which it was told. Carried to the plan's map it lies inside, outside, or, where a unit
was made of parts of several, nowhere certain: that is said and never chosen.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple

from shared import units

DISTRICTS_UNTIL = date(2025, 6, 30)  # the last day on which there were districts


class Where(NamedTuple):
    """`inside`: None where parts of several provinces are in it; district and commune are None where there is no single one."""

    inside: bool | None
    district: str | None
    commune: str | None


OUTSIDE = Where(False, None, None)


@lru_cache(maxsize=256)
def area(province: str, meant_on: date, on: date) -> "Area":
    """The land that a province's code means on a day, on the map of the day `on`, or of the last on which it was that land."""
    land = land_of(province, meant_on)
    days = [on, *(day - timedelta(days=1) for day in reversed(units.map_days()) if day <= on)]
    last = next((day for day in days if land_of(province, day) == land), meant_on)
    return Area(province, last)


def land_of(province: str, on: date) -> tuple[bool, date | None]:
    """Two days on which this is the same mean the same land by the code."""
    if units.province(province, on) is None:
        return False, None
    return True, units.same_land_since("province", province, on)


@dataclass(frozen=True)
class Area:
    """A province by its code on the map of a day."""

    province: str
    on: date

    @property
    def name(self) -> str:
        found = units.province(self.province, self.on)
        return found.full_name if found else self.province

    @cached_property
    def communes(self) -> dict[str, units.Unit]:
        return {unit.code: unit for unit in units.communes_of(self.province, self.on)}

    @cached_property
    def districts(self) -> dict[str, units.Unit]:
        """None since districts ended."""
        return {unit.code: unit for unit in units.districts_of(self.province, self.on)}

    @property
    def with_districts(self) -> "Area":
        """The same on the last map that had districts."""
        return self if self.on <= DISTRICTS_UNTIL else area(self.province, self.on, DISTRICTS_UNTIL)

    def where(self, province: str, commune: str | None, map_on: date) -> Where:
        """Where a fact lies whose codes are those of the map of a day."""
        return self._where(province, commune, bisect_right(units.map_days(), map_on))

    def _where(self, province: str, commune: str | None, map_number: int) -> Where:
        found = self._known.get((province, commune, map_number))
        if found is None:
            found = self._known[province, commune, map_number] = self._carried(province, commune, map_number)
        return found

    @cached_property
    def _known(self) -> dict[tuple[str, str | None, int], Where]:
        return {}

    def _carried(self, province: str, commune: str | None, map_number: int) -> Where:
        days = units.map_days()
        day = days[map_number - 1] if map_number else days[0] - timedelta(days=1)
        if commune is None or units.commune(commune, day) is None:
            ends = carried("province", province, day, self.on)
            inside = sorted({end.code == self.province for end in ends})
            return Where(inside[0] if len(inside) == 1 else None, None, None) if inside else OUTSIDE
        ends = carried("commune", commune, day, self.on)
        mine = [end for end in ends if end.code in self.communes or end.code in self.districts]
        if not mine:
            return OUTSIDE
        if len(mine) < len(ends):
            return Where(None, None, None)
        districts = {self._district_of(end) for end in mine}
        return Where(True, only(districts), only({end.code for end in mine if end.level == "commune"}))

    def _district_of(self, unit: units.Unit) -> str | None:
        """Of an island that was a district itself, that."""
        if unit.level == "district":
            return unit.code
        above = units.parent_on("commune", unit.code, self.on)
        return above.code if above and above.level == "district" else None


def carried(level: units.Level, code: str, known_on: date, on: date) -> list[units.Unit]:
    """The units of the day `on` that share land with what a code means on another day, before or after it."""
    if on >= known_on:
        return units.successors(level, code, known_on, on)
    return units.predecessors(level, code, known_on, on)


def only(codes: set[str | None]) -> str | None:
    return next(iter(codes)) if len(codes) == 1 else None
