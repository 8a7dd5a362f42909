"""What was ever said can still be read, and what is said fits its schema."""

from pathlib import Path

import jsonschema
import orjson
import pytest

from shared.contracts import certification, evaluation, programme, promotion, registration
from shared.contracts.envelope import Contract, Envelope, ProductContract
from shared.contracts.schemas import said_by, schema_of
from shared.contracts.topics import HOUSES, TOPICS
from tests.contracts.reading import as_far_as_said

GOLDEN = Path(__file__).with_name("golden")
MODULES = (registration, evaluation, certification, promotion, programme)
KINDS = {name: kind for house in HOUSES for name, kind in said_by(house).items()}
PERSONAL = {"representative", "phone", "email", "gender", "ethnicity", "person", "box"}


def keys_of(node: object) -> set[str]:
    if isinstance(node, dict):
        return set(node).union(*map(keys_of, node.values()), set())
    if isinstance(node, list):
        return set().union(*map(keys_of, node), set())
    return set()


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_contract_has_a_golden_example_that_its_class_decodes(name: str) -> None:
    kind, sample = KINDS[name], orjson.loads((GOLDEN / f"{name}.json").read_bytes())
    decoded = kind.model_validate(sample["data"])
    again = decoded.model_dump(mode="json")
    added = again.keys() - sample["data"].keys()  # optional fields that came later stand at their defaults
    assert as_far_as_said(again, sample["data"]) == sample["data"]
    assert all(
        getattr(decoded, field) == kind.model_fields[field].get_default(call_default_factory=True) for field in added
    )
    assert sample["type"] == decoded.type_name()


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda f: f.stem)
def test_every_example_ever_released_fits_the_schema_that_is_served(file: Path) -> None:
    sample = orjson.loads(file.read_bytes())
    jsonschema.validate(sample["data"], schema_of(KINDS[file.stem]))


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda f: f.stem)
def test_nothing_personal_is_said(file: Path) -> None:
    assert not keys_of(orjson.loads(file.read_bytes())["data"]) & PERSONAL


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_contract_of_a_later_minor_version_still_decodes(name: str) -> None:
    """Optional fields may be added within a version: a reader passes over what it does not know."""
    data = orjson.loads((GOLDEN / f"{name}.json").read_bytes())["data"]
    KINDS[name].model_validate(data | {"a_field_of_next_year": 1})


def test_contracts_about_a_product_say_product_producer_place_and_ruleset() -> None:
    for kind in KINDS.values():
        if issubclass(kind, ProductContract):
            assert {"product", "producer", "province", "commune", "legal_date", "ruleset"} <= set(kind.model_fields)


def test_every_contract_belongs_to_a_house_that_has_a_topic() -> None:
    assert set(TOPICS) == set(HOUSES)
    for module in MODULES:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Contract) and value.__module__ == module.__name__:
                assert value.HOUSE in TOPICS


def test_an_envelope_survives_its_own_json() -> None:
    sample = orjson.loads((GOLDEN / "CertificateIssued.v1.json").read_bytes())
    envelope = Envelope.model_validate(sample | {"key": sample["data"]["product"]["id"]})
    assert Envelope.model_validate_json(envelope.json_text()) == envelope
    assert envelope.structured() == sample
    assert (envelope.house, envelope.name) == ("certification", "CertificateIssued")
