"""The rules hold in the whole project, and each of them finds the mistake it is there for."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.rules import RULES, Rule, in_domain, topics
from tests.architecture.source import files, parsed

CLOCK, APPLY, SQL, ERRORS, TOPIC, PRINT, PATH = RULES
DOMAIN = Path("services/evaluation/domain/round.py")

PLANTED = [
    (CLOCK, "at = datetime.now(UTC)"),
    (CLOCK, "day = date.today()"),
    (CLOCK, "day = clock.today()"),
    (CLOCK, "id = uuid4()"),
    (CLOCK, "id: UUID = Field(default_factory=uuid.uuid4)"),
    (CLOCK, "at: datetime = Field(default_factory=datetime.utcnow)"),
    (CLOCK, "from random import shuffle"),
    (APPLY, "@event(Opened)\ndef _opened(self):\n    if self.open:\n        raise AlreadyOpen"),
    (APPLY, "class A:\n    @event(Opened)\n    def _opened(self):\n        assert not self.open"),
    (APPLY, "@event\ndef _opened(self):\n    self.require_closed()"),
    (SQL, "rows = await pool.fetch('SELECT id FROM events')"),
    (SQL, "await pool.execute(f'''\n    INSERT INTO {table} VALUES ($1)''', row)"),
    (SQL, "text = 'WITH due AS (TABLE events) DELETE FROM due'"),
    (SQL, "text = 'CREATE TABLE held (id uuid)'"),
    (SQL, "text = 'UPDATE head SET position = 1'"),
    (ERRORS, "try:\n    work()\nexcept:\n    log()"),
    (ERRORS, "try:\n    work()\nexcept Exception:\n    pass"),
    (ERRORS, "for a in b:\n    try:\n        work()\n    except ValueError:\n        continue"),
    (ERRORS, "with contextlib.suppress(Exception):\n    work()"),
    (TOPIC, "class Round(Aggregate):\n    pass"),
    (TOPIC, "class Round(Aggregate):\n    TOPIC = 'evaluation.Round'\n    class Opened(Begun):\n        at: int"),
    (TOPIC, "class Round(Aggregate):\n    TOPIC = 'registration.Round'"),
    (TOPIC, "class Round(Aggregate):\n    TOPIC = 'evaluation.Round'\nclass Special(Round):\n    pass"),
    (PRINT, "print('here')"),
    (PATH, "where = Path('/home/someone/data')"),
]

INNOCENT = [
    (CLOCK, "def due(when: Moment, now: date) -> date:\n    return when.on if when.on > now else now"),
    (CLOCK, "id = uuid5(cause, 'certificate')"),
    (APPLY, "def open(self):\n    raise AlreadyOpen\n@event(Opened)\ndef _opened(self):\n    self.open = True"),
    (SQL, "text = 'Select a producer to update its data'"),
    (SQL, "rows = await pool.fetch(SQL.due, day)"),
    (ERRORS, "try:\n    work()\nexcept Exception as error:\n    hold(error)"),
    (ERRORS, "with contextlib.suppress(ProcessLookupError):\n    work()"),
    (TOPIC, "class Summary(Value):\n    text: str"),
    (TOPIC, "class A(Aggregate):\n    TOPIC = 'evaluation.A'\n    class Opened(Begun):\n        TOPIC = 'evaluation.Opened'"),
    (PRINT, "log.info('here')"),
    (PATH, "where = settings.data / 'evidence'"),
]  # fmt: skip


def named(rule: Rule) -> str:
    return rule.name.replace(" ", "-")


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_the_project_keeps(rule: Rule) -> None:
    where = [path for path in files(".py") if rule.holds_in(path)]
    assert where, "a rule that holds nowhere proves nothing"
    found = [f"{path}:{line}: {what}" for path in where for line, what in rule.find(parsed(path), path)]
    assert found == [], f"{rule.name}: {rule.reason}"


@pytest.mark.parametrize(("rule", "source"), PLANTED, ids=lambda value: named(value) if isinstance(value, Rule) else "")
def test_a_planted_mistake_is_found(rule: Rule, source: str) -> None:
    assert list(rule.find(ast.parse(source), DOMAIN))


@pytest.mark.parametrize(
    ("rule", "source"), INNOCENT, ids=lambda value: named(value) if isinstance(value, Rule) else ""
)
def test_what_only_looks_alike_is_left_alone(rule: Rule, source: str) -> None:
    assert list(rule.find(ast.parse(source), DOMAIN)) == []


def test_each_rule_has_its_planted_mistake() -> None:
    assert {rule.name for rule, _ in PLANTED} == {rule.name for rule in RULES} == {rule.name for rule, _ in INNOCENT}


def test_no_topic_is_given_twice() -> None:
    given = Counter(topic for path in files(".py") if in_domain(path) for _, topic in topics(parsed(path)))
    assert [topic for topic, times in given.items() if times > 1] == []
    assert len(given) > len(RULES)
