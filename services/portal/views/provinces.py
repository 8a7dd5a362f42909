"""The map of the provinces: equal tiles in their geographic places, or the outlines of an operator's own drawing.

Both are drawn by the same template from what is read here. Nothing of an operator's file is passed on but shapes, boxes and
short texts whose every number was read as a number.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from services.portal.views.words import Text
from shared import units
from shared.settings import BadSetting

Row = dict[str, Any]
TILE, PITCH, MARGIN = 44, 48, 8
COLUMNS, ROWS = 7.6, 16
LEVELS = 5  # of the scale of counts; 0 is none
MOST_BYTES = 2_000_000
LONGEST_TEXT = 80
DRAWN = re.compile(r"[MmLlHhVvCcSsQqTtAaZz0-9eE.,+\s-]+")
NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,6})?")
IDENTIFIER = re.compile(r"p-(\d{2})")

# Since 1/7/2025: column and row of each province's tile, and its short name on it.
TILES = {
    "12": (1, 0, "LCh"), "15": (2, 0, "LCa"), "08": (3, 0, "TQ"), "04": (4, 0, "CB"),
    "11": (0, 1, "ĐB"), "14": (1, 1, "SL"), "25": (2, 1, "PT"), "19": (3, 1, "TNg"), "20": (4, 1, "LS"),
    "01": (2, 2, "HN"), "24": (3, 2, "BN"), "22": (4, 2, "QN"),
    "37": (2, 3, "NB"), "33": (3, 3, "HY"), "31": (4, 3, "HP"),
    "38": (2, 4, "TH"), "40": (2, 5, "NA"), "42": (3, 6, "HT"), "44": (3, 7, "QTr"), "46": (4, 8, "Huế"),
    "48": (4, 9, "ĐNg"), "51": (4, 10, "QNg"), "52": (4, 11, "GL"), "66": (4, 12, "ĐL"),
    "80": (2, 13, "TN"), "75": (3, 13, "ĐNa"), "68": (4, 13, "LĐ"), "56": (5, 13, "KH"),
    "91": (1, 14, "AG"), "82": (2, 14, "ĐT"), "79": (3, 14, "HCM"),
    "96": (1, 15, "CM"), "92": (2, 15, "CT"), "86": (3, 15, "VL"),
}  # fmt: skip
# The archipelagos belong to the link of their province: name, middle of their box, islands around it.
ISLES = ((-13, -7), (-4, -11), (6, -8), (13, -2), (-9, 3), (2, 1), (10, 7), (-2, 10))
ARCHIPELAGOS = {"48": ("Hoàng Sa", 6.35, 9.2), "56": ("Trường Sa", 6.35, 14.2)}


@dataclass(frozen=True, slots=True)
class Shape:
    """A province as a path, with the point where its short name stands; outlines have none."""

    code: str
    d: str
    at: tuple[float, float] | None = None
    abbreviation: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """An archipelago's box of the tiles: its islands and its name belong to the link of province `code`."""

    code: str
    name: str
    x: float
    y: float
    isles: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the template draws: `boxes` and `texts` of an outline are numbers and plain words."""

    view_box: str
    shapes: list[Shape]
    archipelagos: list[Box]
    boxes: list[tuple[str, str, str, str]]
    texts: list[tuple[str, str, str]]
    tiles: bool


# --- tiles ---


def tiles() -> Drawing:
    shapes = [
        Shape(code, square(left(column), left(row)), (left(column) + TILE / 2, left(row) + TILE / 2), abbreviation)
        for code, (column, row, abbreviation) in TILES.items()
    ]
    width, height = round(COLUMNS * PITCH + MARGIN), ROWS * PITCH + 2 * MARGIN - (PITCH - TILE)
    return Drawing(f"0 0 {width} {height}", shapes, [*archipelagos()], [], [], True)


def left(place: float) -> float:
    return MARGIN + place * PITCH


def square(x: float, y: float) -> str:
    """With round corners."""
    side, r = TILE - 10, 5
    corner = f"a{r} {r} 0 0 1 "
    return (
        f"M{x + r} {y}h{side}{corner}{r} {r}v{side}{corner}-{r} {r}h-{side}{corner}-{r} -{r}v-{side}{corner}{r} -{r}z"
    )


def archipelagos() -> Iterator[Box]:
    for code, (name, column, row) in ARCHIPELAGOS.items():
        x, y = round(left(column) + TILE / 2, 1), round(left(row) + TILE / 2, 1)
        isles = "".join(f"M{x + dx - 2.5} {y + dy}a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0z" for dx, dy in ISLES)
        yield Box(code, name, x, y, isles)


# --- an outline of the operator's ---


def drawing_of(file: Path | None) -> Drawing:
    """The tiles, or the outlines of a file. Raises BadSetting where the file cannot be used, with what is wrong with it."""
    if file is None:
        return tiles()
    try:
        return outline(file)
    except (OSError, ValueError, ElementTree.ParseError) as error:
        raise BadSetting(f"OCOP_MAP: {file}: {error}") from error


def outline(file: Path) -> Drawing:
    """Raises OSError, ElementTree.ParseError, ValueError."""
    if file.stat().st_size > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES} bytes")
    text = file.read_text(encoding="utf-8")
    if "<!" in text.replace("<!--", ""):
        raise ValueError("a document type or entities are not read")
    root = ElementTree.fromstring(text)
    view_box = " ".join(numbers(root.get("viewBox", "").split(), "viewBox", 4))
    shapes = [*paths(root)]
    missing = sorted(TILES.keys() - {shape.code for shape in shapes})
    if missing:
        raise ValueError(f"no path with the id {', '.join(f'p-{code}' for code in missing)}")
    boxes = [
        tuple(numbers([rect.get(side, "0") for side in ("x", "y", "width", "height")], "rect", 4))
        for rect in of_kind(root, "rect")
    ]
    texts = [
        (*numbers([text.get("x", "0"), text.get("y", "0")], "text", 2), (text.text or "").strip()[:LONGEST_TEXT])
        for text in of_kind(root, "text")
    ]
    return Drawing(view_box, shapes, [], boxes, texts, False)  # type: ignore[arg-type]


def paths(root: ElementTree.Element) -> Iterator[Shape]:
    for element in of_kind(root, "path"):
        found = IDENTIFIER.fullmatch(element.get("id", ""))
        if found and found[1] in TILES:
            drawn = element.get("d", "")
            if not DRAWN.fullmatch(drawn):
                raise ValueError(f"{found[0]}: d is no path")
            yield Shape(found[1], drawn)


def of_kind(root: ElementTree.Element, kind: str) -> Iterator[ElementTree.Element]:
    """The elements of that name, with or without SVG's namespace."""
    return (element for element in root.iter() if str(element.tag).rpartition("}")[2] == kind)


