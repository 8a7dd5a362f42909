-- name: tables
CREATE TABLE IF NOT EXISTS counters (id uuid PRIMARY KEY, name text NOT NULL, total int NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS heard (id uuid NOT NULL, position bigint PRIMARY KEY, number int NOT NULL);

-- name: heard
INSERT INTO heard VALUES ($1, $2, $3);
