"""Dossier (hồ sơ, 26/2026 art. 6–7): filed with the commune, checked, proposed to the province, followed to its result."""

from datetime import date
from typing import Self
from uuid import UUID

from services.registration.domain import papers
from services.registration.domain.held import Kind
from services.registration.domain.papers import Evidence, Form01, Form02, Form03
from services.registration.domain.product import Product
from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.regulation.rulesets import Ruleset, Sheet
from shared.values import About, Moment, Refusal


class NothingChanged(Refusal):
    rule = "upgrade-nothing-changed"
    article = "Điều 6.1.b"
    vi = "Hồ sơ nâng hạng phải nêu và chứng minh thay đổi so với sản phẩm đã công nhận; hồ sơ này không đổi gì."
    en = "An upgrade states and proves what changed since recognition; this dossier changes nothing."


class NotSubmitted(Refusal):
    rule = "dossier-not-at-commune"
    article = "Điều 7.2"
    vi = "Hồ sơ đang ở bước {state}, không ở bước xã kiểm tra."
    en = "The dossier is {state}, not at the commune's check."


class NothingMissing(Refusal):
    rule = "return-without-missing"
    article = "Điều 7.2"
    vi = "Trả hồ sơ phải nêu minh chứng còn thiếu."
    en = "A dossier is returned only with the evidence that it lacks."


class NotMissing(Refusal):
    rule = "evidence-not-missing"
    article = "Điều 7.2"
    vi = "Minh chứng {kind} đã có trong hồ sơ."
    en = "The dossier has evidence {kind} already."


class NotReturned(Refusal):
    rule = "dossier-not-returned"
    article = "Điều 7.2"
    vi = "Hồ sơ đang ở bước {state}, không ở bước xã trả lại để bổ sung."
    en = "The dossier is {state}, it was not returned to be completed."


class ForwardedByOther(Refusal):
    rule = "dossier-forwarded-by-another"
    article = "Điều 7.2"
    vi = "Theo bộ quy tắc {ruleset}: có bước cấp xã thì xã chuyển hồ sơ, không có thì cơ quan của cấp đánh giá tiếp nhận."
    en = (
        "Under ruleset {ruleset} the commune forwards a dossier where it has a step; else the agency of the level does."
    )


class SamplesMissing(Refusal):
    rule = "samples-missing"
    article = "Điều 6.2.d"
    vi = "Cần {need} sản phẩm mẫu, mới có {have}."
    en = "{need} samples are needed, there are {have}."


class NotInAssessment(Refusal):
    rule = "dossier-not-in-assessment"
    article = "Điều 7.3"
    vi = "Hồ sơ đang ở bước {state}; chỉ bổ sung khi đang được đánh giá."
    en = "The dossier is {state}; papers are added only while it is assessed."


class NothingWanted(Refusal):
    rule = "addition-without-wants"
    vi = "Yêu cầu bổ sung phải nêu minh chứng cần bổ sung."
    en = "A request names the evidence that it wants."


class WrongStep(Refusal):
    rule = "dossier-wrong-step"
    vi = "Hồ sơ đang ở bước {state}, không chuyển sang {to} được."
    en = "The dossier is {state} and cannot become {to}."


ADDITION_LIMIT = "addition"
ADDITION = "addition-requested"
AT_COUNCIL = {"forwarded", "in-assessment", "referred", ADDITION}  # a result ends also a request for more papers
# "ranked": the stars are recorded under rules by which nobody certifies.
REFUSED = {"not-recognised", "stopped", "rejected", "not-assessed", "ranked"}
SETTLED = {"recognised", *REFUSED}
NEXT = {
    "in-assessment": AT_COUNCIL,  # again where it is there: the province's own, art. 7.4.g
    "referred": AT_COUNCIL - {"referred"},  # from forwarded: a renewal that the province only passes on
    # A certificate follows an assessment that was heard of, also one whose result alone would not have been enough.
    "recognised": {"in-assessment", ADDITION, "not-recognised"},
    **dict.fromkeys(REFUSED, AT_COUNCIL),
}


