"""Councils of the season: scores, gates, spreads, conflicts, sessions put off, written opinions, appeals, annulment."""

from typing import Any

import httpx
import pytest

from ocop.season.people import council
from ocop.season.play import product_id
from ocop.season.script import Score, Sitting
from ocop.standalone import Program
from shared.auth.actors import Actor
from shared.auth.tokens import DEV_TOKEN_LASTS, sign
from shared.clock import machine_time
from tests.journeys.told import LINES, SEASON, Row, everything_said, name_of, rows

DECIDED = [(k, n) for k, line in LINES.items() for n in range(sum(s.do == "council_decided" for s in line.steps))]


def headers(program: Program, actor: str, role: Any, place: str) -> dict[str, str]:
    key = next(iter(program.houses.values())).key
    return {"authorization": f"Bearer {sign(Actor(actor, role, place), key, machine_time() + DEV_TOKEN_LASTS)}"}


async def assessments(program: httpx.AsyncClient, key: str) -> list[Row]:
    return await rows(program, "/evaluation/assessments", product=product_id(key))


async def ballots(program: httpx.AsyncClient, played: Program, assessment: Row) -> list[Row]:
    answer = await program.get(
        f"/evaluation/assessments/{assessment['id']}/ballots", headers=headers(played, "officer", "ministry", "TW")
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def turns(found: list[Row]) -> dict[int, list[float]]:
    """Totals by turn."""
    by_turn: dict[int, list[float]] = {}
    for ballot in found:
        by_turn.setdefault(ballot["turn"], []).append(float(ballot["total"]))
    return by_turn


def told_scores(key: str) -> list[tuple[Score, Sitting]]:
    return [(s.score, s.sitting) for s in LINES[key].steps if s.do == "council_decided" and s.score and s.sitting]


@pytest.mark.parametrize(("key", "n"), DECIDED)
async def test_each_council_gave_the_score_that_its_story_tells(
    key: str, n: int, program: httpx.AsyncClient, played: Program
) -> None:
    score, sitting = told_scores(key)[n]
    found = [a for a in await assessments(program, key) if a["outcome"]][n]
    assert (found["outcome"], found["simulated"], found["mode"]) == (score.outcome, True, sitting.mode)
    result = (await program.get(f"/evaluation/assessments/{found['id']}/result")).json()
    if score.outcome == "ranked":
        assert (found["average"], found["stars"]) == (str(score.average), score.star)
        assert result["ballots"] == score.ballots
        assert [gate["criterion"] for gate in result["gates_missed"]] == list(score.missed)
        assert score.spread is None or result["spread"] == score.spread
    if score.missing_for_3:
        assert [gate["criterion"] for gate in result["next"]["missing"]] == list(score.missing_for_3)
    else:
        assert {e["id"] for e in result["eliminations"]} >= {d["id"] for d in score.declared}


async def test_a_missed_gate_is_named_with_what_it_needs(program: httpx.AsyncClient) -> None:
    [found] = await assessments(program, "nep-ngu-sa-huynh")
    said = [e["data"] for e in await everything_said(program) if name_of(e) == "ProductScored"]
    [scored] = [data for data in said if data["assessment_id"] == found["id"]]
    assert (scored["star_by_band"], scored["star_after_gates"]) == (4, 3)
    assert [gate["criterion"] for gate in scored["gates_missed"]] == ["2.3"]


async def test_ballots_too_far_apart_were_scored_again_and_both_turns_are_kept(
    program: httpx.AsyncClient, played: Program
) -> None:
    [found] = await assessments(program, "tinh-dau-toi")
    by_turn = turns(await ballots(program, played, found))
    assert {turn: len(totals) for turn, totals in by_turn.items()} == {1: 9, 2: 9}
    assert [max(totals) - min(totals) for totals in by_turn.values()] == [14, 6]
    assert [sum(totals) for totals in by_turn.values()] == [651, 74 * 9]


async def test_a_member_in_conflict_neither_saw_nor_scored_the_dossier(
    program: httpx.AsyncClient, played: Program
) -> None:
    [member] = [m["id"] for m in council("51") if m["office_vi"] == "Sở Công Thương"]
    [found] = await assessments(program, "gom-my-thien")
    cast = await ballots(program, played, found)
    assert len(cast) == 8
    assert member not in {ballot["member_id"] for ballot in cast}
    assert (found["conflicts"], found["sent_to"]) == (1, 8)
    own = headers(played, member, "member", "51")
    path = f"/evaluation/assessments/{found['id']}"
    assert [(await program.get(p, headers=own)).status_code for p in (path, f"{path}/ballots", f"{path}/result")] == [
        403
    ] * 3
    seen = await program.get("/evaluation/assessments", params={"product": product_id("gom-my-thien")}, headers=own)
    assert seen.json() == []


async def test_a_session_without_a_quorum_was_put_off(program: httpx.AsyncClient, played: Program) -> None:
    [found] = await assessments(program, "cam-khe-may")
    assert (found["adjournments"], found["session_on"], found["decided_on"]) == (1, "2026-09-22", "2026-09-22")
    assert len(await ballots(program, played, found)) == 8


async def test_differing_opinions_in_writing_led_to_a_meeting(program: httpx.AsyncClient, played: Program) -> None:
    [found] = await assessments(program, "sen-say")
    cast = await ballots(program, played, found)
    by_turn = turns(cast)
    assert [max(by_turn[1]) - min(by_turn[1]), sum(ballot["agree"] is False for ballot in cast)] == [12, 1]
    assert (found["mode"], len(by_turn[2]), sum(by_turn[2])) == ("meeting", 7, 71 * 7)
    assert found["site_checked_on"] == "2026-09-07"


async def test_other_renewals_were_decided_in_writing(program: httpx.AsyncClient) -> None:
    renewed = [
        key for key, line in LINES.items()
        if any(s.do == "written_opinions" for s in line.steps) and key != "sen-say"
    ]  # fmt: skip
    assert len(renewed) == 10
    for key in renewed:
        decided = [a for a in await assessments(program, key) if a["outcome"]]
        assert [a["mode"] for a in decided] == ["written"]


async def test_a_wrong_result_was_annulled_and_nothing_of_it_erased(
    program: httpx.AsyncClient, played: Program
) -> None:
    void, anew = await assessments(program, "hai-san-kho")
    assert (void["state"], void["annulled_on"], void["redone_by"]) == ("annulled", "2026-11-09", anew["id"])
    assert (anew["again"], len(await ballots(program, played, anew))) == (True, 8)
    assert len(await ballots(program, played, void)) == 9
    assert (await program.get(f"/evaluation/assessments/{void['id']}/result")).json()["stars"] == 4


async def test_appeals_have_a_reference_and_their_answers(program: httpx.AsyncClient, played: Program) -> None:
    officer = headers(played, "officer", "ministry", "TW")
    answer = await program.get("/evaluation/appeals", params={"province": "51"}, headers=officer)
    found = {row["product_id"]: row for row in answer.json()}
    upheld, dismissed = found[product_id("muoi-sa-huynh")], found[product_id("ca-bong-song-tra")]
    assert (upheld["state"], dismissed["state"]) == ("upheld", "dismissed")
    assert sorted([upheld["reference"], dismissed["reference"]]) == ["KN-51-2026-0001", "KN-51-2026-0002"]
    public = await program.get(f"/evaluation/appeals/by-reference/{dismissed['reference']}")
    assert public.json()["state"] == "dismissed"


async def test_councils_are_as_large_as_told(program: httpx.AsyncClient) -> None:
    found = {row["province"] or "ministry": row["members"] for row in await rows(program, "/evaluation/councils")}
    assert found == {place: facts["members"] for place, facts in SEASON.councils.items()}
