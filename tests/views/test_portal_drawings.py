"""The map and the charts: where everything stands, and that an operator's file brings nothing but shapes."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.views import charts, provinces
from services.portal.views.speaking import environment
from shared import units
from shared.settings import BadSetting

TODAY = date(2026, 6, 1)
PATH = '<path id="p-{code}" class="x" onclick="alert(1)" style="fill:red" d="M1,2l3-4z"><title>no</title></path>'


def svg(*more: str, leave_out: str = "", head: str = "") -> str:
    paths = "".join(PATH.format(code=code) for code in provinces.TILES if code != leave_out)
    return f'{head}<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 1100">{paths}{"".join(more)}</svg>'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "map.svg"


# --- the map ---


def test_every_province_has_a_tile_of_its_own_in_its_place() -> None:
    assert set(provinces.TILES) == {unit.code for unit in units.provinces(TODAY)}
    places = [(column, row) for column, row, _ in provinces.TILES.values()]
    assert len(set(places)) == len(places) == 34
    assert len({abbreviation for *_, abbreviation in provinces.TILES.values()}) == 34
    row = {code: row for code, (_, row, _) in provinces.TILES.items()}
    north_to_south = ["04", "01", "38", "40", "42", "44", "46", "48", "51", "52", "66", "68", "79", "96"]
    assert [row[code] for code in north_to_south] == sorted(row[code] for code in north_to_south)
    column = {code: column for code, (column, _, _) in provinces.TILES.items()}
    assert column["91"] < column["82"] < column["79"]
    assert column["11"] < column["14"] < column["20"]


def drawn(drawing: provinces.Drawing, language: str = "vi") -> str:
    env = environment(language)  # type: ignore[arg-type]
    template = env.from_string(
        '{% from "charts.html" import province_map %}'
        '{{ province_map(drawing, names, {"51": 7}, shades, level, "map", "/x?province=", "51") }}'
    )
    return template.render(
        drawing=drawing, names=provinces.names(TODAY), shades=provinces.shades({"51": 7}), level=provinces.level
    )


def test_the_archipelagos_are_drawn_with_their_provinces() -> None:
    markup = drawn(provinces.tiles())
    for code, archipelago in (("48", "Hoàng Sa"), ("56", "Trường Sa")):
        (link,) = [part for part in markup.split("<a ")[1:] if part.startswith(f'href="/x?province={code}"')]
        link = link.partition("</a>")[0]
        assert archipelago in link
        assert f"{provinces.names(TODAY)[code].vi}: 0" in link
    assert markup.count("<a ") == 34
    assert 'aria-label="tỉnh Quảng Ngãi: 7" aria-current="true"' in markup


def test_an_outline_is_drawn_instead_and_nothing_else_of_its_file(file: Path) -> None:
    file.write_text(
        svg('<rect x="1" y="2" width="3" height="4" onload="x()"/><text x="5" y="6">Hoàng Sa &lt;b&gt;</text>',
            "<script>alert(1)</script><image href='http://elsewhere/x.png'/><style>*{}</style>"), encoding="utf-8"
    )  # fmt: skip
    drawing = provinces.drawing_of(file)
    assert (drawing.view_box, drawing.tiles, len(drawing.shapes)) == ("0 0 600 1100", False, 34)
    markup = drawn(drawing)
    assert 'd="M1,2l3-4z"' in markup
    assert "Hoàng Sa &lt;b&gt;" in markup
    for bad in ("alert", "onclick", "onload", "style", "elsewhere", "script", "image"):
        assert bad not in markup


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (svg(leave_out="51"), "no path with the id p-51"),
        (svg().replace("M1,2l3-4z", "M1,2 url(#x)", 1), "d is no path"),
        (svg(head='<!DOCTYPE svg [<!ENTITY a "b">]>'), "document type"),
        (svg().replace('viewBox="0 0 600 1100"', 'viewBox="0 0 600"'), "viewBox"),
        (svg('<rect x="1e999" y="0" width="1" height="1"/>'), "rect"),
        ("no xml", "OCOP_MAP"), ("", "OCOP_MAP"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_map_is_refused_with_what_is_wrong(file: Path, content: str, said: str) -> None:
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadSetting, match=said):
        provinces.drawing_of(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="OCOP_MAP"):
        provinces.drawing_of(tmp_path / "nothing.svg")


@given(st.dictionaries(st.sampled_from(sorted(provinces.TILES)), st.integers(0, 100_000)))
def test_every_count_has_its_shade_and_more_is_never_lighter(counts: dict[str, int]) -> None:
    scale = provinces.shades(counts)
    levels = [provinces.level(count, scale) for count in sorted(counts.values())]
    assert levels == sorted(levels)
    assert all((provinces.level(count, scale) == 0) == (count == 0) for count in counts.values())


# --- charts ---


@given(st.integers(0, 10**7))
def test_an_axis_has_few_whole_marks_and_room_for_the_greatest_number(most: int) -> None:
    axis = charts.axis(most)
    assert axis.top >= max(most, 1)
    assert 2 <= len(axis.marks) <= 6
    assert [value for value, _ in axis.marks] == sorted({value for value, _ in axis.marks})
    assert axis.y(axis.top) == charts.TOP < axis.y(0) == charts.HEIGHT - charts.BOTTOM


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=20))
def test_bars_are_as_long_as_what_they_show(counts: list[tuple[int, int]]) -> None:
    rows = [{"valid": min(pair), "ever": max(pair)} for pair in counts]
    for bar in charts.bars(rows):
        assert 0 <= bar.percent <= bar.also <= 100


def test_a_month_has_its_last_day() -> None:
    assert charts.last_of(date(2027, 2, 1)) == date(2027, 2, 28)
    assert charts.last_of(date(2027, 12, 1)) == date(2027, 12, 31)
    assert charts.last_of(date(2028, 2, 1)) == date(2028, 2, 29)


def test_a_line_is_solid_until_the_day_and_dotted_after_it() -> None:
    months = [{"month": f"2026-{n:02}-01", "valid": n} for n in range(1, 13)]
    line = charts.line(months, "valid", date(2026, 6, 15))
    assert line.solid.count("L") == 5
    assert line.ahead.count("L") == 6
    assert line.end[2] == 6


def test_ballots_of_like_points_stand_on_one_another() -> None:
    scale = charts.scale(71.5, [70, 71, 71.25, 74], 4)
    assert scale
    assert [height for _, height in scale.dots] == [1, 1, 2, 1]
    assert [stars for _, _, stars, held in scale.bands if held] == [4]
    assert charts.scale(None, [], None) is None
