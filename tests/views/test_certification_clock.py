"""What the house's clock does to certificates, by the commands that its timer gives: once, with the dates of their own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date
from typing import Any

import pytest

from ocop.postgres import Server
from services.certification.commands.ending import RemindOfRenewal, TurnCertificate
from shared.auth.actors import Actor
from shared.auth.permissions import Forbidden
from shared.contracts.registration import DossierSubmitted, RecognitionRecorded
from shared.eventstore.commands import Answer, Command, Request
from shared.values import About
from tests.given import about, an_id
from tests.issuing import CHAIRMAN, Register, carried, decision, opened

CLOCK = Actor(id="certification.timer", role="clock", place="TW")
SAUCE = about("Nước mắm Cửa Tùng", code="44-19414-1-2023", set="09")  # expires, then is renewed
STEAM = about("Tinh dầu", code="51-21548-1-2023", set="20")  # its renewal was admitted by art. 12.3
LOST = about("Trà sen", code="51-21548-2-2023", set="12")  # so was this one, and failed


async def tick(r: Register, command: Command, limit: str, *, actor: Actor = CLOCK) -> Answer:
    """As the timer asks: the request id names the limit, the product and the day."""
    product = command.product_id  # type: ignore[attr-defined]
    request = f"{limit}:{product}:{command.on}"
    asked = Request(id=request, actor=actor, action="certification:due", correlation=request)
    answer = await r.certification.execute(command, asked)
    r.last = answer.position
    return answer


async def turn(r: Register, facts: About, day: str) -> Answer:
    r.day(day)
    return await tick(r, TurnCertificate(product_id=facts.product.id, on=date.fromisoformat(day)), "certificate-expiry")


async def said(r: Register, facts: About, *kinds: str) -> list[tuple[str, str]]:
    """(contract, legal date) of what certification said of a product, in order."""
    events = (await r.clients["certification"].get("/events", params={"limit": 1000})).json()["events"]
    told = [e["data"] | {"contract": e["type"].split(".")[2]} for e in events]
    of_it = [e for e in told if e["product"]["id"] == str(facts.product.id) and e["contract"] in kinds]
    return [(e["contract"], e["legal_date"]) for e in of_it]


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


@pytest.fixture(scope="module")
async def register(postgres: Server) -> AsyncIterator[Register]:
    async with AsyncExitStack() as stack:
        r = await opened(stack, postgres)
        r.day("2026-05-25")
        await r.hear(recorded(SAUCE, "2023-11-14", "2026-11-14"), SAUCE)
        for facts in (STEAM, LOST):
            await r.hear(recorded(facts, "2023-07-17", "2026-07-17", 4), facts)
        r.day("2026-06-08")
        for facts in (STEAM, LOST):
            await r.hear(late(facts), facts)
            await r.hear(late(facts, completes=True), facts)
        yield r


ENDS = ("CertificateExtended", "CertificateExpired", "CertificateIssued", "CertificateReplaced")


async def test_the_season_of_the_clock(register: Register) -> None:
    """One test, since time only goes forward."""
    certificate = (await register.get("certification", "/certificates", product=SAUCE.product.id)).json()[0]
    remind: dict[str, Any] = {"product_id": SAUCE.product.id, "certificate_id": certificate["certificate_id"]}
    register.day("2026-06-17")
    reminder = RemindOfRenewal(**remind, days=150, on=date(2026, 6, 17))
    first = await tick(register, reminder, "renewal-due-150")
    assert (await tick(register, reminder, "renewal-due-150")).number == first.number
    assert await said(register, SAUCE, "RenewalDue") == [("RenewalDue", "2026-06-17")]

    for facts in (STEAM, LOST):
        await turn(register, facts, "2026-07-18")
        assert await said(register, facts, *ENDS[:2]) == [("CertificateExtended", "2026-07-18")]
    held = (await register.get("certification", "/certificates", product=STEAM.product.id)).json()[0]
    assert (held["status"], held["until"]) == ("extended", "2027-01-13")

    failed = {"recognisable": False, "kind": "renewal", "dossier_id": an_id("late Trà sen")}
    await register.score(LOST, 2, "province", "2026-08-21", **failed)
    assert (await said(register, LOST, *ENDS))[-1] == ("CertificateExpired", "2026-08-21")

    await turn(register, SAUCE, "2026-11-15")
    again = await turn(register, SAUCE, "2026-11-15")
    assert again.repeated
    await register.score(SAUCE, 3, "province", "2026-11-17", kind="renewal")
    register.day("2026-11-20")
    assert (await register.issue(SAUCE, 3, "2026-11-20")).json()["replaced"] is None
    assert await said(register, SAUCE, *ENDS) == [
        ("CertificateIssued", "2023-11-14"), ("CertificateExpired", "2026-11-15"), ("CertificateIssued", "2026-11-20"),
    ]  # fmt: skip
    late_reminder = RemindOfRenewal(**remind, days=30, on=date(2026, 11, 20))
    await tick(register, late_reminder, "renewal-due-30")
    assert len(await said(register, SAUCE, "RenewalDue")) == 1

    await turn(register, STEAM, "2027-01-14")
    assert (await said(register, STEAM, *ENDS))[-1] == ("CertificateExpired", "2027-01-14")
    assert await register.certification.store.held() == (0, 0)


async def test_only_the_clock_turns_certificates(register: Register) -> None:
    command = TurnCertificate(product_id=SAUCE.product.id)
    with pytest.raises(Forbidden):
        await tick(register, command, "by hand", actor=Actor("an officer", *CHAIRMAN))
