"""The evaluation house over a real PostgreSQL, through its own doors: what each view shows at each step, and to whom."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from joserfc.jwk import OKPKey

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from services.evaluation.main import HOUSE
from services.evaluation.views.assessments import CERTIFIED
from services.evaluation.views.room import ROOM
from shared.auth.actors import Actor, Role
from shared.auth.tokens import ALGORITHM, sign
from shared.bus.listening import Listening
from shared.clock import Clock
from shared.contracts.certification import CertificateIssued
from shared.contracts.envelope import Contract, Envelope
from shared.contracts.registration import DossierForwarded
from shared.eventstore.fsck import Findings, check_views
from shared.eventstore.sources import OwnFacts, Source
from shared.eventstore.views import View
from shared.house import House
from tests.evaluating import GARLIC, ballots
from tests.given import an_id, on
from tests.given_facts import Given
from tests.houses import at_work
from tests.postgres import fresh_database

KEY = OKPKey.generate_key(ALGORITHM)
NAME = "Nguyễn Thị Bí Mật"
MEMBERS = [
    {"id": f"51-{n}", "office_vi": f"Sở số {n}", "office_en": f"Office {n}", "name": NAME,
     "seat": "chair" if n == 1 else "member"}
    for n in range(1, 4)
]  # fmt: skip
DECISION = {"number": "1/QĐ-UBND", "date": "2026-06-12", "authority": "Chủ tịch UBND tỉnh"}


class Desk:
    """Speaks to the house as whoever it takes, and keeps the last position written."""

    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        self.house, self.client, self.last = house, client, ""

    def token(self, role: Role, place: str, name: str) -> dict[str, str]:
        expires = datetime.now(UTC) + timedelta(hours=1)
        return {"authorization": f"Bearer {sign(Actor(name, role, place), KEY, expires)}"}

    async def post(self, path: str, body: dict[str, Any], role: Role, place: str = "51", name: str = "x") -> Any:
        response = await self.client.post(path, json=body, headers=self.token(role, place, name))
        assert response.is_success, response.text
        self.last = response.json()["position"]
        return response.json()

    async def get(self, path: str, *who: Any, **query: Any) -> httpx.Response:
        headers = self.token(*who) if who else {}
        return await self.client.get(path, params={"after": self.last, **query}, headers=headers)

    async def hear(self, sink: Any, contract: Contract, number: int) -> None:
        """A contract of another house, delivered as the relay does."""
        envelope = Envelope(
            id=f"{contract.HOUSE}:{number}", type=contract.type_name(), source=f"/ocop/{contract.HOUSE}",
            subject=str(GARLIC.product.id), time=on("2026-07-22").at, dataschema="/x.json", key=str(GARLIC.product.id),
            data=contract.model_dump(mode="json"),
        )  # fmt: skip
        await sink.send(contract.HOUSE, [envelope], number)


@pytest.fixture
async def database(postgres: Server) -> AsyncIterator[HouseDatabase]:
    async with fresh_database(postgres, "evaluation") as fresh:
        yield fresh


@pytest.fixture
async def desk(database: HouseDatabase) -> AsyncIterator[Desk]:
    clock = Clock()
    clock.play(date(2026, 6, 15))
    async with at_work(HOUSE, database, KEY, clock=clock) as (house, client):
        yield Desk(house, client)


async def arrive(desk: Desk) -> str:
    """A council, a round and a forwarded dossier; returns the assessment's id."""
    body = {"level": "province", "province": "51", "decision": DECISION, "members": MEMBERS, "team": 5,
            "secretary": {"id": "s", "office_vi": "Thư ký", "name": NAME}, "id": str(an_id("council"))}  # fmt: skip
    await desk.post("/councils", body, "province_chairman")
    body = {"level": "province", "province": "51", "name": "Đợt bổ sung", "year": 2026, "basis": "Quy chế",
            "proposals_last": "2026-07-31", "done_last": "2026-09-30", "id": str(an_id("round"))}  # fmt: skip
    await desk.post("/rounds", body, "agency")
    desk.house.clock.play(date(2026, 7, 22))
    forwarded = DossierForwarded(
        product=GARLIC.product, producer=GARLIC.producer, province="51", commune="21548", ruleset="qd-26-2026",
        legal_date=date(2026, 7, 22), dossier_id=an_id("dossier"), kind="first", submitted_on=date(2026, 7, 6),
        evidence=[],
    )  # fmt: skip
    await desk.hear(desk.house.reactions, forwarded, 1)
    desk.last = f"evaluation:{await desk.house.store.head()}"
    (row,) = (await desk.get("/assessments", dossier=an_id("dossier"))).json()
    assert (row["state"], row["next_actor"], row["forwarded_on"]) == ("arrived", "agency", "2026-07-22")
    return row["id"]


