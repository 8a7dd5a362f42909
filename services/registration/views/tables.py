"""What the views of registration share: the house's name, its statements, what a handler gives."""

from collections.abc import Iterator
from pathlib import Path

from shared.eventstore.sql import Statements
from shared.eventstore.views import Change

HOUSE = "registration"
TABLES = Path(__file__).parent.with_name("views.sql")
SQL = Statements(TABLES)

Changes = Iterator[Change]
