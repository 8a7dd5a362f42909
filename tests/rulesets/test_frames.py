"""Older rulesets, of which the frame alone is known: read by the same functions, and nothing made up."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from services.registration.domain.recorded import FRAMES
from shared.regulation import rulesets
from shared.regulation.cases import score_cases
from shared.regulation.frames import NoScale, NoSuchStar, recorded
from shared.regulation.results import InvalidBallots
from shared.regulation.rulesets import NotInRuleset, UnknownSheet
from shared.regulation.scoring import score

Q1048, Q148, Q1489, PLAN = (
    rulesets.load(id) for id in ("qd-1048-2019", "qd-148-2023", "qd-148-2023+1489", "plan-2018")
)
HAIR = Fraction(1, 10**12)
FULL = {"A": 40, "B": 25, "C": 35}


@pytest.mark.parametrize(
    ("on", "ruleset"),
    [
        ("2018-12-04", "plan-2018"), ("2019-08-20", "plan-2018"), ("2019-08-21", "qd-1048-2019"),
        ("2023-02-23", "qd-1048-2019"), ("2023-02-24", "qd-148-2023"), ("2025-07-05", "qd-148-2023"),
        ("2025-07-06", "qd-148-2023+1489"), ("2026-05-21", "qd-148-2023+1489"), ("2026-05-22", "qd-26-2026"),
    ],
)  # fmt: skip
def test_each_day_has_the_rules_of_its_time(on: str, ruleset: str) -> None:
    assert rulesets.in_force(date.fromisoformat(on)).id == ruleset


def test_the_parts_weigh_as_each_decision_says() -> None:
    parts = {r.id: [part.max for part in r.scale.parts] for r in (Q1048, Q148, Q1489) if r.scale}
    assert parts == {"qd-1048-2019": [35, 25, 40], "qd-148-2023": [40, 25, 35], "qd-148-2023+1489": [40, 25, 35]}
    assert PLAN.scale is None


@pytest.mark.parametrize(
    ("ruleset", "level", "points", "to"),
    [
        (Q1048, "district", 50, "province"), (Q1048, "district", 50 - HAIR, None), (Q1048, "province", 90, "national"),
        (Q1048, "province", 90 - HAIR, None), (Q148, "district", 70, "province"), (Q148, "district", 70 - HAIR, None),
        (Q148, "district", 100, "province"), (Q148, "province", 90, "national"), (Q1489, "province", 90, "national"),
        (Q1489, "province", 89, None),
    ],
)  # fmt: skip
def test_a_score_goes_up_from_its_threshold(ruleset: Any, level: str, points: Any, to: str | None) -> None:
    assert ruleset.next_level(level, Fraction(points)) == to


def test_in_the_first_years_every_product_goes_from_the_district_to_the_province() -> None:
    assert PLAN.deciding_levels() == ("district", "province")
    assert PLAN.next_level("district") == "province"
    assert PLAN.next_level("province") is None
    assert not PLAN.certifies


def test_who_certifies_which_stars() -> None:
    assert [Q1048.authority_for(star) for star in (3, 4, 5)] == ["provincial_chairman"] * 2 + ["minister"]
    assert [Q148.authority_for(star) for star in (3, 4, 5)] == ["district_chairman", "provincial_chairman", "minister"]
    assert [Q1489.authority_for(star) for star in (3, 4, 5)] == ["provincial_chairman"] * 2 + ["minister"]
    assert [PLAN.authority_for(star) for star in (3, 4, 5)] == [None] * 3


def test_the_commune_reports_only_where_the_rules_ask_it() -> None:
    assert [r.asks_commune for r in (PLAN, Q1048, Q148, Q1489)] == [False, False, True, True]


@pytest.mark.parametrize("ruleset", [PLAN, Q1048, Q148, Q1489], ids=lambda r: r.id)
def test_what_is_not_known_is_refused_and_not_made_up(ruleset: Any) -> None:
    with pytest.raises(UnknownSheet):
        ruleset.sheet("10")
    for ask in (ruleset.ground, ruleset.deadline, ruleset.dossier_kind, ruleset.evidence_kind, ruleset.form):
        with pytest.raises(NotInRuleset):
            ask("a")
    assert ruleset.samples_for(None) == 0
    assert ruleset.round_terms("province") == ()


def test_part_totals_are_averaged_exactly_and_the_band_alone_gives_the_star() -> None:
    result = score(Q1048, None, [{"A": 30, "B": 20, "C": Fraction(41, 2)}, {"A": 29, "B": 20, "C": 20}])
    assert result.ballot_totals == (Fraction(141, 2), 69)
    assert (result.average, result.spread) == (Fraction(279, 4), Fraction(3, 2))
    assert result.mean_parts == {"A": Fraction(59, 2), "B": 20, "C": Fraction(81, 4)}
    assert (result.star_by_band, result.star_after_gates, result.recognised) == (3, 3, True)
    assert (result.next_star, result.points_short_for_next, result.blocking_for_next) == (4, Fraction(1, 4), ())
    assert result.agreed is None


@pytest.mark.parametrize(
    ("ballot", "faults"),
    [
        ({"A": 35, "B": 25}, [("ballots[0].C", "blank-not-allowed")]),
        ({"A": 36, "B": 25, "C": 40}, [("ballots[0].A", "points-outside-part")]),
        ({"A": -1, "B": 25, "C": 40}, [("ballots[0].A", "points-outside-part")]),
        ({"A": True, "B": 0, "C": 0}, [("ballots[0].A", "points-outside-part")]),
        ({"A": 1, "B": 1, "C": 1, "1.1": 2}, [("ballots[0].1.1", "unknown-criterion")]),
    ],
)
def test_a_ballot_gives_each_part_once_and_within_its_points(ballot: Any, faults: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidBallots) as refused:
        score(Q1048, None, [ballot])
    assert [(fault.field, fault.rule) for fault in refused.value.faults] == faults
    assert all(fault.message_vi and fault.message_en for fault in refused.value.faults)


def test_without_a_scale_stars_are_recorded_and_nothing_is_scored() -> None:
    result = recorded(PLAN, None, 4)
    assert (result.star_after_gates, result.star_by_band, result.average, result.recognised) == (4, None, None, False)
    with pytest.raises(NoScale):
        score(PLAN, None, [FULL])
    for stars in (0, 6):
        with pytest.raises(NoSuchStar):
            recorded(PLAN, None, stars)


# --- as `ocop score` reads and prints them ---


def _scored(ruleset: str, **case: Any) -> dict[str, Any]:
    [result] = score_cases({"ruleset": ruleset, "cases": [{"id": "x", **case}]})["results"]
    return result


def test_a_case_of_part_totals() -> None:
    result = _scored("qd-148-2023", set="07", ballots=[FULL, {"A": 39.5, "B": 25, "C": "34.5"}])
    assert result == {
        "id": "x", "ballot_totals": [100, 99], "average": "199/2", "parts_of_agreed": None, "total_of_agreed": None,
        "status": "ranked", "eliminations": [], "star_by_band": 5, "star_after_gates": 5, "recognised": True,
        "next_star": None, "blocking_for_band": [], "blocking_for_next": [], "points_short_for_next": "0",
        "mean_parts": {"A": "159/4", "B": 25, "C": "139/4"},
    }  # fmt: skip


def test_a_given_average_needs_no_agreed_options_where_no_minimum_is_known() -> None:
    result = _scored("qd-1048-2019", average_total="69.999")
    assert (result["average"], result["star_by_band"], result["star_after_gates"]) == ("69999/1000", 3, 3)
    assert result["points_short_for_next"] == "1/1000"


def test_a_case_recorded_in_stars() -> None:
    result = _scored("plan-2018", stars=4)
    assert (result["status"], result["star_after_gates"], result["recognised"]) == ("ranked", 4, False)


@pytest.mark.parametrize(
    ("ruleset", "case", "errors"),
    [
        ("qd-1048-2019", {"set": "10", "ballots": [{"1.1": 2}]}, [
            ("ballots[0].1.1", "unknown-criterion"), ("ballots[0].A", "blank-not-allowed"),
            ("ballots[0].B", "blank-not-allowed"), ("ballots[0].C", "blank-not-allowed")]),
        ("qd-1048-2019", {}, [("ballots", "no-ballot")]),
        ("qd-1048-2019", {"average_total": "100.5"}, [("average_total", "invalid-average")]),
        ("qd-148-2023", {"average_total": "80", "declared_eliminations": [{"kind": "dossier_rejected", "at": "dossier"}]},
         [("declared_eliminations[0]", "unknown-elimination")]),
        ("qd-148-2023", {"ballots": [FULL], "agreed": {"1.1": 1}}, [("agreed.1.1", "unknown-criterion")]),
        ("qd-148-2023", {"ballots": [FULL | {"A": "x"}]}, [("ballots[0].A", "points-outside-part")]),
        ("plan-2018", {"ballots": [FULL]}, [("stars", "no-scale-known")]),
        ("plan-2018", {"stars": 9}, [("stars", "no-such-star")]),
    ],
)  # fmt: skip
def test_what_makes_such_a_case_invalid(ruleset: str, case: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    result = _scored(ruleset, **case)
    assert result["status"] == "invalid"
    assert [(error["field"], error["rule"]) for error in result["errors"]] == errors


def test_earlier_recognitions_are_told_apart_by_the_days_that_the_frames_state() -> None:
    """Decision 1489's frame has no last day there: what was filed under it is decided afterwards too (26/2026 art. 12.2)."""
    told = {
        ruleset.id: (ruleset.decision.effective, None if ruleset.decision.lapses else ruleset.decision.last)
        for ruleset in map(rulesets.load, rulesets.available())
        if ruleset.certifies
    }
    assert told == FRAMES