async def send(desk: Desk, path: str) -> dict[str, Any]:
    """Received, reported on and sent to the council; returns the last answer."""
    await desk.post(f"{path}/receipt", {}, "agency")
    await desk.post(f"{path}/advice", {"report": "Đủ", "proposal": "Đánh giá"}, "advisory_team")
    desk.house.clock.play(date(2026, 9, 11))
    sending = {"council_id": str(an_id("council")), "round_id": str(an_id("round"))}
    return await desk.post(f"{path}/sending", sending, "secretary")


async def sit(desk: Desk, path: str) -> None:
    """Brings it before the sitting council."""
    await send(desk, path)
    desk.house.clock.play(date(2026, 9, 15))
    await desk.post(f"{path}/session", {"present": [m["id"] for m in MEMBERS]}, "secretary")


async def vote(desk: Desk, path: str, average: str = "75", star: int = 4, many: int = 3, **other: Any) -> None:
    for member, options in zip(MEMBERS[:many], ballots(average, star, 3, **other), strict=False):
        body = {"member_id": member["id"], "options": options, "simulated": True}
        role: Role = "chair" if member["seat"] == "chair" else "member"
        await desk.post(f"{path}/ballots", body, role, name=member["id"])


async def test_a_council_is_shown_by_its_offices_and_nothing_stored_names_a_person(desk: Desk) -> None:
    await arrive(desk)
    response = await desk.get(f"/councils/{an_id('council')}")
    assert [seat["office_en"] for seat in response.json()["seats"]] == ["Office 1", "Office 2", "Office 3"]
    assert (response.json()["members"], response.json()["team"]) == (3, 5)
    assert NAME not in response.text
    stored = await desk.house.store.feed(0)
    assert not any(NAME in recorded.event.model_dump_json() for recorded in stored)


async def test_the_same_message_heard_twice_makes_one_assessment(desk: Desk) -> None:
    await arrive(desk)
    head = await desk.house.store.head()
    again = DossierForwarded(
        product=GARLIC.product, producer=GARLIC.producer, province="51", commune="21548", ruleset="qd-26-2026",
        legal_date=date(2026, 7, 22), dossier_id=an_id("dossier"), kind="first", submitted_on=date(2026, 7, 6),
        evidence=[],
    )  # fmt: skip
    await desk.hear(desk.house.reactions, again, 1)
    assert await desk.house.store.head() == head


async def test_the_view_says_whose_turn_it_is(desk: Desk) -> None:
    path = f"/assessments/{await arrive(desk)}"
    await sit(desk, path)
    assert (await desk.get(path)).json()["next_actor"] == "member"
    await vote(desk, path)
    row = (await desk.get(path)).json()
    assert (row["next_actor"], row["ballots"], row["present"]) == ("chair", 3, 3)
    await desk.post(f"{path}/decision", {}, "chair", name="51-1")
    row = (await desk.get(path)).json()
    assert (row["state"], row["next_actor"], row["stars"]) == ("decided", "province_chairman", 4)
    assert (row["average"], row["recognisable"], row["simulated"]) == ("75", True, True)


async def test_once_certified_it_is_nobodys_turn(desk: Desk) -> None:
    path = f"/assessments/{(assessment := await arrive(desk))}"
    await sit(desk, path)
    await vote(desk, path)
    await desk.post(f"{path}/decision", {}, "chair", name="51-1")
    issued = CertificateIssued(
        product=GARLIC.product, producer=GARLIC.producer, province="51", commune="21548", ruleset="qd-26-2026",
        legal_date=date(2026, 9, 25), number="GCN-51-2026-00001", certificate_id=an_id("certificate"), stars=4,
        issued_on=date(2026, 9, 25), expires_on=date(2029, 9, 25), decision=DECISION, kind="first",
        assessment_id=UUID(assessment),
    )  # fmt: skip
    await desk.hear(Listening(CERTIFIED, desk.house.store), issued, 1)
    row = (await desk.get(path)).json()
    assert (row["certificate"], row["next_actor"]) == ("GCN-51-2026-00001", None)


