"""AsyncAPI 3: the topics and all that is said on them, as one document made from the code."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts.envelope import Contract, Said, State, kinds_of
from shared.contracts.schemas import schemas_in_one
from shared.contracts.topics import CERTIFICATES, HOUSES, TOPICS, Topic

VERSION = "1.0.0"
BINDING = "0.5.0"  # of AsyncAPI's Kafka bindings
SCHEMAS = "#/components/schemas/{model}"
ABOUT = (
    "What the national OCOP register says to whoever listens: every fact once, as a CloudEvent in binary mode, in "
    "transactions (read with isolation.level=read_committed), in order for each key. A position (the number in ce_id) "
    "belongs to one fact for ever. Unknown types are to be passed over; within a version only optional fields are added."
)
Json = dict[str, Any]
Examples = Mapping[str, Json]  # structured CloudEvents by name of the message: `CertificateIssued.v1`


def asyncapi(houses: Sequence[str] = HOUSES, examples: Examples | None = None) -> Json:
    """The document for the topics that these houses write."""
    carried = [(topic, kinds) for house in houses for topic, kinds in topics_of(house).items() if kinds]
    said = {name: (topic, kind) for topic, kinds in carried for name, kind in kinds.items()}
    refs, schemas = schemas_in_one([kind for _, kind in said.values()], SCHEMAS)
    shown = examples or {}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "OCOP register", "version": VERSION, "description": ABOUT},
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}", "protocol": "kafka",
                "variables": {"bootstrap": {"default": "127.0.0.1:9092", "description": "host:port of a broker"}},
            }
        },
        "channels": {topic.name: channel(topic, kinds) for topic, kinds in carried},
        "operations": {f"say.{topic.name}": operation(topic, kinds) for topic, kinds in carried},
        "components": {
            "messages": {
                name: message(name, topic, kind, refs[kind], shown.get(name)) for name, (topic, kind) in said.items()
            },
            "messageTraits": {"CloudEvent": {"headers": headers()}},
            "schemas": schemas,
        },
    }  # fmt: skip


def topics_of(house: str) -> dict[Topic, dict[str, type[Said]]]:
    """The public topics that a house writes, and what it says on each, by name."""
    found = {TOPICS[house]: kinds_of(house, Contract)}
    return found | ({CERTIFICATES: kinds_of(house, State)} if CERTIFICATES.owner == house else {})


def channel(topic: Topic, kinds: dict[str, type[Said]]) -> Json:
    compacted = topic.cleanup == "compacted"
    kept = {"cleanup.policy": ["compact"]} if compacted else {"cleanup.policy": ["delete"], "retention.ms": -1}
    return {
        "address": topic.name,
        "description": f"{topic.holds}. Key: {topic.key}. "
        + ("The last message of each key is kept." if compacted else "Every message is kept for ever."),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in sorted(kinds)},
        "bindings": {
            "kafka": {
                "topic": topic.name, "partitions": topic.partitions, "topicConfiguration": kept,
                "bindingVersion": BINDING,
            }
        },
    }  # fmt: skip


def operation(topic: Topic, kinds: dict[str, type[Said]]) -> Json:
    at = f"#/channels/{topic.name}"
    return {
        "action": "send",
        "channel": {"$ref": at},
        "summary": f"The {topic.owner} house says what it recorded.",
        "messages": [{"$ref": f"{at}/messages/{name}"} for name in sorted(kinds)],
    }


def message(name: str, topic: Topic, kind: type[Said], payload: Json, example: Json | None) -> Json:
    said: Json = {
        "name": kind.type_name(), "title": name, "summary": " ".join((kind.__doc__ or "").split()),
        "contentType": "application/json", "traits": [{"$ref": "#/components/messageTraits/CloudEvent"}],
        "headers": {
            "type": "object",
            "properties": {
                "ce_type": {"const": kind.type_name()},
                "ce_dataschema": {"const": f"/{topic.owner}/schemas/{name}.json"},
            },
        },
        "payload": payload,
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {
            "kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": BINDING}
        },
    }  # fmt: skip
    if example:
        said["examples"] = [{"name": name, "headers": headers_of(example), "payload": example["data"]}]
    return said


# --- headers ---

TEXT = {"type": "string"}
HEADERS: Json = {
    "content-type": {"const": "application/json"},
    "ce_specversion": {"const": "1.0"},
    "ce_id": {**TEXT, "pattern": "^[a-z]+:[0-9]{1,18}$", "description": "<house>:<position>"},
    "ce_type": {**TEXT, "pattern": r"^vn\.ocop\.[A-Za-z]+\.v[0-9]+$"},
    "ce_source": {**TEXT, "format": "uri-reference", "description": "with ce_id it names a message for ever"},
    "ce_subject": {**TEXT, "description": "id of what it is about: the aggregate, or the certificate of a state"},
    "ce_time": {**TEXT, "format": "date-time", "description": "when it was recorded, UTC"},
    "ce_dataschema": {**TEXT, "format": "uri-reference", "description": "where the house serves the JSON Schema"},
}
OPTIONAL: Json = {
    "ce_province": {**TEXT, "description": "code of the province, for choosing without decoding"},
    "ce_ruleset": {**TEXT, "description": "the ruleset that decided"},
    "ce_legaldate": {**TEXT, "format": "date", "description": "the day from which it counts"},
    "ce_correlationid": {**TEXT, "description": "what belongs to one request from outside"},
    "ce_causationid": {**TEXT, "description": "ce_id of the message that led to this one"},
    "ce_traceparent": {**TEXT, "description": "W3C trace context"},
}


def headers() -> Json:
    """The schema of every message's headers; their values on the wire are UTF-8 text."""
    return {"type": "object", "required": list(HEADERS), "properties": {**HEADERS, **OPTIONAL}}


def headers_of(event: Json) -> dict[str, str]:
    """The headers of a structured CloudEvent in binary mode."""
    plain = {key: str(value) for key, value in event.items() if key not in {"data", "datacontenttype"}}
    return {"content-type": event["datacontenttype"], **{f"ce_{key}": value for key, value in plain.items()}}
