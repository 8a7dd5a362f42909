"""An earlier recognition taken into the register: what must hold for its dates and its ruleset, which is an id only."""

from datetime import date

from shared.calendar import certificate_expiry
from shared.values import Decision, Refusal

# First and last day of the decisions under each ruleset. The frame of 1489 has no last day: dossiers filed before
# 22/5/2026 are finished under it afterwards (26/2026 art. 12.2).
FRAMES: dict[str, tuple[date, date | None]] = {
    "qd-1048-2019": (date(2019, 8, 21), date(2023, 2, 23)),
    "qd-148-2023": (date(2023, 2, 24), date(2025, 7, 5)),
    "qd-148-2023+1489": (date(2025, 7, 6), None),
    "qd-26-2026": (date(2026, 5, 22), None),
}


class NotThatDaysRuleset(Refusal):
    rule = "recognition-ruleset-not-of-its-day"
    article = "Điều 12.1"
    vi = "Quyết định ngày {decided} không ban hành theo bộ quy tắc {ruleset}."
    en = "A decision of {decided} was not made under ruleset {ruleset}."


class NotYetMade(Refusal):
    rule = "recognition-not-yet-made"
    vi = "Quyết định ngày {decided}, giấy chứng nhận từ ngày {issued}: chưa đến vào ngày ghi nhận {on}."
    en = "The decision of {decided} or the certificate of {issued} is later than the day of recording, {on}."


class IssuedBeforeDecision(Refusal):
    rule = "recognition-issued-before-decision"
    vi = "Giấy chứng nhận ngày {issued} có trước quyết định ngày {decided}."
    en = "The certificate of {issued} is older than its decision of {decided}."


class WrongEnd(Refusal):
    rule = "recognition-wrong-end"
    article = "Điều 4.3"
    vi = "Giấy chứng nhận ngày {issued} hết hạn sau 36 tháng, ngày {expires}, không phải {said}."
    en = "A certificate of {issued} ends after 36 months, on {expires}, not on {said}."


def check_recognition(ruleset: str, decision: Decision, issued_on: date, expires_on: date, on: date) -> None:
    """Raises NotThatDaysRuleset, IssuedBeforeDecision, WrongEnd, NotYetMade (`on`: the day of recording)."""
    first, last = FRAMES.get(ruleset, (date.max, None))
    if not first <= decision.date <= (last or date.max):
        raise NotThatDaysRuleset(field="ruleset", decided=decision.date, ruleset=ruleset)
    if issued_on < decision.date:
        raise IssuedBeforeDecision(field="issued_on", issued=issued_on, decided=decision.date)
    if expires_on != certificate_expiry(issued_on):
        expires = certificate_expiry(issued_on)
        raise WrongEnd(field="expires_on", issued=issued_on, expires=expires, said=expires_on)
    if max(decision.date, issued_on) > on:
        raise NotYetMade(field="issued_on", decided=decision.date, issued=issued_on, on=on)
