"""What is wrong with a case before it can be scored: told with its place, its rule and both texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from shared.regulation.ballots import Ballot
from shared.regulation.sheets import Criterion, Sheet


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, where (`ballots[0].6.1.1`), and by which rule."""

    field: str
    rule: str
    message_vi: str
    message_en: str


@dataclass(frozen=True, slots=True)
class Declared:
    """A condition of the sheet that a person declares to be met: kind, and `dossier` or a criterion or section."""

    kind: str
    at: str


def faults_of(sheet: Sheet, ballot: Ballot, at: str) -> list[Fault]:
    """What the sheet does not allow on a ballot; `at` is the ballot's own path, such as `ballots[0]`.

    A blank is allowed where the sheet prints no 0-point option, and where the criterion does not apply
    (no story: 5.2 is not scored). Any other blank leaves the ballot incomplete.
    """
    found = [fault for code, c in sheet.criteria.items() if (fault := _fault(sheet, ballot, c, f"{at}.{code}"))]
    for code in ballot:
        if code not in sheet.criteria:
            vi, en = f"Bộ {sheet.set} không có tiêu chí {code}.", f"Sheet {sheet.set} has no criterion {code}."
            found.append(Fault(f"{at}.{code}", "unknown-criterion", vi, en))
    return found


def faults_of_case(
    sheet: Sheet, ballots: Sequence[Ballot], *, agreed: Ballot | None = None, average: Fraction | None = None,
    declared: Sequence[Declared] = (),
) -> list[Fault]:  # fmt: skip
    """All that keeps a case from being scored: of the ballots, the agreed options, the average, the declarations.

    A declared elimination needs no ballots: a forged dossier is rejected before anybody scores it.
    """
    found = [fault for n, ballot in enumerate(ballots) for fault in faults_of(sheet, ballot, f"ballots[{n}]")]
    if agreed:
        found += faults_of(sheet, agreed, "agreed")
    if not ballots:
        found += _faults_without_ballots(sheet, agreed, average, needed=not declared)
    known = {(elimination.kind, elimination.at) for elimination in sheet.eliminations}
    for n, one in enumerate(declared):
        if (one.kind, one.at) not in known:
            vi = f"Bộ {sheet.set} không có điều kiện loại {one.kind} tại {one.at}."
            en = f"Sheet {sheet.set} has no elimination {one.kind} at {one.at}."
            found.append(Fault(f"declared_eliminations[{n}]", "unknown-elimination", vi, en))
    return found


def no_ballot() -> Fault:
    return Fault("ballots", "no-ballot", "Không có phiếu đánh giá nào.", "There is no ballot.")


def _faults_without_ballots(
    sheet: Sheet, agreed: Ballot | None, average: Fraction | None, needed: bool
) -> list[Fault]:  # fmt: skip
    if average is None:
        return [no_ballot()] if needed else []
    found = []
    if not 0 <= average <= sheet.max:
        vi, en = f"Điểm trung bình phải từ 0 đến {sheet.max}.", f"The average must be from 0 to {sheet.max}."
        found.append(Fault("average_total", "invalid-average", vi, en))
    if not agreed and needed:
        vi = "Có điểm trung bình mà không có phiếu thì phải có phương án Hội đồng thống nhất để xét mức tối thiểu."
        en = "An average without ballots needs the agreed options, on which the minima are tested."
        found.append(Fault("agreed", "no-ballot", vi, en))
    return found


def _fault(sheet: Sheet, ballot: Ballot, criterion: Criterion, field: str) -> Fault | None:
    opt = ballot.get(criterion.code)
    if opt is None:
        if criterion.blank == "zero" or not _applies(sheet, ballot, criterion.code):
            return None
        vi = f"Tiêu chí {criterion.code} có in phương án 0 điểm nên không được bỏ trống."
        en = f"Criterion {criterion.code} prints a 0-point option and may not be left blank."
        return Fault(field, "blank-not-allowed", vi, en)
    if criterion.has_option(opt):
        return None
    last = len(criterion.options)
    vi = f"Tiêu chí {criterion.code} chỉ có các phương án 1 đến {last}, ghi bằng số nguyên."
    en = f"Criterion {criterion.code} has only the options 1 to {last}, given as whole numbers."
    return Fault(field, "unknown-option", vi, en)


def _applies(sheet: Sheet, ballot: Ballot, code: str) -> bool:
    condition = sheet.conditions.get(code)
    if condition is None:
        return True
    on = sheet.criteria[condition.criterion]
    opt = ballot.get(on.code)
    if opt is not None and not on.has_option(opt):
        return False  # the other criterion's own fault is told; whether this one applies cannot be known
    return on.scale[opt or 0] >= condition.points_at_least
