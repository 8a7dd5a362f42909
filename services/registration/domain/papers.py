"""What a dossier consists of (26/2026 art. 6, Annex III): forms 01 to 03 and evidence, each checked against the ruleset."""

from collections.abc import Iterable

from pydantic import Field

from shared.regulation.rulesets import Ruleset, Sheet
from shared.values import Refusal, Value

BUSINESS_REGISTRATION = "EV01"


class MissingForm(Refusal):
    rule = "form-missing"
    article = "Điều 6.1"
    vi = "Hồ sơ thiếu {form}; sản phẩm chưa có hồ sơ trước trong sổ để lấy lại."
    en = "The dossier lacks {form}; the product has no earlier dossier in the register to take it from."


class MissingEvidence(Refusal):
    rule = "evidence-missing"
    article = "Điều 6.1"
    vi = "Hồ sơ thiếu minh chứng bắt buộc {kind}."
    en = "The dossier lacks the compulsory evidence {kind}."


class UnknownEvidenceKind(Refusal):
    rule = "evidence-kind-unknown"
    article = "Phụ lục III, Mẫu số 02"
    vi = "Loại minh chứng {kind} không có trong bộ quy tắc."
    en = "The ruleset has no kind of evidence {kind}."


class UnknownCriterion(Refusal):
    rule = "unknown-criterion"
    article = "Phụ lục II"
    vi = "Bộ tiêu chí {set} không có tiêu chí {criterion}."
    en = "Sheet {set} has no criterion {criterion}."


class UnknownOption(Refusal):
    rule = "unknown-option"
    article = "Phụ lục II"
    vi = "Tiêu chí {criterion} không có phương án {option}."
    en = "Criterion {criterion} has no option {option}."


class Evidence(Value):
    """A paper by its content; its bytes lie in the evidence folder under their hash."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(ge=0)
    type: str = Field(max_length=100)
    name: str = Field(max_length=255)
    kind: str = Field(pattern="^EV[0-9]{2}$")


class Form01(Value):
    """Registration slip (Phiếu đăng ký)."""

    product_description: str = Field(min_length=1)
    output_per_year: str = Field(min_length=1)
    market: str = Field(min_length=1)


class Form02(Value):
    """Self-assessment report: the options that the producer ticks itself, criterion code to option number."""

    self_assessment: dict[str, int]
    labourers: int = Field(ge=0)
    local_labourers: int = Field(ge=0)
    revenue_last_year: int = Field(ge=0, description="đồng")


class Form03(Value):
    """The commune's report on four contents (art. 7.2): each met or not, with a finding; then its letter of proposal."""

    local_origin: str = Field(min_length=1)
    local_labour: str = Field(min_length=1)
    origin_of_idea: str = Field(min_length=1)
    local_identity: str = Field(min_length=1)
    letter_number: str = Field(min_length=1)
    samples: int = Field(ge=0)


def check_kinds(ruleset: Ruleset, kinds: Iterable[str], field: str) -> None:
    """Raises UnknownEvidenceKind; `field` names the place with `{}` for the number in the list.

    Of older rules the kinds are not known, and none is refused.
    """
    known = {kind.id for kind in ruleset.evidence}
    for i, kind in enumerate(kinds):
        if kind not in known and not ruleset.is_frame:
            raise UnknownEvidenceKind(field=field.format(i), kind=kind)


def check_evidence(ruleset: Ruleset, evidence: tuple[Evidence, ...]) -> None:
    """Raises UnknownEvidenceKind, MissingEvidence."""
    check_kinds(ruleset, (paper.kind for paper in evidence), "evidence[{}].kind")
    if not ruleset.is_frame:
        require_kinds([BUSINESS_REGISTRATION], evidence)


def require_kinds(wanted: Iterable[str], evidence: tuple[Evidence, ...]) -> None:
    """Raises MissingEvidence, naming the first kind that is not there."""
    there = {paper.kind for paper in evidence}
    for kind in wanted:
        if kind not in there:
            raise MissingEvidence(field="evidence", kind=kind)


def check_answers(ruleset: Ruleset, set_no: str | None, form_02: Form02 | None, changed: tuple[str, ...] = ()) -> None:
    """What the producer ticks or names as changed is on the sheet; of older rules no criterion is known.

    Raises UnknownSheet, UnknownCriterion, UnknownOption.
    """
    if ruleset.is_frame:
        for code in (*(form_02.self_assessment if form_02 else ()), *changed):
            raise UnknownCriterion(field="form_02", set=ruleset.id, criterion=code)
        return
    sheet = ruleset.sheet(set_no)
    if form_02:
        check_self_assessment(sheet, form_02)
    check_criteria(sheet, changed)


def check_self_assessment(sheet: Sheet, form_02: Form02) -> None:
    """Raises UnknownCriterion, UnknownOption."""
    for code, option in form_02.self_assessment.items():
        field = f"form_02.self_assessment.{code}"
        criterion = sheet.criteria.get(code)
        if criterion is None:
            raise UnknownCriterion(field=field, set=sheet.set, criterion=code)
        if not criterion.has_option(option):
            raise UnknownOption(field=field, criterion=code, option=option)


def check_criteria(sheet: Sheet, criteria: tuple[str, ...]) -> None:
    """Raises UnknownCriterion, for criteria that a producer names as changed."""
    for i, code in enumerate(criteria):
        if code not in sheet.criteria:
            raise UnknownCriterion(field=f"changed[{i}]", set=sheet.set, criterion=code)


def ticked_otherwise(sheet: Sheet, before: Form02, after: Form02) -> set[str]:
    """The criteria of the sheet whose own tick differs."""
    then, now = before.self_assessment, after.self_assessment
    return {code for code in sheet.criteria if then.get(code) != now.get(code)}


def joined(there: tuple[Evidence, ...], more: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Papers with those that come to them; what is there already is not kept twice."""
    known = {(paper.kind, paper.sha256) for paper in there}
    return there + tuple(paper for paper in more if (paper.kind, paper.sha256) not in known)