async def test_ballots_are_sealed_until_the_council_has_decided(desk: Desk) -> None:
    path = f"/assessments/{await arrive(desk)}"
    await sit(desk, path)
    await vote(desk, path)
    officer = ("agency", "51", "x")
    sealed = await desk.get(f"{path}/ballots", *officer)
    assert (sealed.status_code, sealed.json()["rule"]) == (409, "ballots-sealed")
    assert (await desk.get(f"{path}/result")).status_code == 404
    await desk.post(f"{path}/decision", {}, "chair", name="51-1")
    opened = (await desk.get(f"{path}/ballots", *officer)).json()
    assert [(row["office_vi"], row["options"]) for row in opened] == [
        (member["office_vi"], options) for member, options in zip(MEMBERS, ballots("75", 4, 3), strict=True)
    ]
    assert sum(int(row["total"]) for row in opened) == 225


@pytest.mark.parametrize(("who", "status"), [((), 401), (("agency", "42", "x"), 403), (("public", "TW", "x"), 403)])
async def test_ballots_are_for_officers_of_the_place(desk: Desk, who: tuple[Any, ...], status: int) -> None:
    path = f"/assessments/{await arrive(desk)}"
    await sit(desk, path)
    await desk.post(f"{path}/decision", {"declared": [{"id": "E1"}]}, "chair", name="51-1")
    assert (await desk.get(f"{path}/ballots", *who)).status_code == status


async def test_a_result_is_explained_in_the_words_of_the_sheet(desk: Desk) -> None:
    path = f"/assessments/{await arrive(desk)}"
    await sit(desk, path)
    await vote(desk, path)
    await desk.post(f"{path}/decision", {}, "chair", name="51-1")
    found = (await desk.get(f"{path}/result")).json()
    assert (found["average"], found["stars"], found["star_by_band"], found["ballots"]) == ("75", 4, 4, 3)
    assert [part["part"] for part in found["parts"]] == ["A", "B", "C"]
    assert (found["next"]["star"], found["next"]["points_short"]) == (5, "15")
    first = found["criteria"][0]
    assert first["label_vi"]
    assert first["option_en"]
    assert first["lowest"] <= first["mean"] <= first["highest"] <= first["max"]
    marks = [mark for row in found["criteria"] for mark in row["marks"]]
    assert all(mark["met"] for mark in marks if mark["star"] <= 4)
    assert sum(row["points"] for row in found["criteria"]) == sum(part["agreed"] for part in found["parts"])


async def test_a_ballot_that_the_sheet_does_not_allow_is_told_by_its_field(desk: Desk) -> None:
    path = f"/assessments/{await arrive(desk)}"
    await sit(desk, path)
    body = {"member_id": "51-2", "options": {**ballots("75", 4, 3)[0], "6.1": 9}}
    response = await desk.client.post(f"{path}/ballots", json=body, headers=desk.token("member", "51", "51-2"))
    (error,) = response.json()["errors"]
    assert (response.status_code, error["field"], error["rule"]) == (422, "options.6.1", "unknown-option")


async def test_a_dossier_that_goes_up_shows_both_levels_in_order(desk: Desk) -> None:
    path = f"/assessments/{await arrive(desk)}"
    await sit(desk, path)
    await vote(desk, path, "93", 5)
    await desk.post(f"{path}/decision", {}, "chair", name="51-1")
    await desk.post(f"{path}/approval", {"decision": DECISION}, "province_chairman")
    await desk.post(f"{path}/referral", {}, "agency")
    rows = (await desk.get("/assessments", product=GARLIC.product.id)).json()
    assert [(r["level"], r["state"], r["next_actor"]) for r in rows] == [
        ("province", "referred", None),
        ("national", "arrived", "ministry"),
    ]
    assert rows[0]["next_assessment_id"] == rows[1]["id"]
    counts = (await desk.get("/counts")).json()
    assert (counts["assessments"], counts["decided"], counts["sent_up"], counts["recognisable"]) == (2, 1, 1, 0)


