"""The certificate that a product holds, as far as it decides which kind of dossier may be filed (26/2026 art. 6.1, 7.6.a)."""

from datetime import date, timedelta
from typing import Literal

from shared.calendar import days_before
from shared.regulation.rulesets import Ruleset, in_force
from shared.values import Refusal, Value

Kind = Literal["first", "upgrade", "renewal"]
EARLIEST, LATEST = "reassess_submit_earliest", "reassess_submit_latest"


class CertificateInForce(Refusal):
    rule = "dossier-kind-certificate-in-force"
    article = "Điều 6.1"
    vi = "Giấy chứng nhận {stars} sao còn hiệu lực đến {last}: nộp hồ sơ nâng hạng hoặc đánh giá lại."
    en = "A certificate of {stars} stars is in force until {last}: file an upgrade or a renewal."


class NoCertificateInForce(Refusal):
    rule = "dossier-kind-no-certificate"
    article = "Điều 6.1"
    vi = "Sản phẩm không có giấy chứng nhận còn hiệu lực ngày {on}: nộp hồ sơ lần đầu."
    en = "The product has no certificate in force on {on}: file a first dossier."


class HighestAlready(Refusal):
    rule = "upgrade-of-highest"
    article = "Điều 6.1.b"
    vi = "Sản phẩm đã có hạng cao nhất ({stars} sao)."
    en = "The product has the highest rank already ({stars} stars)."


class RenewalOutsideWindow(Refusal):
    rule = "renewal-outside-window"
    article = "Điều 7.6.a"
    vi = "Hồ sơ đánh giá lại nộp từ {window_from} đến {window_to}, không phải ngày {on}."
    en = "The renewal is filed from {window_from} to {window_to}, not on {on}."


class Held(Value):
    """A certificate of 3–5 stars. `expires_on`: its last day; `until`: its last day where it was extended (art. 12.3).

    `ended_on`: the first day on which it no longer holds, where it ended; `number` is null where the papers name none.
    """

    number: str | None
    stars: int
    issued_on: date
    expires_on: date
    until: date | None = None
    ended_on: date | None = None

    @property
    def last(self) -> date:
        """Its last day, whatever may still end it earlier."""
        return self.until or self.expires_on

    def in_force(self, on: date) -> bool:
        return self.issued_on <= on <= self.last and (self.ended_on is None or on < self.ended_on)

    def window(self, ruleset: Ruleset) -> tuple[date, date]:
        """First and last day to file a renewal: counted back from the last printed day, so they do not roll."""
        earliest, latest = ruleset.deadline(EARLIEST), ruleset.deadline(LATEST)
        return days_before(self.expires_on, earliest.value), days_before(self.expires_on, latest.value)


def admitted(kind: Kind, held: Held | None, ruleset: Ruleset, on: date) -> str | None:
    """Whether this kind may be filed that day; returns the article that lets it in where its window could not be kept.

    Raises CertificateInForce, NoCertificateInForce, HighestAlready, RenewalOutsideWindow.
    """
    is_valid = held is not None and held.in_force(on)
    if kind == "first":
        if held and is_valid:
            raise CertificateInForce(field="kind", stars=held.stars, last=held.last)
        return None
    if kind == "renewal" and held and (is_valid or held.ended_on is None or held.ended_on > held.last):
        return admitted_renewal(held, ruleset, on)
    if held is None or not is_valid:
        raise NoCertificateInForce(field="kind", on=on)
    if held.stars >= ruleset.top_star:
        raise HighestAlready(field="kind", stars=held.stars)
    return None


def kept_alive_by(ruleset: Ruleset) -> str | None:
    """The article of the next decision that extends a certificate while its renewal under this ruleset is decided."""
    if ruleset.decision.lapses is None or ruleset.decision.last is None:
        return None
    extension = in_force(ruleset.decision.last + timedelta(days=1)).certificate.extension
    return extension and extension.ref


def admitted_renewal(held: Held, ruleset: Ruleset, on: date) -> str | None:
    """Where the window was over before the decision took effect, a certificate in force may still be renewed (art. 12.3).

    Older rules have no window that we know of; a renewal filed under those that lapsed keeps its certificate alive all the
    same, since the new window could not be met.
    """
    if not ruleset.assesses_renewals_apart:
        return kept_alive_by(ruleset) if held.in_force(on) else None
    window_from, window_to = held.window(ruleset)
    if window_from <= on <= window_to:
        return None
    extension = ruleset.certificate.extension
    if extension and window_to < ruleset.decision.effective and held.in_force(on):
        return extension.ref
    raise RenewalOutsideWindow(field="kind", window_from=window_from, window_to=window_to, on=on)
