-- Which schema a database has, and of which text its views were made.

-- name: version_table
CREATE TABLE IF NOT EXISTS schema_version (version int NOT NULL, views text NOT NULL);

-- name: version
SELECT version FROM schema_version;

-- name: first_version
INSERT INTO schema_version VALUES ($1, '');

-- name: next_version
UPDATE schema_version SET version = $1;

-- name: one_at_a_time
-- Several programs may start on one database at the same moment; released with the transaction.
SELECT pg_advisory_xact_lock(hashtext('ocop: schema'));

-- name: has_version
SELECT to_regclass('public.schema_version') IS NOT NULL;

-- name: views_made_of
SELECT views FROM schema_version;

-- name: views_are_made_of
UPDATE schema_version SET views = $1;

-- name: drop_view_table
DROP TABLE IF EXISTS views.{table} CASCADE;

-- name: work_in
SET LOCAL search_path = {schema}, public;