class Dossier(AboutProduct):
    TOPIC = "registration.Dossier"

    class Submitted(BegunAbout):
        """`previous`: the dossier that it starts from; `changed`: criteria that differ from it, or are said to.

        `stars_held`: of the certificate that an upgrade or renewal starts from; `admitted_by`: the article that lets a
        renewal in outside its window; `left_over`: assessed or recognised before, and without a certificate that day.
        The forms are null where older rules, whose forms are not known, did without.
        """

        TOPIC = "registration.DossierSubmitted"
        kind: Kind
        form_01: Form01 | None
        form_02: Form02 | None
        evidence: tuple[Evidence, ...]
        previous: UUID | None = None
        changed: tuple[str, ...] = ()
        stars_held: int | None = None
        admitted_by: str | None = None
        left_over: bool = False

    class Returned(ChangedAbout):
        TOPIC = "registration.DossierReturned"
        kind: Kind
        missing: tuple[str, ...]
        note: str

    class Completed(ChangedAbout):
        """`evidence`: all papers that it has now, the added ones last."""

        TOPIC = "registration.DossierCompleted"
        kind: Kind
        form_02: Form02 | None
        evidence: tuple[Evidence, ...]
        added: tuple[Evidence, ...]
        admitted_by: str | None

    class Forwarded(ChangedAbout):
        TOPIC = "registration.DossierForwarded"
        kind: Kind
        submitted_on: date
        form_03: Form03 | None
        evidence: tuple[Evidence, ...]
        stars_held: int | None = None
        left_over: bool = False

    class AdditionRequested(ChangedAbout):
        TOPIC = "registration.AdditionRequested"
        wants: tuple[str, ...]
        note: str
        due_on: date

    class AdditionSupplied(ChangedAbout):
        """`evidence`: all papers that it has now, the added ones last."""

        TOPIC = "registration.AdditionSupplied"
        evidence: tuple[Evidence, ...]
        added: tuple[Evidence, ...]

    class Moved(ChangedAbout):
        """What other houses did with it: the state it is in now."""

        TOPIC = "registration.DossierMoved"
        state: str

    # --- filing ---

    @classmethod
    def submit(
        cls, id: UUID, *, product: Product, ruleset: Ruleset, kind: Kind, form_01: Form01 | None,
        form_02: Form02 | None, evidence: tuple[Evidence, ...] | None, when: Moment, changed: tuple[str, ...] = (),
        previous: "Dossier | None" = None,
    ) -> Self:  # fmt: skip
        """Filed under the ruleset in force that day; what is left out is taken from the product's last dossier.

        Raises the refusals of `admitted` and of papers: MissingForm, MissingEvidence, UnknownEvidenceKind,
        UnknownCriterion, UnknownOption; and NothingChanged for an upgrade. Older rules ask for no form that we know of.
        """
        admitted_by = product.admit(kind, ruleset, when.on)
        if previous:
            form_01, form_02 = form_01 or previous.form_01, form_02 or previous.form_02
            evidence = previous.evidence if evidence is None else evidence
        if (form_01 is None or form_02 is None) and not ruleset.is_frame:
            missing = "form_01" if form_01 is None else "form_02"
            raise papers.MissingForm(field=missing, form=missing)
        set_no, evidence = product.about.product.set, evidence or ()
        papers.check_evidence(ruleset, evidence)
        papers.check_answers(ruleset, set_no, form_02, changed)
        sheet = None if ruleset.is_frame else ruleset.sheet(set_no)
        held = product.stars_on(when.on)
        return cls._create(
            cls.Submitted, id=id, when=when, about=product.about, ruleset=ruleset.id, kind=kind, form_01=form_01,
            form_02=form_02, evidence=evidence, previous=previous and previous.id,
            changed=changes(previous, sheet, form_02, evidence, changed, kind) if sheet and form_02 else (),
            stars_held=None if kind == "first" else held, admitted_by=admitted_by,
            left_over=held is None and (previous is not None or product.certificate is not None),
        )  # fmt: skip

    @event(Submitted)
    def __init__(
        self, about: About, ruleset: str, kind: Kind, form_01: Form01 | None, form_02: Form02 | None,
        evidence: tuple[Evidence, ...], stars_held: int | None, admitted_by: str | None, legal_date: date,
        left_over: bool = False,
    ) -> None:  # fmt: skip
        self.about = about
        self.ruleset = ruleset
        self.kind = kind
        self.form_01 = form_01
        self.form_02 = form_02
        self.evidence = evidence
        self.stars_held = stars_held
        self.admitted_by = admitted_by
        self.left_over = left_over
        self.submitted_on = legal_date
        self.state = "submitted"
        self.missing: tuple[str, ...] = ()  # what it was returned for
        self.wanted: tuple[str, ...] = ()  # what was asked for while it was assessed

    # --- the commune's check ---

    def require_at_commune(self) -> None:
        """Raises NotSubmitted."""
        if self.state != "submitted":
            raise NotSubmitted(state=self.state)

    def send_back(self, missing: tuple[str, ...], note: str, ruleset: Ruleset, when: Moment) -> None:
        """Papers are missing (kinds of evidence). Raises NotSubmitted, NothingMissing, UnknownEvidenceKind, NotMissing."""
        self.require_at_commune()
        if not missing:
            raise NothingMissing(field="missing")
        papers.check_kinds(ruleset, missing, "missing[{}]")
        there = {paper.kind for paper in self.evidence}
        for i, kind in enumerate(missing):
            if kind in there:
                raise NotMissing(field=f"missing[{i}]", kind=kind)
        self.trigger_event(self.Returned, when=when, kind=self.kind, missing=tuple(dict.fromkeys(missing)), note=note)

    @event(Returned)
    def _returned(self, missing: tuple[str, ...]) -> None:
        self.missing = missing
        self.state = "returned"

    def complete(self, added: tuple[Evidence, ...], form_02: Form02 | None, ruleset: Ruleset, when: Moment) -> None:
        """All that was missing is there; the day of the first filing stays. Raises NotReturned, MissingEvidence, …"""
        if self.state != "returned":
            raise NotReturned(state=self.state)
        evidence, report = papers.joined(self.evidence, added), form_02 or self.form_02
        papers.check_evidence(ruleset, evidence)
        papers.require_kinds(self.missing, evidence)
        papers.check_answers(ruleset, self.about.product.set, report)
        self.trigger_event(
            self.Completed, when=when, kind=self.kind, form_02=report, evidence=evidence, added=added,
            admitted_by=self.admitted_by,
        )  # fmt: skip

    @event(Completed)
    def _completed(self, form_02: Form02 | None, evidence: tuple[Evidence, ...]) -> None:
        self.form_02 = form_02
        self.evidence = evidence
        self.missing = ()
        self.state = "submitted"

    def forward(
        self, code: str, form_03: Form03 | None, ruleset: Ruleset, when: Moment, *, by_commune: bool = True
    ) -> None:
        """The commune proposes it to the next level with its report; rules that ask no commune leave it to the agency of
        the level that assesses. Raises NotSubmitted, ForwardedByOther, MissingForm, SamplesMissing.
        """
        self.require_at_commune()
        if by_commune != ruleset.asks_commune:
            raise ForwardedByOther(ruleset=ruleset.id)
        if ruleset.asks_commune and form_03 is None:
            raise papers.MissingForm(field="form_03", form="form_03")
        needed = ruleset.samples_for(self.about.product.set)
        if form_03 and form_03.samples < needed:
            raise SamplesMissing(field="form_03.samples", need=needed, have=form_03.samples)
        about = self.about.model_copy(update={"product": self.about.product.model_copy(update={"code": code})})
        self.trigger_event(
            self.Forwarded, when=when, about=about, kind=self.kind, submitted_on=self.submitted_on, form_03=form_03,
            evidence=self.evidence, stars_held=self.stars_held, left_over=self.left_over,
        )  # fmt: skip

    @event(Forwarded)
    def _forwarded(self, about: About) -> None:
        self.about = about
        self.state = "forwarded"

    # --- more papers while it is assessed ---

    def request_addition(self, wants: tuple[str, ...], note: str, due_on: date, ruleset: Ruleset, when: Moment) -> None:
        """To be handed in by `due_on`. Raises NotInAssessment, NothingWanted, UnknownEvidenceKind."""
        if self.state != "in-assessment":
            raise NotInAssessment(state=self.state)
        if not wants:
            raise NothingWanted(field="wants")
        papers.check_kinds(ruleset, wants, "wants[{}]")
        self.trigger_event(
            self.AdditionRequested, when=when, wants=tuple(dict.fromkeys(wants)), note=note, due_on=due_on
        )

    @event(AdditionRequested)
    def _addition_requested(self, wants: tuple[str, ...]) -> None:
        self.wanted = wants
        self.state = ADDITION

    def supply(self, added: tuple[Evidence, ...], ruleset: Ruleset, when: Moment) -> None:
        """What was asked for, or more while it is assessed. Raises NotInAssessment, UnknownEvidenceKind, MissingEvidence."""
        if self.state not in {"in-assessment", ADDITION}:
            raise NotInAssessment(state=self.state)
        papers.check_kinds(ruleset, (paper.kind for paper in added), "evidence[{}].kind")
        papers.require_kinds(self.wanted, added)
        self.trigger_event(self.AdditionSupplied, when=when, evidence=papers.joined(self.evidence, added), added=added)

    @event(AdditionSupplied)
    def _addition_supplied(self, evidence: tuple[Evidence, ...]) -> None:
        self.evidence = evidence
        self.wanted = ()
        self.state = "in-assessment"

    # --- what other houses do with it ---

    def move(self, state: str, when: Moment, again: bool = False) -> None:
        """Follows its assessment; `again`: one that has its result is assessed anew. Raises WrongStep."""
        if self.state not in NEXT[state] | (SETTLED if again else set()):
            raise WrongStep(state=self.state, to=state)
        self.trigger_event(self.Moved, when=when, state=state)

    @event(Moved)
    def _moved(self, state: str) -> None:
        self.wanted = ()
        self.state = state

    @property
    def settled(self) -> bool:
        """Whether it has its result, so that another may be filed."""
        return self.state in SETTLED


def changes(
    previous: Dossier | None, sheet: Sheet, form_02: Form02, evidence: tuple[Evidence, ...], named: tuple[str, ...],
    kind: Kind,
) -> tuple[str, ...]:  # fmt: skip
    """The criteria that differ from the last dossier, and those that the producer names. Raises NothingChanged."""
    ticked = papers.ticked_otherwise(sheet, previous.form_02, form_02) if previous else set()
    differs = [code for code in sheet.criteria if code in ticked or code in named]
    if (
        kind == "upgrade"
        and previous
        and not differs
        and papers.joined(previous.evidence, evidence) == previous.evidence
    ):
        raise NothingChanged(field="form_02")
    return tuple(differs)
