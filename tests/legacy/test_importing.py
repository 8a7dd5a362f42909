"""An old register taken in through the doors of a running program: staged, mended, recorded by its own days, taken back."""

import io
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from ocop.postgres import Server
from ocop.standalone import Program
from services.registration.commands.importing import StageRows
from services.registration.commands.intake import ACTION, Intake
from shared.auth.actors import Actor
from shared.eventstore.commands import Answer, Command, Request
from tests.legacy.books import SECOND, make, row
from tests.whole import bearer, facts, on_new_databases

DATA = Path(__file__).with_name("data")
BOOK, TABLE = DATA / "legacy-register.xlsx", DATA / "recognised.csv"
MINISTRY = bearer("ministry", "TW")
NGHE_AN = bearer("agency", "40")
OTHER = "5ea50000-0000-4000-8000-000000000002"
TODAY = "2026-11-27"


@pytest.fixture
async def program(postgres: Server, tmp_path: Path) -> AsyncIterator[Program]:
    async with on_new_databases(postgres, tmp_path) as opened:
        opened.clock.play(date.fromisoformat(TODAY))
        yield opened


async def take(program: Program, file: Path, headers: Mapping[str, str] = MINISTRY, **query: str) -> httpx.Response:
    asked = {"name": file.name, "as_of": "2026-08-31", **query}
    content = file.read_bytes()
    return await program.clients["registration"].post("/imports", params=asked, content=content, headers=headers)


async def record(program: Program, id: str, headers: Mapping[str, str] = MINISTRY) -> Any:
    await program.settled()
    answer = await program.clients["registration"].post(f"/imports/{id}/recording", headers=headers)
    assert answer.status_code == 200, answer.text
    await program.settled()
    return answer.json()["committed"]


async def inside(program: Program, path: str, **query: Any) -> Any:
    answer = await program.clients["registration"].get(path, params=query, headers=MINISTRY)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def imported(program: Program, file: Path, headers: Mapping[str, str] = MINISTRY) -> tuple[str, Any]:
    answer = await take(program, file, headers)
    assert answer.status_code == 201, answer.text
    id = answer.json()["id"]
    return id, await record(program, id, headers)


async def certificates(program: Program, product: str) -> Any:
    return await facts(program.clients["certification"], "/certificates", product=product)


# --- the known book ---


async def test_a_book_is_staged_looked_at_and_only_then_recorded(program: Program) -> None:
    answer = await take(program, BOOK)
    assert answer.status_code == 201
    assert answer.json()["totals"] == {"not data": 13, "warning": 89, "ok": 9, "error": 4}
    id = answer.json()["id"]
    await program.settled()
    assert await facts(program.clients["registration"], "/products") == []
    book = await inside(program, f"/imports/{id}")
    assert (book["name"], book["rows"], book["recorded"]) == ("legacy-register.xlsx", 102, 0)
    assert book["codes"]["W-COMMUNE-OLD"] == 6
    errors = await inside(program, f"/imports/{id}/rows", status="error")
    assert [(one["sheet"], one["row"], one["state"]) for one in errors] == [
        (0, 12, "staged"), (0, 14, "staged"), (0, 71, "staged"), (1, 54, "staged"),
    ]  # fmt: skip
    committed = await record(program, id)
    assert committed == {"producers": 49, "products": 98, "recognitions": 110}


async def test_recorded_again_and_read_again_nothing_is_doubled(program: Program) -> None:
    id, first = await imported(program, BOOK)
    assert first["products"] == 98
    nothing = {"producers": 0, "products": 0, "recognitions": 0}
    assert await record(program, id) == nothing
    again, second = await imported(program, BOOK)
    assert (again, second) == (id, nothing)
    heads = [await house.store.head() for house in program.houses.values()]
    await imported(program, BOOK)
    after = [await house.store.head() for house in program.houses.values()]
    assert sum(after) - sum(heads) <= 2  # nothing about any product


async def test_a_recognition_has_its_own_day_and_the_day_of_its_recording(program: Program) -> None:
    await imported(program, BOOK)
    said = (await facts(program.clients["registration"], "/events", types="RecognitionRecorded", limit=1000))["events"]
    nem = next(one for one in said if one["data"]["product"]["name"] == "Mắm nêm Seagull")
    assert (nem["legaldate"], nem["time"][:10]) == ("2026-08-05", TODAY)
    assert (nem["data"]["issued_on"], nem["data"]["expires_on"]) == ("2026-08-05", "2029-08-05")
    assert nem["data"]["known"]["source"] == "legacy-register.xlsx#Lâm Đồng!10"
    (held,) = await certificates(program, nem["data"]["product"]["id"])
    assert (held["status"], held["since"], held["kind"]) == ("valid", "2026-08-05", "recorded")
    page = await program.clients["certification"].get(f"/certificates/{held['number']}", params={"on": "2026-08-04"})
    assert page.json()["status"] == "not-yet-valid"


