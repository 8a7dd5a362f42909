"""What the house's clock does to certificates by itself: once, on its day, with the dates of its own; and what is due."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date
from typing import Any

import pytest

from ocop.postgres import Server
from services.certification.commands.ending import TurnCertificate
from shared.auth.actors import Actor
from shared.auth.permissions import Forbidden
from shared.contracts.registration import DossierSubmitted, RecognitionRecorded
from shared.eventstore.commands import Answer, Command, Request
from shared.values import About
from tests.given import about, an_id
from tests.holding import held_and_dead
from tests.issuing import CHAIRMAN, Register, Who, carried, decision, opened

AGENCY: Who = ("agency", "51")
TIMER = Actor(id="certification.timer", role="clock", place="TW")
SAUCE = about("Nước mắm Cửa Tùng", code="51-21548-1-2023", set="09")  # expires, then is renewed
STEAM = about("Tinh dầu", code="51-21548-2-2023", set="20")  # its renewal was admitted by art. 12.3
LOST = about("Trà sen", code="51-21548-3-2023", set="12")  # so was this one, and failed
WINE = about("Rượu men lá", code="51-21548-1-2020", set="14")  # ended long before the register
NOODLES = about("Bún", code="51-21548-1-2026", set="06")  # production stopped, a complaint, a defect to mend
SAID = ("RenewalDue", "CertificateExtended", "CertificateExpired", "CertificateIssued", "CertificateReplaced")


def recorded(facts: About, issued: str, expires: str, stars: int = 3) -> RecognitionRecorded:
    return RecognitionRecorded.model_validate(carried(facts, issued) | {
        "ruleset": "qd-148-2023", "number": None, "stars": stars, "decision": decision(issued), "issued_on": issued,
        "expires_on": expires, "recorded_on": "2026-05-25", "simulated": True,
    })  # fmt: skip


def late(facts: About, completes: bool = False) -> DossierSubmitted:
    return DossierSubmitted.model_validate(carried(facts, "2026-06-08") | {
        "dossier_id": an_id(f"late {facts.product.name}"), "kind": "renewal", "evidence": [], "completes": completes,
        "admitted_by": "Điều 12.3",
    })  # fmt: skip


async def said(r: Register, facts: About) -> list[tuple[str, str]]:
    """(contract, legal date) of what certification said of a product's certificates, in order."""
    events = (await r.clients["certification"].get("/events", params={"limit": 1000})).json()["events"]
    told = [e["data"] | {"contract": e["type"].split(".")[2]} for e in events]
    of_it = [e for e in told if e["product"]["id"] == str(facts.product.id) and e["contract"] in SAID]
    return [(e["contract"], e["legal_date"]) for e in of_it]


async def due(r: Register, facts: About, on: str | None = None) -> dict[str, tuple[str, str]]:
    """Limit -> (its day, its state) of a product, on a day or today."""
    query = {"product": str(facts.product.id)} | ({"on": on} if on else {})
    return {row["limit"]: (row["due_on"], row["state"]) for row in await r.read("/due", AGENCY, **query)}


@pytest.fixture(scope="module")
async def register(postgres: Server) -> AsyncIterator[Register]:
    """From 25 May 2026 to 14 January 2027, with the days on which something happens to these products."""
    async with AsyncExitStack() as stack:
        r = await opened(stack, postgres)
        await r.day("2026-05-25")
        await r.hear(recorded(SAUCE, "2023-11-14", "2026-11-14"), SAUCE)
        await r.hear(recorded(WINE, "2020-01-15", "2023-01-15"), WINE)
        for facts in (STEAM, LOST):
            await r.hear(recorded(facts, "2023-07-17", "2026-07-17", 4), facts)
        await r.day("2026-06-08")
        for facts in (STEAM, LOST):
            await r.hear(late(facts), facts)
            await r.hear(late(facts, completes=True), facts)
        for d in ("2026-06-17", "2026-06-17", "2026-07-18"):  # a day may be played twice, and days may be skipped
            await r.day(d)
        await r.day("2026-08-21")
        failed = {"recognisable": False, "kind": "renewal", "dossier_id": an_id("late Trà sen")}
        await r.score(LOST, 2, "province", "2026-08-21", **failed)
        await r.settled()
        await r.score(NOODLES, 3, "province", "2026-09-15")
        await r.day("2026-09-25")
        assert (await r.issue(NOODLES, 3, "2026-09-25")).status_code == 201
        await r.day("2026-11-05")
        await complained_inspected_stopped(r)
        await r.day("2026-11-15")
        await r.score(SAUCE, 3, "province", "2026-11-17", kind="renewal")
        await r.day("2026-11-20")
        assert (await r.issue(SAUCE, 3, "2026-11-20")).json()["replaced"] is None
        await r.day("2027-01-14")
        yield r


