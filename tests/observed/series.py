"""The series of a registry as tests look at them."""

from collections import Counter

from prometheus_client import CollectorRegistry

from shared.metrics import REGISTRY

Series = tuple[str, tuple[tuple[str, str], ...]]


def series_of(registry: CollectorRegistry = REGISTRY) -> dict[Series, float]:
    """Every sample by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in registry.collect()
        for sample in family.samples
    }


def counted(registry: CollectorRegistry = REGISTRY) -> Counter[str]:
    """How many series each family has."""
    return Counter({family.name: len(family.samples) for family in registry.collect()})


def value(name: str, registry: CollectorRegistry = REGISTRY, /, **labels: str) -> float:
    """The value of one series; 0 where there is none."""
    return series_of(registry).get((name, tuple(sorted(labels.items()))), 0.0)
