-- A view is made again in a schema of its own, `again_<view>`, and takes the place of the serving one in one transaction.

-- name: take_turn
-- Whether this session may make the view again; held until the session ends, however it ends.
SELECT pg_try_advisory_lock(hashtext('ocop: rebuild'), hashtext($1));

-- name: end_turn
SELECT pg_advisory_unlock(hashtext('ocop: rebuild'), hashtext($1));

-- name: left_over
SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'again_') ORDER BY 1;

-- name: drop_shadow
DROP SCHEMA IF EXISTS "{schema}" CASCADE;

-- name: make_shadow
CREATE SCHEMA "{schema}";

-- name: tables_of
SELECT relname FROM pg_class WHERE relnamespace = $1::text::regnamespace AND relkind = 'r';

-- name: drop_table
DROP TABLE "{schema}"."{table}" CASCADE;

-- name: let_serve
GRANT SELECT, INSERT, UPDATE, DELETE ON "{schema}"."{table}" TO "{role}";

-- name: work_there
-- What of it is lost with the server is made again anyway: only the swap waits for the disk.
SET search_path = "{schema}", views, public; SET synchronous_commit = off;

-- name: settle
ANALYZE "{schema}"."{table}";

-- name: soon
-- Whoever waits for a table holds up all who come after: rather not now.
SET LOCAL lock_timeout = '{ms}ms';

-- name: durable
SET LOCAL synchronous_commit = on;

-- name: drop_old
DROP TABLE views."{table}" CASCADE;

-- name: put_in_place
ALTER TABLE "{schema}"."{table}" SET SCHEMA views;

-- name: hold_views
-- Before the first look: a table that is swapped later would be empty for a transaction that began before.
LOCK TABLE {tables} IN ACCESS SHARE MODE;

-- name: count_rows
SELECT count(*) FROM views."{table}";
