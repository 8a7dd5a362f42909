"""Places by two maps: as they were on the day of the fact, or as they are called today.

Where a unit was split there is no rule for what lay in it: its facts keep the province if all parts lie in one, and have no
commune of today. Nothing is chosen; the candidates are told.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from shared import units
from shared.units import Map

PLACES: dict[Map, dict[str, str]] = {
    "day": {
        "vi": "Địa danh theo bản đồ hành chính của ngày ghi nhận từng việc (công nhận trước đây: của ngày nhập); một mã mà địa "
        "giới đã đổi thì tách thành nhiều dòng.",
        "en": "Places are those of the map of the day of each fact (earlier recognitions: of the day on which they were taken "
        "in); a code whose area has changed since has a row for each area.",
    },
    "today": {
        "vi": "Địa danh theo bản đồ hành chính hôm nay; nơi đã bị chia tách thì không chọn thay: tính vào tỉnh nếu mọi phần "
        "thuộc một tỉnh, còn xã để là chưa xác định.",
        "en": "Places are those of today's map; where a unit was split nothing is chosen: it counts under the province if all "
        "parts lie in one, and its commune stays unassigned.",
    },
}  # fmt: skip


def number_of(on: date) -> int:
    """Which map a day has: how many days of change have been, as `width_bucket` counts them."""
    return bisect_right(units.map_days(), on)


def day_of(number: int) -> date:
    """A day that has this map."""
    days = units.map_days()
    return days[number - 1] if number else days[0] - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moved:
    """Units of earlier maps and where they are now, column by column; null where there is no single place."""

    communes: tuple[tuple[str, ...], tuple[int, ...], tuple[str | None, ...], tuple[str | None, ...]]
    provinces: tuple[tuple[str, ...], tuple[int, ...], tuple[str | None, ...]]


NOTHING_MOVED = Moved(((), (), (), ()), ((), (), ()))


def moved(since: date, today: date) -> Moved:
    """All units of the maps from the day `since` on that are no longer what they were on the day `today`."""
    return _moved(number_of(since), number_of(today))


@lru_cache(maxsize=32)
def _moved(first: int, last: int) -> Moved:
    communes, provinces, today = [], [], day_of(last)
    for number in range(first, last):
        known_on = day_of(number)
        communes += [(unit.code, number, *placed(unit.code, known_on, today))
                     for unit in units.ended("commune", known_on, today)]  # fmt: skip
        provinces += [(unit.code, number, only(units.successors("province", unit.code, known_on, today)))
                      for unit in units.ended("province", known_on, today)]  # fmt: skip
    return Moved(columns(communes, 4), columns(provinces, 3))


def placed(commune: str, known_on: date, today: date) -> tuple[str | None, str | None]:
    """(province, commune) of today of a commune of a day; null where it has several, or none."""
    found = units.successors("commune", commune, known_on, today)
    above = {province and province.code for unit in found for province in [units.province_of(unit.code, today)]}
    return (above.pop() if len(above) == 1 else None), only(found)


def only(found: list[units.Unit]) -> str | None:
    return found[0].code if len(found) == 1 else None


def columns(rows: list[tuple[Any, ...]], width: int) -> Any:
    return tuple(zip(*rows, strict=True)) or ((),) * width


def candidates(commune: str | None, known_on: date, today: date) -> list[str]:
    """The communes of today that hold a part of a commune of a day, by code."""
    if commune is None:
        return []
    return sorted(unit.code for unit in units.successors("commune", commune, known_on, max(known_on, today)))


def same_area(level: units.Level, code: str, on: date) -> list[int]:
    """The maps on which a code means the area that it means on a day; none where it means nothing then."""
    if units.unit(level, code, on) is None:
        return []
    since = units.same_land_since(level, code, on)
    return [number for number in _maps_of(level, code) if units.same_land_since(level, code, day_of(number)) == since]


def _maps_of(level: units.Level, code: str) -> Iterator[int]:
    for number in range(len(units.map_days()) + 1):
        if units.unit(level, code, day_of(number)) is not None:
            yield number
