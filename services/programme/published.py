"""Which private events of programme are said to others: it has none yet."""

from shared.eventstore.publishing import Published

PUBLISHED = Published("programme")
