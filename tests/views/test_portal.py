"""What the portal decides by itself: cursors, words, forms of answers, colours, and the paper."""

import contextlib
import re
import socket
from datetime import date
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from services.portal import paper as papers
from services.portal.main import portal_app
from services.portal.paper import Paper
from services.portal.views import assets, feed, rendering, words
from services.portal.views.certificate import path_of, term
from shared.clock import Clock
from shared.contracts.topics import HOUSES

POSITIONS = st.fixed_dictionaries({house: st.integers(0, 10**18 - 1) for house in HOUSES})

# --- feed ---


@given(POSITIONS)
def test_a_cursor_says_the_positions_that_were_put_in_and_needs_no_escaping_in_a_url(positions: dict[str, int]) -> None:
    cursor = feed.encoded(positions)
    assert feed.decoded(cursor) == positions
    assert re.fullmatch(r"[A-Za-z0-9._~-]+", cursor)


@given(st.text(max_size=40))
def test_any_text_is_a_cursor_or_refused_by_its_rule(text: str) -> None:
    with contextlib.suppress(feed.MalformedCursor):
        assert set(feed.decoded(text)) == set(HOUSES)


@pytest.mark.parametrize(
    "cursor",
    ["registration", "registration-", "registration--1", "registration-01", "registration-1.registration-1",
     "kitchen-1", "registration-1.", "registration-1234567890123456789", "registration-١", "REGISTRATION-1"],
)  # fmt: skip
def test_a_malformed_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(feed.MalformedCursor):
        feed.decoded(cursor)


def test_without_a_cursor_reading_begins_with_the_first_event_of_every_house() -> None:
    assert feed.decoded(None) == dict.fromkeys(HOUSES, 0) == feed.decoded("")


def said(house: str, number: int, second: int) -> dict[str, str]:
    return {"id": f"{house}:{number}", "time": f"2026-06-01T02:00:{second:02}Z"}


@given(
    st.fixed_dictionaries({house: st.lists(st.integers(0, 59), max_size=6) for house in HOUSES}), st.integers(1, 7)
)  # fmt: skip
def test_reading_on_from_cursor_to_cursor_tells_every_event_once_and_each_house_in_order(
    seconds: dict[str, list[int]], limit: int
) -> None:
    logs = {house: [said(house, 2 * n + 1, s) for n, s in enumerate(at)] for house, at in seconds.items()}
    heads = {house: 2 * len(log) for house, log in logs.items()}  # every second position is not published
    positions, told = feed.decoded(None), []
    while True:
        pages = {}
        for house, log in logs.items():
            rest = [e for e in log if int(e["id"].partition(":")[2]) > positions[house]]
            upto = heads[house] if len(rest) <= limit else int(rest[limit - 1]["id"].partition(":")[2])
            pages[house] = {"events": rest[:limit], "next": str(upto)}
        events, reached = feed.merged(pages, positions, limit)
        assert len(events) <= limit
        if not events:
            assert reached == positions
            break
        told += events
        positions = reached
    for house, log in logs.items():
        assert [event for event in told if event["id"].startswith(house)] == log


# --- words ---


def test_dates_are_written_as_in_vietnam() -> None:
    assert words.day("2026-05-22") == words.day(date(2026, 5, 22)) == "22/05/2026"
    assert words.day(None) == "–"


def test_numbers_have_a_point_between_thousands_and_a_comma_before_decimals() -> None:
    assert [words.number(n) for n in (0, 18243, 1234567.5, 12.0, None)] == ["0", "18.243", "1.234.567,5", "12", "–"]
    assert words.number(2.5, 2) == "2,50"


@given(st.fractions(0, 100))
def test_an_average_is_never_shown_higher_than_it_is(average: Fraction) -> None:
    shown = Fraction(words.cut(str(average)).replace(",", "."))
    assert 0 <= average - shown < Fraction(1, 100)


def test_an_average_just_below_a_star_does_not_look_like_the_star() -> None:
    assert words.cut("69999/1000") == "69,99"


