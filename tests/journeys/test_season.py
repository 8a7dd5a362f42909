"""The season's main line, through HTTP: every product ends as its story tells, and nothing is left undelivered."""

from datetime import date
from typing import Any

import httpx
import pytest

from ocop.season.play import play, product_id
from ocop.season.script import Line, Season
from ocop.season.summary import summarise
from ocop.standalone import Program

LINES = {line.product.key: line for line in Season().lines}
FIVE_STARS, CENTRAL, OWN = "toi-ly-son", "toi-den", "tinh-dau-que"


async def rows(program: httpx.AsyncClient, path: str, **query: str) -> list[dict[str, Any]]:
    answer = await program.get(path, params={"limit": "1000", **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_product_ends_as_its_story_tells(played: Program, season: Season) -> None:
    summary = await summarise(played, season)
    assert {row.key: row.result for row in summary.rows} == {row.key: row.expected for row in summary.rows}
    assert len(summary.rows) == 49
    assert len(summary.not_played) == 21


async def test_playing_again_does_nothing(played: Program, season: Season) -> None:
    before = {name: await house.store.head() for name, house in played.houses.items()}
    assert await play(played, season, lambda day, done, total: None) == 0
    assert {name: await house.store.head() for name, house in played.houses.items()} == before


async def test_every_delivery_is_made(program: httpx.AsyncClient) -> None:
    answer = await program.get("/readyz")
    assert (answer.status_code, answer.json()["behind"]) == (200, [])


@pytest.mark.parametrize("key", [key for key, line in LINES.items() if any(s.score for s in line.steps)])
async def test_each_council_gave_the_score_that_its_story_tells(key: str, program: httpx.AsyncClient) -> None:
    told = [step.score for step in LINES[key].steps if step.score]
    assessments = await rows(program, "/evaluation/assessments", product=product_id(key))
    decided = [a for a in assessments if a["outcome"]]
    assert len(decided) == len(told)
    for score, found in zip(told, decided, strict=True):
        assert found["outcome"] == score.outcome
        if score.outcome == "ranked":
            assert (found["average"], found["stars"]) == (str(score.average), score.star)
            assert found["simulated"] is True


async def certificates_of(program: httpx.AsyncClient, key: str) -> list[dict[str, Any]]:
    return await rows(program, "/certification/certificates", product=product_id(key))


@pytest.mark.parametrize("key", sorted(LINES))
async def test_a_certificate_is_valid_from_its_decision_for_36_months(key: str, program: httpx.AsyncClient) -> None:
    for step in LINES[key].steps:
        if step.do != "certificate_issued":
            continue
        [row] = await certificates_of(program, key)
        end = step.day.replace(year=step.day.year + 3)
        for on, status in (
            (step.day.replace(day=1), "not-yet-valid" if step.day.day > 1 else "valid"),
            (step.day, "valid"),
            (end, "valid"),
            (end.replace(year=end.year + 1), "expired"),
        ):
            answer = await program.get(
                f"/c/{row['number']}", params={"on": str(on)}, headers={"accept": "application/json"}
            )
            assert (answer.status_code, answer.json()["status"], answer.json()["stars"]) == (
                200,
                status,
                step.facts["stars"],
            )


def told_days() -> list[tuple[str, dict[str, Any]]]:
    """What the stories' pages must answer on chosen days, where the main line alone decides."""
    data = Season().data
    return [
        (story["product"], at)
        for story in data["stories"]
        if story["product"] in LINES
        for at in story.get("at", [])
        if at["certificate"] in (None, 1) and at.get("status", "valid") == "valid"
    ]


@pytest.mark.parametrize(("key", "at"), told_days(), ids=lambda value: str(value)[:40])
async def test_a_certificates_page_answers_as_the_story_says(
    key: str, at: dict[str, Any], program: httpx.AsyncClient
) -> None:
    issued = [c for c in await certificates_of(program, key) if date.fromisoformat(c["issued_on"]) <= at["date"]]
    if at["certificate"] is None:
        assert not issued
        return
    answer = await program.get(f"/c/{issued[0]['number']}", params={"on": str(at["date"])},
                               headers={"accept": "application/json"})  # fmt: skip
    assert (answer.json()["status"], answer.json()["stars"]) == (at["status"], at["stars"])


async def test_a_result_of_90_or_more_waits_for_the_ministry(program: httpx.AsyncClient) -> None:
    for key in (FIVE_STARS, CENTRAL, OWN):
        levels = [a["level"] for a in await rows(program, "/evaluation/assessments", product=product_id(key))]
        assert levels[:2] == ["province", "national"]
        [certificate] = await certificates_of(program, key)
        assert certificate["issued_on"] > "2027-03-01"
    [five] = await certificates_of(program, FIVE_STARS)
    assert five["number"].startswith("GCN-TW-2027-")


async def test_a_missed_gate_is_named_with_what_it_needs(program: httpx.AsyncClient) -> None:
    [found] = await rows(program, "/evaluation/assessments", product=product_id("nep-ngu-sa-huynh"))
    events = (await program.get("/events", params={"types": "ProductScored", "limit": 1000})).json()["events"]
    [scored] = [e["data"] for e in events if e["data"]["assessment_id"] == found["id"]]
    assert (scored["star_by_band"], scored["star_after_gates"]) == (4, 3)
    assert [gate["criterion"] for gate in scored["gates_missed"]] == ["2.3"]


async def test_a_product_below_50_came_again_and_kept_its_code(program: httpx.AsyncClient) -> None:
    dossiers = await rows(program, "/registration/dossiers", product=product_id("keo-guong"))
    assert [d["state"] for d in dossiers] == ["not-recognised", "recognised"]
    assert len({d["product_code"] for d in dossiers}) == 1


async def test_dossiers_follow_their_results(program: httpx.AsyncClient) -> None:
    states = {d["product_id"]: d["state"] for d in await rows(program, "/registration/dossiers")}
    assert states[product_id("ruou-toi")] == "rejected"
    assert states[product_id("nuoc-uong-minh-hoa")] == "stopped"
    assert states[product_id(FIVE_STARS)] == "recognised"


async def test_the_catalogue_lists_each_certified_product_once(program: httpx.AsyncClient) -> None:
    listed = [row["product_id"] for row in await rows(program, "/promotion/catalogue")]
    certified = [row["product"]["id"] for row in await rows(program, "/certification/certificates")]
    assert sorted(listed) == sorted(certified)


async def test_national_counts_equal_the_lists_they_count(program: httpx.AsyncClient) -> None:
    for on in ("2026-09-24", "2026-09-30", "2026-12-31", "2027-03-31"):
        counted = (await program.get("/programme/recognised", params={"by": "stars", "on": on})).json()["valid"]
        listed = await rows(program, "/programme/recognised/list", on=on)
        valid = [c for c in await rows(program, "/certification/certificates", on=on) if c["status"] == "valid"]
        assert counted["total"] == len(listed) == len(valid)


def test_the_lines_of_the_script_are_the_49_that_begin_with_an_idea() -> None:
    assert len(LINES) == 49
    assert all(isinstance(line, Line) for line in LINES.values())
