"""Within a version only fields that need not be there are added; whatever else changes is found, each kind of it."""

import copy
import hashlib
from collections.abc import Callable
from typing import Any

import jsonschema
import orjson
import pytest

from ocop.reference.compatible import breaks
from ocop.reference.contracts import GOLDEN, RELEASED, ROOT, SCHEMAS, SUMS, files, releases, schemas
from shared.contracts.schemas import said_by
from shared.contracts.topics import HOUSES
from tests.contracts.reading import as_far_as_said

Schema = dict[str, Any]
Change = Callable[[Schema], Any]
KINDS = {name: kind for house in HOUSES for name, kind in said_by(house).items()}
FROZEN = {(release.name, file.stem): file for release in releases() for file in sorted(release.glob("*.json"))}
LAST = {name: file for (_, name), file in FROZEN.items()}  # of each contract, the release that was last
OLD: Schema = {
    "type": "object",
    "$defs": {
        "Paper": {
            "type": "object", "required": ["size"],
            "properties": {"size": {"type": "integer", "minimum": 1}, "note": {"type": "string", "default": ""}},
        }
    },
    "required": ["stars", "kind", "papers", "until", "main", "shares"],
    "properties": {
        "stars": {"type": "integer", "minimum": 3, "maximum": 5},
        "kind": {"type": "string", "enum": ["first", "renewal"]},
        "number": {"type": "string", "pattern": "^GCN-", "default": "GCN-0"},
        "until": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "papers": {"type": "array", "items": {"$ref": "#/$defs/Paper"}},
        "main": {"$ref": "#/$defs/Paper"},
        "shares": {"type": "object", "additionalProperties": {"type": "number"}},
        "simulated": {"const": False, "type": "boolean"},
    },
}  # fmt: skip


def schema(path: Any) -> Schema:
    return orjson.loads(path.read_bytes())


def fields(s: Schema) -> Schema:
    return s["properties"]


def paper(s: Schema) -> Schema:
    return s["$defs"]["Paper"]


def changed(change: Change) -> Schema:
    new = copy.deepcopy(OLD)
    change(new)
    return new


# --- what may change ---