async def complained_inspected_stopped(r: Register) -> None:
    number = "GCN-51-2026-00001"
    made = await r.ask(f"/certificates/{number}/complaints", None, text="Biển ghi 5 sao")
    inspection = await r.ask("/inspections", ("inspector", "51"), product_id=str(NOODLES.product.id), kind="periodic")
    at = f"/inspections/{inspection.json()['id']}/conclusion"
    found = {"finding": "Nhãn thiếu số lô", "mend_by": "2026-12-05"}
    assert (await r.ask(at, ("inspector", "51"), **found)).status_code == 200
    stop = await r.ask(f"/certificates/{number}/production-stop", ("commune", "21548"), account="Đã đóng cửa")
    assert stop.status_code == 200
    await r.day("2026-11-19")
    answer = await r.ask(f"/complaints/{made.json()['reference']}/answer", AGENCY, answer="Đã thay biển")
    assert answer.status_code == 200


async def test_a_certificate_is_reminded_of_then_expires_and_the_renewal_issues_anew(register: Register) -> None:
    assert await said(register, SAUCE) == [
        ("CertificateIssued", "2023-11-14"), ("RenewalDue", "2026-06-17"), ("RenewalDue", "2026-07-17"),
        ("RenewalDue", "2026-10-15"), ("CertificateExpired", "2026-11-15"), ("CertificateIssued", "2026-11-20"),
    ]  # fmt: skip


async def test_a_renewal_admitted_late_extends_until_its_outcome_or_a_hundred_and_eighty_days(
    register: Register,
) -> None:
    begins = [
        ("CertificateIssued", "2023-07-17"), ("RenewalDue", "2026-06-17"), ("CertificateExtended", "2026-07-18"),
    ]  # fmt: skip
    assert await said(register, STEAM) == [*begins, ("CertificateExpired", "2027-01-14")]
    assert await said(register, LOST) == [*begins, ("CertificateExpired", "2026-08-21")]


async def test_of_what_ended_before_the_register_knew_it_nothing_is_said_or_due(register: Register) -> None:
    assert await said(register, WINE) == [("CertificateIssued", "2020-01-15")]
    assert await due(register, WINE) == {}


@pytest.mark.parametrize(
    ("on", "limit", "expected"),
    [
        ("2026-06-01", "renewal-due-150", ("2026-06-17", "open")),
        ("2026-06-17", "renewal-due-150", ("2026-06-17", "met")),
        ("2026-06-17", "certificate-expiry", ("2026-11-15", "open")),
        ("2026-11-15", "certificate-expiry", ("2026-11-15", "met")),
    ],
)
async def test_what_the_clock_has_to_do_is_due_on_its_day(
    register: Register, on: str, limit: str, expected: tuple[str, str]
) -> None:
    assert (await due(register, SAUCE, on))[limit] == expected


@pytest.mark.parametrize(
    ("on", "limit", "expected"),
    [
        ("2026-11-05", "complaint", ("2026-11-19", "open")),
        ("2026-11-12", "complaint", ("2026-11-19", "remind")),
        ("2026-11-19", "complaint", ("2026-11-19", "met")),
        ("2026-12-06", "inspection-mending", ("2026-12-05", "overdue")),
        ("2026-11-05", "revocation", ("2026-11-20", "open")),
        ("2026-11-21", "revocation", ("2026-11-20", "overdue")),
    ],
)
async def test_what_people_have_to_do_is_due_by_its_day(
    register: Register, on: str, limit: str, expected: tuple[str, str]
) -> None:
    assert (await due(register, NOODLES, on))[limit] == expected


async def test_a_late_revocation_is_met_late_and_ends_what_the_clock_had_to_do(register: Register) -> None:
    basis = {"ground": "đ", "decision": decision("2027-01-14")}
    assert (await register.ask("/certificates/GCN-51-2026-00001/revocation", CHAIRMAN, **basis)).status_code == 200
    await register.settled()
    states = await due(register, NOODLES)
    assert states["revocation"] == ("2026-11-20", "met-late")
    assert states["certificate-expiry"] == ("2029-09-26", "met")


async def asked(r: Register, command: Command, actor: Actor, request: str) -> Answer:
    return await r.certification.execute(
        command, Request(id=request, actor=actor, action="certification:due", correlation=request)
    )


async def test_what_the_clock_did_it_does_not_do_again(register: Register) -> None:
    rows: list[dict[str, Any]] = await register.read("/due", AGENCY, product=str(SAUCE.product.id))
    expiry = next(row for row in rows if row["limit"] == "certificate-expiry" and row["due_on"] == "2026-11-15")
    request = f"certificate-expiry:{expiry['subject']}:2026-11-15"
    command = TurnCertificate(product_id=SAUCE.product.id, on=date(2026, 11, 15))
    assert (await asked(register, command, TIMER, request)).repeated
    before = await register.certification.store.head()
    await asked(register, command, TIMER, "under another id")
    assert await register.certification.store.head() == before


async def test_only_the_clock_turns_certificates(register: Register) -> None:
    with pytest.raises(Forbidden):
        await asked(register, TurnCertificate(product_id=SAUCE.product.id), Actor("x", *CHAIRMAN), "by hand")


async def test_no_message_waits_for_a_person(register: Register) -> None:
    assert await held_and_dead(register.certification.store) == (0, 0)
    assert register.certification.ticking.stuck() == []