async def test_nothing_personal_is_kept_of_a_book(program: Program, tmp_path: Path) -> None:
    file = make(tmp_path / "b.xlsx", [row(person="Nguyễn Thị Mai", phone="0912345678")])
    id, _ = await imported(program, file, NGHE_AN)
    stored = await program.houses["registration"].store.pool.fetch("SELECT state::text AS state FROM public.events")
    shown = str(await inside(program, f"/imports/{id}/rows"))
    for secret in ("Thị Mai", "0912345678"):
        assert not any(secret in str(one["state"]) for one in stored)
        assert secret not in shown


# --- second recognitions, replacements, what is only noted ---


async def test_a_second_recognition_within_the_term_of_the_first_replaces_it(program: Program, tmp_path: Path) -> None:
    await imported(program, make(tmp_path / "b.xlsx", [row(**{**SECOND, "star2": 5, "star": 5})]), NGHE_AN)
    (product,) = await facts(program.clients["registration"], "/products")
    first, second = await certificates(program, product["id"])
    assert (first["status"], first["until"], first["replaced_by"]) == ("replaced", None, second["number"])
    assert (second["status"], second["since"], second["stars"]) == ("valid", "2025-03-02", 5)
    assert (product["certificate"], product["stars"]) == (second["number"], 5)
    counts = await facts(program.clients["programme"], "/recognised", on="2026-08-31")
    assert (counts["valid"]["total"], counts["ever"]["total"]) == (1, 1)


async def test_a_recognition_without_a_day_is_noted_and_counted_as_what_it_is(program: Program, tmp_path: Path) -> None:
    file = make(
        tmp_path / "b.xlsx", [row(date1=None, expiry=None, decision1=None), row(tt=2, product="Trà", star1=None)]
    )
    _, committed = await imported(program, file, NGHE_AN)
    assert committed == {"producers": 1, "products": 1, "recognitions": 1}
    (product,) = await facts(program.clients["registration"], "/products")
    assert await certificates(program, product["id"]) == []
    steps = await facts(program.clients["registration"], f"/products/{product['id']}/timeline")
    assert [step["what"] for step in steps] == ["product-entered", "recognition-noted"]
    noted = await facts(program.clients["programme"], "/national", what="recognitions_noted", by="year", on=TODAY)
    assert [(part["value"], part["count"]) for part in noted["values"]] == [(2024, 1)]


# --- mended ---


async def test_a_row_is_mended_in_its_place_and_then_recorded(program: Program, tmp_path: Path) -> None:
    file = make(
        tmp_path / "b.xlsx", [row(date1="30/2/2024"), row(tt=2, product="Trà", commune="xã Tân Sơn", address=None)]
    )
    id, committed = await imported(program, file, NGHE_AN)
    assert committed["products"] == 1
    house = program.clients["registration"]
    choice = await inside(program, f"/imports/{id}/rows/0/6")
    assert choice["codes"] == ["W-COMMUNE-AMBIGUOUS"]
    assert len(choice["communes"]) == 2
    bad = await house.post(f"/imports/{id}/rows/0/5", json={"cells": {"phone": "1"}}, headers=NGHE_AN)
    assert (bad.status_code, bad.json()["rule"]) == (422, "import-unknown-column")
    still = await house.post(f"/imports/{id}/rows/0/5", json={"cells": {"date1": "31/2/2024"}}, headers=NGHE_AN)
    assert still.json()["codes"] == ["E-DATE-UNREADABLE"]
    mended = await house.post(f"/imports/{id}/rows/0/5", json={"cells": {"date1": "2024-01-27"}}, headers=NGHE_AN)
    assert (mended.json()["status"], mended.json()["codes"]) == ("ok", [])
    assert (await record(program, id, NGHE_AN))["products"] == 1
    late = await house.post(f"/imports/{id}/rows/0/5", json={"cells": {"star": 5}}, headers=NGHE_AN)
    assert (late.status_code, late.json()["rule"]) == (422, "import-row-recorded")
    none = await house.post(f"/imports/{id}/rows/0/99", json={"cells": {}}, headers=NGHE_AN)
    assert none.status_code in (404, 422)


