"""Certification through its own doors: the season's unusual ways, who may open which, and what a page then answers."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from ocop.postgres import Server
from services.certification.domain.complaint import Complaint
from shared.contracts.evaluation import AssessmentAnnulled
from shared.contracts.registration import DossierSubmitted, RecognitionRecorded
from shared.eventstore.fsck import Findings, check_views
from shared.eventstore.sources import OwnFacts
from shared.values import About
from tests.given import about, an_id
from tests.issuing import CHAIRMAN, MINISTER, Register, Who, carried, decision, opened, result_of

AGENCY: Who = ("agency", "51")
INSPECTOR: Who = ("inspector", "51")
MINISTRY: Who = ("ministry", "TW")
COMMUNE: Who = ("commune", "21548")
STEAM = about("Tinh dầu sả chanh", code="51-21548-1-2023", set="20")  # five stars, its renewal admitted by art. 12.3
WINE = about("Rượu men lá", code="51-21548-1-2020", set="14")  # ended long before the register
TEA = about("Trà rừng", code="51-21548-2-2023", set="12")  # its paper has a number of its own form
SAUCE = about("Nước mắm", code="51-21548-1-2026", set="09")  # revoked by ground b
NOODLES = about("Bún", code="51-21548-2-2026", set="06")  # revoked by ground đ
FISH = about("Hải sản khô", code="51-21548-3-2026", set="08")  # withdrawn, then certified anew
SALT = about("Muối", code="51-21548-4-2026")  # appeal upheld
ONION = about("Hành", code="51-21548-5-2026")  # failed upgrade
WRITTEN = "Biển ở bến ghi 5 sao, liên hệ anh Ba"


def recorded(facts: About, stars: int, issued: str, expires: str, number: str | None = None) -> RecognitionRecorded:
    return RecognitionRecorded.model_validate(carried(facts, issued) | {
        "ruleset": "qd-148-2023", "number": number, "stars": stars, "decision": decision(issued), "issued_on": issued,
        "expires_on": expires, "recorded_on": "2026-05-25", "simulated": True,
    })  # fmt: skip


async def earlier_recognitions(r: Register) -> None:
    await r.day("2026-05-25")
    await r.hear(recorded(STEAM, 5, "2023-07-17", "2026-07-17"), STEAM)
    await r.hear(recorded(WINE, 3, "2020-01-15", "2023-01-15"), WINE)
    await r.hear(recorded(TEA, 3, "2023-11-14", "2026-11-14", number="OCOP-12.2023"), TEA)
    await r.day("2026-06-08")
    late = {"dossier_id": an_id("late"), "kind": "renewal", "evidence": [], "admitted_by": "Điều 12.3"}
    await r.hear(DossierSubmitted.model_validate(carried(STEAM, "2026-06-08") | late), STEAM)


async def first_certificates(r: Register) -> None:
    for facts, stars in ((SAUCE, 3), (NOODLES, 3), (FISH, 4), (SALT, 3), (ONION, 3)):
        await r.score(facts, stars, "province", "2026-09-15")
    await r.day("2026-09-25")
    for facts, stars in ((SAUCE, 3), (NOODLES, 3), (FISH, 4), (SALT, 3), (ONION, 3)):
        assert (await r.issue(facts, stars, "2026-09-25")).status_code == 201


async def withdrawn_and_again(r: Register) -> None:
    await r.day("2026-11-09")
    void = {
        "assessment_id": result_of(FISH, 4), "dossier_id": an_id("dossier of Hải sản khô"), "level": "province",
        "reason": "Không khai báo xung đột", "decision": decision("2026-11-09"),
    }  # fmt: skip
    await r.hear(AssessmentAnnulled.model_validate(carried(FISH, "2026-11-09") | void), FISH)
    await r.day("2026-11-13")
    withdrawal = {"decision": decision("2026-11-13"), "reason": "Kết quả đánh giá bị hủy"}
    assert (await r.ask("/certificates/GCN-51-2026-00003/withdrawal", CHAIRMAN, **withdrawal)).status_code == 200
    await r.score(FISH, 3, "province", "2026-12-09", again=True)
    await r.score(SALT, 4, "province", "2026-12-09", again=True)
    await r.score(ONION, 3, "province", "2026-12-09", kind="upgrade", assessment_id=an_id("upgrade of onion"))
    await r.day("2026-12-18")
    assert (await r.issue(FISH, 3, "2026-12-18")).json()["replaced"] is None
    assert (await r.issue(SALT, 4, "2026-12-18")).json()["replaced"] == "GCN-51-2026-00004"


async def revoked(r: Register) -> None:
    await r.day("2027-01-05")
    sampling = {"id": str(an_id("sampling")), "product_id": str(SAUCE.product.id), "kind": "sampling"}
    assert (await r.ask("/inspections", INSPECTOR, **sampling)).status_code == 201
    at = f"/inspections/{an_id('sampling')}"
    assert (await r.ask(f"{at}/samples", INSPECTOR, count=3, note="lô 12")).status_code == 200
    await r.day("2027-01-18")
    found = {"finding": "Không giữ chất lượng đã công bố", "ground": "b"}
    assert (await r.ask(f"{at}/conclusion", INSPECTOR, **found)).status_code == 200
    await r.day("2027-01-28")
    basis = {"ground": "b", "decision": decision("2027-01-28"), "inspection_id": str(an_id("sampling"))}
    answer = await r.ask("/certificates/GCN-51-2026-00001/revocation", CHAIRMAN, **basis)
    assert (answer.status_code, answer.json()["concluded_on"]) == (200, "2027-01-18")
    await r.day("2027-02-18")
    stop = await r.ask("/certificates/GCN-51-2026-00002/production-stop", COMMUNE, account="Cơ sở đã đóng cửa")
    assert stop.status_code == 200
    await r.day("2027-03-03")
    basis = {"ground": "đ", "decision": decision("2027-03-03")}
    assert (await r.ask("/certificates/GCN-51-2026-00002/revocation", CHAIRMAN, **basis)).status_code == 200


@pytest.fixture(scope="module")
async def register(postgres: Server) -> AsyncIterator[Register]:
    async with AsyncExitStack() as stack:
        r = await opened(stack, postgres)
        await earlier_recognitions(r)
        await r.score(STEAM, 5, "national", "2026-08-21", kind="renewal", dossier_id=an_id("late"))
        await r.day("2026-08-28")
        assert (await r.issue(STEAM, 5, "2026-08-28", MINISTER)).json()["replaced"] == "GCN-TW-2023-00001"
        await first_certificates(r)
        await withdrawn_and_again(r)
        await revoked(r)
        yield r


# --- what a page answers ---


@pytest.mark.parametrize(
    ("number", "day", "status"),
    [
        ("GCN-TW-2023-00001", "2026-07-17", "valid"),
        ("GCN-TW-2023-00001", "2026-07-18", "extended"),
        ("GCN-TW-2023-00001", "2026-08-27", "extended"),
        ("GCN-TW-2023-00001", "2026-08-28", "replaced"),
        ("GCN-TW-2026-00001", "2026-08-28", "valid"),
        ("GCN-51-2020-00001", "2023-01-15", "valid"),
        ("GCN-51-2020-00001", "2023-01-16", "expired"),
        ("OCOP-12.2023", "2026-11-14", "valid"),
        ("OCOP-12.2023", "2026-11-15", "expired"),
        ("GCN-51-2026-00001", "2027-01-27", "valid"),
        ("GCN-51-2026-00001", "2027-01-28", "revoked"),
        ("GCN-51-2026-00002", "2027-03-02", "valid"),
        ("GCN-51-2026-00002", "2027-03-03", "revoked"),
        ("GCN-51-2026-00003", "2026-11-12", "valid"),
        ("GCN-51-2026-00003", "2026-11-13", "revoked"),
        ("GCN-51-2026-00006", "2026-12-18", "valid"),
        ("GCN-51-2026-00004", "2026-12-17", "valid"),
        ("GCN-51-2026-00004", "2026-12-18", "replaced"),
        ("GCN-51-2026-00005", "2026-12-18", "valid"),
    ],
)
async def test_a_page_answers_as_the_season_tells(register: Register, number: str, day: str, status: str) -> None:
    assert (await register.page(number, day))["status"] == status


async def test_a_revoked_certificate_says_why_only_from_that_day_on(register: Register) -> None:
    page = await register.page("GCN-51-2026-00001", "2027-01-28")
    assert (page["since"], page["until"]) == ("2027-01-28", None)
    assert page["reason"] == "Không còn đáp ứng tiêu chí, theo kết luận kiểm tra (Điều 8.1.b)"
    assert (await register.page("GCN-51-2026-00001", "2027-01-27"))["reason"] is None
    withdrawn = await register.page("GCN-51-2026-00003", "2026-11-13")
    assert "Điều 10.1.b" in withdrawn["reason"]


async def test_a_replaced_certificate_names_its_successor_only_from_that_day_on(register: Register) -> None:
    assert (await register.page("GCN-51-2026-00004", "2026-12-18"))["replaced_by"] == "GCN-51-2026-00007"
    assert (await register.page("GCN-51-2026-00004", "2026-12-17"))["replaced_by"] is None


async def test_the_details_tell_the_whole_course(register: Register) -> None:
    told = (await register.get("certification", "/certificates/GCN-TW-2023-00001/details", on="2026-09-01")).json()
    assert [(period["status"], period["since"]) for period in told["history"]] == [
        ("not-yet-valid", None), ("valid", "2023-07-17"), ("extended", "2026-07-18"), ("replaced", "2026-08-28"),
    ]  # fmt: skip
    assert (told["extended_until"], told["kind"], told["ruleset"]) == ("2027-01-13", "recorded", "qd-148-2023")
    gone = (await register.get("certification", "/certificates/GCN-51-2026-00002/details", on="2027-03-31")).json()
    assert gone["revocation"]["basis"]["kind"] == "production_stop"
    assert gone["revocation"]["basis"]["concluded_on"] == "2027-02-18"


async def test_a_product_shows_all_its_certificates(register: Register) -> None:
    rows = (await register.get("certification", "/certificates", product=FISH.product.id, on="2027-03-31")).json()
    assert [(row["number"], row["status"]) for row in rows] == [
        ("GCN-51-2026-00003", "revoked"), ("GCN-51-2026-00006", "valid"),
    ]  # fmt: skip


# --- upgrade that failed ---


async def test_a_failed_upgrade_leaves_the_certificate_and_no_longer_waits(register: Register) -> None:
    at = f"/proposals/{an_id('upgrade of onion')}/upgrade-failure"
    assert (await register.ask(at, ("agency", "01"), note="Chưa đủ 70 điểm")).status_code == 403
    refused = await register.issue_of(ONION, an_id("upgrade of onion"), "2027-03-03")
    assert refused.json()["rule"] == "upgrade-not-higher"
    assert (await register.ask(at, AGENCY, note="Chưa đủ 70 điểm")).status_code == 200
    assert (await register.get("certification", "/proposals", province="51")).json() == []
    assert (await register.page("GCN-51-2026-00005", "2027-03-03"))["status"] == "valid"
    unknown = await register.ask(f"/proposals/{an_id('nothing')}/upgrade-failure", AGENCY, note="x")
    assert (unknown.status_code, unknown.json()["rule"]) == (422, "no-proposal")


# --- who may, and what is refused ---

REVOCATION = "/certificates/GCN-51-2026-00005/revocation"
CONCLUSION: dict[str, Any] = {"ground": "c", "decision": decision("2027-03-03"), "conclusion": decision("2027-03-01")}


@pytest.mark.parametrize(
    ("path", "who", "body", "expected"),
    [
        (REVOCATION, None, CONCLUSION, (401, "unauthenticated")),
        (REVOCATION, AGENCY, CONCLUSION, (403, "forbidden")),
        (REVOCATION, ("province_chairman", "01"), CONCLUSION, (403, "forbidden")),
        (REVOCATION, MINISTER, CONCLUSION, (409, "wrong-revoking-authority")),
        (REVOCATION, CHAIRMAN, CONCLUSION | {"ground": "z"}, (422, "unknown-ground")),
        (REVOCATION, CHAIRMAN, CONCLUSION | {"conclusion": None}, (422, "ground-without-conclusion")),
        (REVOCATION, CHAIRMAN, CONCLUSION | {"conclusion": decision("2027-03-04")}, (422, "decision-before-conclusion")),
        (REVOCATION, CHAIRMAN, CONCLUSION | {"decision": decision("2030-01-01")}, (422, "date-in-future")),
        ("/certificates/GCN-51-2026-00001/revocation", CHAIRMAN, CONCLUSION, (409, "certificate-not-in-force")),
        ("/certificates/GCN-51-2026-00099/revocation", CHAIRMAN, CONCLUSION, (404, "not-found")),
        ("/certificates/a%20b/revocation", CHAIRMAN, CONCLUSION, (404, "not-found")),
        (
            "/certificates/GCN-51-2026-00005/withdrawal", CHAIRMAN, {"decision": decision("2027-03-03"), "reason": "x"},
            (409, "assessment-not-annulled"),
        ),
        ("/certificates/GCN-51-2026-00005/production-stop", ("commune", "00001"), {"account": "x"}, (403, "forbidden")),
        (
            "/certificates/GCN-51-2026-00002/production-stop", COMMUNE, {"account": "x"},
            (409, "certificate-not-in-force"),
        ),
        ("/inspections", AGENCY, {"product_id": str(SALT.product.id), "kind": "periodic"}, (403, "forbidden")),
        (
            "/inspections", MINISTRY, {"product_id": str(SALT.product.id), "kind": "periodic"},
            (422, "inspection-reason-needed"),
        ),
        (
            "/inspections", INSPECTOR, {"product_id": str(WINE.product.id), "kind": "periodic"},
            (422, "product-not-certified"),
        ),
        ("/inspections", INSPECTOR, {"product_id": str(an_id("none")), "kind": "periodic"}, (404, "not-found")),
    ],
)  # fmt: skip
async def test_what_is_not_allowed_is_refused_and_nothing_is_written(
    register: Register, path: str, who: Who | None, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    before = await register.certification.store.head()
    response = await register.ask(path, who, **body)
    assert (response.status_code, response.json()["rule"]) == expected
    assert await register.certification.store.head() == before


# --- inspection ---


async def test_a_defect_is_mended_by_the_producer_itself(register: Register) -> None:
    body = {"product_id": str(SALT.product.id), "kind": "inter_agency", "with_agencies": ["doit", "dost"]}
    opened_one = await register.ask("/inspections", INSPECTOR, **body)
    at = f"/inspections/{UUID(opened_one.json()['id'])}"
    found = {"finding": "Nhãn thiếu số lô", "mend_by": "2027-04-02"}
    assert (await register.ask(f"{at}/conclusion", INSPECTOR, **found)).status_code == 200
    other = ("producer", str(SAUCE.producer.id))
    assert (await register.ask(f"{at}/mending", other, account="Đã in lại")).status_code == 403
    own = ("producer", str(SALT.producer.id))
    assert (await register.ask(f"{at}/mending", own, account="Đã in lại")).status_code == 200
    refused = await register.clients["certification"].get("/inspections")
    assert refused.status_code == 401
    rows = await register.read("/inspections", AGENCY, product=str(SALT.product.id))
    assert [(row["kind"], row["finding"], row["mend_by"], row["account"]) for row in rows] == [
        ("inter_agency", "Nhãn thiếu số lô", "2027-04-02", "Đã in lại")
    ]


# --- complaint ---


async def test_anyone_may_complain_and_ask_by_reference_and_only_officers_read_what_was_written(
    register: Register,
) -> None:
    at = "/certificates/GCN-51-2026-00007/complaints"
    made = await register.ask(at, None, key="a complaint", text=WRITTEN, contact="0900 000 000")
    reference = made.json()["reference"]
    assert made.status_code == 201
    assert re.fullmatch(r"PA-[A-Z2-7]{10}", reference)
    again = await register.ask(at, None, key="a complaint", text=WRITTEN, contact="0900 000 000")
    assert again.json() == made.json()
    page = (await register.get("certification", f"/complaints/{reference.lower()}")).json()
    assert page == {
        "reference": reference, "number": "GCN-51-2026-00007", "state": "open", "made_on": "2027-03-03",
        "due_on": "2027-03-17", "answered_on": None, "answer": None,
    }  # fmt: skip
    opened_one = await register.read(f"/complaints/{reference}/details", AGENCY)
    assert (opened_one["text"], opened_one["contact"]) == (WRITTEN, "0900 000 000")
    elsewhere = await register.reading(f"/complaints/{reference}/details", ("agency", "01"))
    assert elsewhere.status_code == 403
    answer = await register.ask(f"/complaints/{reference}/answer", AGENCY, answer="Đúng là 4 sao; biển đã thay")
    assert answer.status_code == 200
    page = (await register.get("certification", f"/complaints/{reference}")).json()
    assert (page["state"], page["answer"]) == ("answered", "Đúng là 4 sao; biển đã thay")
    assert (await register.ask(f"/complaints/{reference}/answer", AGENCY, answer="x")).status_code == 409
    rows = await register.read("/complaints", AGENCY, number="GCN-51-2026-00007")
    assert [row["reference"] for row in rows] == [reference]
    assert WRITTEN not in str(rows)


async def test_what_was_written_is_stored_sealed_and_can_be_erased(register: Register) -> None:
    made = await register.ask("/certificates/GCN-51-2026-00005/complaints", None, text=WRITTEN)
    reference = made.json()["reference"]
    pool = register.certification.store.pool
    stored = await pool.fetch("SELECT convert_from(state, 'UTF8') AS state FROM public.events ORDER BY notification_id")
    assert WRITTEN not in "".join(row["state"] for row in stored)
    await pool.execute("DELETE FROM public.person_keys WHERE person = $1", Complaint.id_of(reference))
    await register.get("certification", f"/complaints/{reference}")
    assert (await register.read(f"/complaints/{reference}/details", AGENCY))["text"] is None


@pytest.mark.parametrize("number", ["GCN-51-2026-00099", "khong-co", "GCN-99-1990-00001"])
async def test_a_number_that_no_certificate_has_takes_no_complaint(register: Register, number: str) -> None:
    response = await register.ask(f"/certificates/{number}/complaints", None, text=WRITTEN)
    assert (response.status_code, response.json()["rule"]) == (404, "not-found")


@pytest.mark.parametrize("reference", ["PA-AAAAAAAAAA", "%20", "x"])
async def test_a_reference_that_was_never_given_is_not_found(register: Register, reference: str) -> None:
    assert (await register.get("certification", f"/complaints/{reference}")).status_code == 404


@pytest.mark.parametrize("body", [{}, {"text": "  "}, {"text": "x" * 4001}, {"text": "x", "name": "y"}])
async def test_a_malformed_complaint_is_a_problem(register: Register, body: dict[str, str]) -> None:
    response = await register.ask("/certificates/GCN-51-2026-00005/complaints", None, **body)
    assert response.status_code == 422


# --- views ---


async def test_every_view_made_again_is_the_same(register: Register) -> None:
    house, result = register.certification, Findings()
    for view in house.room.views:
        await house.freshness.wait(view, register.last)

    connection = await asyncpg.connect(register.databases["certification"].owner_dsn)
    try:
        await check_views(connection, house.room, lambda view: OwnFacts(house.store, view), result)
    finally:
        await connection.close()
    assert result.findings == []
    assert result.checked["view rows"] >= 15
