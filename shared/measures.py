"""How a metric is declared: what each of its labels may say, so that no input can make series without end.

A value outside a label's set is counted under `other`. Whoever counts something may therefore pass what it has.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

OTHER = "other"
MOST = 300  # values of a label whose set is not listed
Process = Literal["api", "worker", "portal"]
ALL: tuple[Process, ...] = ("api", "worker", "portal")
HOUSE: tuple[Process, ...] = ("api", "worker")


@dataclass(frozen=True)
class Label:
    """What a label may say. `values` gives the set; without it, the code names the values, at most `most` of them."""

    name: str
    about: str  # what the values are, for the reference
    values: Callable[[], Container[str]] | None = None
    most: int = MOST
    _seen: set[str] = field(default_factory=set, repr=False, compare=False)

    @cached_property
    def _allowed(self) -> Container[str]:
        return self.values() if self.values else self._seen

    def bounded(self, value: object) -> str:
        """The value as text where it is of the set, `other` where it is not."""
        text = str(value)
        if text in self._allowed:
            return text
        if self.values is None and len(self._seen) < self.most:
            self._seen.add(text)
            return text
        return OTHER


def fixed(name: str, *values: str) -> Label:
    """A label with these values."""
    return Label(name, ", ".join(f"`{value}`" for value in values), values=lambda: frozenset(values))


@dataclass(frozen=True)
class Measure:
    """A metric as declared: with the bounds of its labels, its unit and the processes that have it.

    Calls are those of the metric itself: `labels(…)` by position, and without labels `inc`, `set`, `observe`, `time`.
    """

    name: str  # as it is asked for
    about: str
    metric: MetricWrapperBase
    bounds: tuple[Label, ...]
    unit: str
    processes: tuple[Process, ...]
    buckets: tuple[float, ...] = ()  # upper bounds of a histogram
    _children: dict[tuple[object, ...], Any] = field(default_factory=dict, repr=False, compare=False)

    def labels(self, *values: object) -> Any:
        """The series of these values, in the order of the declaration."""
        child = self._children.get(values)  # most are said often, and as they stand
        if child is None:
            said = self.bounded(*values)
            child = self._children.get(said)
            if child is None:
                child = self._children[said] = self.metric.labels(*said)
        return child

    def bounded(self, *values: object) -> tuple[str, ...]:
        """The values as the series has them: each of its label's set, or `other`. Raises ValueError where one lacks."""
        return tuple(label.bounded(value) for label, value in zip(self.bounds, values, strict=True))

    def remove(self, *values: object) -> None:
        """Ends a series: what it told of is not this process's any more."""
        said = self.bounded(*values)
        if self._children.pop(said, None) is not None:
            self.metric.remove(*said)

    def series(self) -> frozenset[tuple[str, ...]]:
        """The label values that there are series of."""
        return frozenset(tuple(map(str, said)) for said in self._children)

    @property
    def kind(self) -> str:
        return type(self.metric).__name__.lower()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.metric, name)


class Declarations:
    """The metrics of the program on one registry, in the order of their declaration."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.all: list[Measure] = []

    def counter(self, name: str, about: str, *labels: Label, unit: str, on: Sequence[Process]) -> Measure:
        metric = Counter(name, about, names(labels), registry=self.registry)
        return self._add(Measure(name, about, metric, labels, unit, tuple(on)))

    def gauge(self, name: str, about: str, *labels: Label, unit: str, on: Sequence[Process]) -> Measure:
        metric = Gauge(name, about, names(labels), registry=self.registry)
        return self._add(Measure(name, about, metric, labels, unit, tuple(on)))

    def histogram(
        self, name: str, about: str, *labels: Label, unit: str, on: Sequence[Process], buckets: Sequence[float]
    ) -> Measure:
        metric = Histogram(name, about, names(labels), registry=self.registry, buckets=buckets)
        return self._add(Measure(name, about, metric, labels, unit, tuple(on), tuple(buckets)))

    def _add(self, measure: Measure) -> Measure:
        self.all.append(measure)
        return measure


def names(labels: Sequence[Label]) -> list[str]:
    return [label.name for label in labels]
