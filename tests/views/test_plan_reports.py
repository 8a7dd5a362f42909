"""Reports of a plan: what they say, in every format, and that an issued one is the same for ever."""

from collections.abc import AsyncIterator
from datetime import date
from io import BytesIO
from typing import Any

import asyncpg
import docx
import openpyxl
import orjson
import pypdf
import pytest

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from services.programme.main import HOUSE
from services.programme.views.recognitions import RECOGNITIONS
from services.programme.views.room import ROOM
from shared.contracts.certification import CertificateRevoked
from shared.eventstore.fsck import Findings, check_views
from shared.values import Decision
from tests.given import an_id
from tests.houses import at_work
from tests.postgres import fresh_database
from tests.views.planning import AGENCY, BODY, CHAIRMAN, ISSUE, PLAN, Desk, of_product
from tests.views.test_plan_figures import SAYS, T, certificate
from tests.whole import KEY, bearer

REPORT = f"/plans/{PLAN}/report"
ON = "2025-06-15"


@pytest.fixture
async def database(postgres: Server) -> AsyncIterator[HouseDatabase]:
    async with fresh_database(postgres, "programme") as fresh:
        yield fresh


@pytest.fixture
async def desk(database: HouseDatabase) -> AsyncIterator[Desk]:
    """A half-year: two products, one of which had been recognised before, a figure by hand, a task that is late."""
    async with at_work(HOUSE, database, KEY) as (house, client):
        opened = Desk(house, client)
        await opened.done("/plans", BODY | {"id": PLAN}, CHAIRMAN, "2025-01-10")
        await opened.hear(
            RECOGNITIONS, certificate("Bưởi", "2022-04-15", 3), certificate("Cam", "2025-05-20", 3),
            certificate("Cu đơ", "2025-03-01", 4),
        )  # fmt: skip
        await opened.done(f"{T}/t3/figures", SAYS | {"value": 9}, day="2025-06-10")
        yield opened


async def bytes_of(desk: Desk, **query: Any) -> bytes:
    answer = await desk.client.get(REPORT, params={"after": desk.last, "on": ON} | query)
    assert answer.status_code == 200, answer.text
    return answer.content


async def more_events(desk: Desk) -> None:
    """What would change every part of the report, with legal dates before its day."""
    day = "2025-06-01"
    await desk.done(f"{T}/t3/figures", SAYS | {"value": 8, "on": ON}, day="2025-07-01")
    await desk.hear(RECOGNITIONS, certificate("Mực", "2025-06-10", 5), CertificateRevoked(
        **of_product("Cam", day), number="GCN Cam", certificate_id=an_id("Cam"), stars=3, ground="10.1b", concluded_on=day,
        decision=Decision(number="2", date=day, authority="x"), effective_on=day,
    ))  # fmt: skip
    await desk.done(f"/plans/{PLAN}/tasks/k1/reports", {"done_percent": 100, "account": "Xong", "on": ON})
    await desk.done(f"/plans/{PLAN}/versions", BODY | {"targets": [], "reason": "Điều chỉnh", "on": ON}, CHAIRMAN)


# --- what it says ---


async def test_a_report_tells_targets_counts_products_and_late_tasks(desk: Desk) -> None:
    said = orjson.loads(await bytes_of(desk))
    assert (said["issued"], said["on"], said["period"]) == (False, ON, {"from": "2025-01-01", "to": ON})
    assert said["summary"] == {"targets": 9, "met": 3, "missed": 3, "unknown": 3}
    totals = {one["what"]: one["total"] for one in said["counts"]}
    assert totals == {"ever": 3, "valid": 2, "expired": 1, "revoked": 0}
    assert totals["ever"] == totals["valid"] + totals["expired"] + totals["revoked"]
    assert all(one["definition"]["vi"] != one["definition"]["en"] for one in said["counts"])
    assert said["map"]["on"] == ON
    assert [one["name"] for one in said["products"]["recognised"]] == ["Cu đơ", "Cam"]
    assert [(one["name"], one["valid_to"]) for one in said["products"]["ended"]] == [("Bưởi", "2025-04-15")]
    assert [one["id"] for one in said["tasks"]["overdue"]] == ["k1"]
    assert said["known_at"].startswith("2025-06-10T")


