-- name: tables
CREATE TABLE counters (id uuid PRIMARY KEY, name text NOT NULL, total int NOT NULL DEFAULT 0);

-- name: opened
INSERT INTO counters VALUES ($1, $2);

-- name: added
UPDATE counters SET total = total + $2 WHERE id = $1;

-- name: total
SELECT total FROM counters WHERE id = $1;
