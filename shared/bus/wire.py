"""A contract as a Kafka message: CloudEvents 1.0 in binary mode. Attributes are headers, the value is the contract's JSON."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import orjson
from pydantic import ValidationError

from shared.contracts.envelope import EXTENSIONS, Envelope, as_utc

REQUIRED = ("id", "type", "source", "subject", "time", "dataschema")
ID = re.compile(r"[a-z]+:[0-9]{1,18}")
# JSON carries U+0000, PostgreSQL's text does not: taken, it would be tried for ever. An escaped backslash before it is text.
ESCAPED = rb"\u0000"
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
OF_MANY = {"ce_province", "ce_ruleset", "ce_legaldate"}
Headers = list[tuple[str, bytes]]


class Malformed(Exception):
    """A message that is no contract in an envelope; the text says what is wrong with it."""


class Message(NamedTuple):
    """What a producer sends: key and value as bytes, headers in order."""

    key: bytes
    value: bytes
    headers: Headers


class Record(Protocol):
    """A message as it came on a topic."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


Came = Mapping[str, Record]  # by the message's id: as it came, for who has to keep it


def alike(type: str, source: str, dataschema: str) -> Headers:
    """The headers that do not change from one message of a kind to the next."""
    return [
        ("ce_specversion", b"1.0"), ("content-type", b"application/json"), ("ce_type", type.encode()),
        ("ce_source", source.encode()), ("ce_dataschema", dataschema.encode()),
    ]  # fmt: skip


@lru_cache(maxsize=4096)
def shared_header(name: str, text: str) -> tuple[str, bytes]:
    """One that many messages have alike, made once: a province, a day, a version of the rules."""
    return name, text.encode()


def message(same: Headers, key: str, value: bytes, *own: tuple[str, str | None]) -> Message:
    """Of headers as `alike` gives them and its own ones; those without a text are left out."""
    headers = [
        shared_header(name, text) if name in OF_MANY else (name, text.encode())
        for name, text in own
        if text is not None
    ]
    return Message(key.encode(), value, same + headers)


def to_kafka(envelope: Envelope) -> Message:
    extensions = ((f"ce_{name}", getattr(envelope, name)) for name in EXTENSIONS)
    return message(
        alike(envelope.type, envelope.source, envelope.dataschema), envelope.key, orjson.dumps(envelope.data),
        ("ce_id", envelope.id), ("ce_subject", envelope.subject), ("ce_time", as_utc(envelope.time)),
        *((name, str(value)) for name, value in extensions if value is not None),
    )  # fmt: skip


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
        attributes = attributes_in(headers)
        if lacking := [name for name in REQUIRED if not attributes.get(name)]:
            raise Malformed(f"no header {', '.join(f'ce_{name}' for name in lacking)}")
        if not ID.fullmatch(attributes["id"]):
            raise Malformed(f"ce_id {attributes['id'][:80]!r} is not <house>:<position>")
        if not key:
            raise Malformed("no key")
        if b"\0" in key or has_nul(value or b"") or any("\0" in text for text in attributes.values()):
            raise Malformed("key, header or value holds U+0000")
        return Envelope.model_validate(attributes | {"key": key.decode(), "data": orjson.loads(value or b"")})
    except UnicodeDecodeError as error:
        raise Malformed(f"key or header is not UTF-8: {error}") from error
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the value is not JSON: {error}") from error
    except ValidationError as error:
        raise Malformed(str(error)) from error


def has_nul(value: bytes) -> bool:
    """Whether JSON holds U+0000. The pattern alone, tried at every byte, cost more than all the rest of the reading."""
    return ESCAPED in value and NUL.search(value) is not None


def opened(told: Message) -> Envelope:
    """A message of this program's own making, as it is heard."""
    data = orjson.loads(told.value)
    return Envelope.model_validate(attributes_in(told.headers) | {"key": told.key.decode(), "data": data})


def attributes_in(headers: Iterable[tuple[str, bytes]]) -> dict[str, Any]:
    """CloudEvents attributes, without their prefix."""
    return {name[3:]: text.decode() for name, text in headers if name.startswith("ce_") and text is not None}
