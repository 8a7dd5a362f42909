"""What an expression asks for: its metrics with their matchers, and the labels it groups by."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""\s+|\#[^\n]*
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<span>\[[^\]]*\])
    |(?P<number>\d[\w.]*|\.\d+)
    |(?P<name>[A-Za-z_:][\w:]*)
    |(?P<sign>=~|!~|!=|==|<=|>=|[-+*/%^=<>(){},])""",
    re.VERBOSE,
)
GROUPING = {"by", "without", "on", "ignoring", "group_left", "group_right"}
WORDS = GROUPING | {"and", "or", "unless", "offset", "bool", "inf", "nan", "atan2"}
AGGREGATIONS = {
    "sum", "min", "max", "avg", "group", "stddev", "stdvar", "count", "count_values", "bottomk", "topk", "quantile",
}  # fmt: skip
MATCHER = {"=", "!=", "=~", "!~"}


@dataclass(frozen=True, slots=True)
class Selector:
    """One metric asked for; `matchers` are (label, sign, value)."""

    metric: str
    matchers: tuple[tuple[str, str, str], ...]

    @property
    def text(self) -> str:
        inner = ",".join(f'{label}{sign}"{value}"' for label, sign, value in self.matchers)
        return f"{self.metric}{{{inner}}}" if inner else self.metric


@dataclass(frozen=True, slots=True)
class Asked:
    selectors: tuple[Selector, ...]
    grouped_by: frozenset[str]


def tokens(expr: str) -> Iterator[str]:
    """Raises ValueError at what is no PromQL."""
    at = 0
    while at < len(expr):
        match = TOKEN.match(expr, at)
        if not match:
            raise ValueError(f"not PromQL at {at}: {expr[at : at + 20]}")
        if match.lastgroup:
            yield match[0]
        at = match.end()


def asked(expr: str) -> Asked:
    """Reads an expression whose syntax promtool has checked."""
    words = [*tokens(expr), ""]
    selectors: list[Selector] = []
    labels: set[str] = set()
    at = 0
    while at < len(words) - 1:
        word, following = words[at], words[at + 1]
        at += 1
        if word in GROUPING and following == "(":
            end = words.index(")", at)
            labels |= {label for label in words[at + 1 : end] if label != ","}
            at = end + 1
        elif re.fullmatch(r"[A-Za-z_:][\w:]*", word) and word not in WORDS | AGGREGATIONS and following != "(":
            end = words.index("}", at) if following == "{" else at
            selectors.append(Selector(word, matchers(words[at + 1 : end])))
            at = end + 1 if following == "{" else at
    return Asked(tuple(selectors), frozenset(labels))


def matchers(words: list[str]) -> tuple[tuple[str, str, str], ...]:
    found = []
    while words:
        label, sign, value, *words = words
        assert sign in MATCHER, f"{label}{sign}{value}"
        found.append((label, sign, value[1:-1]))
        words = words[1:] if words and words[0] == "," else words
    return tuple(found)
