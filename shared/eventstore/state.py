"""The state of an aggregate as bytes and back: JSON in which each value that JSON does not know says what it is.

Only values come back: models, dataclasses and enumerations of the program, dates, ids, numbers, collections. What is sealed
stays the sealed box that it is.
"""

import dataclasses
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import orjson
from eventsourcing.utils import get_topic, resolve_topic
from pydantic import BaseModel

from shared.eventstore.aggregate import Aggregate

A = TypeVar("A", bound=Aggregate)
KIND, OF, IS = "~", "of", "is"  # of a value that says what it is
BY_EVENT = {"_id", "_version", "_pending_events"}  # what loading gives an aggregate, not its events
SIMPLE = frozenset({type(None), bool, int, float, str})
COLLECTIONS: dict[str, type] = {"tuple": tuple, "set": set, "frozenset": frozenset}
TEXTS: dict[type, tuple[str, Callable[[Any], Any], Callable[[Any], Any]]] = {
    UUID: ("uuid", str, UUID),
    datetime: ("datetime", datetime.isoformat, datetime.fromisoformat),
    date: ("date", date.isoformat, date.fromisoformat),
    time: ("time", time.isoformat, time.fromisoformat),
    timedelta: ("microseconds", lambda t: t // timedelta(microseconds=1), lambda n: timedelta(microseconds=n)),
    Decimal: ("decimal", str, Decimal),
    Fraction: ("fraction", str, Fraction),
    bytes: ("bytes", bytes.hex, bytes.fromhex),
}
READ = {name: read for name, _, read in TEXTS.values()}


class NoValue(TypeError):
    """Something in an aggregate is no value, or bytes are no state of one."""


def written(aggregate: Aggregate) -> bytes:
    """What its events made of an aggregate. Raises NoValue."""
    state = {name: plain(value) for name, value in vars(aggregate).items() if name not in BY_EVENT}
    return orjson.dumps(state)


def made(cls: type[A], id: UUID, version: int, state: bytes) -> A:
    """The aggregate again. Raises ValueError or TypeError where the bytes are no state of it."""
    facts = {name: valued(value) for name, value in orjson.loads(state).items()}
    aggregate = object.__new__(cls)
    vars(aggregate).update(facts, _id=id, _version=version, _pending_events=[])
    return aggregate


def plain(value: Any) -> Any:
    kind = type(value)
    if kind in SIMPLE:
        return value
    if kind is list:
        return [plain(one) for one in value]
    if kind is dict:
        if all(type(key) is str for key in value) and KIND not in value:
            return {key: plain(one) for key, one in value.items()}
        return {KIND: "dict", IS: [[plain(key), plain(one)] for key, one in value.items()]}
    if kind in TEXTS:
        name, write, _ = TEXTS[kind]
        return {KIND: name, IS: write(value)}
    if kind.__name__ in COLLECTIONS and kind is COLLECTIONS[kind.__name__]:
        ones = [plain(one) for one in value]
        return {KIND: kind.__name__, IS: ones if kind is tuple else sorted(ones, key=orjson.dumps)}
    if isinstance(value, Enum):
        return {KIND: get_topic(kind), IS: value.name}
    facts = {name: plain(getattr(value, name)) for name in fields_of(kind)}
    if generic := getattr(kind, "__pydantic_generic_metadata__", {}).get("origin"):
        return {
            KIND: get_topic(generic),
            OF: [get_topic(one) for one in kind.__pydantic_generic_metadata__["args"]],
            IS: facts,
        }
    return {KIND: get_topic(kind), IS: facts}


def valued(node: Any) -> Any:
    if type(node) is list:
        return [valued(one) for one in node]
    if type(node) is not dict:
        return node
    if KIND not in node:
        return {key: valued(one) for key, one in node.items()}
    kind, it = node[KIND], node[IS]
    if kind in READ:
        return READ[kind](it)
    if kind == "dict":
        return {valued(key): valued(one) for key, one in it}
    if kind in COLLECTIONS:
        return COLLECTIONS[kind](valued(one) for one in it)
    cls = resolve_topic(kind)
    if issubclass(cls, Enum):
        return cls[it]
    fields_of(cls)
    if OF in node:
        cls = cls[tuple(map(resolve_topic, node[OF]))]
    return cls(**{name: valued(one) for name, one in it.items()})


@cache
def fields_of(cls: type) -> tuple[str, ...]:
    """The fields of a model or a dataclass, which say all that it is. Raises NoValue of any other class."""
    if issubclass(cls, BaseModel):
        return tuple(cls.model_fields)
    if dataclasses.is_dataclass(cls):
        return tuple(field.name for field in dataclasses.fields(cls))
    raise NoValue(f"{cls.__module__}.{cls.__qualname__}")
