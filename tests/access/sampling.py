"""A body that a door's own schema would take, made from the schema: every required field, each as short as it may be."""

from collections.abc import Mapping
from typing import Any

DAY = "2026-11-10"
DECISION = {"number": "1/QĐ", "date": DAY, "authority": "Chủ tịch UBND tỉnh"}
FORMATS = {"uuid": "00000000-0000-4000-8000-000000000001", "date": DAY, "date-time": f"{DAY}T00:00:00Z"}


def body_of(schema: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The required fields of an object, and those others that are known; a known field has the value given."""
    fields = schema.get("properties", {})
    wanted = {*schema.get("required", ()), *(name for name in fields if name in known)}
    return {name: known[name] if name in known else sample(fields[name], name, known) for name in sorted(wanted)}


def sample(schema: Mapping[str, Any], name: str, known: Mapping[str, Any]) -> Any:
    """A value of a JSON Schema that stands alone; a pattern must be one that `x` or a known value fits."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if choices := schema.get("anyOf"):
        return sample(choices[0], name, known)
    match schema.get("type"):
        case "object" if "properties" in schema:
            return body_of(schema, known)
        case "object":
            return {}
        case "array":
            return [sample(schema["items"], name, known) for _ in range(schema.get("minItems", 0))]
        case "integer" | "number":
            return max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case "string":
            return FORMATS.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))
    raise ValueError(f"no sample of {name}: {dict(schema)}")