async def test_a_member_with_a_conflict_sees_nothing_of_the_dossier(desk: Desk) -> None:
    path = f"/assessments/{await arrive(desk)}"
    reason = "Em trai là giám đốc hợp tác xã"
    declared = {"council_id": str(an_id("council")), "reason": reason}
    await desk.post(f"{path}/conflicts", declared, "member", name="51-3")
    assert (await send(desk, path))["to"] == 2
    for where in ("", "/result", "/ballots"):
        assert (await desk.get(f"{path}{where}", "member", "51", "51-3")).status_code == 403
    assert (await desk.get("/assessments", "member", "51", "51-3")).json() == []
    row = (await desk.get(path, "member", "51", "51-2")).json()
    assert (row["conflicts"], row["sent_to"]) == (1, 2)
    assert (await desk.get(path)).status_code == 200
    stored = await desk.house.store.feed(0)
    assert not any(reason in recorded.event.model_dump_json() for recorded in stored)


async def test_a_session_that_was_put_off_is_shown_and_held_later(desk: Desk) -> None:
    path = f"/assessments/{await arrive(desk)}"
    await send(desk, path)
    desk.house.clock.play(date(2026, 9, 16))
    await desk.post(f"{path}/adjournment", {"present": ["51-2"], "to": "2026-09-22"}, "chair", name="51-1")
    row = (await desk.get(path)).json()
    assert (row["state"], row["adjournments"], row["adjourned_to"]) == ("sent", 1, "2026-09-22")
    desk.house.clock.play(date(2026, 9, 22))
    await desk.post(f"{path}/session", {"present": [m["id"] for m in MEMBERS]}, "secretary")
    assert (await desk.get(path)).json()["state"] == "in-session"


async def test_both_turns_of_ballots_are_shown_each_once_it_is_open(desk: Desk) -> None:
    path = f"/assessments/{await arrive(desk)}"
    officer = ("agency", "51", "x")
    await sit(desk, path)
    await vote(desk, path, "217/3", 4, spread=14)
    answer = await desk.post(f"{path}/count", {"discussion": "Bao bì"}, "chair", name="51-1")
    assert (answer["average"], answer["spread"]) == ("217/3", "14")
    assert {row["turn"] for row in (await desk.get(f"{path}/ballots", *officer)).json()} == {1}
    await vote(desk, path, "74", 4, spread=6)
    row = (await desk.get(path)).json()
    assert [turn["spread"] for turn in row["ballot_rounds"]] == ["14"]
    assert {row["turn"] for row in (await desk.get(f"{path}/ballots", *officer)).json()} == {1}
    await desk.post(f"{path}/decision", {}, "chair", name="51-1")
    rows = (await desk.get(f"{path}/ballots", *officer)).json()
    assert [row["turn"] for row in rows] == [1, 1, 1, 2, 2, 2]
    assert sum(int(row["total"]) for row in rows[3:]) == 222
    row = (await desk.get(path)).json()
    assert [(t["turn"], t["average"], t["discussion"]) for t in row["ballot_rounds"]] == [
        (1, "217/3", "Bao bì"),
        (2, "74", ""),
    ]
    assert (await desk.get("/counts")).json()["ballots"] == 6


