"""Traces: spans arrive at a collector, each under its parent; where traces are off, nothing is sent and nothing is loaded."""

import asyncio
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from shared import tracing
from shared.logs import JsonLines, log
from tests.observed.collector import Collector, collecting

ELSEWHERE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OFF = """
import sys
import services.registration.main, shared.process, shared.tracing as tracing
tracing.start("ocop-test", None)
with tracing.span("work", sys.argv[1], house="registration") as span:
    span.named("other", position=1)
    print(span.traceparent)
with tracing.span("work") as span:
    print(span.traceparent)
tracing.stop()
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))])
"""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        tracing.start("ocop-test", collector.address)
        yield collector
        tracing.stop()


def ids(traceparent: str | None) -> tuple[str, str]:
    """(trace, span)"""
    assert traceparent
    assert tracing.TRACEPARENT.fullmatch(traceparent)
    _, trace, span, _ = traceparent.split("-")
    return trace, span


def test_spans_arrive_each_under_its_parent(collector: Collector) -> None:
    with (
        tracing.span("http", ELSEWHERE, house="registration", place=None) as asked,
        tracing.span("command", command="SubmitDossier") as done,
    ):
        asked.named("POST /dossiers/{id}/submission", status=200)
    with tracing.span("reaction", done.traceparent) as heard:
        said = heard.traceparent
    tracing.stop()
    assert collector.paths == ["/v1/traces"]
    assert {service for service, _ in collector.spans} == {"ocop-test"}
    http, command = collector.named("POST /dossiers/{id}/submission"), collector.named("command")
    reaction = collector.named("reaction")
    assert [span.trace_id.hex() for span in (http, command, reaction)] == [ids(ELSEWHERE)[0]] * 3
    assert http.parent_span_id.hex() == ids(ELSEWHERE)[1]
    assert command.parent_span_id == http.span_id
    assert reaction.parent_span_id == command.span_id
    assert ids(said) == (reaction.trace_id.hex(), reaction.span_id.hex())
    assert {a.key for a in http.attributes} == {"house", "status"}


async def test_pieces_of_work_side_by_side_keep_their_own_parents(collector: Collector) -> None:
    async def piece(name: str) -> None:
        with tracing.span(name):
            await asyncio.sleep(0)
            with tracing.span(f"{name} part"):
                await asyncio.sleep(0)

    await asyncio.gather(piece("a"), piece("b"))
    tracing.stop()
    for name in "ab":
        assert collector.named(f"{name} part").parent_span_id == collector.named(name).span_id
    assert collector.named("a").trace_id != collector.named("b").trace_id


def test_a_failure_is_marked_by_its_kind_and_not_by_its_words(collector: Collector) -> None:
    with pytest.raises(ValueError, match="Bí Mật"), tracing.span("failing"):
        raise ValueError("Nguyễn Thị Bí Mật")
    tracing.stop()
    span = collector.named("failing")
    assert {a.key: a.value.string_value for a in span.attributes} == {"error.type": "ValueError"}
    assert span.status.code == span.status.STATUS_CODE_ERROR
    assert not span.events
    assert "Mật".encode() not in span.SerializeToString()


def test_a_parent_that_is_no_traceparent_begins_a_new_trace(collector: Collector) -> None:
    for parent in (
        "",
        "x",
        ELSEWHERE.upper(),
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        ELSEWHERE + "\n",
        "ff" + ELSEWHERE[2:],
    ):
        with tracing.span("alone", parent) as span:
            assert ids(span.traceparent)[0] != ids(ELSEWHERE)[0]
    tracing.stop()
    assert all(not span.parent_span_id for _, span in collector.spans)
    assert len(collector.spans) == 6


def test_what_is_logged_inside_a_span_bears_its_trace(collector: Collector, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setFormatter(JsonLines())
    with caplog.at_level(logging.INFO), tracing.span("work") as span:
        log.info("inside")
    log.warning("outside")
    inside, outside = (json.loads(line) for line in caplog.text.splitlines())
    assert inside["trace"] == ids(span.traceparent)[0]
    assert "trace" not in outside


def test_off_means_that_nothing_is_loaded_and_a_parent_is_handed_on() -> None:
    said = subprocess.run(
        [sys.executable, "-c", OFF, ELSEWHERE], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.splitlines() == [ELSEWHERE, "None", "[]"]


def test_off_again_nothing_is_sent(collector: Collector) -> None:
    tracing.stop()
    with tracing.span("unseen", ELSEWHERE) as span:
        assert span.traceparent == ELSEWHERE
    assert collector.spans == []


def test_a_collector_that_is_away_holds_up_no_end(caplog: pytest.LogCaptureFixture) -> None:
    with collecting() as gone:
        pass
    tracing.start("ocop-test", gone.address)
    for number in range(3000):
        with tracing.span(f"work {number}"):
            pass
    begun = time.monotonic()
    tracing.stop()
    assert time.monotonic() - begun < tracing.STOP_SECONDS + 2
    assert "traces" not in {thread.name for thread in threading.enumerate()}
    assert caplog.records
