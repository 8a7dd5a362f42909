"""A collector of traces for tests: takes OTLP over HTTP on a port of its own and keeps the spans."""

import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


class Collector:
    """`spans`: those that came, each as (service, span of the protocol)."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.paths: list[str] = []
        self.spans: list[tuple[str, Any]] = []

    def take(self, path: str, body: bytes) -> None:
        self.paths.append(path)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {a.key: a.value.string_value for a in resource.resource.attributes}
            self.spans += [(named["service.name"], span) for scope in resource.scope_spans for span in scope.spans]

    def named(self, name: str, seconds: float = 20) -> Any:
        """The first span of this name, awaited; raises LookupError when none comes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for _, span in list(self.spans):
                if span.name == name:
                    return span
            time.sleep(0.05)
        raise LookupError(f"no span {name}; there are {sorted(span.name for _, span in self.spans)}")


@contextmanager
def collecting() -> Iterator[Collector]:
    """Listens until the block ends."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.take(self.path, gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Tests print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
