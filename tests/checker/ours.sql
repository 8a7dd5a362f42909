-- name: tables
CREATE TABLE ledgers (id uuid PRIMARY KEY, events int NOT NULL, parts int NOT NULL);

-- name: written
-- Counts, so that an event applied twice shows.
INSERT INTO ledgers VALUES ($1, 1, $2)
ON CONFLICT (id) DO UPDATE SET events = ledgers.events + 1, parts = ledgers.parts + excluded.parts;
