-- Tables that remember: `known` is since when a row has been known, and in `<table>_was` from when until when it was known so.
-- A row's instant is the one at which the source recorded the fact behind it, so that it is the same at every filling.

-- name: remembers
CREATE TABLE {table}_was (LIKE {table});
CREATE INDEX {table}_was_key ON {table}_was ({key});
CREATE TRIGGER remembers BEFORE UPDATE ON {table} FOR EACH ROW
WHEN (ROW ({new}) = ROW ({old}) AND lower(NEW.known) > lower(OLD.known)) EXECUTE FUNCTION keep_what_was();

-- name: asked
-- A statement over tables as they were known; one with tables of its own goes on with those.
WITH {tables}
{statement}

-- name: as_known
-- A table as it was known at an instant, in the table's own place.
{table} AS NOT MATERIALIZED (
    SELECT * FROM {table} WHERE known @> ${place}::timestamptz
    UNION ALL SELECT * FROM {table}_was WHERE known @> ${place}::timestamptz
)
