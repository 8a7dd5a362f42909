"""Simulated ballots: made so that scoring them gives the very result that a story of the season tells.

Every ballot of the demonstration is invented here. In each criterion a ballot keeps to the options that the story
allows (a gate met or missed as told), so that the gates come out alike on every ballot and on the agreed options.
First the options that the council will agree on are chosen, then each member departs from them in a few criteria,
always fewer than half of the members in one criterion.
"""

from collections.abc import Collection, Sequence
from fractions import Fraction
from random import Random
from typing import NamedTuple

from shared.regulation import rulesets
from shared.regulation.sheets import Criterion, Sheet

Filled = dict[str, int | None]
Number = int | Fraction

BLANK_COST = 5.0  # a blank is legal in many criteria, but a member who ticks nothing is told only where it must be
NATURAL_SPREADS = (3, 4, 5, 6, 7)  # below the 10 points at which a council scores again
FAR_FROM_AGREED = 2  # steps on the scale that a member may stand apart in one criterion


class Choice(NamedTuple):
    """A box that may be ticked (null: none), its points, and how little it is to be expected."""

    opt: int | None
    points: Number
    cost: float


class Infeasible(ValueError):
    """No ballots on this sheet give the result asked for."""


def make_ballots(
    sheet: Sheet, *, ballots: int, average: Fraction, star: int | None, missed: Sequence[str] = (),
    missing_for_3: Sequence[str] = (), spread: int | None = None, stopped_at: Sequence[str] = (), seed: str,
) -> list[Filled]:  # fmt: skip
    """Ballots with this exact average and this star after gates; the same for the same seed.

    `missed`: the gates missed for the band's star, no others; `missing_for_3`: the same for three stars below 50
    points. `spread`: highest less lowest total, else a natural one below 8. `stopped_at`: criteria in which the
    option that stops the assessment is chosen; `star` is then null and gates are left to chance. Raises Infeasible.
    """
    random = Random(f"ballots:{seed}")
    limits = _limits(sheet, average, star, missed, missing_for_3)
    boxes = _boxes(sheet, limits, stopped_at, random)
    low = sum(min(box.points for box in each) for each in boxes.values())
    high = sum(max(box.points for box in each) for each in boxes.values())
    totals = _totals(ballots, average, spread, low, high, random)
    agreed, total = _agreed(boxes, average, random)
    apart = dict.fromkeys(boxes, 0)
    most_apart = (ballots - 1) // 2 if ballots > 2 else ballots
    filled: dict[int, Filled] = {}
    # Those furthest from the agreed total choose first, while every criterion still has room to depart in.
    for n in sorted(range(ballots), key=lambda n: -abs(totals[n] - total)):
        reachable = {code: each if apart[code] < most_apart else [] for code, each in boxes.items()}
        filled[n] = _member(agreed, reachable, totals[n] - total, random)
        for code in boxes:
            apart[code] += filled[n][code] != agreed[code].opt
    return [filled[n] for n in range(ballots)]


def _limits(
    sheet: Sheet, average: Fraction, star: int | None, missed: Collection[str], missing_for_3: Collection[str]
) -> dict[str, tuple[Number, Number | None]]:
    """Criterion -> points at least, and points below which it must stay (null: free)."""
    ruleset = rulesets.load(sheet.ruleset)
    band = ruleset.band(average)
    if star is None or not sheet.gates.applies:
        if missed or missing_for_3:
            raise Infeasible(f"sheet {sheet.set} has no gates to miss here")
        return {}
    if band >= ruleset.lowest_recognised:
        aim, below = band, set(missed)
    elif missing_for_3:
        aim, below = ruleset.lowest_recognised, set(missing_for_3)
    else:
        return {}
    kept = {need.criterion: need.need for need in sheet.needs(star)}
    needs = {need.criterion: need.need for need in sheet.needs(aim)}
    if below - needs.keys():
        raise Infeasible(f"sheet {sheet.set} has no gate of {aim} stars at {sorted(below - needs.keys())}")
    return {code: (kept.get(code, 0), need) if code in below else (need, None) for code, need in needs.items()}


def _boxes(
    sheet: Sheet, limits: dict[str, tuple[Number, Number | None]], stopped_at: Collection[str], random: Random
) -> dict[str, list[Choice]]:
    """Criterion -> the boxes that the story allows, lowest first; of cases a and b one is taken throughout."""
    case = random.choice(sorted({case.code for c in sheet.criteria.values() for case in c.cases}) or [None])
    with_story = {condition.criterion: condition.points_at_least for condition in sheet.conditions.values()}
    boxes = {}
    for code, criterion in sheet.criteria.items():
        at_least, below = limits.get(code, (0, None))
        at_least = max(at_least, with_story.get(code, 0))
        boxes[code] = [
            choice
            for choice in _all_boxes(criterion, case, code in stopped_at)
            if choice.points >= at_least and (below is None or choice.points < below)
        ]
        if not boxes[code]:
            raise Infeasible(f"no option of criterion {code} on sheet {sheet.set} keeps to the story")
    return boxes


