"""Which metrics and labels an expression may ask for: those declared, those of rules, and those of every process."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from shared.measures import OTHER, Label
from shared.metrics import DECLARED, REGISTRY
from tests.observed.promql import Selector, asked

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "rules" / "ocop.yml"
OF_TARGETS = frozenset({"job", "instance", "process", "role"})  # deploy/prometheus/scrape.py
OF_PROMETHEUS = {"up": OF_TARGETS, "ALERTS": frozenset({"alertname", "alertstate", "severity"})}
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",), "gauge": ("",)}


@cache
def rules() -> list[dict[str, Any]]:
    """All rules of the file, recording and alerting."""
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


@cache
def declared() -> dict[str, frozenset[str]]:
    """The labels of each metric that there may be, by the metric's name as Prometheus stores it."""
    found = dict(OF_PROMETHEUS)
    for family in REGISTRY.collect():
        for sample in family.samples:  # of the process itself
            found[sample.name] = OF_TARGETS | sample.labels.keys()
    for measure in DECLARED.all:
        labels = OF_TARGETS | {label.name for label in measure.bounds}
        for name in names(measure.metric):
            found[name] = labels | ({"le"} if name.endswith("_bucket") else set())
    return found | {rule["record"]: asked(rule["expr"]).grouped_by - {"le"} for rule in rules() if "record" in rule}


def names(metric: Any) -> Iterator[str]:
    for family in metric.describe():
        yield from (family.name + suffix for suffix in SUFFIXES[family.type])


@cache
def bounds() -> dict[str, dict[str, Label]]:
    """The declared label sets by metric name and label."""
    return {
        name: {label.name: label for label in measure.bounds}
        for measure in DECLARED.all
        for name in names(measure.metric)
    }


def faults(expr: str) -> list[str]:
    """What is wrong with the names of an expression: metrics, labels and label values that nothing ever has."""
    known, sets, found = declared(), bounds(), []
    question = asked(expr)
    if not question.selectors:
        return [f"asks for nothing: {expr}"]
    for selector in question.selectors:
        labels = known.get(selector.metric)
        if labels is None:
            found.append(f"{selector.metric} is not declared")
            continue
        found += [f"{selector.metric} has no label {label}" for label, _, _ in selector.matchers if label not in labels]
        found += wrong_values(selector, sets.get(selector.metric, {}))
    everything = frozenset[str]().union(*(known.get(s.metric, frozenset()) for s in question.selectors))
    return found + [f"nothing has a label {label}: {expr}" for label in question.grouped_by - everything]


def wrong_values(selector: Selector, sets: dict[str, Label]) -> Iterator[str]:
    """Only labels with a listed set can be judged."""
    for name, sign, value in selector.matchers:
        label = sets.get(name)
        listed = label.values() if label and label.values else None
        if label is None or listed is None or "$" in value:
            continue
        if sign in {"=", "!="} and label.bounded(value) == OTHER:
            yield f"{selector.metric}: {name} is never {value}"
        if sign in {"=~", "!~"} and not any(re.fullmatch(value, each) for each in listed):
            yield f"{selector.metric}: {name} never fits {value}"
