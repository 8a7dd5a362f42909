"""What the views of certification share: the statements of views.sql and how a handler speaks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.eventstore.sql import Statements
from shared.eventstore.views import Change
from shared.values import About

HOUSE = "certification"
FILE = Path(__file__).parent.with_name("views.sql")
SQL = Statements(FILE)
Changes = Iterator[Change]


def about_product(a: About) -> tuple[Any, ...]:
    """The columns that each table about a product begins with, after its key."""
    p = a.product
    return p.id, p.code, p.name, p.set, p.group, a.producer.id, a.producer.name, a.producer.kind, a.province, a.commune
