-- Which schema a database has, and of which text its views were made.

-- name: version_table
CREATE TABLE IF NOT EXISTS schema_version (version int NOT NULL, views text NOT NULL);

-- name: version
SELECT version FROM schema_version;

-- name: first_version
INSERT INTO schema_version VALUES (1, '');

-- name: views_made_of
SELECT views FROM schema_version;

-- name: views_are_made_of
UPDATE schema_version SET views = $1;

-- name: drop_view_table
DROP TABLE IF EXISTS views.{table} CASCADE;

-- name: work_in
SET LOCAL search_path = {schema}, public;
