"""Mistakes that cost much and that a syntax tree shows. Each rule has its reason, where it holds, and how it is found."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source import HOUSES, functions

Found = Iterator[tuple[int, str]]

PURE_ROOMS = ("domain", "published", "policy", "commands", "views")
PURE_SHARED = ("regulation", "contracts", "calendar", "values", "units")
CLOCKS = {"now", "utcnow", "today", "time_ns", "monotonic"}
DICE = {"uuid1", "uuid4", "random", "randint", "choice", "token_hex", "urandom"}
CHECKS = ("require", "check", "ensure", "validate", "refuse")
BROAD = {"Exception", "BaseException"}
EVENTS = {"Begun", "Changed", "BegunAbout", "ChangedAbout"}
AGGREGATES = {"Aggregate", "AboutProduct"}
STATEMENT = re.compile(
    r"\s*(SELECT\s|TABLE\s+\w+$|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|TRUNCATE\s|SET\s+(LOCAL|SESSION|ROLE)\s"
    r"|WITH\s+\w+\s+AS\s|(CREATE|ALTER|DROP)\s+[A-Z]+\s|GRANT\s|REVOKE\s)"
)
MACHINE_PATH = re.compile(r"/(tmp|root|home|Users|work|mnt|opt)(/|$)")


@dataclass(frozen=True, slots=True)
class Rule:
    """One mistake; `find` yields the line and what stands there."""

    name: str
    reason: str
    holds_in: Callable[[Path], bool]
    find: Callable[[ast.Module, Path], Found]


def in_pure_code(path: Path) -> bool:
    parts = path.with_suffix("").parts
    if parts[0] == "services":
        return len(parts) > 2 and parts[1] in HOUSES and parts[2] in PURE_ROOMS
    return parts[0] == "shared" and len(parts) > 1 and parts[1] in PURE_SHARED


def in_domain(path: Path) -> bool:
    parts = path.with_suffix("").parts
    return parts[0] == "services" and len(parts) > 2 and parts[2] == "domain" and path.name != "__init__.py"


def in_program(path: Path) -> bool:
    return path.parts[0] in {"ocop", "services", "shared"}


def in_services(path: Path) -> bool:
    return path.parts[0] in {"services", "shared"}


def last_name(node: ast.expr) -> str:
    """`b` of `a.b` and of `b`; nothing of any other expression."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def clocks_and_dice(tree: ast.Module, _: Path) -> Found:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and last_name(node.func) in CLOCKS:
            yield node.lineno, f"{last_name(node.func)}()"
        elif isinstance(node, ast.Attribute) and node.attr in CLOCKS and last_name(node.value) in {"datetime", "date"}:
            yield node.lineno, f"{last_name(node.value)}.{node.attr}"
        elif isinstance(node, ast.Name | ast.Attribute) and last_name(node) in DICE:
            yield node.lineno, last_name(node)
        elif isinstance(node, ast.ImportFrom) and node.module in {"random", "secrets"}:
            yield node.lineno, f"from {node.module} import"


def checks_in_apply_methods(tree: ast.Module, _: Path) -> Found:
    applies = (f for f in functions(tree) if any(_is_event(decorator) for decorator in f.decorator_list))
    for node in (inner for method in applies for inner in ast.walk(method)):
        if isinstance(node, ast.Raise | ast.Assert):
            yield node.lineno, type(node).__name__.lower()
        elif isinstance(node, ast.Call) and last_name(node.func).lstrip("_").startswith(CHECKS):
            yield node.lineno, f"{last_name(node.func)}()"


def _is_event(decorator: ast.expr) -> bool:
    return last_name(decorator.func if isinstance(decorator, ast.Call) else decorator) == "event"


def sql_in_python(tree: ast.Module, _: Path) -> Found:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value):
            yield node.lineno, node.value.strip()[:40]


def swallowed_errors(tree: ast.Module, _: Path) -> Found:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                yield node.lineno, "bare except"
            elif all(isinstance(step, ast.Pass | ast.Continue) or _is_ellipsis(step) for step in node.body):
                yield node.lineno, "an error that nobody hears of"
        elif isinstance(node, ast.Call) and last_name(node.func) == "suppress":
            for error in node.args:
                if last_name(error) in BROAD:
                    yield node.lineno, f"suppress({last_name(error)})"


def _is_ellipsis(step: ast.stmt) -> bool:
    return isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant) and step.value.value is ...


def missing_topics(tree: ast.Module, path: Path) -> Found:
    house = path.parts[1]
    for class_, topic in topics(tree):
        if topic is None:
            yield class_.lineno, f"{class_.name} has no TOPIC"
        elif not re.fullmatch(rf"{house}\.[A-Z]\w*", topic):
            yield class_.lineno, f"{class_.name}: {topic} is not {house}.<Name>"


def topics(tree: ast.Module) -> Iterator[tuple[ast.ClassDef, str | None]]:
    """Each aggregate and event with the TOPIC in its own body; what a subclass inherits would be its parent's name."""
    stored = EVENTS | AGGREGATES
    for class_ in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        if not stored & {last_name(base) for base in class_.bases}:
            continue
        stored.add(class_.name)
        values = [
            step.value.value
            for step in class_.body
            if isinstance(step, ast.Assign)
            and last_name(step.targets[0]) == "TOPIC"
            and isinstance(step.value, ast.Constant)
        ]
        yield class_, values[0] if values else None


def prints(tree: ast.Module, _: Path) -> Found:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield node.lineno, "print()"


def machine_paths(tree: ast.Module, _: Path) -> Found:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and MACHINE_PATH.match(node.value):
            yield node.lineno, node.value


RULES = [
    Rule(
        "no clock and no dice where rules are applied",
        "a fact decided twice from the same events must come out the same; times and ids are arguments",
        in_pure_code, clocks_and_dice,
    ),
    Rule(
        "no check where an event is applied",
        "it runs again at every replay, and breaks history on the day the rule changes",
        in_domain, checks_in_apply_methods,
    ),
    Rule(
        "SQL stands in .sql files",
        "there it is named, read and explained as a whole, and nothing is glued into it",
        in_program, sql_in_python,
    ),
    Rule(
        "no error is swallowed",
        "what went wrong and was not said is found a year later, by someone else",
        in_program, swallowed_errors,
    ),
    Rule(
        "every aggregate and event states its topic",
        "a stored event must find its class in a process that never made one, also after the class was renamed",
        in_domain, missing_topics,
    ),
    Rule(
        "services do not print",
        "standard output belongs to the command line's JSON; what happens is logged, without personal data",
        in_services, prints,
    ),
    Rule(
        "no path of somebody's machine",
        "the next machine has other folders; whoever starts the program says where its data lie",
        in_program, machine_paths,
    ),
]  # fmt: skip
