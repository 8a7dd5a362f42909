"""Whether a schema may follow another within one version of a contract.

A subscriber wrote its program against the older schema, and old messages stay on the topic for ever. So what is said now
must fit the older schema (nothing is wider), and what was said then must fit the newer one (nothing is narrower). What is
left to change: fields that need not be there may be added, at any depth, and texts for readers may be put better.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]

FOR_READERS = {"title", "description", "examples", "deprecated", "$schema", "$defs", "$comment"}
LOWER = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
UPPER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
LOOKED_INTO = {"properties", "required", "additionalProperties", "items", "enum", "const", "type", "default"}


@dataclass(frozen=True, slots=True)
class Break:
    """Where a schema does not follow: a path of fields (`product.code`, `evidence[].size`), and what is wrong there."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path or 'the contract'}: {self.what}"


def breaks(old: Node, new: Node) -> list[Break]:
    """Everything that keeps `new` from following `old` in the same version; two complete JSON Schemas."""
    return list(_Comparison(old.get("$defs", {}), new.get("$defs", {})).either("", old, new))


class _Comparison:
    def __init__(self, old_values: Node, new_values: Node) -> None:
        self._old, self._new = old_values, new_values

    def either(self, path: str, old: Node, new: Node) -> Iterator[Break]:
        """Whatever may stand in a place: each alternative with the one of its kind, null among them."""
        before, after = alternatives(old, self._old), alternatives(new, self._new)
        for kind in before.keys() - after.keys():
            yield Break(path, f"cannot be {kind} any more")
        for kind in after.keys() - before.keys():
            yield Break(path, f"can now be {kind}, which nobody expects")
        for kind in sorted(before.keys() & after.keys()):
            yield from self._one(path, before[kind], after[kind])

    def _one(self, path: str, old: Node, new: Node) -> Iterator[Break]:
        yield from _values(path, old, new)
        yield from _limits(path, old, new)
        yield from self._fields(path, old, new)
        if "items" in old and "items" in new:
            yield from self.either(f"{path}[]", old["items"], new["items"])
        elif "items" in old or "items" in new:
            yield Break(path, "what its items are is said in one schema only")
        yield from self._others(path, old.get("additionalProperties", True), new.get("additionalProperties", True))

    def _fields(self, path: str, old: Node, new: Node) -> Iterator[Break]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in sorted(before.keys() | after.keys()):
            at = f"{path}.{name}".lstrip(".")
            needed = name in old.get("required", ()), name in new.get("required", ())
            if name not in after:
                yield Break(at, "was taken away")
            elif name not in before:
                if needed[1]:
                    yield Break(at, "is new and required: older messages lack it")
                if old.get("additionalProperties", True) is False:
                    yield Break(at, "is new where the older schema lets nothing be added")
            else:
                if needed[0] != needed[1]:
                    yield Break(at, "is required now" if needed[1] else "may be missing now")
                if before[name].get("default", ...) != after[name].get("default", ...):
                    yield Break(at, "what stands for it where it is missing is another")
                yield from self.either(at, before[name], after[name])

    def _others(self, path: str, old: Node | bool, new: Node | bool) -> Iterator[Break]:
        """Fields that are not named: a schema for each, or whether there may be any."""
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self.either(f"{path}.*", old, new)
        elif old != new:
            yield Break(path, "what else may stand in it is another")


def alternatives(node: Node, values: Node) -> dict[str, Node]:
    """What may stand in a place, by kind: `string`, `string (date)`, `null`, `object`; references are followed."""
    while "$ref" in node:
        node = values[node["$ref"].rpartition("/")[2]] | {key: value for key, value in node.items() if key != "$ref"}
    if "anyOf" not in node:
        return {kind_of(node): node}
    found: dict[str, Node] = {}
    for one in node["anyOf"]:
        for kind, inner in alternatives(one, values).items():
            found[kind if kind not in found else f"{kind} {len(found)}"] = inner
    return found


def kind_of(node: Node) -> str:
    kind = str(node.get("type", "anything"))
    return f"{kind} ({node['format']})" if "format" in node else kind


def _values(path: str, old: Node, new: Node) -> Iterator[Break]:
    """The values that are named one by one."""
    before, after = (set(n["enum"]) if "enum" in n else {n["const"]} if "const" in n else None for n in (old, new))
    if before is None and after is None:
        return
    if before is None or after is None:
        yield Break(path, "its values are named in one schema only")
        return
    if gone := before - after:
        yield Break(path, f"cannot be {', '.join(sorted(map(str, gone)))} any more")
    if more := after - before:
        yield Break(path, f"can now be {', '.join(sorted(map(str, more)))}, which nobody expects")


def _limits(path: str, old: Node, new: Node) -> Iterator[Break]:
    """Ranges, lengths, patterns, and whatever else is not looked into: it has to be the same."""
    skip = FOR_READERS | LOOKED_INTO | {"format"}
    for keyword in sorted((old.keys() | new.keys()) - skip):
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        if keyword in LOWER | UPPER:
            narrower = before is None or (after is not None and (after > before) == (keyword in LOWER))
            yield Break(path, f"{keyword} is narrower now" if narrower else f"{keyword} is wider now")
        else:
            yield Break(path, f"{keyword} is another")