def test_a_place_code_is_read_with_its_date() -> None:
    assert words.province("44", date(2024, 1, 1)) == "tỉnh Quảng Bình"
    assert words.province("44", date(2026, 1, 1)) == "tỉnh Quảng Trị"
    assert words.place("21548", "51", "2026-06-01") == "đặc khu Lý Sơn, tỉnh Quảng Ngãi"
    assert words.province("99", date(2026, 1, 1)) == "99"


def test_a_term_open_on_one_side_says_so() -> None:
    assert term({"since": "2026-09-25", "until": None}).vi == "Từ ngày 25/09/2026"
    assert term({"since": None, "until": "2026-09-24"}).vi == "Đến hết ngày 24/09/2026"


def test_whatever_is_typed_as_number_stays_one_part_of_the_path() -> None:
    assert path_of("a/../b?c#d") == "/c/a%2F..%2Fb%3Fc%23d"


# --- page or JSON ---


@pytest.mark.parametrize(
    ("accept", "as_json"),
    [
        (None, False), ("*/*", False), ("application/json", True), ("application/*", True),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False), ("application/json, text/html;q=0.9", True),
        ("text/html, application/json", False), ("application/json;q=0.1, text/html;q=0", True), ("x;q=y", False),
    ],
)  # fmt: skip
def test_json_is_given_to_whom_it_suits_better_than_a_page(accept: str | None, as_json: bool) -> None:
    assert rendering.wants_json(accept) is as_json


@pytest.mark.parametrize(
    ("accept", "page"),
    [(None, False), ("*/*", False), ("text/html,*/*;q=0.8", True), ("application/problem+json,text/html;q=0.1", False)],
)
def test_errors_are_pages_only_for_those_who_name_html(accept: str | None, page: bool) -> None:
    assert rendering.reads_html(accept) is page


# --- a house that does not answer ---