async def test_a_person_may_say_which_product_a_row_is(program: Program, tmp_path: Path) -> None:
    await imported(program, make(tmp_path / "a.xlsx", [row()]), NGHE_AN)
    (product,) = await facts(program.clients["registration"], "/products")
    other = row(product="Hạt sen sấy khô", date1=datetime(2020, 2, 4), year1=2020, expiry=datetime(2023, 2, 4))
    id = (await take(program, make(tmp_path / "b.xlsx", [other]), NGHE_AN)).json()["id"]
    path = f"/imports/{id}/rows/0/5"
    answer = await program.clients["registration"].post(path, json={"product_id": product["id"]}, headers=NGHE_AN)
    assert answer.status_code == 200, answer.text
    assert await record(program, id, NGHE_AN) == {"producers": 0, "products": 0, "recognitions": 1}
    old, new = await certificates(program, product["id"])
    assert [old["issued_on"], new["issued_on"]] == ["2020-02-04", "2024-01-27"]


# --- taken back ---


async def test_an_import_is_taken_back_by_facts_and_may_come_again(program: Program, tmp_path: Path) -> None:
    file = make(tmp_path / "b.xlsx", [row(), row(tt=2, product="Trà", date1=None, expiry=None)])
    id, _ = await imported(program, file, NGHE_AN)
    house, why = program.clients["registration"], {"reason": "nhập nhầm tệp của tỉnh khác"}
    assert (await house.post(f"/imports/{id}/undoing", headers=NGHE_AN)).status_code == 422
    undone = await house.post(f"/imports/{id}/undoing", params=why, headers=NGHE_AN)
    assert undone.json()["taken_back"] == 2
    await program.settled()
    assert await facts(house, "/products") == []
    for what in ("certificates", "certificates_valid", "recognitions_noted", "products"):
        assert (await facts(program.clients["programme"], "/national", what=what, on=TODAY))["total"] == 0, what
    counts = await facts(program.clients["programme"], "/recognised", on="2026-08-31")
    assert (counts["valid"]["total"], counts["ever"]["total"]) == (0, 0)
    assert [one["state"] for one in await inside(program, f"/imports/{id}/rows")] == ["taken-back"] * 2
    assert (await record(program, id, NGHE_AN))["recognitions"] == 2
    counts = await facts(program.clients["programme"], "/recognised", on="2026-08-31")
    assert (counts["valid"]["total"], counts["ever"]["total"]) == (1, 1)


# --- who may ---


@pytest.mark.parametrize(
    ("headers", "status"),
    [(NGHE_AN, 201), (MINISTRY, 201), (bearer("agency", "68"), 403), (bearer("commune", "17971"), 403), ({}, 401)],
)
async def test_a_province_takes_in_its_own_books(
    program: Program, tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    assert (await take(program, make(tmp_path / "b.xlsx", [row()]), headers)).status_code == status


async def test_a_book_of_several_provinces_is_the_ministrys(program: Program) -> None:
    assert (await take(program, BOOK, NGHE_AN)).status_code == 403
    id, _ = await imported(program, BOOK)
    path = f"/imports/{id}/undoing"
    why = {"reason": "không phải việc của tỉnh này"}
    assert (await program.clients["registration"].post(path, params=why, headers=NGHE_AN)).status_code == 403


async def test_a_broken_file_is_refused_with_its_rule(program: Program, tmp_path: Path) -> None:
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 nothing")
    answer = await take(program, tmp_path / "b.xlsx")
    assert (answer.status_code, answer.json()["rule"]) == (422, "import-not-a-workbook")


async def test_a_book_of_others_is_refused_also_where_nothing_of_it_waits(program: Program, tmp_path: Path) -> None:
    file, house = make(tmp_path / "b.xlsx", [row()]), program.clients["registration"]
    id, _ = await imported(program, file, NGHE_AN)
    for path, why in ((f"/imports/{id}/recording", {}), (f"/imports/{id}/undoing", {"reason": "nhập nhầm tệp của ai"})):
        assert (await house.post(path, params=why, headers=bearer("agency", "51"))).status_code == 403
        assert (await house.post(path.replace(id, OTHER), params=why, headers=NGHE_AN)).status_code == 404


# --- cut off in the middle ---


class Cut(Exception):
    pass


async def test_a_break_in_the_middle_loses_and_doubles_nothing(program: Program, tmp_path: Path) -> None:
    rows = [row(tt=n, product=f"Hạt sen số {n}") for n in range(1, 451)]
    file, house = make(tmp_path / "b.xlsx", rows), program.houses["registration"]
    left, keys = 2, count()

    async def say(command: Command) -> Answer:
        nonlocal left
        if isinstance(command, StageRows):
            left -= 1
            if left < 0:
                raise Cut
        key = f"test {next(keys)}"
        return await house.execute(command, Request(key, Actor("a", "agency", "40"), ACTION, key))

    async def no_products(_: str) -> list[Any]:
        return []

    with pytest.raises(Cut):
        await Intake(say, no_products).stage(file, date(2026, 8, 31))
    left = 100
    import_id, totals = await Intake(say, no_products).stage(file, date(2026, 8, 31))
    assert totals == {"ok": 450}
    assert (await record(program, str(import_id)))["products"] == 450
    assert len(await inside(program, f"/imports/{import_id}/rows", limit=1000)) == 450


# --- the report ---


async def test_the_report_lies_beside_the_original_with_every_verdict(program: Program, tmp_path: Path) -> None:
    file = make(tmp_path / "sổ.xlsx", [row(product="=1+1"), row(tt=2, star1=None)])
    id, _ = await imported(program, file, NGHE_AN)
    answer = await program.clients["registration"].get(f"/imports/{id}/report", headers=NGHE_AN)
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(answer.content))
    page = book.worksheets[1]
    first, second = list(page.iter_rows(min_row=2, values_only=True))
    assert (first[0], second[0]) == (5, 6)
    assert "E-STAR-MISSING" in second[3]
    assert all(cell.data_type != "f" for cells in page.iter_rows() for cell in cells)