@pytest.mark.parametrize(
    "change",
    [
        lambda s: None,
        lambda s: fields(s).update(colour={"type": "string"}),
        lambda s: paper(s)["properties"].update(pages={"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        lambda s: fields(s)["stars"].update(description="how many", title="Stars", examples=[3]),
        lambda s: fields(s)["kind"].update(enum=["renewal", "first"]),
        lambda s: fields(s)["until"]["anyOf"].reverse(),
        lambda s: s["required"].reverse(),
        lambda s: (
            s["$defs"].update(Leaf=s["$defs"].pop("Paper"))
            or fields(s).update(
                main={"$ref": "#/$defs/Leaf"}, papers={"type": "array", "items": {"$ref": "#/$defs/Leaf"}}
            )
        ),
    ],
    ids="nothing field nested-field texts order-of-values order-of-kinds order-of-fields name-of-a-value".split(),
)
def test_what_breaks_nobody_is_allowed(change: Change) -> None:
    assert breaks(OLD, changed(change)) == []


# --- what may not ---

BROKEN: dict[str, tuple[Change, str]] = {
    "field removed": (lambda s: fields(s).pop("number"), "number: was taken away"),
    "nested field removed": (lambda s: paper(s)["properties"].pop("note"), "main.note: was taken away"),
    "field renamed": (lambda s: fields(s).update(no=fields(s).pop("number")), "number: was taken away"),
    "new field required": (
        lambda s: fields(s).update(colour={"type": "string"}) or s["required"].append("colour"),
        "colour: is new and required: older messages lack it",
    ),
    "field required now": (lambda s: s["required"].append("number"), "number: is required now"),
    "field may be missing": (lambda s: s["required"].remove("stars"), "stars: may be missing now"),
    "nested field required": (lambda s: paper(s)["required"].append("note"), "papers[].note: is required now"),
    "another type": (lambda s: fields(s)["stars"].update(type="string"), "stars: cannot be integer any more"),
    "wider type": (lambda s: fields(s)["stars"].update(type="number"), "stars: can now be number, which nobody expects"),
    "null too": (
        lambda s: fields(s).update(number={"anyOf": [fields(s)["number"], {"type": "null"}], "default": "GCN-0"}),
        "number: can now be null, which nobody expects",
    ),
    "never null": (lambda s: fields(s)["until"]["anyOf"].pop(), "until: cannot be null any more"),
    "another format": (
        lambda s: fields(s)["until"]["anyOf"][0].update(format="date-time"), "until: cannot be string (date) any more",
    ),
    "no format": (
        lambda s: fields(s)["until"]["anyOf"][0].pop("format"), "until: can now be string, which nobody expects",
    ),
    "value gone": (lambda s: fields(s)["kind"].update(enum=["first"]), "kind: cannot be renewal any more"),
    "value added": (
        lambda s: fields(s)["kind"]["enum"].append("upgrade"), "kind: can now be upgrade, which nobody expects",
    ),
    "values free": (lambda s: fields(s)["kind"].pop("enum"), "kind: its values are named in one schema only"),
    "values named": (
        lambda s: fields(s)["number"].update(enum=["GCN-1"]), "number: its values are named in one schema only",
    ),
    "constant changed": (
        lambda s: fields(s)["simulated"].update(const=True), "simulated: can now be True, which nobody expects",
    ),
    "range narrower below": (lambda s: fields(s)["stars"].update(minimum=4), "stars: minimum is narrower now"),
    "range wider below": (lambda s: fields(s)["stars"].update(minimum=1), "stars: minimum is wider now"),
    "range narrower above": (lambda s: fields(s)["stars"].update(maximum=4), "stars: maximum is narrower now"),
    "range wider above": (lambda s: fields(s)["stars"].update(maximum=6), "stars: maximum is wider now"),
    "range dropped": (lambda s: fields(s)["stars"].pop("maximum"), "stars: maximum is wider now"),
    "length limited": (lambda s: fields(s)["number"].update(maxLength=9), "number: maxLength is narrower now"),
    "nested range": (lambda s: paper(s)["properties"]["size"].update(minimum=0), "main.size: minimum is wider now"),
    "pattern changed": (lambda s: fields(s)["number"].update(pattern="^X"), "number: pattern is another"),
    "default changed": (
        lambda s: fields(s)["number"].update(default="GCN-1"), "number: what stands for it where it is missing is another",
    ),
    "items changed": (
        lambda s: fields(s)["papers"].update(items={"type": "string"}), "papers[]: cannot be object any more",
    ),
    "items unsaid": (
        lambda s: fields(s)["papers"].pop("items"), "papers: what its items are is said in one schema only",
    ),
    "map of something else": (
        lambda s: fields(s)["shares"].update(additionalProperties={"type": "string"}),
        "shares.*: cannot be number any more",
    ),
    "closed": (lambda s: s.update(additionalProperties=False), "the contract: what else may stand in it is another"),
    "keyword that is not known here": (lambda s: fields(s)["number"].update({"not": {}}), "number: not is another"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_each_kind_of_break_is_found_and_named(kind: str) -> None:
    change, said = BROKEN[kind]
    assert said in map(str, breaks(OLD, changed(change)))


def test_nothing_may_be_added_to_a_value_that_was_released_closed() -> None:
    closed = {"type": "object", "properties": {}, "additionalProperties": False}
    more = {**closed, "properties": {"colour": {"type": "string"}}}
    assert [str(found) for found in breaks(closed, more)] == [
        "colour: is new where the older schema lets nothing be added"
    ]


# --- our own contracts ---


def test_there_is_a_release_to_be_held_against() -> None:
    assert releases()
    assert len(LAST) > 40


@pytest.mark.parametrize("name", sorted(LAST))
def test_what_is_said_now_follows_what_was_released_last(name: str) -> None:
    assert name in KINDS, "a released version is said, or at least read, for ever"
    assert list(map(str, breaks(schema(LAST[name]), orjson.loads(schemas()[name])))) == []


@pytest.mark.parametrize(("release", "name"), sorted(FROZEN), ids=lambda part: part)
def test_every_example_of_a_release_fits_its_schema_and_is_decoded_by_the_code_of_today(
    release: str, name: str
) -> None:
    data = schema(GOLDEN / f"{name}.json")["data"]
    jsonschema.validate(data, schema(FROZEN[release, name]), format_checker=jsonschema.FormatChecker())
    again = KINDS[name].model_validate(data).model_dump(mode="json")
    assert as_far_as_said(again, data) == data


@pytest.mark.parametrize("name", sorted(LAST))
def test_a_message_of_a_later_year_fits_the_released_schema_and_is_decoded(name: str) -> None:
    """Fields may be added at every depth: neither a validator of today nor our own readers stumble."""
    later = grown(schema(GOLDEN / f"{name}.json")["data"])
    jsonschema.validate(later, schema(LAST[name]))
    KINDS[name].model_validate(later)


def grown(node: Any, inside_map: bool = False) -> Any:
    if isinstance(node, dict):
        known = {key: grown(value, key == "parts") for key, value in node.items()}
        return known if inside_map else known | {"a_field_of_next_year": 1}
    return [grown(one) for one in node] if isinstance(node, list) else node


@pytest.mark.parametrize("release", releases(), ids=lambda folder: folder.name)
def test_nothing_of_a_release_was_changed_or_lost(release: Any) -> None:
    sums = [line.split("  ") for line in (release / SUMS).read_text(encoding="utf-8").splitlines()]
    assert {ROOT / path for _, path in sums} >= set(release.glob("*.json"))
    for digest, path in sums:
        assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == digest, path


def test_the_files_for_outsiders_are_those_that_the_code_makes() -> None:
    """Else: `python -m ocop.reference.contracts`."""
    wanted = files()
    assert set(SCHEMAS.glob("*.json")) == {path for path in wanted if path.parent == SCHEMAS}
    assert [path.name for path, text in wanted.items() if path.read_bytes() != text] == []
    assert RELEASED.is_relative_to(SCHEMAS)
