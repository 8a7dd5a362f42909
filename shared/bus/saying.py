"""From a recorded private event to the envelope of the contract it is said as."""

from shared.contracts.envelope import Envelope, ProductContract
from shared.eventstore.mapper import Recorded
from shared.eventstore.publishing import Published


def envelope_of(house: str, recorded: Recorded, published: Published) -> Envelope | None:
    """None where the event is private. Key: the product's id; where there is none, the aggregate's."""
    contract = published(recorded.event)
    if contract is None:
        return None
    about = isinstance(contract, ProductContract)
    return Envelope(
        id=f"{house}:{recorded.position}",
        type=contract.type_name(),
        source=f"/ocop/{house}",
        subject=str(recorded.event.originator_id),
        time=recorded.event.timestamp,
        dataschema=f"/{house}/schemas/{type(contract).__name__}.v{contract.VERSION}.json",
        key=str(contract.product.id if about else recorded.event.originator_id),
        province=getattr(contract, "province", None),
        ruleset=getattr(contract, "ruleset", None),
        legaldate=contract.legal_date,
        correlationid=recorded.metadata.get("correlation"),
        causationid=recorded.metadata.get("causation"),
        traceparent=recorded.metadata.get("traceparent"),
        data=contract.model_dump(mode="json"),
    )
