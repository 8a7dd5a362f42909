"""From a recorded private event to the message that says it. Whoever hears it in the same process reads that message too."""

from functools import cache

from shared.bus.wire import Headers, Message, alike, message, opened
from shared.contracts.envelope import Contract, Envelope, ProductContract, as_utc
from shared.eventstore.mapper import Recorded
from shared.eventstore.publishing import Published


def message_of(house: str, recorded: Recorded, published: Published) -> Message | None:
    """None where the event is private. Key: the product's id; where there is none, the aggregate's."""
    event, metadata = recorded.event, recorded.metadata
    contract = published(event)
    if contract is None:
        return None
    same, about_product = kind_of(type(contract), house)
    subject = str(event.originator_id)
    return message(
        same, str(contract.product.id) if about_product else subject, contract.__pydantic_serializer__.to_json(contract),
        ("ce_id", f"{house}:{recorded.position}"), ("ce_subject", subject), ("ce_time", as_utc(event.timestamp)),
        ("ce_province", getattr(contract, "province", None)), ("ce_ruleset", getattr(contract, "ruleset", None)),
        ("ce_legaldate", contract.legal_date.isoformat()), ("ce_correlationid", metadata.get("correlation")),
        ("ce_causationid", metadata.get("causation")), ("ce_traceparent", metadata.get("traceparent")),
    )  # fmt: skip


def envelope_of(house: str, recorded: Recorded, published: Published) -> Envelope | None:
    """The same as it is heard."""
    told = message_of(house, recorded, published)
    return opened(told) if told else None


@cache
def kind_of(contract: type[Contract], house: str) -> tuple[Headers, bool]:
    """The headers that all contracts of a kind have alike, and whether they are about a product."""
    schema = f"/{house}/schemas/{contract.__name__}.v{contract.VERSION}.json"
    return alike(contract.type_name(), f"/ocop/{house}", schema), issubclass(contract, ProductContract)
