"""The commands of the certification house, and the steps that several of them take."""

from datetime import date
from uuid import UUID

from pydantic import Field

from services.certification.domain.numbers import CertificateNumbers, PrintedNumber, parsed
from services.certification.domain.recognition import Recognition
from services.certification.domain.refusals import NoSuchCertificate
from shared.eventstore.commands import Commands, DateInFuture, Session
from shared.regulation.rulesets import Ruleset, available, in_force, load
from shared.values import Decision, Refusal

COMMANDS = Commands("certification")
handler = COMMANDS.handler


class DatesDiffer(Refusal):
    rule = "issued-on-another-day"
    article = "Điều 4.3"
    vi = "Việc này có hiệu lực từ ngày của quyết định ({decided}), không phải ngày {on}."
    en = "This takes effect on the day of its decision ({decided}), not on {on}."


class SignedDecision(Decision):
    """A decision as it stands on paper: number and authority are not blank."""

    number: str = Field(pattern=r"\S", max_length=100)
    authority: str = Field(pattern=r"\S", max_length=300)


def day_of(decision: Decision, on: date | None, today: date) -> date:
    """The decision's date. Raises DatesDiffer where the command names another legal date, DateInFuture."""
    if on not in {None, decision.date}:
        raise DatesDiffer(field="decision.date", decided=decision.date, on=on)
    if decision.date > today:
        raise DateInFuture(field="decision.date", on=decision.date, today=today)
    return decision.date


def rules(ruleset_id: str, on: date) -> Ruleset:
    """The ruleset of that id, or the one in force where its data are not in the program (recorded recognitions)."""
    return load(ruleset_id) if ruleset_id in available() else in_force(on)


async def product_of(number: str, session: Session) -> UUID:
    """Whose certificate a number is; what may be done with it is asked of the recognition. Raises NoSuchCertificate."""
    found = parsed(number)
    if found:
        issuer, year, running = found
        numbers = await session.store.load(CertificateNumbers, CertificateNumbers.id_of(issuer, year))
        product_id = numbers.products.get(running) if numbers else None
    else:
        printed = await session.store.load(PrintedNumber, PrintedNumber.id_of(number))
        product_id = printed.product_id if printed else None
    if product_id is None:
        raise NoSuchCertificate(number=number)
    return product_id


async def recognition_behind(number: str, session: Session) -> Recognition:
    """The recognition that a certificate belongs to. Raises NoSuchCertificate, Forbidden."""
    return await session.load(Recognition, Recognition.id_of(await product_of(number, session)))
