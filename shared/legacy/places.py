"""Which commune of today an old book means, by name, kind and address; what is not certain is not chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from shared import units
from shared.legacy.text import fold, spelled, tidy, words
from shared.legacy.words import kind_apart

OLD_DAY = date(2025, 6, 30)  # the last day of the old map
SHORT, MOST, MOST_OF_SHORT = 4, 2, 1  # an edit distance of at most 2, or 1 for names of four characters or fewer


@dataclass(frozen=True, slots=True)
class Place:
    """What was found: the unit of today or none, the code to say, and the units that a person may choose from."""

    unit: units.Unit | None
    code: str | None = None
    candidates: tuple[units.Unit, ...] = ()
    old: units.Unit | None = None  # the one commune of the old map that was meant

    @property
    def name(self) -> str | None:
        """`Phường Phan Thiết`, `Xã Ninh Gia`."""
        return f"{self.unit.kind.capitalize()} {self.unit.name}" if self.unit else None


class Names:
    """The communes of one list by their names, the official spellings beside them included."""

    def __init__(self, communes: Sequence[units.Unit]) -> None:
        self._by_name: dict[str, list[units.Unit]] = {}
        self._by_spelling: dict[str, list[units.Unit]] = {}
        for unit in communes:
            for name in dict.fromkeys((unit.name, *unit.also)):
                _put(self._by_name, fold(name), unit)
                _put(self._by_spelling, spelled(name), unit)

    def named(self, name: str) -> list[units.Unit]:
        return self._by_name.get(fold(name), [])

    def nearest(self, name: str) -> units.Unit | None:
        """The one commune whose name is nearest; None where several are as near, or one name is borne by several."""
        sought = spelled(name)
        most = MOST_OF_SHORT if len(sought) <= SHORT else MOST
        found = process.extract(
            sought, self._spellings, scorer=Levenshtein.distance, score_cutoff=most, limit=None
        )  # fmt: skip
        least = min((distance for _, distance, _ in found), default=None)
        bearers = {
            (unit.code, unit.valid_from): unit
            for text, distance, _ in found if distance == least for unit in self._by_spelling[text]
        }  # fmt: skip
        return next(iter(bearers.values())) if len(bearers) == 1 else None

    @cached_property
    def _spellings(self) -> list[str]:
        return list(self._by_spelling)


def _put(index: dict[str, list[units.Unit]], name: str, unit: units.Unit) -> None:
    bearers = index.setdefault(name, [])
    if unit not in bearers:
        bearers.append(unit)


class Places:
    """The communes that a book of one province (code of the day `on`) can mean."""

    def __init__(self, province: str | None, on: date) -> None:
        self.on = on
        self._today = Names(units.communes_of(province, on) if province else ())
        self._old = Names(_old_communes(province, on) if province else ())
        self._found = lru_cache(maxsize=20_000)(self._find)

    def find(self, text: str, address: str) -> Place:
        """The commune of a tidy text (column 6) and an address (column 7)."""
        return self._found(text, address)

    def _find(self, text: str, address: str) -> Place:
        kind, name = kind_apart(text)
        today = _of_kind(self._today.named(name), kind)
        if len(today) == 1:
            return Place(today[0])
        if today:
            return Place(None, "W-COMMUNE-AMBIGUOUS", tuple(today))
        if old := self._old.named(name):
            meant = _of_kind(_in_address(old, address), kind)
            return self._of_old(meant[0]) if len(meant) == 1 else self._ambiguous(meant)
        if near := self._today.nearest(name):
            return Place(near, "W-COMMUNE-SPELLING")
        if near := self._old.nearest(name):
            ends = self._ends(near)
            return Place(ends[0] if len(ends) == 1 else None, "W-COMMUNE-SPELLING", ends, near)
        return Place(None, "W-COMMUNE-UNKNOWN")

    def _of_old(self, old: units.Unit) -> Place:
        ends = self._ends(old)
        if len(ends) == 1:
            return Place(ends[0], "W-COMMUNE-OLD", old=old)
        return Place(None, "W-COMMUNE-SPLIT", ends, old)

    def _ambiguous(self, meant: Sequence[units.Unit]) -> Place:
        ends = {end.code: end for old in meant for end in self._ends(old)}
        return Place(None, "W-COMMUNE-AMBIGUOUS", tuple(ends.values()))

    def _ends(self, old: units.Unit) -> tuple[units.Unit, ...]:
        return tuple(units.successors("commune", old.code, OLD_DAY, self.on))


@cache
def places(province: str | None, on: date) -> Places:
    return Places(province, on)


def province_in(title: str, on: date) -> str | None:
    """The code of the province that a title block names after "tỉnh" or "thành phố", in the list of the day."""
    text, found = words(title), []
    for unit in units.provinces(on):
        for name in (unit.name, *unit.also):
            for before in ("tỉnh", "thành phố"):
                at = text.find(words(f"{before} {name}"))
                found += [(at, unit.code)] if at >= 0 else []
    return min(found)[1] if found else None


def _old_communes(province: str, on: date) -> list[units.Unit]:
    """The communes of the old map, of all provinces that went into this one; none for a book of that map's time."""
    if on <= OLD_DAY:
        return []
    went = [old for old in units.provinces(OLD_DAY) if units.today_code(old.code, OLD_DAY, on) == province]
    return [commune for old in went for commune in units.communes_of(old.code, OLD_DAY)]


def _of_kind(found: list[units.Unit], kind: str | None) -> list[units.Unit]:
    """Of several of one name those of the same kind; all of them where none is."""
    if len(found) < 2 or kind is None:
        return found
    return [unit for unit in found if unit.kind == kind] or found


def _in_address(found: list[units.Unit], address: str) -> list[units.Unit]:
    """Of several of one name those whose district, with its kind, stands in the address; all of them where none does."""
    if len(found) < 2 or not tidy(address):
        return found
    text = words(address)
    return [unit for unit in found if any(words(name) in text for name in _district_names(unit))] or found


def province_of_old(commune: units.Unit) -> str | None:
    """The code of the province in which a commune of the old map lay."""
    district = units.parent_on("commune", commune.code, OLD_DAY)
    province = district and units.parent_on("district", district.code, OLD_DAY)
    return province and province.code


@lru_cache(maxsize=20_000)
def _district_names(commune: units.Unit) -> tuple[str, ...]:
    district = units.parent_on("commune", commune.code, OLD_DAY)
    return tuple(f"{district.kind} {name}" for name in (district.name, *district.also)) if district else ()
