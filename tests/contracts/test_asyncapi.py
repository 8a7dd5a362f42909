"""The AsyncAPI document is one by its makers' own schema, and tells of the topics what is true of them."""

from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import orjson
import pytest

from ocop.reference.contracts import REFERENCE, examples
from shared.bus.wire import to_kafka
from shared.contracts.asyncapi import asyncapi, headers_of
from shared.contracts.envelope import Contract, Envelope, State, kinds_of
from shared.contracts.topics import ALL_TOPICS, CERTIFICATES, HOUSES, TOPICS
from tests.whole import unopened

OFFICIAL = orjson.loads(Path(__file__).with_name("asyncapi").joinpath("3.0.0.schema.json").read_bytes())
DOCUMENT = orjson.loads((REFERENCE / "asyncapi.json").read_bytes())
MESSAGES = DOCUMENT["components"]["messages"]
# Words of JSON Schema that draft 7, AsyncAPI's own, and 2020-12, pydantic's, mean alike.
IN_BOTH = {
    "$ref", "type", "title", "description", "format", "default", "enum", "const", "anyOf", "items", "properties",
    "required", "additionalProperties", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength",
    "maxLength", "pattern", "minItems", "maxItems",
}  # fmt: skip


def errors(document: Any) -> list[str]:
    return [error.json_path for error in jsonschema.Draft7Validator(OFFICIAL).iter_errors(document)]


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(inner)


def at(reference: str) -> Any:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in reference.removeprefix("#/").split("/")]
    return reduce(lambda node, step: node[step], steps, DOCUMENT)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """As a document of its own, for a validator."""
    return {**schema, "components": DOCUMENT["components"]}


# --- a document by the rules ---


@pytest.mark.parametrize("houses", [*([house] for house in HOUSES), list(HOUSES)], ids=" ".join)
def test_the_document_is_one_by_the_schema_of_asyncapi(houses: list[str]) -> None:
    assert errors(orjson.loads(orjson.dumps(asyncapi(houses)))) == []
    assert errors(DOCUMENT) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("#/channels/ocop.programme/bindings/kafka/partitions", "twelve"),
        ("#/channels/ocop.programme/bindings/kafka/topicConfiguration/cleanup.policy", ["shred"]),
        ("#/operations/say.ocop.programme/action", "shout"),
        ("#/components/messages/TaskReported.v1/examples", "none"),
        ("#/info", {}),
    ],
)
def test_a_document_that_is_none_would_be_found(path: str, value: Any) -> None:
    broken = orjson.loads(orjson.dumps(DOCUMENT))
    *steps, last = path.removeprefix("#/").split("/")
    reduce(lambda node, step: node[step], steps, broken)[last] = value
    assert errors(broken)


def test_every_reference_leads_somewhere() -> None:
    references = [node["$ref"] for node in nodes(DOCUMENT) if isinstance(node.get("$ref"), str)]
    assert len(references) > 100
    assert all(isinstance(at(reference), dict) for reference in references)


def test_schemas_say_only_what_both_dialects_mean_alike() -> None:
    def words(schema: Any) -> Iterator[str]:
        if isinstance(schema, dict):
            yield from schema
            for name, inner in schema.items():
                for one in inner.values() if name == "properties" else inner if name == "anyOf" else [inner]:
                    yield from words(one) if name not in {"default", "enum", "const", "required"} else ()

    for schema in DOCUMENT["components"]["schemas"].values():
        assert set(words(schema)) <= IN_BOTH


# --- what is true of the topics ---


def test_every_public_topic_is_a_channel_as_it_is_made_and_no_other() -> None:
    public = {topic.name: topic for topic in ALL_TOPICS if topic.public}
    assert set(DOCUMENT["channels"]) == set(public)
    for name, channel in DOCUMENT["channels"].items():
        binding = channel["bindings"]["kafka"]
        assert (channel["address"], binding["topic"]) == (name, name)
        assert binding["partitions"] == public[name].partitions
        compacted = public[name].cleanup == "compacted"
        assert binding["topicConfiguration"]["cleanup.policy"] == (["compact"] if compacted else ["delete"])


def test_every_contract_is_a_message_of_its_house_s_topic() -> None:
    for house in HOUSES:
        assert set(DOCUMENT["channels"][TOPICS[house].name]["messages"]) == set(kinds_of(house, Contract))
    assert set(DOCUMENT["channels"][CERTIFICATES.name]["messages"]) == set(kinds_of(CERTIFICATES.owner, State))


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_every_message_shows_its_golden_example_which_fits_its_headers_and_payload(name: str) -> None:
    message, golden = MESSAGES[name], examples()[name]
    (example,) = message["examples"]
    assert (example["payload"], example["headers"]) == (golden["data"], headers_of(golden))
    trait = at(message["traits"][0]["$ref"])
    for schema, instance in (
        (message["payload"], example["payload"]), (message["headers"], example["headers"]),
        (trait["headers"], example["headers"]),
    ):  # fmt: skip
        jsonschema.Draft7Validator(resolved(schema), format_checker=jsonschema.FormatChecker()).validate(instance)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_the_headers_of_the_examples_are_those_on_the_wire(name: str) -> None:
    golden = examples()[name]
    sent = to_kafka(Envelope.model_validate(golden | {"key": "a key"}))
    assert {header: value.decode() for header, value in sent.headers} == headers_of(golden)
    assert orjson.loads(sent.value) == golden["data"]


# --- as it is served ---


@pytest.mark.parametrize("house", HOUSES)
async def test_each_house_serves_its_own_topics_and_the_schema_of_all_it_says(house: str) -> None:
    transport = httpx.ASGITransport(unopened().houses[house].app())
    async with httpx.AsyncClient(transport=transport, base_url="http://house.example") as client:
        served = (await client.get("/asyncapi.json")).json()
        assert served == orjson.loads(orjson.dumps(asyncapi([house])))
        assert served["channels"].keys() == {
            name for name, channel in DOCUMENT["channels"].items()
            if {"$ref": f"#/channels/{name}"} in [o["channel"] for o in served["operations"].values()]
        }  # fmt: skip
        for name in (name for channel in served["channels"].values() for name in channel["messages"]):
            schema = await client.get(f"/schemas/{name}.json")
            assert schema.status_code == 200
            assert schema.json() == orjson.loads((REFERENCE / "schemas" / f"{name}.json").read_bytes())
        assert (await client.get("/schemas/Nothing.v1.json")).status_code == 404
