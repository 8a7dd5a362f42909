"""What the season says on the bus: exactly what its stories tell, of every product and on every day, and nothing else."""

from collections import Counter

import httpx
import pytest

from ocop.season.acts.evaluation import opening
from ocop.season.play import product_id
from shared.contracts.envelope import contracts_of
from shared.contracts.topics import HOUSES
from tests.journeys.told import (
    ABOUT_PRODUCERS,
    LINES,
    SAYS,
    SEASON,
    Row,
    everything_said,
    name_of,
    reminded_on,
    told,
)

LATER = {  # of no season that is played
    "ReportIssued", "UnitsMerged", "ProductPlaced", "ProducerPlaced", "RecognitionNoted", "RecognitionTakenBack", "ShelfClosed",
}  # fmt: skip
UNTOLD_REMINDERS = {"tinh-dau-tram-moc-suong": 2, "hong-tra-fin-ho": 1, "ca-phe-bich-thao": 1}


@pytest.fixture(scope="module")
async def said(program: httpx.AsyncClient) -> list[Row]:
    return [e for e in await everything_said(program) if e["data"].get("legal_date", "") <= str(SEASON.last)]


async def test_every_contract_of_the_five_houses_is_said_at_least_once(said: list[Row]) -> None:
    every = {kind.__name__ for house in HOUSES for kind in contracts_of(house).values()} - LATER
    assert every - {name_of(event) for event in said} == set()
    assert len(every) == 43


@pytest.mark.parametrize("key", LINES)
async def test_of_each_product_is_said_what_its_story_tells_and_nothing_else(key: str, said: list[Row]) -> None:
    id = product_id(key)
    found = Counter(
        (name_of(event), event["data"]["legal_date"])
        for event in said
        if event["data"].get("product", {}).get("id") == id
    )
    assert found == told(LINES[key])


async def test_each_producer_with_an_idea_is_registered_and_verified_once(said: list[Row]) -> None:
    names = {line.product.producer for line in LINES.values()}  # other journeys may have registered more
    counted = Counter(
        name_of(e) for e in said if name_of(e) in ABOUT_PRODUCERS and e["data"]["producer"]["name"] in names
    )  # fmt: skip
    assert counted == {"ProducerRegistered": 49, "ProducerVerified": 49}


async def test_what_belongs_to_no_product_is_said_on_its_day(said: list[Row]) -> None:
    wanted = Counter(
        (str(event.facts["says"]), str(event.day))
        for event in SEASON.events
        if event.facts["says"] and "product" not in event.facts
    )
    names = {name for name, _ in wanted}
    assert Counter((name_of(e), e["data"]["legal_date"]) for e in said if name_of(e) in names) == wanted


async def test_councils_and_rounds_are_said_on_their_days(said: list[Row]) -> None:
    names = {"council_formed": "CouncilFormed", "round_opened": "RoundOpened", "round_closed": "RoundClosed"}
    wanted = Counter((names[step.do], str(step.day)) for step in opening(SEASON))
    found = Counter((name_of(e), e["data"]["legal_date"]) for e in said if name_of(e) in names.values())
    assert found == wanted


@pytest.mark.parametrize("key", [key for key, line in LINES.items() if reminded_on(line)])
async def test_a_reminder_is_said_on_each_of_its_days_and_on_no_other(key: str, said: list[Row]) -> None:
    line, id = LINES[key], product_id(key)
    earlier = line.product.earlier
    assert earlier
    found = {
        e["data"]["legal_date"]: e["data"]["days"] for e in said
        if name_of(e) == "RenewalDue" and e["data"]["product"]["id"] == id
    }  # fmt: skip
    assert found == {str(day): (earlier.expires - day).days for day in reminded_on(line)}
    told_days = {str(step.day): step.facts["days"] for step in line.steps if step.do == "renewal_due"}
    assert told_days.items() <= found.items()
    assert len(found) - len(told_days) == UNTOLD_REMINDERS.get(key, 0)


async def test_every_contract_carries_what_all_of_its_kind_carry(said: list[Row]) -> None:
    for event in said:
        if "product" in event["data"]:
            assert {"product", "producer", "province", "commune", "legal_date", "ruleset"} <= set(event["data"])


async def test_a_withdrawn_recognition_names_its_article_and_the_others_their_ground(said: list[Row]) -> None:
    grounds = {e["data"]["product"]["id"]: e["data"]["ground"] for e in said if name_of(e) == "CertificateRevoked"}
    assert grounds == {
        product_id("nuoc-mam"): "b", product_id("bun"): "đ", product_id("hai-san-kho"): "10.1b",
    }  # fmt: skip


def test_the_vocabulary_is_the_stories_own() -> None:
    assert {step.do for line in LINES.values() for step in line.steps} <= set(SAYS)
