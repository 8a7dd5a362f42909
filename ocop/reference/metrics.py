"""The reference of metrics, made from their declarations: `python -m ocop.reference.metrics` writes docs/reference/metrics.md."""

from collections.abc import Iterator
from pathlib import Path

from shared import metrics
from shared.measures import Label, Measure, Process

FILE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
HEAD = """\
# Metrics

Made by `python -m ocop.reference.metrics` from `shared/metrics.py`; a test compares. Do not edit here.

Every process answers `GET /metrics` with its own series, in Prometheus' text format. In one process (`make demo`) all of
them are in one answer. Each label says only what the table lists; a value outside of it is counted under `other`, so no
input can make series without end. Counters begin at 0 with their process. Besides these, each process has
`process_*` (memory, processor time, open files, begin), `python_info` and `python_gc_*`.

| metric | type | unit | labels | process | meaning |
|---|---|---|---|---|---|
"""
LABELS = """
## Labels

| label | of | values |
|---|---|---|
"""
BUCKETS = """
## Buckets of the histograms

Upper bounds; each histogram also has `_sum` and `_count`.

| metric | bounds |
|---|---|
"""
PROCESSES: dict[tuple[Process, ...], str] = {("api", "worker", "portal"): "all", ("api", "worker"): "api, worker"}


def text() -> str:
    """The whole page."""
    measures = metrics.DECLARED.all
    rows = "".join(f"{row(measure)}\n" for measure in measures)
    return HEAD + rows + LABELS + "".join(labels(measures)) + BUCKETS + "".join(buckets(measures))


def row(measure: Measure) -> str:
    names = ", ".join(f"`{label.name}`" for label in measure.bounds) or "–"
    process = PROCESSES.get(measure.processes, ", ".join(measure.processes))
    return f"| `{measure.name}` | {measure.kind} | {measure.unit} | {names} | {process} | {escaped(measure.about)} |"


def labels(measures: list[Measure]) -> Iterator[str]:
    """One row for each set of values of a label, with the metrics that have it."""
    of: dict[tuple[str, str], tuple[Label, list[str]]] = {}
    for measure in measures:
        for label in measure.bounds:
            of.setdefault((label.name, label.about), (label, []))[1].append(f"`{measure.name}`")
    for (name, about), (label, named) in sorted(of.items()):
        most = "" if label.values else f"; at most {label.most}"
        yield f"| `{name}` | {', '.join(named)} | {escaped(about)}{most} |\n"


def buckets(measures: list[Measure]) -> Iterator[str]:
    for measure in measures:
        if measure.buckets:
            yield f"| `{measure.name}` | {', '.join(f'{bound:g}' for bound in measure.buckets)} {measure.unit} |\n"


def escaped(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
