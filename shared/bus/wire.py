"""A contract as a Kafka message: CloudEvents 1.0 in binary mode. Attributes are headers, the value is the contract's JSON."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from shared.contracts.envelope import EXTENSIONS, Envelope

JSON = b"application/json"
SPEC = b"1.0"
REQUIRED = ("id", "type", "source", "subject", "time", "dataschema")
ID = re.compile(r"[a-z]+:[0-9]{1,18}")
# JSON carries U+0000, PostgreSQL's text does not: taken, it would be tried for ever. An escaped backslash before it is text.
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
Headers = list[tuple[str, bytes]]


class Malformed(Exception):
    """A message that is no contract in an envelope; the text says what is wrong with it."""


class Message(NamedTuple):
    """What a producer sends: key and value as bytes, headers in order."""

    key: bytes
    value: bytes
    headers: Headers


def to_kafka(envelope: Envelope) -> Message:
    at = envelope.time.isoformat().replace("+00:00", "Z")
    headers: Headers = [
        ("ce_specversion", SPEC), ("content-type", JSON), ("ce_id", envelope.id.encode()),
        ("ce_type", envelope.type.encode()), ("ce_source", envelope.source.encode()),
        ("ce_subject", envelope.subject.encode()), ("ce_time", at.encode()),
        ("ce_dataschema", envelope.dataschema.encode()),
    ]  # fmt: skip
    headers += [
        (f"ce_{name}", str(value).encode()) for name in EXTENSIONS if (value := getattr(envelope, name)) is not None
    ]
    return Message(envelope.key.encode(), orjson.dumps(envelope.data), headers)


def header(headers: Iterable[tuple[str, bytes]], name: str) -> str | None:
    """The last one of that name, None where there is none or it is not text."""
    found = None
    for given, value in headers:
        if given == name:
            found = value
    try:
        return found.decode() if found is not None else None
    except UnicodeDecodeError:
        return None


def from_kafka(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> Envelope:
    """Raises Malformed, naming the header or the part that cannot be read."""
    try:
        attributes: dict[str, Any] = {
            name[3:]: text.decode() for name, text in headers if name.startswith("ce_") and text is not None
        }
        if lacking := [name for name in REQUIRED if not attributes.get(name)]:
            raise Malformed(f"no header {', '.join(f'ce_{name}' for name in lacking)}")
        if not ID.fullmatch(attributes["id"]):
            raise Malformed(f"ce_id {attributes['id'][:80]!r} is not <house>:<position>")
        if not key:
            raise Malformed("no key")
        if b"\0" in key or NUL.search(value or b"") or any("\0" in text for text in attributes.values()):
            raise Malformed("key, header or value holds U+0000")
        data = orjson.loads(value or b"")
        return Envelope.model_validate(attributes | {"key": key.decode(), "data": data})
    except UnicodeDecodeError as error:
        raise Malformed(f"key or header is not UTF-8: {error}") from error
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the value is not JSON: {error}") from error
    except ValidationError as error:
        raise Malformed(str(error)) from error
