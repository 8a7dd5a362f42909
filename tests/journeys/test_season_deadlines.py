"""The limits of the season as rows: begun, due, met or overdue on the days that the stories tell."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from ocop.season.play import product_id
from ocop.season.script import Line, Step
from ocop.standalone import Program
from shared.auth.actors import Actor
from shared.auth.tokens import DEV_TOKEN_LASTS, sign
from shared.clock import machine_time
from tests.journeys.told import LINES, SEASON, Row

HOUSE_OF = {
    "commune_handling": "registration", "addition": "registration", "reassess_duration_max": "evaluation",
    "appeal": "evaluation", "revocation": "certification", "complaint": "certification",
}  # fmt: skip
TOLD = [(line, step) for line in LINES.values() for step in line.steps if step.facts.get("limit") in HOUSE_OF]
LATE = ["choi-dot"]


@pytest.fixture(scope="module")
def officer(played: Program) -> dict[str, str]:
    key = next(iter(played.houses.values())).key
    token = sign(Actor("officer", "ministry", "TW"), key, machine_time() + DEV_TOKEN_LASTS)
    return {"authorization": f"Bearer {token}"}


async def due_rows(program: httpx.AsyncClient, officer: dict[str, str], house: str, **query: Any) -> list[Row]:
    params = {key: str(value) for key, value in query.items()} | {"limit": "1000"}
    answer = await program.get(f"/{house}/due", params=params, headers=officer)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def row_of(program: httpx.AsyncClient, officer: dict[str, str], line: Line, step: Step, on: date) -> Row:
    limit = step.facts["limit"]
    found = await due_rows(program, officer, HOUSE_OF[limit], product=product_id(line.product.key), on=on)
    [row] = [r for r in found if r["limit"] == limit and r["begun_on"] == str(step.facts["from"])]
    return row


@pytest.mark.parametrize(("line", "step"), TOLD, ids=[step.key for _, step in TOLD])
async def test_a_limit_is_kept_or_missed_as_told(
    line: Line, step: Step, program: httpx.AsyncClient, officer: dict[str, str]
) -> None:
    kept = step.facts.get("kept", True)
    row = await row_of(program, officer, line, step, SEASON.last)
    assert (row["closed_on"], row["state"]) == (str(step.day), "met" if kept else "met-late")
    if "due" in step.facts:
        assert row["due_on"] == str(step.facts["due"])
    before = await row_of(program, officer, line, step, step.day - timedelta(1))
    assert before["state"] in ("open", "remind") if kept else before["state"] == "overdue"


def test_one_commune_was_late() -> None:
    assert [line.product.key for line, step in TOLD if step.facts.get("kept") is False] == LATE


@pytest.mark.parametrize("key", [key for key, line in LINES.items() if "due" in line.end])
async def test_what_is_open_at_the_end_is_due_as_told(
    key: str, program: httpx.AsyncClient, officer: dict[str, str]
) -> None:
    found = await due_rows(program, officer, "registration", product=product_id(key), on=SEASON.last)
    open_rows = [(r["limit"], r["due_on"], r["owner"], r["state"]) for r in found if r["closed_on"] is None]
    assert open_rows == [("commune_handling", str(LINES[key].end["due"]), "commune", "open")]


async def test_an_extension_ends_with_its_renewal(program: httpx.AsyncClient, officer: dict[str, str]) -> None:
    [told] = [s for s in LINES["vicosap"].steps if s.do == "certificate_extended"]
    found = await due_rows(program, officer, "certification", product=product_id("vicosap"), on=date(2026, 8, 1))
    [row] = [r for r in found if r["limit"] == "certificate-extension"]
    assert (row["begun_on"], row["due_on"]) == (str(told.day), str(told.facts["until_at_most"] + timedelta(1)))
    found = await due_rows(program, officer, "certification", product=product_id("vicosap"), on=SEASON.last)
    [row] = [r for r in found if r["limit"] == "certificate-extension"]
    assert row["closed_on"] == "2026-08-28"


async def test_nothing_is_overdue_at_the_end(program: httpx.AsyncClient, officer: dict[str, str]) -> None:
    for house in ("registration", "evaluation", "certification", "promotion", "programme"):
        assert await due_rows(program, officer, house, on=SEASON.last, state="overdue") == []
