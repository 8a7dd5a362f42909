"""Inspection (kiểm tra, giám sát, 26/2026 art. 9): periodic, ad hoc, sampling or inter-agency, of a certified product."""

from collections.abc import Collection
from datetime import date
from typing import Literal, Self
from uuid import UUID

from services.certification.domain.certificate import Certificate
from services.certification.domain.refusals import UnknownGround
from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.values import About, Moment, Refusal

InspectionKind = Literal["periodic", "ad_hoc", "sampling", "inter_agency"]
TOP_STARS = 5  # art. 9.4.b: the ministry's own; 3 and 4 stars when needed


class ReasonNeeded(Refusal):
    rule = "inspection-reason-needed"
    article = "Điều 9"
    vi = "Kiểm tra đột xuất, và Bộ kiểm tra sản phẩm 3, 4 sao, chỉ khi cần thiết: phải nêu lý do."
    en = "An ad hoc inspection, and one of 3 or 4 stars by the ministry, is made only when needed: a reason must be given."


class AgenciesNeeded(Refusal):
    rule = "inspection-agencies-needed"
    article = "Điều 9"
    vi = "Kiểm tra liên ngành phải nêu các cơ quan phối hợp."
    en = "An inter-agency inspection names the agencies that take part."


class NotSampling(Refusal):
    rule = "inspection-not-sampling"
    article = "Điều 9"
    vi = "Chỉ lấy mẫu trong cuộc kiểm tra lấy mẫu (loại hiện tại: {kind})."
    en = "Samples are drawn in a sampling inspection only (this one is {kind})."


class NoSamples(Refusal):
    rule = "inspection-without-samples"
    article = "Điều 9"
    vi = "Chưa lấy mẫu nào nên chưa kết luận được cuộc kiểm tra lấy mẫu."
    en = "No sample was drawn yet, so that a sampling inspection cannot be concluded."


class AlreadyConcluded(Refusal):
    rule = "inspection-concluded"
    article = "Điều 9"
    vi = "Cuộc kiểm tra đã kết luận ngày {on}."
    en = "The inspection was concluded on {on}."


class GroundWithoutFinding(Refusal):
    rule = "ground-without-finding"
    article = "Điều 8.3.a"
    vi = "Căn cứ thu hồi hoặc thời hạn khắc phục phải đi kèm vi phạm được phát hiện."
    en = "A ground of revocation, or a day by which to mend, needs a finding."


class MendByPassed(Refusal):
    rule = "mend-by-not-later"
    article = "Điều 9"
    vi = "Thời hạn khắc phục {mend_by} phải sau ngày kết luận {on}."
    en = "The day by which to mend, {mend_by}, must come after the conclusion of {on}."


class NothingToMend(Refusal):
    rule = "nothing-to-mend"
    article = "Điều 9"
    vi = "Cuộc kiểm tra này không có (hoặc không còn) yêu cầu khắc phục nào."
    en = "This inspection asks for nothing to be mended, or no more."


class Inspection(AboutProduct):
    TOPIC = "certification.Inspection"

    class Opened(BegunAbout):
        TOPIC = "certification.InspectionOpened"
        certificate: Certificate
        kind: InspectionKind
        national: bool
        reason: str
        with_agencies: tuple[str, ...]

    class SamplesDrawn(ChangedAbout):
        TOPIC = "certification.InspectionSamplesDrawn"
        count: int
        note: str

    class Concluded(ChangedAbout):
        TOPIC = "certification.InspectionConcluded"
        certificate: Certificate
        kind: InspectionKind
        finding: str | None
        ground: str | None
        mend_by: date | None

    class Mended(ChangedAbout):
        TOPIC = "certification.InspectionMended"
        account: str

    @classmethod
    def open(
        cls, id: UUID, *, about: About, ruleset: str, certificate: Certificate, kind: InspectionKind, national: bool,
        reason: str, with_agencies: tuple[str, ...], when: Moment,
    ) -> Self:  # fmt: skip
        """Begins an inspection of a certificate in force; `national`: by the ministry. Raises ReasonNeeded, AgenciesNeeded."""
        needed = kind == "ad_hoc" or (national and certificate.stars < TOP_STARS)
        if needed and not reason.strip():
            raise ReasonNeeded(field="reason")
        if kind == "inter_agency" and not with_agencies:
            raise AgenciesNeeded(field="with_agencies")
        return cls._create(
            cls.Opened, id=id, when=when, about=about, ruleset=ruleset, certificate=certificate, kind=kind,
            national=national, reason=reason, with_agencies=with_agencies,
        )  # fmt: skip

    @event(Opened)
    def __init__(self, about: About, ruleset: str, certificate: Certificate, kind: InspectionKind) -> None:
        self.about = about
        self.ruleset = ruleset
        self.certificate = certificate
        self.kind: InspectionKind = kind
        self.samples = 0
        self.concluded_on: date | None = None
        self.ground: str | None = None
        self.to_mend = False

    def draw_samples(self, count: int, note: str, when: Moment) -> None:
        """Raises AlreadyConcluded, NotSampling."""
        self._require_open()
        if self.kind != "sampling":
            raise NotSampling(kind=self.kind)
        self.trigger_event(self.SamplesDrawn, when=when, count=count, note=note)

    @event(SamplesDrawn)
    def _drawn(self, count: int) -> None:
        self.samples += count

    def conclude(
        self, *, finding: str | None, ground: str | None, mend_by: date | None, grounds: Collection[str], when: Moment
    ) -> None:
        """The conclusion; `grounds`: those of the ruleset in force. A ground begins the 15 days of art. 8.4.

        Raises AlreadyConcluded, NoSamples, GroundWithoutFinding, UnknownGround, MendByPassed.
        """
        self._require_open()
        if self.kind == "sampling" and not self.samples:
            raise NoSamples()
        if finding is None and (ground or mend_by):
            raise GroundWithoutFinding(field="finding")
        if ground is not None and ground not in grounds:
            raise UnknownGround(field="ground", ground=ground, grounds=", ".join(grounds))
        if mend_by and mend_by <= when.on:
            raise MendByPassed(field="mend_by", mend_by=mend_by, on=when.on)
        self.trigger_event(
            self.Concluded, when=when, certificate=self.certificate, kind=self.kind, finding=finding, ground=ground,
            mend_by=mend_by,
        )  # fmt: skip

    @event(Concluded)
    def _concluded(self, legal_date: date, ground: str | None, mend_by: date | None) -> None:
        self.concluded_on = legal_date
        self.ground = ground
        self.to_mend = mend_by is not None

    def mend(self, account: str, when: Moment) -> None:
        """The producer reports that the defect is mended, in time or late. Raises NothingToMend."""
        if not self.to_mend:
            raise NothingToMend()
        self.trigger_event(self.Mended, when=when, account=account)

    @event(Mended)
    def _mended(self) -> None:
        self.to_mend = False

    def _require_open(self) -> None:
        if self.concluded_on:
            raise AlreadyConcluded(on=self.concluded_on)
