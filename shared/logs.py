"""Structured logs: one JSON object a line on standard error; ids and rules, never names of persons.

What an error says may hold what someone sent, so only its kind and its place in the code are written, and its words only
where they come from a machine: the network, the operating system, the broker.
"""

import hashlib
import logging
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import PurePath
from traceback import walk_tb
from types import MappingProxyType, TracebackType
from typing import Any

import orjson

ROOT = "ocop"
FOREIGN = (
    "aiokafka", "asyncio", "faststream", "httpcore", "httpx", "kafka", "opentelemetry", "uvicorn", "uvicorn.access",
    "uvicorn.error",
)  # fmt: skip
OF_MACHINES = ("aiokafka.", "asyncpg.exceptions.Connection")  # whose errors say nothing of what was sent
PLAIN = re.compile(r"[A-Za-z0-9._:/+=@#-]{1,120}")
PHONE = re.compile(r"\+?[0-9][0-9. -]{7,}")
MOST_FRAMES = 30
REPEATED_SECONDS = 10.0
MOST_KNOWN = 1000  # texts of libraries

NOTHING: Mapping[str, Any] = MappingProxyType({})
_bound: ContextVar[Mapping[str, Any]] = ContextVar("bound", default=NOTHING)


@contextmanager
def bound(**facts: str | None) -> Iterator[None]:
    """Every line written inside bears these ids, such as `correlation`, each made `plain` there; what is None is left out."""
    ids = {name: value for name, value in facts.items() if value is not None}
    token = _bound.set({**_bound.get(), **ids})
    try:
        yield
    finally:
        _bound.reset(token)


def plain(id: str) -> str:
    """An id as it may be logged: what someone chose freely, and may be words or a telephone number, becomes a digest."""
    if PLAIN.fullmatch(id) and "@" not in id and not PHONE.fullmatch(id):
        return id
    return f"sha256:{hashlib.sha256(id.encode()).hexdigest()[:16]}"


class JsonLines(logging.Formatter):
    """One line: `at` (UTC), `level`, `event`, facts of the process, facts bound, facts of the call, `error`."""

    converter = time.gmtime

    def __init__(self, **whose: Any) -> None:
        super().__init__()
        self._whose = {name: value for name, value in whose.items() if value is not None}

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, Any] = {"at": at, "level": record.levelname, "event": record.getMessage()}
        if record.name != ROOT:
            line["logger"] = record.name
        line |= self._whose | {name: plain(id) for name, id in _bound.get().items()} | getattr(record, "facts", {})
        if record.exc_info and record.exc_info[1]:
            line["error"] = error_of(record.exc_info[1])
        return orjson.dumps(line, default=said).decode()


class Seldom(logging.Filter):
    """What a library says again and again is written once in ten seconds, with how often it was `repeated` meanwhile.

    Without a broker each client complains ten times a second: five idle workers wrote 1,200 lines a second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, int]] = {}  # written when, repeated how often since

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == ROOT:
            return True
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        text, now = (record.name, str(record.msg)), self._clock()
        written, repeated = self._known.get(text, (-REPEATED_SECONDS, 0))
        if now - written < REPEATED_SECONDS:
            self._known[text] = written, repeated + 1
            return False
        self._known[text] = now, 0
        if repeated:
            record.facts = {"repeated": repeated}
        return True


def said(value: Any) -> Any:
    """A fact that JSON has no form for."""
    return described(value) if isinstance(value, BaseException) else str(value)


def described(error: BaseException) -> str:
    """An error in one line: its kind, and its rule or its words where those can hold nothing of what was sent."""
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    if rule := getattr(error, "rule", None):
        return f"{name} {rule}"
    if isinstance(error, OSError) or name.startswith(OF_MACHINES):
        return f"{name}: {error}"
    state = getattr(error, "sqlstate", None)
    return f"{name} {state}" if state else name


def error_of(error: BaseException) -> dict[str, Any]:
    """An error with its place in the code and the errors behind it, the nearest first."""
    found: dict[str, Any] = {"kind": described(error), "stack": stack(error.__traceback__)}
    if isinstance(error, BaseExceptionGroup):
        found["of"] = [error_of(part) for part in error.exceptions]
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if behind is not None:
        found["after"] = error_of(behind)
    return found


def stack(traceback: TracebackType | None) -> list[str]:
    """`file:line function`, the innermost last; never a value."""
    frames = [
        f"{'/'.join(PurePath(frame.f_code.co_filename).parts[-3:])}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(traceback)
    ]
    return frames[-MOST_FRAMES:]


class Log:
    """A logger whose calls take facts as keywords; an error as a fact is described by `described`."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def info(self, event: str, **facts: Any) -> None:
        self._logger.info(event, extra={"facts": facts})

    def warning(self, event: str, **facts: Any) -> None:
        self._logger.warning(event, extra={"facts": facts})

    def exception(self, event: str, **facts: Any) -> None:
        self._logger.exception(event, extra={"facts": facts})


log = Log(ROOT)


def to_standard_error(level: int | str, *, house: str | None = None, role: str | None = None) -> None:
    """Everything that is logged, also by libraries, goes this way; a library is heard from WARNING on.

    What libraries say below that may hold what they carry: addresses asked for, messages sent. Raises ValueError for a
    level that there is not.
    """
    number = level if isinstance(level, int) else logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"log level {level}: expected {', '.join(logging.getLevelNamesMapping())}")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(house=house, role=role))
    handler.addFilter(Seldom())
    logging.basicConfig(level=number, handlers=[handler], force=True)
    for name in FOREIGN:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(max(number, logging.WARNING))
