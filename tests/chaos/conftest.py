"""The table of what was survived, at the end of the run."""

import orjson
import pytest

from tests.chaos.trial import REPORTS


def reports() -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in REPORTS.glob("*.json")} if REPORTS.exists() else {}


BEFORE = reports()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, at in sorted(reports().items()):
        if BEFORE.get(name) != at:
            show(terminalreporter, orjson.loads((REPORTS / name).read_bytes()))


def show(terminal: pytest.TerminalReporter, report: dict) -> None:  # type: ignore[type-arg]
    wrong = [question for question, found in report["findings"].items() if found]
    terminal.section(f"trial by force: {report['name']}, OCOP_SEED={report['seed']}, {report['seconds']:.0f} s")
    for kind, times in report["survived"].items():
        terminal.write_line(f"{times:5}  {kind}")
    terminal.write_line(f"{sum(report['survived'].values()):5}  faults; {report['acknowledged']} commands acknowledged")
    for question, found in report["findings"].items():
        terminal.write_line(f"{'WRONG' if found else '   ok'}  {question}")
    if wrong:
        terminal.write_line(f"logs: {REPORTS / report['name']}-{report['seed']}")