# --- the national picture ---


async def test_the_public_table_gives_the_national_picture_on_both_maps(program: Program) -> None:
    _, committed = await imported(program, TABLE)
    assert committed["recognitions"] == 383
    house = program.clients["programme"]
    noted = await facts(house, "/national", what="recognitions_noted", by="confidence", on=TODAY)
    certified = await facts(house, "/national", what="certificates", by="confidence", on=TODAY)
    both = Counter[str]()
    for part in (*certified["values"], *noted["values"]):
        both[part["value"]] += part["count"]
    assert both == {"A": 23, "B1": 41, "C": 26, "P": 293}
    then = await provinces(house, map="day")
    now = await provinces(house, map="today")
    assert {"Đắk Nông", "Bình Thuận", "Bắc Kạn", "Hà Giang"} <= {name.split(" ", 1)[1] for name in then}
    assert sum(then.values()) == sum(now.values()) == 383
    assert len(now) < len(then)
    assert now["tỉnh Lâm Đồng"] == sum(then[f"tỉnh {name}"] for name in ("Lâm Đồng", "Đắk Nông", "Bình Thuận"))
    one = (await facts(house, "/national/list", what="certificates", confidence="A", on=TODAY))[0]
    assert (one["confidence"], one["source"]) == ("A", "S01")


async def provinces(house: httpx.AsyncClient, map: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for what in ("certificates", "recognitions_noted"):
        told = await facts(house, "/national", what=what, by="province", map=map, on=TODAY)
        for part in told["values"]:
            found[part["label_vi"]] = found.get(part["label_vi"], 0) + part["count"]
    return found


async def test_what_is_certain_to_be_a_product_of_the_register_becomes_its_history(program: Program) -> None:
    id = "5ea50000-0000-4000-8000-000000000001"
    known = {
        "id": id, "product_name": "Trà xanh Fìn Hò", "set": "12", "province": "08", "commune": "00976",
        "producer": {"id": OTHER, "name": "Hợp tác xã Chế biến chè Phìn Hồ", "kind": "cooperative"},
        "ruleset": "qd-148-2023", "stars": 5, "issued_on": "2024-07-01", "expires_on": "2027-07-01",
        "decision": {"number": "1", "date": "2024-07-01", "authority": "Bộ"},
    }  # fmt: skip
    answer = await program.clients["registration"].post("/recognitions", json=known, headers=bearer("agency", "08"))
    assert answer.status_code == 201, answer.text
    await program.settled()
    await imported(program, TABLE)
    held = await certificates(program, id)
    assert [(one["issued_on"], one["status"]) for one in held] == [
        ("2021-06-30", "replaced"),
        ("2024-07-01", "valid"),
    ] or [one["issued_on"] for one in held] == ["2021-06-30", "2024-07-01"]
    alike = await facts(program.clients["registration"], "/products", province="08")
    assert [one["id"] for one in alike if one["name"] == "Trà xanh Fìn Hò"] == [id]
