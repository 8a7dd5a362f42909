"""Recognition (công nhận, 26/2026 art. 4): a council's result proposed to the authority, and the certificates of a product."""

from datetime import date
from typing import Self
from uuid import UUID, uuid5

from services.certification.domain.certificate import Certificate, Kind, status
from shared.calendar import certificate_expiry
from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.regulation.rulesets import Ruleset
from shared.values import About, Decision, Moment, Refusal, Value

RECOGNITIONS = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b7265636f")  # namespace of the ids that follow from products
MINISTER = "minister"
NATIONAL = "TW"
ROLE_OF = {"provincial_chairman": "province_chairman", MINISTER: "minister"}  # authority of the ruleset -> role


class BelowRecognition(Refusal):
    rule = "result-below-three-stars"
    article = "Điều 4.1"
    vi = "Kết quả {stars} sao không được công nhận và cấp giấy chứng nhận."
    en = "A result of {stars} stars is neither recognised nor certified."


class NoProposal(Refusal):
    rule = "no-proposal"
    article = "Điều 4.1"
    vi = "Sản phẩm không có kết quả đánh giá {assessment} nào đang chờ công nhận."
    en = "No result of assessment {assessment} awaits recognition for this product."


class WrongAuthority(Refusal):
    rule = "wrong-authority"
    article = "Điều 4.1"
    vi = "Thẩm quyền công nhận {stars} sao thuộc {authority_vi}."
    en = "{stars} stars are recognised by: {authority_en}."


class NoCode(Refusal):
    rule = "product-without-code"
    article = "Phụ lục II"
    vi = "Sản phẩm chưa có mã số nên chưa cấp được giấy chứng nhận."
    en = "The product has no code yet, so no certificate can be issued."


class DecisionBeforeResult(Refusal):
    rule = "decision-before-result"
    article = "Điều 7"
    vi = "Quyết định ngày {decided} có trước kết quả của hội đồng ngày {scored}."
    en = "The decision of {decided} is older than the council's result of {scored}."


class InForce(Refusal):
    rule = "certificate-in-force"
    article = "Điều 4.3"
    vi = "Sản phẩm đã có giấy chứng nhận {number} còn hiệu lực đến hết ngày {until}."
    en = "The product has certificate {number}, valid through {until}."


class Proposal(Value):
    """A council's result that awaits the authority's decision; `scored_on` is the legal date of the result."""

    assessment_id: UUID
    dossier_id: UUID
    level: str
    stars: int
    kind: Kind
    scored_on: date
    simulated: bool


class Recognition(AboutProduct):
    TOPIC = "certification.Recognition"

    class Opened(BegunAbout):
        TOPIC = "certification.RecognitionOpened"

    class Proposed(ChangedAbout):
        TOPIC = "certification.RecognitionProposed"
        proposal: Proposal

    class CertificateIssued(ChangedAbout):
        TOPIC = "certification.CertificateIssued"
        certificate: Certificate
        decision: Decision
        proposal: Proposal

    @staticmethod
    def id_of(product_id: UUID) -> UUID:
        return uuid5(RECOGNITIONS, str(product_id))

    # --- proposal ---

    @classmethod
    def open(cls, about: About, ruleset: Ruleset, when: Moment) -> Self:
        return cls._create(cls.Opened, id=cls.id_of(about.product.id), when=when, about=about, ruleset=ruleset.id)

    @event(Opened)
    def __init__(self, about: About, ruleset: str) -> None:
        self.about = about
        self.ruleset = ruleset
        self.proposal: Proposal | None = None
        self.certificates: tuple[Certificate, ...] = ()

    def propose(self, proposal: Proposal, about: About, ruleset: Ruleset, when: Moment) -> None:
        """A later result takes the place of one that still waits. Raises BelowRecognition."""
        if proposal.stars not in ruleset.certificate.for_stars:
            raise BelowRecognition(stars=proposal.stars)
        self.trigger_event(self.Proposed, when=when, about=about, ruleset=ruleset.id, proposal=proposal)

    @event(Proposed)
    def _proposed(self, about: About, ruleset: str, proposal: Proposal) -> None:
        self.about = about
        self.ruleset = ruleset
        self.proposal = proposal

    # --- certificate ---

    def issuer(self, assessment_id: UUID, role: str, ruleset: Ruleset, on: date) -> str:
        """Whose running numbers a certificate of this day takes: the province's code, or TW.

        Raises InForce, NoProposal, WrongAuthority.
        """
        authority = self._require_authority(self._awaiting(assessment_id, on), role, ruleset)
        return NATIONAL if authority == MINISTER else self.about.province

    def issue(
        self, assessment_id: UUID, number: str, decision: Decision, *, role: str, ruleset: Ruleset, when: Moment
    ) -> Certificate:
        """The authority recognises the product by a decision of that day (art. 4.1, 4.3).

        Raises InForce, NoProposal, WrongAuthority, NoCode, DecisionBeforeResult.
        """
        proposal = self._awaiting(assessment_id, when.on)
        self._require_authority(proposal, role, ruleset)
        if self.about.product.code is None:
            raise NoCode(field="product_id")
        if when.on < proposal.scored_on:
            raise DecisionBeforeResult(field="decision.date", decided=when.on, scored=proposal.scored_on)
        expiry = certificate_expiry(when.on, ruleset.certificate.valid_months)
        certificate = Certificate(number=number, stars=proposal.stars, issued_on=when.on, expires_on=expiry)
        self.trigger_event(
            self.CertificateIssued, when=when, certificate=certificate, decision=decision, proposal=proposal
        )
        return certificate

    @event(CertificateIssued)
    def _issued(self, certificate: Certificate) -> None:
        self.certificates = (*self.certificates, certificate)
        self.proposal = None

    def _awaiting(self, assessment_id: UUID, on: date) -> Proposal:
        for certificate in self.certificates:
            if status(certificate, on).status != "expired":
                raise InForce(field="product_id", number=certificate.number, until=certificate.expires_on)
        if self.proposal is None or self.proposal.assessment_id != assessment_id:
            raise NoProposal(field="assessment_id", assessment=assessment_id)
        return self.proposal

    def _require_authority(self, proposal: Proposal, role: str, ruleset: Ruleset) -> str:
        """By the stars alone (art. 4.1): so the province also certifies a central result below 90 (art. 7.4.g)."""
        authority = ruleset.authority_for(proposal.stars)
        if authority is None:
            raise BelowRecognition(stars=proposal.stars)
        if role != ROLE_OF[authority]:
            named = ruleset.authority(authority)
            raise WrongAuthority(stars=proposal.stars, authority_vi=named.vi, authority_en=named.en)
        return authority
