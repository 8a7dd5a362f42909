"""Traces: spans to a collector (OpenTelemetry, OTLP over HTTP). Off unless an endpoint is set; then nothing of it is loaded.

A parent is a W3C `traceparent` text, as HTTP headers, event metadata and messages carry it. Where traces are off, a span
hands on what it was given, so that others on both sides of the program can still put theirs together.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Thread
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from shared.logs import bound

PATH = "/v1/traces"
STOP_SECONDS = 3
TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

_tracer: Any = None
_provider: Any = None
_exporter: Any = None


class Spanned(Protocol):
    """A span at work."""

    @property
    def traceparent(self) -> str | None:
        """What those who are called go on from; None where there is no trace."""
        ...

    def named(self, name: str, **attributes: str | int | None) -> None:
        """What was known only later: its name, more attributes."""
        ...


class Passed:
    """The span where traces are off: it hands on its parent."""

    __slots__ = ("traceparent",)

    def __init__(self, traceparent: str | None) -> None:
        self.traceparent = traceparent

    def named(self, name: str, **attributes: str | int | None) -> None:
        """Nothing is kept."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        return None


class Sent:
    """A span that is sent when it ends."""

    __slots__ = ("_span", "traceparent")

    def __init__(self, span: Any) -> None:
        self._span = span
        context = span.get_span_context()
        self.traceparent: str | None = f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def named(self, name: str, **attributes: str | int | None) -> None:
        self._span.update_name(name)
        self._span.set_attributes(known(attributes))


def start(service: str, endpoint: str | None) -> None:
    """Begins sending spans of `service` to a collector such as `http://127.0.0.1:4318`; without an endpoint nothing."""
    global _tracer, _provider, _exporter
    if endpoint is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    stop()
    url = endpoint if urlsplit(endpoint).path.strip("/") else endpoint.rstrip("/") + PATH
    _provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    _exporter = OTLPSpanExporter(url, timeout=STOP_SECONDS)
    _provider.add_span_processor(BatchSpanProcessor(_exporter))
    _tracer = _provider.get_tracer("ocop")


def stop() -> None:
    """Sends what is left, for some seconds at most; spans that follow are not kept."""
    global _tracer, _provider
    provider, _provider, _tracer = _provider, None, None
    if provider is not None:  # its own limits are half a minute and more
        flushing = Thread(target=provider.shutdown, name="traces", daemon=True)
        flushing.start()
        flushing.join(STOP_SECONDS)
        if flushing.is_alive():
            _exporter.shutdown()  # it tries no more
            flushing.join(1)


def span(name: str, parent: str | None = None, **attributes: str | int | None) -> AbstractContextManager[Spanned]:
    """A span around a piece of work; its parent is the given one, or else the one at work. Never a personal value in it.

    What is given and is not a traceparent is as if nothing were given.
    """
    given = parent if parent and TRACEPARENT.fullmatch(parent) else None
    return Passed(given) if _tracer is None else _sent(_tracer, name, given, attributes)


@contextmanager
def _sent(tracer: Any, name: str, parent: str | None, attributes: dict[str, str | int | None]) -> Iterator[Sent]:
    from opentelemetry import trace

    begun = tracer.start_span(name, context=context_of(parent), attributes=known(attributes))
    sent = Sent(begun)
    with (
        trace.use_span(begun, end_on_exit=True, record_exception=False, set_status_on_exception=False),
        bound(trace=f"{begun.get_span_context().trace_id:032x}"),
    ):
        try:
            yield sent
        except BaseException as error:  # its words may hold what someone sent: only its kind is kept
            begun.set_attribute("error.type", type(error).__name__)
            begun.set_status(trace.StatusCode.ERROR)
            raise


def context_of(parent: str | None) -> Any:
    """The context of a span elsewhere; None means the one at work."""
    if parent is None:
        return None
    from opentelemetry import trace

    _, trace_id, span_id, flags = parent.split("-")
    elsewhere = trace.SpanContext(int(trace_id, 16), int(span_id, 16), True, trace.TraceFlags(int(flags, 16)))
    return trace.set_span_in_context(trace.NonRecordingSpan(elsewhere))


def known(attributes: dict[str, str | int | None]) -> dict[str, str | int]:
    return {name: value for name, value in attributes.items() if value is not None}
