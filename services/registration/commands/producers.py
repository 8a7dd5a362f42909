"""What can be asked about producers."""

from uuid import UUID

from pydantic import Field, SecretStr

from services.registration.commands.registry import check_kind, check_place, handler
from services.registration.domain.producer import Producer, Representative
from shared.eventstore.commands import Command, Session
from shared.regulation.rulesets import in_force
from shared.sealing import seal_all
from shared.values import Value


class Person(Value):
    """The legal representative, in clear only on the way in: sealed before it is stored, masked wherever it is shown."""

    name: SecretStr = Field(min_length=1, max_length=100)
    gender: SecretStr
    ethnicity: SecretStr
    phone: SecretStr
    email: SecretStr


class RegisterProducer(Command):
    """A producer comes into the register (26/2026 art. 2.3)."""

    id: UUID
    name: str = Field(min_length=1, max_length=300)
    kind: str
    province: str = Field(pattern="^[0-9]{2}$")
    commune: str = Field(pattern="^[0-9]{5}$")
    registration_number: str = Field(min_length=1, max_length=50)
    representative: Person


@handler
async def register_producer(command: RegisterProducer, session: Session) -> None:
    on = session.when.on
    check_place(command.province, command.commune, on)
    check_kind(in_force(on), command.kind)
    producer = Producer.register(
        command.id, name=command.name, kind=command.kind, province=command.province, commune=command.commune,
        registration_number=command.registration_number,
        representative=await sealed(command.representative, command.id, session), when=session.when,
    )  # fmt: skip
    session.save(producer, id=command.id)


async def sealed(person: Person, producer_id: UUID, session: Session) -> Representative:
    texts = [getattr(person, field).get_secret_value() for field in Person.model_fields]
    boxes = await seal_all(session.store.pool, producer_id, texts)
    return Representative(**dict(zip(Person.model_fields, boxes, strict=True)))


class VerifyProducer(Command):
    """The commune confirms a producer."""

    producer_id: UUID


@handler
async def verify_producer(command: VerifyProducer, session: Session) -> None:
    producer = await session.load(Producer, command.producer_id)
    producer.verify(session.when)
    session.save(producer)
