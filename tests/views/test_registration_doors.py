"""Registration through its own doors over PostgreSQL: what comes back, what is compared, what is due, and to whom it opens."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from joserfc.jwk import OKPKey
from obstore.store import LocalStore

from ocop.databases import HouseDatabase
from services.registration.main import HOUSE
from shared.auth.actors import Actor, Role
from shared.auth.tokens import ALGORITHM, sign
from shared.contracts.certification import CertificateIssued, CertificateReplaced, CertificateRevoked
from shared.contracts.envelope import Contract, Envelope
from shared.contracts.evaluation import AssessmentOpened, ProductScored
from shared.eventstore.fsck import Findings, check_views
from shared.eventstore.sources import OwnFacts
from shared.house import House
from shared.values import About, ProducerRef, ProductRef
from tests.given import an_id, on
from tests.holding import held_and_dead
from tests.houses import at_work

KEY = OKPKey.generate_key(ALGORITHM)
OWNER = ProducerRef(id=an_id("sen"), name="Công ty Sen (minh họa)", kind="enterprise")
Who = tuple[Role, str]
PRODUCER: Who = ("producer", str(OWNER.id))
COMMUNE: Who = ("commune", "30037")
AGENCY: Who = ("agency", "82")
TEAM: Who = ("advisory_team", "82")
DECISION = {"number": "12/QĐ-UBND", "date": "2023-12-29", "authority": "UBND tỉnh"}
FORM_01 = {"product_description": "Sen sấy", "output_per_year": "12 tấn", "market": "Trong tỉnh"}
FORM_03 = {
    "local_origin": "Có", "local_labour": "Có", "origin_of_idea": "Có", "local_identity": "Có", "letter_number": "1",
    "samples": 5,
}  # fmt: skip


def recognition(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": str(an_id(name)), "producer": OWNER.model_dump(mode="json"), "product_name": name, "set": "07",
        "province": "82", "commune": "30037", "ruleset": "qd-148-2023", "stars": 3, "decision": DECISION,
        "issued_on": "2023-12-29", "expires_on": "2026-12-29",
    } | more  # fmt: skip


def form_02(**ticks: int) -> dict[str, Any]:
    options = {code.removeprefix("c").replace("_", "."): option for code, option in ticks.items()}
    return {"self_assessment": options, "labourers": 1, "local_labourers": 1, "revenue_last_year": 0}


class Desk:
    """Speaks to the house as whoever it takes, and keeps the last position written."""

    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        self.house, self.client, self.last, self.heard = house, client, "registration:0", 0

    def bearer(self, who: Who) -> dict[str, str]:
        return {"authorization": f"Bearer {sign(Actor('x', *who), KEY, datetime.now(UTC) + timedelta(hours=1))}"}

    async def ask(self, path: str, who: Who, **body: Any) -> httpx.Response:
        response = await self.client.post(path, json=body, headers=self.bearer(who))
        if response.is_success:
            self.last = response.json()["position"]
        return response

    async def do(self, path: str, who: Who, **body: Any) -> dict[str, Any]:
        response = await self.ask(path, who, **body)
        assert response.is_success, response.text
        return response.json()

    async def get(self, path: str, who: Who = AGENCY, **query: Any) -> Any:
        response = await self.client.get(path, params={"after": self.last, **query}, headers=self.bearer(who))
        assert response.is_success, response.text
        return response.json()

    async def told(self, *types: str) -> list[dict[str, Any]]:
        """What the house said of these kinds, as the feed gives it."""
        return (await self.client.get("/events", params={"types": ",".join(types)})).json()["events"]

    async def paper(self, kind: str, text: str) -> dict[str, Any]:
        content = text.encode()
        kept = await self.client.post("/evidence", content=content, headers=self.bearer(PRODUCER))
        assert kept.json() == {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        return {**kept.json(), "type": "text/plain", "name": f"{kind}.txt", "kind": kind}

    def day(self, day: str) -> None:
        self.house.clock.play(date.fromisoformat(day))

    async def hear(self, contract: Contract) -> None:
        """A contract of another house, delivered as the relay does."""
        self.heard += 1
        envelope = Envelope(
            id=f"{contract.HOUSE}:{self.heard}", type=contract.type_name(), source=f"/ocop/{contract.HOUSE}",
            subject="s", time=on(contract.legal_date.isoformat()).at, dataschema="/x.json", key="k",
            data=contract.model_dump(mode="json"),
        )  # fmt: skip
        await self.house.reactions.send(contract.HOUSE, [envelope], self.heard)
        assert await held_and_dead(self.house.store) == (0, 0)
        self.last = f"registration:{await self.house.store.head()}"


@pytest.fixture
async def desk(database: HouseDatabase, tmp_path: Path) -> AsyncIterator[Desk]:
    async with at_work(HOUSE, database, KEY, files=LocalStore(tmp_path)) as (house, client):
        desk = Desk(house, client)
        desk.day("2026-05-25")
        yield desk


def carried(name: str, day: str) -> dict[str, Any]:
    """What a contract about a recorded product carries."""
    product = ProductRef(id=an_id(name), code=None, name=name, set="07", group="food")
    facts = About(product=product, producer=OWNER, province="82", commune="30037")
    return {**facts.model_dump(), "legal_date": date.fromisoformat(day), "ruleset": "qd-26-2026"}


def certified(name: str, number: str, stars: int, day: str, **more: Any) -> dict[str, Any]:
    issued = date.fromisoformat(day)
    return carried(name, day) | {
        "number": number, "certificate_id": an_id(number), "stars": stars, "issued_on": issued,
        "expires_on": issued.replace(year=issued.year + 3), "decision": DECISION, "kind": "recorded",
        "assessment_id": None,
    } | more  # fmt: skip


def scored(name: str, dossier: str, stars: int, day: str, **more: Any) -> ProductScored:
    return ProductScored.model_validate(carried(name, day) | {
        "assessment_id": an_id("assessment"), "dossier_id": dossier, "level": "province", "round": None,
        "kind": "upgrade", "outcome": "ranked", "average": "65", "average_2dp": 65.0, "parts": None,
        "star_by_band": stars, "star_after_gates": stars, "gates_missed": [], "ballots": 7, "spread": 1.0,
        "recognisable": stars > 2, "sent_up_to": None,
    } | more)  # fmt: skip


def opened(name: str, dossier: str, day: str, **more: Any) -> AssessmentOpened:
    facts = {"assessment_id": an_id("assessment"), "dossier_id": dossier, "level": "province"}
    return AssessmentOpened.model_validate(carried(name, day) | facts | more)


# --- an earlier recognition ---


async def test_recorded_products_share_one_producer_which_counts_as_verified(desk: Desk) -> None:
    await desk.do("/recognitions", AGENCY, **recognition("Sen sấy"))
    await desk.do(
        "/recognitions", AGENCY, **recognition("Sen sấy wasabi", number="07/2023", code="83-829-28780-3-2022")
    )
    (producer,) = await desk.get("/producers")
    assert (producer["id"], producer["verified_on"]) == (str(OWNER.id), "2026-05-25")
    first, second = await desk.get("/products")
    assert (first["certificate"], first["stars"], first["certified_until"]) == (None, 3, "2026-12-29")
    assert (second["certificate"], second["code"], second["plan_id"]) == ("07/2023", "83-829-28780-3-2022", None)
    said = await desk.told("RecognitionRecorded")
    assert [(e["legaldate"], e["data"]["recorded_on"]) for e in said] == [("2023-12-29", "2026-05-25")] * 2


async def test_a_recognition_is_recorded_once_by_its_province_under_one_name(desk: Desk) -> None:
    await desk.do("/recognitions", AGENCY, **recognition("Sen sấy"))
    again = await desk.ask("/recognitions", AGENCY, **recognition("Sen sấy"))
    assert (again.status_code, again.json()["rule"]) == (422, "product-already-registered")
    other = {**OWNER.model_dump(mode="json"), "name": "Công ty khác"}
    renamed = await desk.ask("/recognitions", AGENCY, **recognition("Ngũ trà", producer=other))
    assert renamed.json()["rule"] == "producer-recorded-otherwise"
    elsewhere = await desk.ask("/recognitions", AGENCY, **recognition("Trà", commune="21548"))
    assert elsewhere.json()["rule"] == "commune-not-in-province"
    kind = await desk.ask(
        "/recognitions", AGENCY, **recognition("Trà", producer={**OWNER.model_dump(mode="json"), "kind": "giant"})
    )
    assert (kind.json()["rule"], kind.json()["errors"][0]["field"]) == ("unknown-producer-kind", "producer.kind")
    assert (await desk.ask("/recognitions", ("agency", "51"), **recognition("Trà"))).status_code == 403


# --- a dossier that goes back, and one that starts from another ---


async def returned_and_completed(desk: Desk) -> str:
    """An upgrade that lacked a paper; returns its id."""
    await desk.do("/recognitions", AGENCY, **recognition("Sen sấy"))
    desk.day("2026-06-29")
    body = {"product_id": str(an_id("Sen sấy")), "kind": "upgrade", "form_01": FORM_01, "form_02": form_02(c1_1=1)}
    evidence = [await desk.paper("EV01", "đăng ký")]
    filed = await desk.do("/dossiers", PRODUCER, **body, evidence=evidence, changed=["3.5"])
    path = f"/dossiers/{filed['id']}"
    desk.day("2026-07-06")
    await desk.do(f"{path}/return", COMMUNE, missing=["EV12"], note="Thiếu phiếu kiểm nghiệm")
    row = await desk.get(path)
    assert (row["state"], row["missing"], row["returned_on"]) == ("returned", ["EV12"], "2026-07-06")
    assert row["changed"]["criteria"] == [{"criterion": "3.5", "before": None, "after": None}]
    desk.day("2026-07-13")
    await desk.do(f"{path}/completion", PRODUCER, evidence=[await desk.paper("EV12", "kiểm nghiệm")])
    return filed["id"]


async def test_the_days_of_the_commune_stop_at_a_return_and_begin_anew_with_the_completion(desk: Desk) -> None:
    dossier = await returned_and_completed(desk)
    row = await desk.get(f"/dossiers/{dossier}")
    assert (row["state"], row["evidence"], row["missing"]) == ("submitted", 2, None)
    assert (row["submitted_on"], row["commune_due"]) == ("2026-06-29", "2026-08-03")
    assert [step["what"] for step in row["history"]] == ["dossier-submitted", "dossier-returned", "dossier-completed"]
    assert row["history"][1]["facts"]["note"] == "Thiếu phiếu kiểm nghiệm"
    due = await desk.get("/due", on="2026-07-13")
    assert [(d["limit"], d["begun_on"], d["due_on"], d["state"]) for d in due] == [
        ("commune_handling", "2026-06-29", "2026-07-20", "met"),
        ("commune_handling", "2026-07-13", "2026-08-03", "open"),
    ]


async def test_a_failed_upgrade_leaves_the_certificate_and_the_next_one_starts_from_it(desk: Desk) -> None:
    first = await returned_and_completed(desk)
    desk.day("2026-07-20")
    answer = await desk.do(f"/dossiers/{first}/forwarding", COMMUNE, form_03=FORM_03)
    assert answer["code"] == "82-30037-1-2026"
    (forwarded,) = await desk.told("DossierForwarded")
    assert (forwarded["data"]["kind"], forwarded["data"]["stars_held"]) == ("upgrade", 3)
    await desk.hear(opened("Sen sấy", first, "2026-07-20"))
    await more_papers(desk, first)
    desk.day("2026-09-18")
    await desk.hear(scored("Sen sấy", first, 3, "2026-09-18"))
    assert (await desk.get(f"/dossiers/{first}"))["state"] == "not-recognised"
    body = {"product_id": str(an_id("Sen sấy")), "kind": "upgrade", "form_02": form_02(c1_1=2, c1_2=1)}
    second = (await desk.do("/dossiers", PRODUCER, **body, evidence=[await desk.paper("EV01", "đăng ký")]))["id"]
    row = await desk.get(f"/dossiers/{second}")
    assert row["previous"] == first
    assert row["changed"]["criteria"] == [
        {"criterion": "1.1", "before": 1, "after": 2}, {"criterion": "1.2", "before": None, "after": 1},
    ]  # fmt: skip
    assert [paper["kind"] for paper in row["changed"]["evidence_removed"]] == ["EV12", "EV20"]
    assert row["changed"]["evidence_added"] == []
    await certificates(desk, second)


async def more_papers(desk: Desk, dossier: str) -> None:
    desk.day("2026-08-05")
    asked = await desk.do(f"/dossiers/{dossier}/additions", TEAM, wants=["EV20"], note="Hồ sơ kiểm tra định kỳ")
    assert asked["due_on"] == "2026-08-19"
    row = await desk.get(f"/dossiers/{dossier}")
    assert (row["state"], row["wants"], row["addition_due"]) == ("addition-requested", ["EV20"], "2026-08-19")
    late = await desk.get("/due", on="2026-08-20", state="overdue")
    assert [(d["limit"], d["owner"], d["what"]) for d in late] == [("addition", "producer", {"wants": ["EV20"]})]
    lacking = await desk.ask(
        f"/dossiers/{dossier}/supplement", PRODUCER, evidence=[await desk.paper("EV13", "mã vạch")]
    )
    assert lacking.json()["rule"] == "evidence-missing"
    desk.day("2026-08-17")
    await desk.do(f"/dossiers/{dossier}/supplement", PRODUCER, evidence=[await desk.paper("EV20", "định kỳ")])
    row = await desk.get(f"/dossiers/{dossier}")
    assert (row["state"], row["wants"], row["evidence"]) == ("in-assessment", None, 3)


async def certificates(desk: Desk, dossier: str) -> None:
    """The second upgrade succeeds: one certificate in place of the other; it is revoked, and assessed again."""
    await desk.do(f"/dossiers/{dossier}/forwarding", COMMUNE, form_03=FORM_03)
    await desk.hear(CertificateIssued.model_validate(certified("Sen sấy", "GCN-82-2023-00001", 3, "2023-12-29")))
    await desk.hear(opened("Sen sấy", dossier, "2026-09-18"))
    desk.day("2026-12-18")
    await desk.hear(scored("Sen sấy", dossier, 4, "2026-12-10"))
    assert (await desk.get(f"/dossiers/{dossier}"))["state"] == "in-assessment"
    replaced = certified("Sen sấy", "GCN-82-2026-00001", 4, "2026-12-18", kind="upgrade", dossier_id=dossier) | {
        "replaces_number": "GCN-82-2023-00001", "replaces_certificate_id": an_id("old"),
        "assessment_id": an_id("assessment"),
    }  # fmt: skip
    await desk.hear(CertificateReplaced.model_validate(replaced))
    row = await desk.get(f"/dossiers/{dossier}")
    assert (row["state"], row["history"][-1]["facts"]["state"]) == ("recognised", "recognised")
    product = await desk.get(f"/products/{an_id('Sen sấy')}")
    assert (product["certificate"], product["stars"]) == ("GCN-82-2026-00001", 4)
    desk.day("2027-01-28")
    end = {
        "number": "GCN-82-2026-00001", "certificate_id": an_id("new"), "stars": 4, "ground": "10.1b",
        "concluded_on": date(2027, 1, 20), "decision": DECISION, "effective_on": date(2027, 1, 28),
    }  # fmt: skip
    await desk.hear(CertificateRevoked.model_validate(carried("Sen sấy", "2027-01-28") | end))
    assert (await desk.get(f"/products/{an_id('Sen sấy')}"))["certified_until"] == "2027-01-27"
    await desk.hear(opened("Sen sấy", dossier, "2027-01-28", again=True))
    assert (await desk.get(f"/dossiers/{dossier}"))["state"] == "in-assessment"
    body = {"product_id": str(an_id("Sen sấy")), "kind": "first"}
    under_way = await desk.ask("/dossiers", PRODUCER, **body)
    assert under_way.json()["rule"] == "dossier-under-way"


# --- an idea and a plan that go back ---


async def test_an_idea_and_its_plan_keep_what_went_before(desk: Desk) -> None:
    await desk.do("/recognitions", AGENCY, **recognition("Sen sấy"))
    summary = {"description": "x", "raw_material": "x", "local_character": "x"}
    body = {"producer_id": str(OWNER.id), "product_name": "Trà sen", "set": "12", "summary": summary}
    idea = f"/ideas/{(await desk.do('/ideas', PRODUCER, **body))['id']}"
    blank = await desk.ask(f"{idea}/return", COMMUNE, guidance="  ")
    assert blank.status_code == 422
    await desk.do(f"{idea}/return", COMMUNE, guidance="Nêu rõ vùng sen")
    await desk.do(f"{idea}/resubmission", PRODUCER, summary=summary | {"raw_material": "Sen Tháp Mười"})
    await desk.do(f"{idea}/screening", COMMUNE, opinion="Phù hợp")
    await desk.do(f"{idea}/acceptance", AGENCY)
    row = await desk.get(idea)
    assert [step["what"] for step in row["history"]] == [
        "idea-registered", "idea-returned", "idea-sent-again", "idea-screened", "idea-accepted",
    ]  # fmt: skip
    assert row["history"][1]["facts"] == {"guidance": "Nêu rõ vùng sen"}
    content = {"situation": "Nhỏ", "means": "Vốn", "revenue_first_year": 1, "revenue_third_year": 2}
    plan = f"/plans/{(await desk.do('/plans', PRODUCER, idea_id=row['id'], content=content))['id']}"
    await desk.do(f"{plan}/return", AGENCY, guidance="Bổ sung kiểm nghiệm")
    assert (await desk.get(plan))["state"] == "returned"
    await desk.do(f"{plan}/resubmission", PRODUCER, content=content)
    row = await desk.get(plan)
    assert (row["state"], [step["what"] for step in row["history"]]) == (
        "submitted", ["plan-submitted", "plan-returned", "plan-submitted-again"],
    )  # fmt: skip
    said = await desk.told("PlanSubmitted", "PlanReturned", "IdeaReturned")
    assert [e["type"].split(".")[2] for e in said] == ["IdeaReturned", "PlanSubmitted", "PlanReturned", "PlanSubmitted"]


async def test_the_views_made_anew_are_the_views_that_grew(desk: Desk, database: HouseDatabase) -> None:
    await test_a_failed_upgrade_leaves_the_certificate_and_the_next_one_starts_from_it(desk)

    for view in HOUSE.room.own:
        await desk.house.freshness.wait(view, desk.last)

    findings = Findings()
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        await check_views(connection, HOUSE.room, lambda view: OwnFacts(desk.house.store, view), findings)
    finally:
        await connection.close()
    assert findings.findings == []
