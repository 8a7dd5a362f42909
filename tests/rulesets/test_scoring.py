"""Properties of the one scoring function, over all 26 sheets."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.regulation import rulesets
from shared.regulation.bylaw import Bylaw
from shared.regulation.faults import Declared
from shared.regulation.results import InvalidBallots, Result
from shared.regulation.scoring import score
from shared.regulation.sheets import Criterion, Sheet

LAW = rulesets.load("qd-26-2026")
SETS = [entry.set for entry in LAW.sets]
EACH = Bylaw(gates_on="each_ballot")
Ballot = dict[str, int | None]


def _boxes(criterion: Criterion) -> st.SearchStrategy[int | None]:
    numbers: list[int | None] = [option.opt for option in criterion.options]
    return st.sampled_from([None, *numbers] if criterion.blank == "zero" else numbers)


def _ballots(sheet: Sheet) -> st.SearchStrategy[Ballot]:
    return st.fixed_dictionaries({code: _boxes(criterion) for code, criterion in sheet.criteria.items()})


sheets = st.sampled_from(SETS).map(LAW.sheet)
one = sheets.flatmap(lambda sheet: st.tuples(st.just(sheet), _ballots(sheet)))
several = sheets.flatmap(lambda sheet: st.tuples(st.just(sheet), st.lists(_ballots(sheet), min_size=1, max_size=5)))


def _star(result: Result) -> int:
    return result.star_after_gates or 0


def _best(sheet: Sheet) -> Ballot:
    return {code: max(c.options, key=lambda option: option.points).opt for code, c in sheet.criteria.items()}


@given(several)
def test_the_average_is_exact_and_lies_between_the_lowest_and_the_highest_ballot(
    case: tuple[Sheet, list[Ballot]],
) -> None:
    sheet, ballots = case
    result = score(LAW, sheet.set, ballots)
    assert result.average * len(ballots) == sum(result.ballot_totals)
    assert min(result.ballot_totals) <= result.average <= max(result.ballot_totals)
    assert result.spread == max(result.ballot_totals) - min(result.ballot_totals)
    assert sum(result.mean_parts.values()) == result.average
    assert sum(result.parts_of_agreed.values()) == result.total_of_agreed


@given(several, st.randoms(use_true_random=False))
def test_the_order_of_the_ballots_does_not_matter(case: tuple[Sheet, list[Ballot]], random: Any) -> None:
    sheet, ballots = case
    shuffled = random.sample(ballots, len(ballots))
    for bylaw in (Bylaw(), EACH):
        before, after = score(LAW, sheet.set, ballots, bylaw=bylaw), score(LAW, sheet.set, shuffled, bylaw=bylaw)
        assert sorted(before.ballot_totals) == sorted(after.ballot_totals)
        for field in Result.__dataclass_fields__:
            if field != "ballot_totals":
                assert getattr(before, field) == getattr(after, field), field


@given(several, st.data())
def test_a_better_option_never_lowers_the_average_or_the_star(
    case: tuple[Sheet, list[Ballot]], data: st.DataObject
) -> None:
    sheet, ballots = case
    n = data.draw(st.integers(0, len(ballots) - 1))
    criterion = sheet.criteria[data.draw(st.sampled_from(list(sheet.criteria)))]
    points = criterion.scale[ballots[n][criterion.code] or 0]
    better = data.draw(st.sampled_from([opt for opt, p in enumerate(criterion.scale) if opt and p >= points]))
    raised = [dict(ballot) for ballot in ballots]
    raised[n][criterion.code] = better
    before, after = score(LAW, sheet.set, ballots, bylaw=EACH), score(LAW, sheet.set, raised, bylaw=EACH)
    assert after.average >= before.average
    if before.status == after.status:  # an option of sheet 16 that stops is agreed on by most, not on each ballot
        assert _star(after) >= _star(before)
    alone, alone_raised = score(LAW, sheet.set, [ballots[n]]), score(LAW, sheet.set, [raised[n]])
    assert alone_raised.total_of_agreed >= alone.total_of_agreed
    assert _star(alone_raised) >= _star(alone)


@given(one)
def test_a_star_is_the_highest_whose_points_and_gates_are_all_there(case: tuple[Sheet, Ballot]) -> None:
    sheet, ballot = case
    result = score(LAW, sheet.set, [ballot])
    if result.status != "ranked":
        assert (result.star_after_gates, result.recognised, result.next_star) == (None, False, None)
        return
    star = result.star_after_gates
    assert star <= result.star_by_band
    assert result.recognised == (star >= 3)
    assert (star < result.star_by_band) == bool(result.blocking_for_band)
    if star < 5:
        assert result.next_star == star + 1
        assert result.blocking_for_next or result.points_short_for_next > 0
    codes = list(sheet.criteria)
    for missed in (result.blocking_for_band, result.blocking_for_next):
        assert all(m.have < m.need for m in missed)
        assert [m.criterion for m in missed] == sorted((m.criterion for m in missed), key=codes.index)


@given(st.fractions(0, 100), st.sampled_from(SETS[:25]))
def test_a_given_average_is_banded_without_rounding(average: Fraction, set_no: str) -> None:
    result = score(LAW, set_no, [], agreed=_best(LAW.sheet(set_no)), average=average)
    expected = 5 if average >= 90 else 4 if average >= 70 else 3 if average >= 50 else 2 if average >= 30 else 1
    assert result.average == average
    assert result.star_by_band == result.star_after_gates == expected
    assert result.points_short_for_next == (0 if expected == 5 else {1: 30, 2: 50, 3: 70, 4: 90}[expected] - average)


def test_most_chosen_is_agreed_and_a_tie_goes_to_the_lower_with_a_blank_lowest() -> None:
    best = _best(LAW.sheet("10"))
    five = [{**best, "1.1": opt} for opt in (3, 3, 2, 2, 1)]
    assert score(LAW, "10", five).agreed["1.1"] == 2
    assert score(LAW, "10", five[:3]).agreed["1.1"] == 3
    assert score(LAW, "10", [{**best, "1.1": None}, {**best, "1.1": 3}]).agreed["1.1"] is None


def test_gates_are_read_on_the_agreed_options_or_on_each_ballot_as_the_bylaw_says() -> None:
    best = _best(LAW.sheet("10"))
    ballots = [best, best, {**best, "7": 3}]
    assert score(LAW, "10", ballots).star_after_gates == 5
    strict = score(LAW, "10", ballots, bylaw=EACH)
    assert strict.star_after_gates == 4
    assert [(m.criterion, m.mark, m.need, m.have) for m in strict.blocking_for_band] == [("7", 5, 5, 3)]


def test_without_a_story_its_presentation_counts_nothing_even_if_ticked() -> None:
    best = _best(LAW.sheet("10"))
    told, untold = score(LAW, "10", [best]), score(LAW, "10", [{**best, "5.1": 1}])
    blank = score(LAW, "10", [{**best, "5.1": 1, "5.2": None}])
    story = LAW.sheet("10").criteria["5.1"].max + LAW.sheet("10").criteria["5.2"].max
    assert untold.total_of_agreed == blank.total_of_agreed == told.total_of_agreed - story


def test_one_entry_a_criterion_says_the_highest_need_that_is_missed() -> None:
    best = _best(LAW.sheet("10"))
    result = score(LAW, "10", [{**best, "4.1": 1}])
    assert [(m.criterion, m.mark, m.need, m.have) for m in result.blocking_for_band] == [("4.1", 5, 5, 1)]
    assert (result.star_after_gates, result.next_star) == (2, 3)
    assert [(m.criterion, m.mark, m.need, m.have) for m in result.blocking_for_next] == [("4.1", 3, 2, 1)]


def test_tourism_marks_limit_no_star_but_the_other_reading_is_told() -> None:
    best = _best(LAW.sheet("26"))
    result = score(LAW, "26", [{**best, "3.5": None}])
    assert (result.average, result.star_after_gates, result.blocking_for_band) == (97, 5, ())
    assert (result.if_gates_applied.star_after_gates, result.if_gates_applied.recognised) == (2, False)
    assert score(LAW, "10", [_best(LAW.sheet("10"))]).if_gates_applied is None


def test_an_option_stops_the_assessment_when_most_chose_it() -> None:
    best = _best(LAW.sheet("16"))
    off_taste = {**best, "6.4": 1}
    stopped = score(LAW, "16", [off_taste, off_taste, best])
    assert (stopped.status, stopped.star_by_band, stopped.points_short_for_next) == ("stopped", None, None)
    assert [(e.kind, e.at, e.by) for e in stopped.eliminations] == [("assessment_stopped", "6.4", "option")]
    assert score(LAW, "16", [off_taste, best, best]).status == "ranked"


def test_the_gravest_of_several_eliminations_is_the_status() -> None:
    forged, not_assessed = Declared("dossier_rejected", "dossier"), Declared("not_assessed", "2.1")
    stopped = Declared("assessment_stopped", "6.1")
    best = _best(LAW.sheet("01"))
    assert score(LAW, "01", [best], declared=[stopped]).status == "stopped"
    assert score(LAW, "01", [best], declared=[stopped, not_assessed]).status == "not_assessed"
    assert score(LAW, "01", [best], declared=[stopped, not_assessed, forged]).status == "rejected"


def test_a_dossier_is_rejected_unscored_but_never_ranked_unscored() -> None:
    result = score(LAW, "14", [], declared=[Declared("dossier_rejected", "dossier")])
    assert (result.status, result.ballot_totals, result.average, result.agreed) == ("rejected", (), None, None)
    assert (result.spread, result.mean_parts, result.total_of_agreed) == (None, None, None)
    with pytest.raises(InvalidBallots) as refused:
        score(LAW, "14", [])
    assert (refused.value.field, refused.value.faults[0].rule) == ("ballots", "no-ballot")
    assert refused.value.message_vi.endswith("Không có phiếu đánh giá nào.")
