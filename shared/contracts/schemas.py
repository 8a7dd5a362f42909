"""The JSON Schemas of what is said, as subscribers read them: open at every depth, since fields may be added."""

from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts import certification, evaluation, programme, promotion, registration
from shared.contracts.envelope import Said, kinds_of

MODULES = (registration, evaluation, certification, promotion, programme)  # a kind is known once its module is loaded
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def said_by(house: str) -> dict[str, type[Said]]:
    """All that a house says, contracts and states, by their type's last parts: `CertificateIssued.v1`."""
    return kinds_of(house, Said)


def schema_of(kind: type[Said]) -> dict[str, Any]:
    """The JSON Schema of one contract or state, complete in itself.

    A field that came into a version later is not required: older messages of that version lack it.
    """
    return {"$schema": DIALECT, **opened(kind.model_json_schema())}


def schemas_in_one(kinds: list[type[Said]], template: str) -> tuple[dict[type[Said], Any], dict[str, Any]]:
    """For a document that holds schemas where `template` says: a reference to each kind's, and all that it holds by name."""
    refs, found = models_json_schema([(kind, "validation") for kind in kinds], ref_template=template)
    return {kind: refs[kind, "validation"] for kind in kinds}, dict(sorted(opened(found["$defs"]).items()))


def opened(node: Any) -> Any:
    """A schema without what shuts out fields of a later year: values refuse unknown fields where *we* write them."""
    if isinstance(node, dict):
        return {key: opened(value) for key, value in node.items() if (key, value) != ("additionalProperties", False)}
    if isinstance(node, list):
        return [opened(one) for one in node]
    return node