@pytest.fixture
async def deserted():
    """The portal whose houses have an address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with httpx.AsyncClient(base_url=address) as nobody:
            app = portal_app(dict.fromkeys(HOUSES, nobody), Clock(), simulated=True)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as client:
                yield client


@pytest.mark.parametrize("path", ["/", "/c/GCN-51-2026-00001", "/dashboard", "/products", "/dossiers"])
async def test_when_a_house_does_not_answer_a_reader_is_told_so_in_both_languages(
    deserted: httpx.AsyncClient, path: str
) -> None:
    answer = await deserted.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "tạm thời không trả lời" in answer.text
    assert "does not answer for now" in answer.text
    assert "Kết quả mô phỏng" in answer.text


async def test_when_a_house_does_not_answer_the_feed_says_so_as_a_problem(deserted: httpx.AsyncClient) -> None:
    answer = await deserted.get("/events", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["rule"] == "house-silent"


# --- files beside the pages ---

HTMX = "sha384-2OatzQy1H+Zd/IIrjr1TcuDGqLXeHhbooAyJY1KdQMKnr4LZ22k31GBLdYKHmVjg"  # dist/htmx.min.js of npm's htmx.org 2.0.11


def test_the_script_is_the_one_that_was_released() -> None:
    assert assets.integrity("htmx.min.js") == HTMX


async def test_a_file_asked_for_by_its_version_is_kept_for_ever_and_packed() -> None:
    app = portal_app({house: httpx.AsyncClient() for house in HOUSES}, Clock())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as client:
        kept = await client.get(assets.address("ocop.css"))
        assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert kept.headers["content-encoding"] == "gzip"
        assert "cache-control" not in (await client.get("/static/ocop.css")).headers
        assert (await client.get("/static/../main.py")).status_code == 404


# --- colours ---

CSS = Path(rendering.__file__).parents[1] / "static" / "ocop.css"
READ_ON = {
    "ink": ("paper", "surface", "sunken", "good-soft", "wait-soft", "bad-soft", "brand-soft"),
    "muted": ("paper", "surface", "sunken", "good-soft", "wait-soft", "bad-soft", "brand-soft"),
    "brand": ("paper", "surface", "brand-soft"),
    "brand-ink": ("brand",),
    "good": ("good-soft",), "wait": ("wait-soft",), "bad": ("bad-soft",),
}  # fmt: skip


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground_by_wcag_aa(theme: int) -> None:
    block = re.findall(r":root \{(.*?)\}", CSS.read_text(encoding="utf-8"), re.DOTALL)[theme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for text, grounds in READ_ON.items():
        for ground in grounds:
            darker, lighter = sorted((luminance(colours[text]), luminance(colours[ground])))
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, f"{text} on {ground}"


# --- paper ---

GIVEN = Paper(
    number="GCN-51-2026-00001", url="https://ocop.example/c/GCN-51-2026-00001", product="Tỏi Lý Sơn",
    code="51-21548-1-2026", producer="Hợp tác xã Tỏi Lý Sơn (minh họa)", place="đặc khu Lý Sơn, tỉnh Quảng Ngãi",
    set="Bộ 10 – Gia vị khác", stars=4, decision="Quyết định số 12/QĐ-UBND ngày 25/09/2026 của Chủ tịch UBND tỉnh",
    authority="Chủ tịch UBND tỉnh Quảng Ngãi", validity="Từ ngày 25/09/2026 đến hết ngày 25/09/2029",
    state="Hiện trạng ngày 01/10/2026: Đang có hiệu lực", in_force=True, simulated=False,
)  # fmt: skip


def changed(**facts: object) -> Paper:
    return Paper(**{name: getattr(GIVEN, name) for name in Paper.__slots__} | facts)


def read(paper: Paper) -> tuple[PdfReader, str]:
    reader = PdfReader(BytesIO(papers.rendered(paper)))
    return reader, " ".join(reader.pages[0].extract_text().split())


def test_the_paper_is_one_a4_page_with_vietnamese_text_that_can_be_read_out() -> None:
    reader, text = read(GIVEN)
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (595, 842)
    for part in (GIVEN.product, GIVEN.number, GIVEN.producer, GIVEN.place, GIVEN.decision, GIVEN.validity, GIVEN.url):
        assert part in text
    assert "GIẤY CHỨNG NHẬN" in text
    assert "MÔ PHỎNG" not in text


def test_a_simulated_paper_says_so() -> None:
    assert "MÔ PHỎNG / SIMULATED – kết quả mô phỏng, không phải kết quả thật" in read(changed(simulated=True))[1]


def test_a_paper_out_of_force_says_what_became_of_it() -> None:
    state = "Hiện trạng ngày 01/10/2026: Đã bị thu hồi"
    assert state in read(changed(state=state, in_force=False))[1]


def test_the_longest_names_still_leave_one_page() -> None:
    reader, text = read(
        changed(product="Nước mắm nguyên chất " * 14, producer="Hợp tác xã dịch vụ " * 15, simulated=True)
    )
    assert len(reader.pages) == 1
    assert GIVEN.url in text


def test_the_same_paper_is_the_same_bytes() -> None:
    first = papers.rendered(GIVEN)
    papers.rendered.cache_clear()
    assert papers.rendered(GIVEN) == first


def test_names_cannot_speak_the_language_of_the_template() -> None:
    name = 'Chè #include "x" *đậm* $1$ <a> \\ [b]'
    assert name in read(changed(product=name))[1]


@given(st.sampled_from(["https://ocop.example", "http://127.0.0.1:8000"]), st.integers(1, 99999))
def test_the_qr_code_holds_the_address_whole_and_forgives_a_scratched_label(base: str, number: int) -> None:
    url = f"{base}/c/GCN-51-2026-{number:05}"
    code = papers.qr_of(url)
    assert code.error in {"M", "Q", "H"}
    assert not code.is_micro
    assert code.mode == "byte"  # small letters: the alphanumeric mode would lose them
    modules = sum(sum(row) for row in code.matrix)
    drawn = sum(int(run) for run in re.findall(r"h(\d+)", papers.qr_svg(url)))
    assert drawn == modules
