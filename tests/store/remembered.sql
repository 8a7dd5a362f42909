-- name: tables
CREATE TABLE totals (id uuid PRIMARY KEY, name text NOT NULL, total int NOT NULL, known tstzrange NOT NULL);

-- name: opened
INSERT INTO totals VALUES ($1, $2, 0, known_since($3));

-- name: added
UPDATE totals SET total = total + $2, known = known_since($3, known) WHERE id = $1;

-- name: all
SELECT name, total FROM totals WHERE name LIKE $1 ORDER BY name;
