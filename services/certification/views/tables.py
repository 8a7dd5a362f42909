"""What the views of certification share: the statements of views.sql and how a handler speaks."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from shared import units
from shared.eventstore.sql import Statements
from shared.eventstore.views import Change
from shared.values import About

HOUSE = "certification"
FILE = Path(__file__).parent.with_name("views.sql")
SQL = Statements(FILE)
Changes = Iterator[Change]


def map_day(a: About, on: date) -> date:
    """The day whose map the place is of: a fact about a product repeats the codes of its beginning."""
    return units.day_of_codes(a.province, a.commune, on)


def about_product(a: About) -> tuple[Any, ...]:
    """The columns that each table about a product begins with, after its key."""
    p = a.product
    return p.id, p.code, p.name, p.set, p.group, a.producer.id, a.producer.name, a.producer.kind, a.province, a.commune
