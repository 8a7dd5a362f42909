"""One thing of every kind in Lý Sơn (51, 21548), and what the centre has of its own: what the walk over all routes finds."""

from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import httpx

from ocop.standalone import Program
from services.certification.domain.complaint import Complaint
from services.certification.domain.inspection import Inspection
from services.certification.domain.numbers import CertificateNumbers
from services.certification.domain.result import Result
from services.programme.commands import list_id
from services.programme.domain.document import Body, Duty, PlannedTask, Target
from services.programme.domain.figure import Entry, KeptList
from services.programme.domain.plan import Plan, Programme
from services.programme.domain.task import Progress, Task
from services.promotion.domain.listing import Listing, Shown
from services.promotion.domain.sales_point import Point, Rules, SalesPoint
from services.promotion.domain.shelf import Shelf
from services.promotion.domain.story import Story, Tale
from shared.auth.actors import Role
from shared.contracts.envelope import Envelope
from shared.sealing import Sealed
from tests import certifying, district, evaluating
from tests.given import an_id, on
from tests.legacy import books
from tests.whole import bearer, begin

PRODUCER, OTHER_PRODUCER = str(evaluating.GARLIC.producer.id), str(an_id("another producer"))
REFERENCE = "PA-" + "A" * 10
LAW = "qd-26-2026"
SET = "10"
CENTRE = "TW"

# The place of each role where the things are, and a place of the same role where they are not.
HERE: dict[Role, str] = {"producer": PRODUCER, "commune": "21548", "ministry": CENTRE, "minister": CENTRE, "public": CENTRE,
                         "ops": CENTRE, "clock": CENTRE, "district_chairman": district.DISTRICT}  # fmt: skip
ELSEWHERE: dict[Role, str] = {"producer": OTHER_PRODUCER, "commune": "21025", "district_chairman": district.ANOTHER}


def here(role: Role) -> str:
    return HERE.get(role, "51")


def elsewhere(role: Role) -> str | None:
    """Another place of that role; none for those who act for the whole country."""
    return None if HERE.get(role) == CENTRE else ELSEWHERE.get(role, "42")


Ids = dict[str, Any]


async def made(program: Program, client: httpx.AsyncClient) -> dict[str, Ids]:
    """Path parameter or field -> value, of the things in the place of each house; `TW`: those of the centre, and a district's."""
    await promote(program)
    await plan(program)
    letters = {house: await a_dead_letter(program, house) for house in program.houses}
    found = {
        "registration": await register(client), "evaluation": await evaluate(program),
        "certification": await certify(program), "promotion": IN_PROMOTION, "programme": IN_PROGRAMME,
        CENTRE: {"assessment_id": NATIONAL, "council_id": an_id("council TW"), "appeal_id": an_id("national appeal"),
                 "round_id": evaluating.national_round().id, "level": "national", "province": None},
        district.DISTRICT: await district.made(program),
    }  # fmt: skip
    for house, letter in letters.items():
        name, id = AGGREGATES[house]
        found[house] = found[house] | {"letter_id": letter, "aggregate": name, "aggregate_id": found[house][id]}
    return found


AGGREGATES = {  # one of each house: its name and which of the ids is its own
    "registration": ("producer", "producer_id"), "evaluation": ("Assessment", "assessment_id"),
    "certification": ("inspection", "inspection_id"), "promotion": ("sales-point", "sales_point_id"),
    "programme": ("Plan", "plan_id"),
}  # fmt: skip


async def a_dead_letter(program: Program, house: str) -> str:
    """The id of a message that the house heard of another and could not read."""
    source = "evaluation" if house == "registration" else "registration"
    envelope = Envelope(
        id=f"{source}:999999", type="vn.ocop.Stranger.v1", source=f"/ocop/{source}", subject="x", key=f"of {house}",
        time=datetime(2026, 10, 1, tzinfo=UTC), dataschema="x", data={},
    )  # fmt: skip
    await program.houses[house].reactions.park(envelope, "no contract of its type")
    return envelope.id


# --- registration: through its doors ---


