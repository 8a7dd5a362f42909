"""Numbers as drawings: where each bar, column, point and dot of a chart stands. The templates only draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.portal.views.words import Text

Row = dict[str, Any]
WIDTH, HEIGHT = 720, 190  # of a chart over months
LEFT, RIGHT, TOP, BOTTOM = 34, 10, 22, 24  # around its ground
BANDS = ((0, 30, 1), (30, 50, 2), (50, 70, 3), (70, 90, 4), (90, 100, 5))  # points and stars, 26/2026 art. 3.2
NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """One value with both its counts: what of it is valid, and what ever was, in percent of the longest."""

    row: Row
    percent: float
    also: float


def bars(rows: Sequence[Row], count: str = "valid", also: str = "ever") -> list[Bar]:
    most = max((row[also] for row in rows), default=0) or 1
    return [Bar(row, round(100 * row[count] / most, 1), round(100 * row[also] / most, 1)) for row in rows]


@dataclass(frozen=True, slots=True)
class Axis:
    """The scale of a chart: its height in what is counted, and the numbers that stand beside it with their place."""

    top: int
    marks: list[tuple[int, float]]

    def y(self, value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / self.top), 1)


def axis(most: int) -> Axis:
    """Up to four whole steps of 1, 2 or 5 times a power of ten."""
    step = next(
        nice * 10**power for power in range(9) for nice in NICE if nice * 10**power * 4 >= most
    )  # fmt: skip
    top = max(step, -(-most // step) * step)
    bare = Axis(top, [])
    return Axis(top, [(value, bare.y(value)) for value in range(0, top + 1, step)])


@dataclass(frozen=True, slots=True)
class Column:
    """One month: its place, how many, and the day from which and until which they are counted."""

    month: date
    last: date
    count: int
    x: float
    y: float
    width: float
    height: float
    label: str | None


@dataclass(frozen=True, slots=True)
class Columns:
    axis: Axis
    columns: list[Column]


def columns(months: Sequence[Row], count: str) -> Columns:
    """A column a month, named where a quarter begins."""
    scale = axis(max((row[count] for row in months), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(months), 1)
    found = []
    for at, row in enumerate(months):
        first, y = date.fromisoformat(row["month"]), scale.y(row[count])
        found.append(Column(
            first, last_of(first), row[count], round(LEFT + at * step + step * 0.14, 1), y, round(step * 0.72, 1),
            round(HEIGHT - BOTTOM - y, 1), month_name(first) if (first.month - 1) % 3 == 0 else None,
        ))  # fmt: skip
    return Columns(scale, found)


@dataclass(frozen=True, slots=True)
class Line:
    """A line over months: solid until the day, dotted after it; `today` is the place of the day."""

    axis: Axis
    solid: str
    ahead: str
    area: str
    today: float
    labels: list[tuple[float, str]]
    end: tuple[float, float, int]


def line(months: Sequence[Row], count: str, on: date) -> Line:
    scale = axis(max((row[count] for row in months), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(months) - 1, 1)
    points = [(round(LEFT + at * step, 1), scale.y(row[count])) for at, row in enumerate(months)]
    now = next((at for at, row in enumerate(months) if row["month"][:7] == on.isoformat()[:7]), len(points) - 1)
    labels = [
        (points[at][0], month_name(first))
        for at, row in enumerate(months)
        if ((first := date.fromisoformat(row["month"])).month - 1) % 6 == 0
    ]
    floor = HEIGHT - BOTTOM
    area = f"{path(points[: now + 1])}L{points[now][0]} {floor}L{points[0][0]} {floor}Z" if points else ""
    x, y = points[now] if points else (LEFT, floor)
    return Line(
        scale, path(points[: now + 1]), path(points[now:]), area, x, labels,
        (x, y, months[now][count] if months else 0),
    )  # fmt: skip


def path(points: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if at else 'M'}{x} {y}" for at, (x, y) in enumerate(points))


def last_of(first: date) -> date:
    """The last day of the month that begins so."""
    number = first.year * 12 + first.month
    return date.fromordinal(date(number // 12, number % 12 + 1, 1).toordinal() - 1)


def month_name(first: date) -> str:
    """04/2027, as a Vietnamese reader writes a month."""
    return f"{first.month:02}/{first.year}"


# --- how averages are spread ---


@dataclass(frozen=True, slots=True)
class Bin:
    """Averages from `low` on, five points wide."""

    low: int
    count: int
    x: float
    y: float
    width: float
    height: float
    stars: int


@dataclass(frozen=True, slots=True)
class Histogram:
    axis: Axis
    bins: list[Bin]
    ends: list[tuple[float, int]]


def histogram(tally: Sequence[Row]) -> Histogram | None:
    """How many averages lie in each five points, from the lowest that occurs; None where nothing was averaged."""
    counts: dict[int, int] = {}
    for row in tally:
        if row["points"] is not None:
            counts[row["points"]] = counts.get(row["points"], 0) + row["count"]
    if not counts:
        return None
    lows = range(min(*counts, 45), 100, 5)
    scale = axis(max(counts.values()))
    step = (WIDTH - LEFT - RIGHT) / len(lows)
    places = {low: round(LEFT + at * step, 1) for at, low in enumerate(lows)}
    bins = [
        Bin(low, counts.get(low, 0), round(x + step * 0.1, 1), (y := scale.y(counts.get(low, 0))), round(step * 0.8, 1),
            round(HEIGHT - BOTTOM - y, 1), next(stars for begin, end, stars in BANDS if begin <= low < end))
        for low, x in places.items()
    ]  # fmt: skip
    return Histogram(
        scale, bins, [(x, low) for low, x in places.items() if low % 10 == 0] + [(float(WIDTH - RIGHT), 100)]
    )


# --- a score on the scale of points ---


@dataclass(frozen=True, slots=True)
class Scale:
    """The bands of stars, where the average lies, and a dot for each ballot; dots of like points stand on one another."""

    bands: list[tuple[int, int, int, bool]]
    mean: float
    dots: list[tuple[float, int]]
    text: Text


def scale(average: float | None, totals: Sequence[float], star: int | None) -> Scale | None:
    """None where nothing was averaged."""
    if average is None:
        return None
    stacks: dict[int, int] = {}
    dots = []
    for total in totals:
        stacks[round(total)] = height = stacks.get(round(total), 0) + 1
        dots.append((float(total), height))
    bands = [(low, high, stars, stars == star) for low, high, stars in BANDS]
    low, high = (min(totals), max(totals)) if totals else (average, average)
    return Scale(
        bands, average, dots,
        Text(f"Trung bình {average} điểm; phiếu thấp nhất {low}, cao nhất {high}".replace(".", ","),
             f"Average {average} points; the lowest ballot {low}, the highest {high}"),
    )  # fmt: skip