async def test_an_appeal_is_public_by_its_reference_and_no_further(desk: Desk) -> None:
    assessment = await arrive(desk)
    path, owner = f"/assessments/{assessment}", str(GARLIC.producer.id)
    await sit(desk, path)
    await vote(desk, path, "66", 3)
    await desk.post(f"{path}/decision", {}, "chair", name="51-1")
    desk.house.clock.play(date(2026, 10, 2))
    body = {"id": str(an_id("appeal")), "assessment_id": assessment, "criteria": ["3.5"], "reason": "Có nhãn hiệu"}
    stranger = await desk.client.post("/appeals", json=body, headers=desk.token("producer", str(an_id("y")), "y"))
    assert stranger.status_code == 403
    lodged = await desk.post("/appeals", body, "producer", owner)
    assert (lodged["reference"], lodged["due_on"]) == ("KN-51-2026-0001", "2026-11-02")
    answer = {"upheld": True, "decision": DECISION, "answer": "Được tính lại"}
    await desk.post(f"/appeals/{lodged['id']}/decision", answer, "province_chairman")
    public = (await desk.get("/appeals/by-reference/KN-51-2026-0001")).json()
    assert public == {"reference": "KN-51-2026-0001", "state": "upheld", "answer": "Được tính lại"}
    assert (await desk.get("/appeals/by-reference/KN-51-2026-0002")).status_code == 404
    assert (await desk.get("/appeals")).status_code == 401
    assert [row["criteria"] for row in (await desk.get("/appeals", "agency", "51", "x")).json()] == [["3.5"]]
    assert (await desk.get("/appeals", "agency", "42", "x")).json() == []
    assert (await desk.get(f"/appeals/{lodged['id']}", "agency", "42", "x")).status_code == 403
    assert (await desk.get(path)).json()["next_actor"] == "agency"
    desk.house.clock.play(date(2026, 10, 28))
    await desk.post(f"{path}/reassessment", {"id": str(an_id("anew"))}, "agency")
    rows = (await desk.get("/assessments", dossier=an_id("dossier"))).json()
    assert [(row["state"], row["again"], row["next_actor"]) for row in rows] == [
        ("decided", False, None),
        ("advised", True, "secretary"),
    ]
    assert rows[0]["redone_by"] == rows[1]["id"] == str(an_id("anew"))


async def test_an_annulled_result_stays_readable(desk: Desk) -> None:
    path = f"/assessments/{await arrive(desk)}"
    await sit(desk, path)
    await vote(desk, path)
    await desk.post(f"{path}/decision", {}, "chair", name="51-1")
    await desk.post(f"{path}/redo-demand", {"reason": "Không khai báo xung đột"}, "ministry", "TW")
    assert (await desk.get(path)).json()["next_actor"] == "province_chairman"
    await desk.post(f"{path}/annulment", {"decision": DECISION, "reason": "Bộ yêu cầu"}, "province_chairman")
    row = (await desk.get(path)).json()
    assert (row["state"], row["next_actor"], row["annulled_on"]) == ("annulled", "agency", "2026-09-15")
    assert (await desk.get(f"{path}/result")).json()["stars"] == 4


async def test_a_councils_bylaw_is_shown_with_the_days_from_which_it_held(desk: Desk) -> None:
    await arrive(desk)
    body = {"bylaw": {"spread": 8}, "decision": DECISION}
    await desk.post(f"/councils/{an_id('council')}/bylaw", body, "province_chairman")
    row = (await desk.get(f"/councils/{an_id('council')}")).json()
    assert row["bylaw"]["spread"] == 8
    assert [(b["since"], b["bylaw"]["spread"]) for b in row["bylaws"]] == [("2026-06-15", 10), ("2026-07-22", 8)]


async def test_every_view_made_again_is_the_same(desk: Desk, database: HouseDatabase) -> None:
    path = f"/assessments/{(assessment := await arrive(desk))}"
    await sit(desk, path)
    await vote(desk, path, "217/3", 4, spread=14)
    await desk.post(f"{path}/count", {"discussion": "Bao bì"}, "chair", name="51-1")
    await vote(desk, path, "74", 4)
    await desk.post(f"{path}/decision", {}, "chair", name="51-1")
    body = {"assessment_id": assessment, "criteria": ["3.5"], "reason": "Có nhãn hiệu"}
    appeal = (await desk.post("/appeals", body, "producer", str(GARLIC.producer.id)))["id"]
    answer = {"upheld": True, "decision": DECISION, "answer": "Được tính lại"}
    await desk.post(f"/appeals/{appeal}/decision", answer, "province_chairman")
    await desk.post(f"{path}/reassessment", {}, "agency")
    for view in ROOM.own:
        await desk.house.freshness.wait(view, desk.last)

    def source_of(view: View) -> Source:
        return OwnFacts(desk.house.store, view) if view in ROOM.own else Given()

    result = Findings()
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        await check_views(connection, ROOM, source_of, result)
    finally:
        await connection.close()
    assert result.findings == []
    assert result.checked["view rows"] >= 8