async def register(client: httpx.AsyncClient) -> Ids:
    async def post(path: str, role: Role, **body: Any) -> dict[str, Any]:
        answer = await client.post(f"/registration{path}", json=body, headers=bearer(role, here(role)))
        assert answer.is_success, answer.text
        return answer.json()

    person = dict.fromkeys(("name", "gender", "ethnicity", "phone", "email"), "minh họa")
    idea_id, plan_id, dossier_id = (str(an_id(kind)) for kind in ("idea", "plan", "dossier"))
    await post("/producers", "producer", id=PRODUCER, name="Hợp tác xã Tỏi Lý Sơn", kind="cooperative", province="51",
               commune="21548", registration_number="1", representative=person)  # fmt: skip
    await post(f"/producers/{PRODUCER}/verification", "commune")
    summary = {"description": "Tỏi", "raw_material": "Tại đảo", "local_character": "Đất đảo"}
    await post("/ideas", "producer", id=idea_id, producer_id=PRODUCER, product_name="Tỏi Lý Sơn", set=SET,
               summary=summary)  # fmt: skip
    await post(f"/ideas/{idea_id}/screening", "commune", opinion="Phù hợp")
    await post(f"/ideas/{idea_id}/acceptance", "agency")
    content = {"situation": "Nhỏ", "means": "Vốn tự có", "revenue_first_year": 1, "revenue_third_year": 2}
    await post("/plans", "producer", id=plan_id, idea_id=idea_id, content=content)
    decision = {"number": "1/QĐ", "date": "2026-05-25", "authority": "Cơ quan tham mưu"}
    await post(f"/plans/{plan_id}/approval", "agency", decision=decision)
    product = await post("/products", "agency", plan_id=plan_id)
    paper = await client.post("/registration/evidence", content=b"giay", headers=bearer("producer", PRODUCER))
    evidence = [paper.json() | {"type": "text/plain", "name": "giay.txt", "kind": "EV01"}]
    form_02 = {"self_assessment": {}, "labourers": 1, "local_labourers": 1, "revenue_last_year": 0}
    form_01 = {"product_description": "Tỏi", "output_per_year": "12 tấn", "market": "Trong tỉnh"}
    await post("/dossiers", "producer", id=dossier_id, product_id=product["id"], kind="first", form_01=form_01,
               form_02=form_02, evidence=evidence)  # fmt: skip
    return {"producer_id": PRODUCER, "idea_id": idea_id, "plan_id": plan_id, "product_id": product["id"],
            "dossier_id": dossier_id, "evidence": evidence} | await a_book(client)  # fmt: skip


async def a_book(client: httpx.AsyncClient) -> Ids:
    """An old register of the province with one row, staged."""
    with TemporaryDirectory() as folder:
        content = books.make(Path(folder) / "so.xlsx", [books.row()]).read_bytes()
    asked = {"name": "so.xlsx", "as_of": "2026-08-31", "province": "51"}
    answer = await client.post("/registration/imports", params=asked, content=content, headers=bearer("agency", "51"))
    assert answer.is_success, answer.text
    return {"import_id": answer.json()["id"], "sheet": 0, "row": 5}


# --- evaluation ---

NATIONAL: UUID = evaluating.referred()[1].id


async def evaluate(program: Program) -> Ids:
    """A result in the province and one at the centre, each with an appeal against it."""
    here, there = evaluating.decided("75", 4), evaluating.national("93", 5)
    above = evaluating.Appeal.lodge(
        an_id("national appeal"), there, reference="KN-TW-2027-0001", criteria=("3.5",), reason="Nhãn hiệu",
        sheet=evaluating.RULES.sheet(SET), when=on("2027-03-10"),
    )  # fmt: skip
    await begin(
        program, "evaluation", evaluating.form(), evaluating.form(CENTRE, 11), evaluating.open_round(),
        evaluating.national_round(), here, there, evaluating.lodge(here), above,
    )  # fmt: skip
    return {"assessment_id": here.id, "council_id": an_id("council 51"), "appeal_id": an_id("appeal"),
            "round_id": evaluating.open_round().id, "reference": "KN-51-2026-0001", "level": "province",
            "province": "51", "criteria": ["3.5"]}  # fmt: skip


