"""Recognition (công nhận, 26/2026 art. 4): the results proposed to the authority, and all certificates of a product."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Self
from uuid import UUID, uuid5

from services.certification.domain import recognition_events as events
from services.certification.domain.certificate import DAY, Certificate, Held, in_force, meet, status, window
from services.certification.domain.inspection import Inspection
from services.certification.domain.proposal import (
    Proposal,
    require_authority,
    require_higher,
    require_revoking_authority,
    series_of,
)
from services.certification.domain.refusals import (
    BelowRecognition,
    DecisionBeforeResult,
    InForce,
    NoCode,
    NoProposal,
    NoSuchCertificate,
    NotAnUpgrade,
    NotCertified,
    NotInForce,
    StopConfirmed,
    UpgradeReached,
)
from services.certification.domain.revocation import WRONG_RECOGNITION, Basis, annulment_of, basis_of
from shared.calendar import certificate_expiry
from shared.eventstore.aggregate import AboutProduct, event
from shared.regulation.rulesets import Ruleset
from shared.values import About, Decision, Known, Moment

RECOGNITIONS = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b7265636f")  # namespace of the ids that follow from products


class Recognition(AboutProduct):
    TOPIC = "certification.Recognition"

    Opened = events.Opened
    Proposed = events.Proposed
    ResultAnnulled = events.ResultAnnulled
    UpgradeFailed = events.UpgradeFailed
    Recorded = events.Recorded
    CertificateIssued = events.CertificateIssued
    CertificateReplaced = events.CertificateReplaced
    RenewalDue = events.RenewalDue
    RenewalFiled = events.RenewalFiled
    RenewalFailed = events.RenewalFailed
    CertificateExtended = events.CertificateExtended
    CertificateExpired = events.CertificateExpired
    ProductionStopConfirmed = events.ProductionStopConfirmed
    CertificateRevoked = events.CertificateRevoked

    @staticmethod
    def id_of(product_id: UUID) -> UUID:
        return uuid5(RECOGNITIONS, str(product_id))

    @classmethod
    def open(cls, about: About, ruleset: str, when: Moment) -> Self:
        return cls._create(cls.Opened, id=cls.id_of(about.product.id), when=when, about=about, ruleset=ruleset)

    @event(Opened)
    def __init__(self, about: About, ruleset: str) -> None:
        self.about = about
        self.ruleset = ruleset
        self.proposal: Proposal | None = None
        self.proposed_under = ruleset
        self.certificates: tuple[Held, ...] = ()
        self.annulled: dict[UUID, date] = {}
        self.renewal: UUID | None = None  # the dossier of a renewal admitted by art. 12.3, while its outcome is open

    # --- proposal ---

    def propose(self, proposal: Proposal, about: About, ruleset: Ruleset, when: Moment) -> None:
        """A later result takes the place of one that still waits. Raises BelowRecognition."""
        if proposal.stars not in ruleset.certificate.for_stars:
            raise BelowRecognition(stars=proposal.stars)
        self.trigger_event(self.Proposed, when=when, about=about, ruleset=ruleset.id, proposal=proposal)

    @event(Proposed)
    def _proposed(self, about: About, ruleset: str, proposal: Proposal) -> None:
        self.about = about
        self.ruleset = self.proposed_under = ruleset
        self.proposal = proposal

    def annul(self, assessment_id: UUID, when: Moment) -> None:
        """An assessment is void (art. 10.1.b): what waits of it is gone, what was issued on it may be withdrawn."""
        if assessment_id not in self.annulled:
            self.trigger_event(self.ResultAnnulled, when=when, assessment_id=assessment_id)

    @event(ResultAnnulled)
    def _annulled(self, assessment_id: UUID, legal_date: date) -> None:
        self.annulled = {**self.annulled, assessment_id: legal_date}
        if self.proposal and self.proposal.assessment_id == assessment_id:
            self.proposal = None

    def fail_upgrade(self, assessment_id: UUID, note: str, when: Moment) -> None:
        """Closes an upgrade that did not reach more stars; the certificate stays as it is (art. 7.5).

        Raises NoProposal, NotAnUpgrade, UpgradeReached.
        """
        proposal, held = self._waiting(assessment_id), self.in_force(when.on)
        if proposal.kind != "upgrade":
            raise NotAnUpgrade(kind=proposal.kind)
        if held is None or proposal.stars > held.stars:
            raise UpgradeReached(stars=proposal.stars, held=held.stars if held else 0)
        self.trigger_event(self.UpgradeFailed, when=when, proposal=proposal, note=note)

    @event(UpgradeFailed)
    def _upgrade_failed(self) -> None:
        self.proposal = None

    # --- certificate ---

    def knows(self, issued_on: date, stars: int) -> bool:
        """Whether a certificate of that day and star is among the product's; not one that was taken back."""
        return any(
            held.issued_on == issued_on and held.stars == stars and held.revoked_on != issued_on
            for held in self.certificates
        )

    def record(
        self, certificate: Certificate, decision: Decision, *, about: About, ruleset: str, printed: str | None,
        recorded_on: date, simulated: bool, when: Moment, known: Known | None = None,
    ) -> None:  # fmt: skip
        """An earlier recognition is taken in; `ruleset` is an id only, `printed` its number where ours differs.

        One recorded before that held on its first day is replaced by it. Raises InForce where any other certificate holds
        on one of its days.
        """
        meets = [held for held in self.certificates if meet(held, certificate)]
        for held in meets:
            if held.assessment_id or held.issued_on >= certificate.issued_on:
                raise InForce(number=held.number, until=held.lasts_until)
        self.trigger_event(
            self.Recorded, when=when, about=about, ruleset=ruleset, certificate=certificate, decision=decision,
            printed=printed, recorded_on=recorded_on, simulated=simulated, known=known,
            replaces=meets[-1].stated if meets else None,
        )  # fmt: skip

    @event(Recorded)
    def _recorded(
        self, about: About, ruleset: str, certificate: Certificate, decision: Decision, recorded_on: date,
        replaces: Certificate | None = None,
    ) -> None:  # fmt: skip
        self.about = about
        self.ruleset = ruleset
        if replaces:
            self.certificates = self._with(
                replaces.number, replaced_on=certificate.issued_on, replaced_by=certificate.number
            )
        over = certificate.expires_on < recorded_on  # ended before the register knew it: no clock has to say so
        expired_on = certificate.expires_on + DAY if over else None
        taken_in = Held.of(certificate, about, decision, ruleset, None, expired_on=expired_on)
        self.certificates = tuple(sorted((*self.certificates, taken_in), key=lambda held: held.issued_on))

    def take_back(self, number: str, reason: str, ruleset: str, when: Moment) -> None:
        """A certificate was recorded by mistake: withdrawn from its first day on, as if it had never been (art. 10.1.b)."""
        held = next((held for held in self.certificates if held.number == number), None)
        if held and held.assessment_id is None and held.revoked_on != held.issued_on:
            decision = Decision(number="", date=when.on, authority="")
            self.trigger_event(
                self.CertificateRevoked, when=replace(when, on=held.issued_on), ruleset=ruleset, certificate=held.stated,
                ground=WRONG_RECOGNITION, decision=decision, reason=reason,
                basis=Basis(kind="authority", concluded_on=when.on),
            )  # fmt: skip

    def in_force(self, on: date) -> Held | None:
        """The certificate by which the product is recognised on that day."""
        return next((held for held in self.certificates if in_force(held, on)), None)

    def require_certified(self, on: date) -> Held:
        """The certificate in force. Raises NotCertified."""
        held = self.in_force(on)
        if held is None:
            raise NotCertified(field="product_id", on=on)
        return held

    def issuer(self, assessment_id: UUID, role: str, ruleset: Ruleset, on: date) -> str:
        """Whose running numbers a certificate of this day takes: the province's code, or TW.

        Raises InForce, NoProposal, UpgradeNotHigher, WrongAuthority.
        """
        return series_of(self._may_certify(assessment_id, role, ruleset, on).stars, ruleset, self.about.province)

    def issue(
        self, assessment_id: UUID, number: str, decision: Decision, *, role: str, ruleset: Ruleset, when: Moment
    ) -> Certificate:
        """The authority recognises the product by a decision of that day (art. 4.1, 4.3).

        Where a certificate is in force, an upgrade, a renewal or a result found anew takes its place in one fact.
        Raises InForce, NoProposal, UpgradeNotHigher, WrongAuthority, NoCode, DecisionBeforeResult.
        """
        proposal = self._may_certify(assessment_id, role, ruleset, when.on)
        if self.about.product.code is None:
            raise NoCode(field="product_id")
        if when.on < proposal.scored_on:
            raise DecisionBeforeResult(field="decision.date", decided=when.on, scored=proposal.scored_on)
        expiry = certificate_expiry(when.on, ruleset.certificate.valid_months)
        certificate = Certificate(number=number, stars=proposal.stars, issued_on=when.on, expires_on=expiry)
        facts = {"certificate": certificate, "decision": decision, "proposal": proposal, "ruleset": ruleset.id}
        held = self.in_force(when.on)
        if held:
            self.trigger_event(self.CertificateReplaced, when=when, replaces=held.stated, **facts)
        else:
            self.trigger_event(self.CertificateIssued, when=when, **facts)
        return certificate

    @event(CertificateIssued)
    def _issued(
        self, about: About, certificate: Certificate, decision: Decision, proposal: Proposal, ruleset: str
    ) -> None:
        new = Held.of(certificate, about, decision, ruleset, proposal.assessment_id)
        self.certificates = (*self.certificates, new)
        self.proposal = None
        self.renewal = None

    @event(CertificateReplaced)
    def _replaced(
        self, about: About, certificate: Certificate, decision: Decision, proposal: Proposal, replaces: Certificate,
        ruleset: str,
    ) -> None:  # fmt: skip
        old = self._with(replaces.number, replaced_on=certificate.issued_on, replaced_by=certificate.number)
        self.certificates = (*old, Held.of(certificate, about, decision, ruleset, proposal.assessment_id))
        self.proposal = None
        self.renewal = None

    # --- renewal, extension, expiry: said by the clock ---

    def remind(self, certificate_id: UUID, days: int, ruleset: Ruleset, when: Moment) -> None:
        """So many days before the last day, as long as the certificate is the product's last and in force (art. 7.6.a).

        Older rules have no window that we know of to remind of.
        """
        last = self.certificates[-1]
        if last.id != certificate_id or not in_force(last, when.on) or not ruleset.assesses_renewals_apart:
            return
        begins, ends = window(last.expires_on, ruleset)
        self.trigger_event(
            self.RenewalDue, when=when, ruleset=ruleset.id, certificate=last.stated, days=days, window_from=begins,
            window_to=ends,
        )  # fmt: skip

    def file_renewal(self, dossier_id: UUID, admitted_by: str, ruleset: Ruleset, when: Moment) -> None:
        """A renewal whose window could not be kept is on file (art. 12.3); one that is not needed changes nothing."""
        held = self.in_force(when.on)
        if held and self.renewal != dossier_id:
            self.trigger_event(
                self.RenewalFiled, when=when, ruleset=ruleset.id, certificate=held.stated, dossier_id=dossier_id,
                admitted_by=admitted_by,
            )  # fmt: skip

    @event(RenewalFiled)
    def _filed(self, dossier_id: UUID) -> None:
        self.renewal = dossier_id

    def fail_renewal(self, dossier_id: UUID, ruleset: Ruleset, when: Moment) -> None:
        """The outcome of a renewal admitted by art. 12.3 is negative: an extension ends with that day's result."""
        self.turn(ruleset, when)
        if self.renewal != dossier_id:
            return
        self.trigger_event(self.RenewalFailed, when=when, dossier_id=dossier_id)
        last = self.certificates[-1]
        if status(last, when.on).status == "extended":
            self._expire(last, when.on, when)

    @event(RenewalFailed)
    def _renewal_failed(self) -> None:
        self.renewal = None

    def turn(self, ruleset: Ruleset, when: Moment) -> None:
        """What the calendar has done to the last certificate by this day, said once, with the legal date of its own day.

        Past its last day it is extended where a renewal admitted by art. 12.3 is on file, else it has expired.
        """
        last = self.certificates[-1] if self.certificates else None
        if last is None or last.has_ended or when.on <= last.lasts_until:
            return
        extension = ruleset.certificate.extension
        if extension and self.renewal and not last.extended_until:
            until = last.expires_on + timedelta(days=extension.max_days)
            self.trigger_event(
                self.CertificateExtended, when=replace(when, on=last.expires_on + DAY), ruleset=ruleset.id,
                certificate=last.stated, until_at_most=until,
            )  # fmt: skip
            self.turn(ruleset, when)
            return
        self._expire(last, last.lasts_until + DAY, when)

    def _expire(self, held: Held, day: date, when: Moment) -> None:
        self.trigger_event(
            self.CertificateExpired, when=replace(when, on=day), ruleset=held.ruleset, certificate=held.stated,
            expired_on=day,
        )  # fmt: skip

    @event(CertificateExtended)
    def _extended(self, certificate: Certificate, until_at_most: date) -> None:
        self.certificates = self._with(certificate.number, extended_until=until_at_most)

    @event(CertificateExpired)
    def _expired(self, certificate: Certificate, expired_on: date) -> None:
        self.certificates = self._with(certificate.number, expired_on=expired_on)
        self.renewal = None

    # --- revocation ---

    def require_in_force(self, number: str, on: date) -> Held:
        """The certificate of that number. Raises NoSuchCertificate, NotInForce."""
        held = next((held for held in self.certificates if held.number == number), None)
        if held is None:
            raise NoSuchCertificate(field="number", number=number)
        if not in_force(held, on):
            raise NotInForce(number=number, on=on, status=status(held, on).status)
        return held

    def confirm_production_stop(self, number: str, account: str, ruleset: Ruleset, when: Moment) -> None:
        """The commune's word that production stopped begins the fifteen days (art. 8.4). Raises NotInForce, StopConfirmed."""
        held = self.require_in_force(number, when.on)
        if held.stopped_on:
            raise StopConfirmed(on=held.stopped_on)
        self.trigger_event(
            self.ProductionStopConfirmed, when=when, ruleset=ruleset.id, certificate=held.stated, account=account
        )

    @event(ProductionStopConfirmed)
    def _stopped(self, certificate: Certificate, legal_date: date) -> None:
        self.certificates = self._with(certificate.number, stopped_on=legal_date)

    def revoke(
        self, number: str, ground: str, decision: Decision, *, inspection: Inspection | None, conclusion: Decision | None,
        role: str, ruleset: Ruleset, when: Moment,
    ) -> Basis:  # fmt: skip
        """Revokes a certificate by a ground of art. 8.1 from the decision's day on; a late decision counts too.

        Raises NotInForce, WrongRevokingAuthority, UnknownGround, NoBasis, DecisionBeforeConclusion.
        """
        held = self._revocable(number, role, ruleset, when.on)
        basis = basis_of(ground, held, ruleset, inspection=inspection, conclusion=conclusion, on=when.on)
        self._revoke(held, ground, decision, basis, "", ruleset, when)
        return basis

    def withdraw(
        self, number: str, decision: Decision, reason: str, *, role: str, ruleset: Ruleset, when: Moment
    ) -> Basis:
        """Withdraws a recognition whose assessment was annulled (art. 10.1.b).

        Raises NotInForce, WrongRevokingAuthority, NotAnnulled, DecisionBeforeConclusion.
        """
        held = self._revocable(number, role, ruleset, when.on)
        basis = annulment_of(held, self.annulled, when.on)
        self._revoke(held, WRONG_RECOGNITION, decision, basis, reason, ruleset, when)
        return basis

    def _revoke(
        self, held: Held, ground: str, decision: Decision, basis: Basis, reason: str, ruleset: Ruleset, when: Moment
    ) -> None:
        self.trigger_event(
            self.CertificateRevoked, when=when, ruleset=ruleset.id, certificate=held.stated, ground=ground,
            decision=decision, basis=basis, reason=reason,
        )  # fmt: skip

    @event(CertificateRevoked)
    def _revoked(self, certificate: Certificate, ground: str, ruleset: str, legal_date: date) -> None:
        self.certificates = self._with(certificate.number, revoked_on=legal_date, ground=ground, revoked_under=ruleset)
        self.renewal = None

    # --- what is asked before a decision ---

    def _waiting(self, assessment_id: UUID) -> Proposal:
        if self.proposal is None or self.proposal.assessment_id != assessment_id:
            raise NoProposal(field="assessment_id", assessment=assessment_id)
        return self.proposal

    def _may_certify(self, assessment_id: UUID, role: str, ruleset: Ruleset, on: date) -> Proposal:
        """The proposal, where nothing in force or to come bars it and this role certifies its stars."""
        held = self.in_force(on)
        bar = next((held for held in self.certificates if held.issued_on > on), None)
        waits = self.proposal and self.proposal.assessment_id == assessment_id
        if held and not (waits and self.proposal and self.proposal.may_replace):
            bar = held
        if bar:
            raise InForce(field="product_id", number=bar.number, until=bar.lasts_until)
        proposal = self._waiting(assessment_id)
        if held:
            require_higher(proposal, held)
        require_authority(proposal.stars, role, ruleset)
        return proposal

    def _revocable(self, number: str, role: str, ruleset: Ruleset, on: date) -> Held:
        held = self.require_in_force(number, on)
        require_revoking_authority(held.stars, role, ruleset)
        return held

    def _with(self, number: str, **course: date | str) -> tuple[Held, ...]:
        """The certificates, one of them changed."""
        return tuple(held.model_copy(update=course) if held.number == number else held for held in self.certificates)