def _all_boxes(criterion: Criterion, case: str | None, stops: bool) -> list[Choice]:
    ticked = [
        Choice(option.opt, option.points, 0.0)
        for option in criterion.options
        if bool(option.eliminates) == stops and option.case in (None, case)
    ]
    return [Choice(None, 0, BLANK_COST), *ticked] if criterion.blank == "zero" and not stops else ticked


def _totals(
    count: int, average: Fraction, spread: int | None, low: Number, high: Number, random: Random
) -> list[Number]:  # fmt: skip
    """Whole totals with this exact average, the highest and the lowest `spread` points apart, in random order."""
    total = average * count
    if total.denominator != 1 or count < 1:
        raise Infeasible(f"{count} ballots cannot have an average of {average}")
    if count == 1:
        return [total.numerator]
    spreads = [*random.sample(NATURAL_SPREADS, len(NATURAL_SPREADS)), 2, 1, 0] if spread is None else [spread]
    for width in spreads:
        lowest = [
            start
            for start in range(int(low), int(high) - width + 1)
            if (count - 2) * start <= total - 2 * start - width <= (count - 2) * (start + width)
        ]
        if lowest:
            start = min(lowest, key=lambda start: abs(2 * start + width - 2 * average))
            return _between(count, total.numerator, start, width, random)
    raise Infeasible(f"{count} totals from {low} to {high} cannot have the average {average} and spread {spread}")


def _between(count: int, total: int, start: int, width: int, random: Random) -> list[Number]:
    rest = [random.randint(start, start + width) for _ in range(count - 2)]
    while (short := total - 2 * start - width - sum(rest)) != 0:
        step = 1 if short > 0 else -1
        room = [n for n, value in enumerate(rest) if start <= value + step <= start + width]
        rest[random.choice(room)] += step
    totals = [start, start + width, *rest]
    random.shuffle(totals)
    return totals


def _agreed(
    boxes: dict[str, list[Choice]], average: Fraction, random: Random
) -> tuple[dict[str, Choice], Number]:  # fmt: skip
    """What the council will agree on: about the average, and about as good in one criterion as in another."""
    share = float(average) / 100
    choices = []
    for each in boxes.values():
        best = max(box.points for box in each) or 1
        choices.append([box._replace(cost=box.cost + _unlike(box, best, share, random)) for box in each])
    nearest = round(average)
    for total in (nearest, nearest + 1, nearest - 1, nearest + 2, nearest - 2):
        found = _cheapest(choices, total, 0, total)
        if found:
            return dict(zip(boxes, found, strict=True)), total
    raise Infeasible(f"no options within the story give about {average} points")


def _unlike(box: Choice, best: Number, share: float, random: Random) -> float:
    return (float(box.points / best) - share) ** 2 + random.uniform(0, 0.3)


def _member(agreed: dict[str, Choice], reachable: dict[str, list[Choice]], apart: Number, random: Random) -> Filled:
    """One ballot, `apart` points from the agreed options, different from them in a few criteria."""
    choices = [_around(taken, reachable[code], random) for code, taken in agreed.items()]
    window = abs(apart) + 4
    found = _cheapest(choices, apart, -window, window)
    if not found:
        raise Infeasible(f"no ballot stands {apart} points from the agreed options")
    return {code: choice.opt for code, choice in zip(agreed, found, strict=True)}


def _around(taken: Choice, each: list[Choice], random: Random) -> list[Choice]:
    """The option agreed on and those near it, with points counted from it."""
    near = [Choice(taken.opt, 0, 0.0)]
    place = next((n for n, box in enumerate(each) if box.opt == taken.opt), 0)
    for n, box in enumerate(each):
        steps = abs(n - place)
        if 0 < steps <= FAR_FROM_AGREED and (box.opt is None) <= (taken.opt is None):
            # Now and then below zero: a member who differs although the total does not ask for it.
            near.append(Choice(box.opt, box.points - taken.points, steps * random.gauss(0.5, 0.35)))
    return near


def _cheapest(choices: list[list[Choice]], total: Number, low: Number, high: Number) -> list[Choice] | None:
    """One choice of each list with exactly this total at least cost, no partial sum outside low..high."""
    costs: dict[Number, float] = {0: 0.0}
    taken: list[dict[Number, Choice]] = []
    for each in choices:
        reached: dict[Number, float] = {}
        by: dict[Number, Choice] = {}
        for so_far, spent in costs.items():
            for choice in each:
                points, cost = so_far + choice.points, spent + choice.cost
                if low <= points <= high and cost < reached.get(points, float("inf")):
                    reached[points], by[points] = cost, choice
        costs = reached
        taken.append(by)
    if total not in costs:
        return None
    path: list[Choice] = []
    for by in reversed(taken):
        path.append(by[total])
        total -= path[-1].points
    return path[::-1]
