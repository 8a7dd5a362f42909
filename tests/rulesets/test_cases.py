"""Cases as `ocop score` reads and prints them: the worked examples, and what makes a case invalid."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.regulation.cases import UnreadableCases, score_cases, score_file, score_json
from shared.regulation.rulesets import UnknownRuleset

FILE = Path(__file__).parent / "examples-qd-26-2026.json"
EXAMPLES = json.loads(FILE.read_bytes())["cases"]
GOOD = EXAMPLES[0]
NO_STORY = EXAMPLES[6]
GIVEN = EXAMPLES[7]
TOURISM = EXAMPLES[15]

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 99) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=4), below, max_size=3),
    max_leaves=8,
)


def _scored(case: Any) -> dict[str, Any]:
    [result] = score_cases({"ruleset": "qd-26-2026", "cases": [case]})["results"]
    return result


def _errors(case: Any) -> list[tuple[str, str]]:
    result = _scored(case)
    assert result.keys() == {"id", "status", "errors"}
    assert result["status"] == "invalid"
    assert all(error["message_vi"] and error["message_en"] for error in result["errors"])
    return [(error["field"], error["rule"]) for error in result["errors"]]


def _ticked(case: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {**case, "ballots": [{**case["ballots"][0], **options}]}


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["id"] for example in EXAMPLES])
def test_the_worked_example_is_met_key_by_key(example: dict[str, Any]) -> None:
    assert _scored(example) == {"id": example["id"], **example["expected"]}


def test_a_file_is_answered_in_its_order() -> None:
    answer = orjson.loads(score_file(FILE))
    assert answer["ruleset"] == "qd-26-2026"
    assert [result["id"] for result in answer["results"]] == [example["id"] for example in EXAMPLES]


def test_one_invalid_case_leaves_the_others_alone() -> None:
    cases = [GOOD, {"id": "x", "set": "99"}, None, EXAMPLES[9]]
    results = score_cases({"ruleset": "qd-26-2026", "cases": cases})["results"]
    assert [result["status"] for result in results] == ["ranked", "invalid", "invalid", "ranked"]
    assert [result["id"] for result in results] == ["EX-01", "x", None, "EX-10"]


@pytest.mark.parametrize("set_no", ["00", "27", "2", 2, None, "", ["02"], {}])
def test_an_unknown_sheet_is_told(set_no: Any) -> None:
    assert _errors({**GOOD, "set": set_no}) == [("set", "unknown-sheet")]


@pytest.mark.parametrize("code", ["1", "6", "99", "", "6.1.1", "A"])
def test_an_unknown_criterion_is_told(code: str) -> None:
    assert _errors(_ticked(TOURISM, **{"6.1": 1})) == [("ballots[0].6.1", "unknown-criterion")]
    assert _errors(_ticked(GOOD, **{code: None})) == [(f"ballots[0].{code}", "unknown-criterion")]


@pytest.mark.parametrize("opt", [0, -1, 9, 10**18, True, False, 1.0, 2.5, "1", [1], {}])
def test_an_option_that_the_sheet_does_not_have_is_told(opt: Any) -> None:
    assert _errors(_ticked(GOOD, **{"1.1": opt})) == [("ballots[0].1.1", "unknown-option")]
    assert _errors({**GOOD, "agreed": {**GOOD["ballots"][0], "1.1": opt}}) == [("agreed.1.1", "unknown-option")]


def test_a_blank_is_told_only_where_the_sheet_prints_a_zero() -> None:
    assert _errors(_ticked(GOOD, **{"2.1": None})) == [("ballots[0].2.1", "blank-not-allowed")]
    absent = {code: opt for code, opt in GOOD["ballots"][0].items() if code != "2.1"}
    assert _errors({**GOOD, "ballots": [GOOD["ballots"][0], absent]}) == [("ballots[1].2.1", "blank-not-allowed")]
    ticked, blank = _scored(_ticked(GOOD, **{"1.2": 1})), _scored(_ticked(GOOD, **{"1.2": None}))
    assert (blank["status"], blank["total_of_agreed"]) == ("ranked", ticked["total_of_agreed"] - 1)


def test_the_presentation_of_a_story_may_be_blank_only_without_a_story() -> None:
    assert _scored(_ticked(NO_STORY, **{"5.2": 3}))["total_of_agreed"] == NO_STORY["expected"]["total_of_agreed"]
    assert _errors(_ticked(NO_STORY, **{"5.1": 2})) == [("ballots[0].5.2", "blank-not-allowed")]
    assert _errors(_ticked(NO_STORY, **{"5.2": 9})) == [("ballots[0].5.2", "unknown-option")]
    assert _errors(_ticked(NO_STORY, **{"5.1": None})) == [("ballots[0].5.1", "blank-not-allowed")]
    assert _errors(_ticked(NO_STORY, **{"5.1": 9})) == [("ballots[0].5.1", "unknown-option")]


@pytest.mark.parametrize("without", [{}, {"ballots": None}, {"ballots": []}, {"ballots": [], "average_total": None}])
def test_a_case_without_ballots_and_average_is_told(without: dict[str, Any]) -> None:
    assert _errors({"id": 1, "set": "10", **without}) == [("ballots", "no-ballot")]
    declared = [{"kind": "dossier_rejected", "at": "dossier"}]
    assert _errors({"id": 1, "set": "10", "declared_eliminations": declared, **without}) == [("ballots", "no-ballot")]


def test_a_given_average_needs_agreed_options() -> None:
    assert _errors({**GIVEN, "agreed": None}) == [("agreed", "no-ballot")]
    assert _errors({**GIVEN, "agreed": {}}) == [("agreed", "no-ballot")]
    assert _errors({**GIVEN, "agreed": []}) == [("agreed", "malformed")]


@pytest.mark.parametrize(
    ("given_average", "exact"),
    [("69.999", "69999/1000"), (69.999, "69999/1000"), ("209/3", "209/3"), (70, "70"), ("0", "0"), ("100.000", "100"),
     (0.00001, "1/100000")],
)  # fmt: skip
def test_a_given_average_is_read_exactly(given_average: Any, exact: str) -> None:
    assert _scored({**GIVEN, "average_total": given_average})["average"] == exact


@pytest.mark.parametrize(
    "wrong", ["", "seventy", "1e2", "70,5", "-1", "100.01", 101, -0.5, True, "1/0", "7/", [70], {}, "٧٠"]
)
def test_an_average_that_is_none_is_told(wrong: Any) -> None:
    assert _errors({**GIVEN, "average_total": wrong}) == [("average_total", "invalid-average")]


def test_listed_ballots_come_before_a_given_average() -> None:
    assert _scored({**GOOD, "average_total": "99"})["average"] == "50"


@pytest.mark.parametrize(
    "declared", [{"kind": "bankrupt", "at": "dossier"}, {"kind": "dossier_rejected", "at": "9.9"},
                 {"kind": "product_rejected", "at": "2.1"}],
)  # fmt: skip
def test_an_elimination_that_the_sheet_does_not_have_is_told(declared: dict[str, str]) -> None:
    assert _errors({**GOOD, "declared_eliminations": [declared]}) == [
        ("declared_eliminations[0]", "unknown-elimination")
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"ballots": {}}, "ballots"), ({"ballots": [1]}, "ballots[0]"), ({"ballots": [None]}, "ballots[0]"),
     ({"agreed": 1}, "agreed"), ({"declared_eliminations": "E1"}, "declared_eliminations"),
     ({"declared_eliminations": [{"kind": 1}]}, "declared_eliminations[0]")],
)  # fmt: skip
def test_a_malformed_case_says_where(change: dict[str, Any], field: str) -> None:
    assert _errors({**GOOD, **change}) == [(field, "malformed")]
    assert _errors([]) == [("", "malformed")]


@given(anything, st.sampled_from(["id", "set", "ballots", "agreed", "average_total", "declared_eliminations"]))
def test_no_case_whatever_it_holds_stops_the_program(value: Any, key: str) -> None:
    for case in (value, {**GOOD, key: value}, {**GIVEN, key: value}, _ticked(GOOD, **{"2.2": value})):
        assert _scored(case)["status"] in {"ranked", "invalid", "rejected", "stopped", "not_assessed"}


@pytest.mark.parametrize("document", [None, [], {}, {"ruleset": "qd-26-2026"}, {"ruleset": "qd-26-2026", "cases": {}}])
def test_a_document_without_cases_is_refused_as_a_whole(document: Any) -> None:
    with pytest.raises(UnreadableCases):
        score_cases(document)


@pytest.mark.parametrize("ruleset", ["qd-99-2099", "", None, 26, ["qd-26-2026"]])
def test_an_unknown_ruleset_is_refused_as_a_whole(ruleset: Any) -> None:
    with pytest.raises(UnknownRuleset):
        score_cases({"ruleset": ruleset, "cases": []})


def test_what_is_not_json_is_refused_as_a_whole(tmp_path: Path) -> None:
    with pytest.raises(UnreadableCases, match="not JSON"):
        score_json(b"{")
    with pytest.raises(OSError, match="nowhere"):
        score_file(tmp_path / "nowhere.json")
