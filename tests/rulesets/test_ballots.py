"""Simulated ballots give, when scored, what the stories of the season tell: all 75 scores."""

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

import ocop.season
from ocop.season.ballots import Infeasible, make_ballots
from shared.regulation import rulesets
from shared.regulation.bylaw import Bylaw
from shared.regulation.results import Result
from shared.regulation.scoring import score

DATA = Path(ocop.season.__file__).parent / "data"
LAW = rulesets.load("qd-26-2026")


def _scores() -> list[tuple[str, str, dict[str, Any]]]:
    """Name, set and score of every council decision, those of the ordinary way first."""
    with (DATA / "products.csv").open(encoding="utf-8", newline="") as file:
        sets = {row["key"]: row["set"] for row in csv.DictReader(file)}
    season = yaml.safe_load((DATA / "stories.yaml").read_bytes())
    found = [(row["product"], {**row, "band": row["star"]}) for row in season["ordinary"] if "average" in row]
    for story in season["stories"]:
        found += [(story["product"], step["score"]) for step in story["steps"] if "average" in step.get("score", {})]
    return [(f"{key}:{n}", sets[key], told) for n, (key, told) in enumerate(found)]


SCORES = _scores()


def _ballots(name: str, set_no: str, told: dict[str, Any]) -> list[dict[str, int | None]]:
    return make_ballots(
        LAW.sheet(set_no), ballots=told["ballots"], average=Fraction(str(told["average"])), star=told.get("star"),
        missed=told.get("missed", ()), missing_for_3=told.get("missing_for_3", ()), spread=told.get("spread"),
        stopped_at=told.get("at", ()), seed=name,
    )  # fmt: skip


def _missed(result: Result, of: str) -> list[str]:
    return [missed.criterion for missed in getattr(result, of)]


def test_the_season_tells_74_scores_with_ballots() -> None:
    assert len(SCORES) == 74


@pytest.mark.parametrize(("name", "set_no", "told"), SCORES, ids=[name for name, _, _ in SCORES])
def test_the_ballots_give_the_score_that_the_story_tells(name: str, set_no: str, told: dict[str, Any]) -> None:
    ballots = _ballots(name, set_no, told)
    for bylaw in (Bylaw(), Bylaw(gates_on="each_ballot")):
        result = score(LAW, set_no, ballots, bylaw=bylaw)
        assert (len(ballots), result.average) == (told["ballots"], Fraction(str(told["average"])))
        assert (result.star_by_band, result.star_after_gates) == (told.get("band"), told.get("star"))
        assert _missed(result, "blocking_for_band") == told.get("missed", [])
        if "missing_for_3" in told:
            assert _missed(result, "blocking_for_next") == told["missing_for_3"]
        assert result.status == told.get("outcome", "ranked")
        assert [elimination.at for elimination in result.eliminations] == told.get("at", [])
        assert result.spread == told["spread"] if "spread" in told else result.spread <= 8


@pytest.mark.parametrize(("name", "set_no", "told"), SCORES[::9], ids=[name for name, _, _ in SCORES[::9]])
def test_members_agree_in_most_criteria_and_differ_in_some(name: str, set_no: str, told: dict[str, Any]) -> None:
    ballots = _ballots(name, set_no, told)
    agreed = score(LAW, set_no, ballots).agreed
    for code, option in agreed.items():
        assert sum(ballot[code] == option for ballot in ballots) > len(ballots) / 2
    assert any(ballot != agreed for ballot in ballots)
    assert sum(ballot[code] != agreed[code] for ballot in ballots for code in agreed) < 10 * len(ballots)


def test_the_same_seed_gives_the_same_ballots_and_another_gives_others() -> None:
    name, set_no, told = SCORES[0]
    assert _ballots(name, set_no, told) == _ballots(name, set_no, told)
    assert _ballots(name, set_no, told) != _ballots("another", set_no, told)


@pytest.mark.parametrize(
    "wish",
    [
        {"average": Fraction(151, 2), "ballots": 3},
        {"average": Fraction(75), "star": 3, "missed": ["1.2"]},
        {"average": Fraction(100), "star": 5, "spread": 4},
        {"average": Fraction(2), "star": 1},
    ],
    ids=["no whole total", "no such gate", "beyond a hundred", "too low with a story"],
)
def test_what_no_ballots_can_give_is_refused(wish: dict[str, Any]) -> None:
    with pytest.raises(Infeasible):
        make_ballots(LAW.sheet("10"), **{"ballots": 9, "star": 4, "seed": "x", **wish})


@pytest.mark.parametrize("ballots", [1, 2, 3])
def test_a_small_council_has_ballots_too(ballots: int) -> None:
    made = make_ballots(LAW.sheet("10"), ballots=ballots, average=Fraction(74), star=4, seed="small")
    result = score(LAW, "10", made)
    assert (len(made), result.average, result.star_after_gates) == (ballots, 74, 4)
