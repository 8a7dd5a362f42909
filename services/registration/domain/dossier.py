"""Dossier (hồ sơ, 26/2026 art. 6–7): forms 01 and 02 with evidence, checked by the commune, proposed to the province."""

from datetime import date
from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from services.registration.domain.product import Product
from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.regulation.rulesets import Ruleset, Sheet
from shared.values import About, Moment, Refusal, Value

Kind = Literal["first"]
BUSINESS_REGISTRATION = "EV01"


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


class NotSubmitted(Refusal):
    rule = "dossier-not-at-commune"
    article = "Điều 7.2"
    vi = "Hồ sơ đang ở bước {state}, không ở bước xã kiểm tra."
    en = "The dossier is {state}, not at the commune's check."


class SamplesMissing(Refusal):
    rule = "samples-missing"
    article = "Điều 6.2.d"
    vi = "Cần {need} sản phẩm mẫu, mới có {have}."
    en = "{need} samples are needed, there are {have}."


class WrongStep(Refusal):
    rule = "dossier-wrong-step"
    vi = "Hồ sơ đang ở bước {state}, không chuyển sang {to} được."
    en = "The dossier is {state} and cannot become {to}."


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


ASSESSED = {"recognised", "not-recognised", "stopped", "rejected", "not-assessed"}
NEXT = {
    "in-assessment": {"forwarded", "referred", "in-assessment"},  # again: the province's own, art. 7.4.g
    "referred": {"in-assessment"},
    **{result: {"forwarded", "in-assessment", "referred"} for result in ASSESSED},
}


class Dossier(AboutProduct):
    TOPIC = "registration.Dossier"

    class Submitted(BegunAbout):
        TOPIC = "registration.DossierSubmitted"
        kind: Kind
        form_01: Form01
        form_02: Form02
        evidence: tuple[Evidence, ...]

    class Forwarded(ChangedAbout):
        TOPIC = "registration.DossierForwarded"
        kind: Kind
        submitted_on: date
        form_03: Form03
        evidence: tuple[Evidence, ...]

    class Moved(ChangedAbout):
        """What other houses did with it: the state it is in now."""

        TOPIC = "registration.DossierMoved"
        state: str

    @classmethod
    def submit(
        cls, id: UUID, *, product: Product, ruleset: Ruleset, kind: Kind, form_01: Form01, form_02: Form02,
        evidence: tuple[Evidence, ...], when: Moment,
    ) -> Self:  # fmt: skip
        """Filed under the ruleset in force that day. Raises MissingEvidence, UnknownEvidenceKind, UnknownCriterion/Option."""
        check_evidence(ruleset, evidence)
        check_self_assessment(ruleset.sheet(product.about.product.set), form_02)
        return cls._create(
            cls.Submitted, id=id, when=when, about=product.about, ruleset=ruleset.id, kind=kind, form_01=form_01,
            form_02=form_02, evidence=evidence,
        )  # fmt: skip

    @event(Submitted)
    def __init__(
        self, about: About, ruleset: str, kind: Kind, evidence: tuple[Evidence, ...], legal_date: date
    ) -> None:
        self.about = about
        self.ruleset = ruleset
        self.kind = kind
        self.evidence = evidence
        self.submitted_on = legal_date
        self.state = "submitted"

    def require_at_commune(self) -> None:
        """Raises NotSubmitted."""
        if self.state != "submitted":
            raise NotSubmitted(state=self.state)

    def forward(self, code: str, form_03: Form03, samples_needed: int, when: Moment) -> None:
        """The commune proposes it to the province. Raises NotSubmitted, SamplesMissing."""
        self.require_at_commune()
        if form_03.samples < samples_needed:
            raise SamplesMissing(field="form_03.samples", need=samples_needed, have=form_03.samples)
        about = self.about.model_copy(update={"product": self.about.product.model_copy(update={"code": code})})
        self.trigger_event(
            self.Forwarded, when=when, about=about, kind=self.kind, submitted_on=self.submitted_on, form_03=form_03,
            evidence=self.evidence,
        )  # fmt: skip

    @event(Forwarded)
    def _forwarded(self, about: About) -> None:
        self.about = about
        self.state = "forwarded"

    def move(self, state: str, when: Moment) -> None:
        """Follows the assessment. Raises WrongStep."""
        if self.state not in NEXT[state]:
            raise WrongStep(state=self.state, to=state)
        self.trigger_event(self.Moved, when=when, state=state)

    @event(Moved)
    def _moved(self, state: str) -> None:
        self.state = state

    @property
    def settled(self) -> bool:
        """Whether it has its result, so that another may be filed."""
        return self.state in ASSESSED


def check_evidence(ruleset: Ruleset, evidence: tuple[Evidence, ...]) -> None:
    kinds = {paper.kind for paper in evidence}
    known = {kind.id for kind in ruleset.evidence}
    for i, paper in enumerate(evidence):
        if paper.kind not in known:
            raise UnknownEvidenceKind(field=f"evidence[{i}].kind", kind=paper.kind)
    if BUSINESS_REGISTRATION not in kinds:
        raise MissingEvidence(field="evidence", kind=BUSINESS_REGISTRATION)


def check_self_assessment(sheet: Sheet, form_02: Form02) -> None:
    for code, option in form_02.self_assessment.items():
        field = f"form_02.self_assessment.{code}"
        criterion = sheet.criteria.get(code)
        if criterion is None:
            raise UnknownCriterion(field=field, set=sheet.set, criterion=code)
        if not criterion.has_option(option):
            raise UnknownOption(field=field, criterion=code, option=option)
