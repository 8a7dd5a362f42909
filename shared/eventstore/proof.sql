-- name: heads
SELECT h.position, h.hash, (SELECT count(*) FROM events) AS events,
       (SELECT coalesce(max(notification_id), 0) FROM events) AS last FROM head h;

-- name: broken_versions
-- Aggregates whose versions do not run 1, 2, 3, …
SELECT originator_id, count(*) AS events, min(originator_version) AS first, max(originator_version) AS last
FROM events GROUP BY originator_id
HAVING min(originator_version) <> 1 OR max(originator_version) <> count(*) LIMIT 20;

-- name: links
-- What the chain covers, in order.
SELECT notification_id, hash,
       chained(originator_id, originator_version, topic, state, recorded_at, legal_date, metadata::text) AS body
FROM events WHERE notification_id > $1 ORDER BY notification_id LIMIT $2;

-- name: known_requests
SELECT id FROM requests WHERE id = ANY ($1);

-- name: held
SELECT id, next_at IS NULL AS dead, headers::text AS headers FROM held WHERE consumer = $1;

-- name: dropped
-- What people have decided that it shall have no effect.
SELECT letter AS id, before ->> 'headers' AS headers FROM letter_decisions WHERE consumer = $1 AND what = 'drop';

-- name: view_positions
SELECT reader, source, position FROM positions;

-- name: make_shadow
CREATE SCHEMA shadow;

-- name: difference
-- Rows that stand in only one of the two: what serves, and what a replay from zero makes.
SELECT count(*) FROM (
    (SELECT t::text FROM views.{table} t EXCEPT ALL SELECT t::text FROM shadow.{table} t)
    UNION ALL
    (SELECT t::text FROM shadow.{table} t EXCEPT ALL SELECT t::text FROM views.{table} t)
) d;

-- name: count_rows
SELECT count(*) FROM views.{table};

-- name: empty
DELETE FROM views.{table};