# --- certification ---


async def certify(program: Program) -> Ids:
    recognition, product = certifying.certified(3), certifying.GARLIC.product.id
    numbers = CertificateNumbers.open("51", 2026, on("2026-09-25"))
    number = numbers.allocate(product, on("2026-09-25"))
    inspection = Inspection.open(
        an_id("inspection"), about=certifying.GARLIC, ruleset=LAW, certificate=recognition.certificates[0].stated,
        kind="periodic", national=False, reason="", with_agencies=(), when=on("2026-11-10"),
    )  # fmt: skip
    complaint = Complaint.make(
        REFERENCE, number=number, about=certifying.GARLIC, ruleset=LAW, due_on=date(2026, 11, 19), contact=None,
        text=Sealed[str](person=an_id("someone"), box="AAAA"), when=on("2026-11-05"),
    )  # fmt: skip
    result = Result.hear(an_id("assessment"), certifying.GARLIC, LAW, on("2026-09-20"))
    await begin(program, "certification", recognition, numbers, inspection, complaint, result)
    return {"product_id": product, "assessment_id": an_id("assessment"), "number": number,
            "inspection_id": inspection.id, "reference": REFERENCE}  # fmt: skip


# --- promotion, programme ---

IN_PROMOTION: Ids = {
    "product_id": certifying.GARLIC.product.id, "shelf_id": an_id("shelf"), "sales_point_id": an_id("sales point"),
    "fair_id": an_id("fair"), "products": [str(certifying.GARLIC.product.id)],
}  # fmt: skip
IN_PROGRAMME: Ids = {"plan_id": an_id("plan"), "task_id": an_id("task"), "target": "t1", "key": "k1",
                     "list": "craft_villages", "province": "51", "value": 1}  # fmt: skip


async def promote(program: Program) -> None:
    garlic, when = certifying.GARLIC, on("2026-10-01")
    listing = Listing.open(garlic, LAW, when)
    listing.show(Shown(certificate=certifying.FIRST, stars=3, expires_on=date(2029, 9, 25), simulated=True), garlic,
                 LAW, when)  # fmt: skip
    story = Story.write(Tale(title="Tỏi", text="Đất đảo"), listing, when)
    shelf = Shelf.open(an_id("shelf"), listing=listing, platform="Sàn", link="https://san.example/toi", when=when)
    point = SalesPoint.open(
        an_id("sales point"), Point(name="Điểm", province="51", commune="21548", area_m2=30.0), Rules(), [listing], when
    )
    await begin(program, "promotion", listing, story, shelf, point)


async def plan(program: Program) -> None:
    """A plan with one part of each kind that is reported on, a task of no plan, a list with one entry."""
    stated = Programme(
        name="Kế hoạch", province="51", period_from=date(2026, 6, 2), period_to=date(2026, 12, 31), decision=None,
        targets=(Target(id="t1", metric="newspaper_issues", comparator=">=", value=4, by=date(2026, 12, 31)),),
        tasks=(PlannedTask(id="k1", title_vi="Tập huấn", kind="training", starts=date(2026, 6, 2), ends=date(2026, 12, 31)),),
        reporting=(Duty(id="r1", what="quarterly report", every="quarter"),), agencies=(Body(id="dard"),),
    )  # fmt: skip
    progress = Progress(name="Tập huấn", plan_id=None, province="51", done_percent=10, account="Đã mở lớp")
    kept = KeptList.begin(
        list_id("51", "craft_villages"), "51", "craft_villages", Entry(key="k1", name="Làng Teng"), office="Sở",
        source="QĐ 12", when=on("2026-06-10"),
    )  # fmt: skip
    await begin(
        program, "programme", Plan.publish(an_id("plan"), stated, on("2026-06-02")),
        Task.begin(an_id("task"), progress, None, on("2026-06-10")), kept,
    )  # fmt: skip