async def test_it_is_canonical(desk: Desk) -> None:
    content = await bytes_of(desk, known_at="2025-06-10T09:00:00+07:00")
    said = orjson.loads(content)
    assert content == orjson.dumps(said, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


# --- issued ---


async def issue(desk: Desk, day: str = "2025-06-20", **more: Any) -> dict[str, Any]:
    return await desk.done(f"/plans/{PLAN}/reports", {"issue": ISSUE, "on": ON} | more, AGENCY, day)


async def test_an_issued_report_is_the_same_bytes_after_more_events_and_a_rebuild(
    desk: Desk, database: HouseDatabase
) -> None:
    await issue(desk)
    first, paper = await bytes_of(desk), await bytes_of(desk, format="pdf")
    said = orjson.loads(first)
    assert (said["issued"], said["document"]["number"], said["report"]["due_on"]) == (True, "15/BC-SNN", "2025-06-24")
    assert said["period"] == {"from": "2025-04-01", "to": ON}
    await more_events(desk)
    assert await bytes_of(desk) == first
    assert await bytes_of(desk, format="pdf") == paper
    draft = orjson.loads(await bytes_of(desk, draft="true"))
    assert (draft["plan"]["version"], draft["targets"], draft["issued"]) == (2, [], False)
    assert {one["what"]: one["total"] for one in draft["counts"]}["revoked"] == 1
    await rebuilt(desk, database)
    assert await bytes_of(desk) == first


async def rebuilt(desk: Desk, database: HouseDatabase) -> None:
    """Every view made again from its facts says the same, what was known before included."""
    result, connection = Findings(), await asyncpg.connect(database.owner_dsn)
    for view in ROOM.own:
        await desk.house.freshness.wait(view, f"programme:{await desk.house.store.head()}")
    try:
        await check_views(connection, ROOM, desk.source_of, result)
    finally:
        await connection.close()
    assert result.findings == []
    assert result.checked["view rows"] > 10


async def test_a_report_issued_again_for_the_day_takes_the_place_of_the_first_and_both_are_kept(desk: Desk) -> None:
    await issue(desk)
    await more_events(desk)
    await issue(desk, "2025-07-02", issue=ISSUE | {"number": "16/BC-SNN"})
    assert orjson.loads(await bytes_of(desk))["document"]["number"] == "16/BC-SNN"
    kept = await desk.get(f"/plans/{PLAN}/reports")
    assert [(row["issue"]["number"], row["issued_on"]) for row in kept] == [
        ("15/BC-SNN", "2025-06-20"),
        ("16/BC-SNN", "2025-07-02"),
    ]


async def test_the_same_request_issues_one_report(desk: Desk) -> None:
    desk.house.clock.play(date(2025, 6, 20))
    head = bearer(*CHAIRMAN) | {"idempotency-key": "one report"}
    body = {"issue": ISSUE, "on": ON}
    first, again = [await desk.client.post(f"/plans/{PLAN}/reports", json=body, headers=head) for _ in range(2)]
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    desk.last = first.json()["position"]
    assert len(await desk.get(f"/plans/{PLAN}/reports")) == 1


# --- papers ---

FORM = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "15/BC-SNN", "BÁO CÁO", "Nơi nhận:",
        "Hà Tĩnh, ngày 20 tháng 06 năm 2025", "UBND TỈNH HÀ TĨNH", "SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG", "KT. GIÁM ĐỐC",
        "Bộ Nông nghiệp và Môi trường", "Lưu: VT", "Tối thiểu 2 sản phẩm", "Cam", "Hội nghị triển khai")  # fmt: skip


def text_of(content: bytes, format: str) -> str:
    match format:
        case "pdf":
            return " ".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(content)).pages)
        case "docx":
            return " ".join(
                "".join(node.itertext()) for node in docx.Document(BytesIO(content)).element.body.iter("{*}p")
            )
        case _:
            sheets = openpyxl.load_workbook(BytesIO(content), read_only=True)
            return " ".join(
                str(value) for sheet in sheets for row in sheet.iter_rows(values_only=True) for value in row if value
            )


@pytest.mark.parametrize(
    ("format", "type"), [("pdf", "application/pdf"), ("docx", "wordprocessingml"), ("xlsx", "spreadsheetml")]
)
async def test_a_paper_has_the_parts_of_an_administrative_document(desk: Desk, format: str, type: str) -> None:
    await issue(desk)
    answer = await desk.client.get(REPORT, params={"after": desk.last, "on": ON, "format": format})
    assert type in answer.headers["content-type"]
    assert answer.headers["content-disposition"] == f'attachment; filename="bao-cao-{PLAN}-{ON}.{format}"'
    text = " ".join(text_of(answer.content, format).split())
    assert [part for part in FORM if part not in text] == []
    assert "DỰ THẢO" not in text


@pytest.mark.parametrize("format", ["pdf", "docx", "xlsx"])
async def test_a_paper_that_is_not_issued_says_that_it_is_a_draft(desk: Desk, format: str) -> None:
    assert "DỰ THẢO" in text_of(await bytes_of(desk, format=format), format)


async def test_a_name_that_looks_like_a_formula_is_a_text(desk: Desk) -> None:
    await desk.hear(RECOGNITIONS, certificate("=1+1", "2025-05-21", 3))
    sheets = openpyxl.load_workbook(BytesIO(await bytes_of(desk, format="xlsx")))
    cells = [cell for row in sheets["Công nhận trong kỳ"].iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]


async def test_what_is_no_format_or_day_is_refused(desk: Desk) -> None:
    for query in ({"format": "txt"}, {"on": "15/6/2025"}, {"known_at": "2025-06-10"}):
        answer = await desk.client.get(REPORT, params=query)
        assert (answer.status_code, answer.json()["rule"]) == (422, "invalid-input")
