"""Alerts: each fires when it must and not otherwise, asks only for what there is, and leads to a runbook that can be followed."""

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from deploy.grafana.boards import boards
from deploy.prometheus.scrape import in_compose
from ocop.cli import cli
from shared.contracts.topics import HOUSES
from tests.observed.declared import ROOT, RULES, alerts, faults, rules
from tests.observed.promql import asked
from tests.promtool import promtool

PROMETHEUS = ROOT / "deploy" / "prometheus"
TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))
RUNBOOKS = ROOT / "docs" / "runbooks"
HEADINGS = ["What it means", "What people feel", "Look", "Mend", "Do not", "Why this threshold"]
SEVERITIES = {"critical", "warning"}


def checked(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [promtool(), *arguments], cwd=PROMETHEUS, capture_output=True, text=True, timeout=120, check=False
    )


@cache
def cases() -> list[dict[str, Any]]:
    """What the rule tests expect."""
    tests = [test for file in TESTS for test in yaml.safe_load(file.read_text(encoding="utf-8"))["tests"]]
    return [case for test in tests for case in test["alert_rule_test"]]


def commands(name: str) -> list[str]:
    """The lines of a runbook that are to be run."""
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    return [line.strip() for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]


def test_promtool_takes_the_rules_and_the_configuration() -> None:
    for what in (("check", "rules", RULES), ("check", "config", PROMETHEUS / "prometheus.yml")):
        done = checked(*what)
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_fires_when_it_must_and_not_otherwise() -> None:
    done = checked("test", "rules", *TESTS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("SUCCESS") == len(TESTS)


@pytest.mark.parametrize("name", alerts())
def test_both_its_firing_and_its_silence_are_tested(name: str) -> None:
    expected = [bool(case["exp_alerts"]) for case in cases() if case["alertname"] == name]
    assert True in expected
    assert False in expected


def test_rules_ask_only_for_what_is_declared() -> None:
    assert [fault for rule in rules() for fault in faults(rule["expr"])] == []


def test_what_is_recorded_is_asked_for_more_than_once() -> None:
    panels = {(p.en, q.expr) for b in boards() for s in b.sections for p in s.panels for q in p.queries}
    exprs = [expr for _, expr in panels] + [rule["expr"] for rule in rules()]
    asks = [{selector.metric for selector in asked(expr).selectors} for expr in exprs]
    recorded = [rule["record"] for rule in rules() if "record" in rule]
    assert [name for name in recorded if sum(name in metrics for metrics in asks) < 2] == []


@pytest.mark.parametrize(("name", "rule"), alerts().items(), ids=alerts())
def test_an_alert_says_what_is_wrong_in_both_languages(name: str, rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in SEVERITIES
    assert set(rule["annotations"]) == {"summary_vi", "summary_en", "runbook"}
    assert rule["annotations"]["runbook"] == f"docs/runbooks/{name}.md"
    vi, en = (
        set(re.findall(r"\$labels\.\w+|\$value", rule["annotations"][key])) for key in ("summary_vi", "summary_en")
    )
    assert vi == en
    assert vi, "which one it is, is not said"


def test_there_is_one_runbook_for_each_alert_and_no_other() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == set(alerts())


@pytest.mark.parametrize("name", alerts())
def test_a_runbook_has_its_parts_and_no_dead_link(name: str) -> None:
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {name}\n")
    assert f"Severity: {alerts()[name]['labels']['severity']}." in text
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    assert commands(name), "there is nothing to run"
    assert [link for link in re.findall(r"\]\(([^)]+)\)", text) if not (RUNBOOKS / link).exists()] == []


@pytest.mark.parametrize("name", alerts())
def test_the_commands_of_a_runbook_exist(name: str) -> None:
    for line in commands(name):
        given = re.match(r"\.venv/bin/ocop ((?:[a-z]+ ?)+)", line)
        if given:
            assert known(given[1].split()), line
        if "http://127.0.0.1" in line:
            assert re.search(
                r":81[01][1-5]/(livez|readyz|metrics)\b|promtool query instant http://127.0.0.1:9090 ", line
            ), line


def known(words: list[str]) -> bool:
    """Whether these words name a command with its arguments; `dlq list` is one of a group."""
    command: click.Command = cli
    for word in words:
        if not isinstance(command, click.Group):
            break
        if word not in command.commands:
            return False
        command = command.commands[word]
    return not isinstance(command, click.Group)


def test_the_services_of_a_runbook_are_those_of_compose() -> None:
    services = set(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"])
    named = {
        service
        for name in alerts()
        for line in commands(name)
        for service in re.findall(
            r"docker compose (?:exec|logs|restart|ps)(?: -\S+(?: \d+\w?)?)*(?: -q)? ([a-z][\w-]+)", line
        )
    }
    assert {"kafka", "postgres", "registration-worker"} <= named
    assert named <= services
    assert {target.process for target in in_compose()} <= services
    assert {f"{house}-{role}" for house in HOUSES for role in ("api", "worker")} <= services
