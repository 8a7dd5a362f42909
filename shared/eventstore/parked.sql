-- A row of `parked` has for its source the position that stands: `registration`, or `registration/7` of a partition.

-- name: park
-- Since when is kept for as long as it is the same event.
INSERT INTO parked (reader, source, position, kind, error) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (reader, source) DO UPDATE SET
    position = excluded.position, kind = excluded.kind, error = excluded.error,
    since = CASE WHEN parked.position = excluded.position THEN parked.since ELSE now() END,
    attempts = CASE WHEN parked.position = excluded.position THEN parked.attempts + 1 ELSE 1 END
RETURNING attempts;

-- name: unpark
DELETE FROM parked WHERE reader = $1;

-- name: parked
SELECT * FROM (
    SELECT DISTINCT ON (reader) substr(reader, length('view:') + 1) AS view, split_part(source, '/', 1) AS source,
           position, kind, error, since, attempts, extract(epoch FROM now() - since)::float8 AS seconds
    FROM parked ORDER BY reader, since
) p ORDER BY since, view;
