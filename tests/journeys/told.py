"""What the stories tell, beside what the houses say: shared by the journeys through the season."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import httpx

from ocop.season.play import product_id
from ocop.season.script import Line, Season, Step

SEASON = Season()
LINES = {line.product.key: line for line in SEASON.lines}
SAYS: dict[str, str | None] = SEASON.data["vocabulary"]
REMINDERS = (180, 150, 120, 30)  # days before a certificate's last one
ISSUING = ("certificate_issued", "certificate_replaced")
ABOUT_PRODUCERS = {"ProducerRegistered", "ProducerVerified"}  # said of a producer, not of a product
DERIVED = {"listed", "renewal_due"}  # told by some stories only, although the rule holds for all
PAGE = 1000

Row = dict[str, Any]
Said = Counter[tuple[str, str]]  # (contract, legal date)


async def rows(program: httpx.AsyncClient, path: str, **query: str) -> list[Row]:
    answer = await program.get(path, params={"limit": str(PAGE), **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def certificates_of(program: httpx.AsyncClient, key: str) -> dict[int, Row]:
    """A product's certificates by their number in the story: 0 is the earlier one, 1 and 2 those of the season."""
    found = await rows(program, "/certification/certificates", product=product_id(key))
    return dict(enumerate(found, 0 if LINES[key].product.earlier else 1))


async def page(program: httpx.AsyncClient, number: str, on: date) -> Row:
    answer = await program.get(f"/c/{number}", params={"on": str(on)}, headers={"accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def everything_said(program: httpx.AsyncClient) -> list[Row]:
    """Every contract of all houses, as CloudEvents."""
    found: list[Row] = []
    query = {"limit": str(PAGE)}
    while True:
        answer = (await program.get("/events", params=query)).json()
        if not answer["events"]:
            return found
        found += answer["events"]
        query["after"] = answer["next"]


def name_of(event: Row) -> str:
    """`CertificateIssued` of `vn.ocop.CertificateIssued.v1`."""
    return event["type"].split(".")[-2]


def essence(event: Row) -> tuple[str, ...]:
    """What a contract says whatever run it is of: ids that follow from positions are left out."""
    data = event["data"]
    product = data.get("product") or {}
    numbers = (product.get("code"), data.get("number"), data.get("replaces_number"), data.get("reference"))
    facts = (data.get("stars"), data.get("average"), data.get("due_on"), data.get("until_at_most"))
    about = product.get("id") or data.get("name") or data.get("province") or ""
    return tuple(map(str, (name_of(event), about, data["legal_date"], *numbers, *facts)))


def issued_steps(line: Line) -> list[Step]:
    return [step for step in line.steps if step.do in ISSUING]


def recorded_on(line: Line) -> date | None:
    return next((step.day for step in line.steps if step.do == "recognition_recorded"), None)


def told(line: Line) -> Said:
    """All that is said of a product in the season: by its steps, and by rule."""
    said: Said = Counter()
    for step in line.steps:
        contract = SAYS[step.do]
        if contract and contract not in ABOUT_PRODUCERS and step.do not in DERIVED:
            day = line.product.earlier.decided if step.do == "recognition_recorded" else step.day  # type: ignore[union-attr]
            said[contract, str(day)] += 1
        if step.do in ISSUING:
            said["ProductListed", str(step.day)] += 1
    said.update({("RenewalDue", str(day)): 1 for day in reminded_on(line)})
    earlier, recorded = line.product.earlier, recorded_on(line)
    if earlier and recorded:
        said["CertificateIssued", str(earlier.decided)] += 1
        if recorded <= earlier.expires:
            said["ProductListed", str(recorded)] += 1
    for event in SEASON.events:
        if event.facts.get("product") == line.product.key:
            said[str(event.facts["says"]), str(event.day)] += 1
    return said


def reminded_on(line: Line) -> list[date]:
    """180, 150, 120 and 30 days before the end of the earlier certificate, as long as it is the product's last."""
    earlier, recorded = line.product.earlier, recorded_on(line)
    if earlier is None or recorded is None:
        return []  # the certificates of the season end three years later
    until = min([SEASON.last + timedelta(1), *(step.day for step in issued_steps(line))])
    days = (earlier.expires - timedelta(n) for n in REMINDERS)
    return [day for day in days if recorded <= day < until]