def numbers(given: list[str], what: str, count: int) -> list[str]:
    """Raises ValueError unless there are so many numbers."""
    if len(given) != count or not all(NUMBER.fullmatch(number) for number in given):
        raise ValueError(f"{what}: expected {count} numbers")
    return given


# --- what is shown on it ---


@dataclass(frozen=True, slots=True)
class Shade:
    """A step of the scale: from how many on, to how many."""

    level: int
    low: int
    high: int


def shades(counts: Mapping[str, int]) -> list[Shade]:
    """Up to five steps of like width from one to the greatest number."""
    most = max(counts.values(), default=0)
    steps = min(LEVELS, most)
    ends = [-(-most * step // steps) for step in range(1, steps + 1)] if steps else []
    lows = [1, *(end + 1 for end in ends[:-1])]
    spread = {1: [4], 2: [2, 4], 3: [2, 3, 5], 4: [1, 2, 4, 5]}.get(steps, [1, 2, 3, 4, 5])
    return [Shade(level, low, high) for level, low, high in zip(spread, lows, ends, strict=False)]


def level(count: int, scale: list[Shade]) -> int:
    return next((shade.level for shade in scale if shade.low <= count <= shade.high), 0)


def names(on: date) -> dict[str, Text]:
    """Code -> name of the provinces of that day that the map has; in English without their kind."""
    return {unit.code: Text(unit.full_name, unit.name) for unit in units.provinces(on) if unit.code in TILES}
