-- name: ends
-- Where the chain ends as its head says, and as the events say.
SELECT position, hash, (SELECT max(notification_id) FROM events) AS last FROM head;

-- name: hash_at
SELECT hash FROM events WHERE notification_id = $1;

-- name: event_at
SELECT originator_id, originator_version FROM events WHERE notification_id = $1;

-- name: chain
-- Position, hash, and what the hash covers besides the one before it, as `chained` in schema.sql says: written out here, since
-- a function that stands in the database which is to be proved proves nothing.
SELECT notification_id, hash,
       uuid_send(originator_id) || int8send(originator_version) || int4send(octet_length(topic)) || convert_to(topic, 'UTF8')
           || int4send(octet_length(state)) || state || int8send((extract(epoch FROM recorded_at) * 1000000)::bigint)
           || int4send(legal_date - date '2000-01-01') || convert_to(metadata::text, 'UTF8')
FROM events WHERE notification_id > $1 AND notification_id <= $2 ORDER BY notification_id;

-- name: broken_versions
-- Aggregates whose versions do not run 1, 2, 3, …
SELECT originator_id, count(*) AS events, min(originator_version) AS first, max(originator_version) AS last
FROM events GROUP BY originator_id
HAVING min(originator_version) <> 1 OR max(originator_version) <> count(*) LIMIT 20;

-- name: requests_past_head
SELECT r.id, r.position, h.position AS head FROM requests r, head h WHERE r.position > h.position LIMIT $1;

-- name: count_requests
SELECT count(*) FROM requests;

-- name: events_without_request
-- Events after $1 and up to $2 whose request is not known, or is known with another position than that of the last event of
-- its command: a command's events stand one behind the other. What was taken over without requests names none.
SELECT e.position, e.request, r.position AS answered
FROM (
    SELECT notification_id AS position, metadata ->> 'request' AS request,
           lead(metadata ->> 'request') OVER (ORDER BY notification_id) AS next
    FROM events WHERE notification_id > $1 AND notification_id <= $2 + 1
) e LEFT JOIN requests r ON r.id = e.request
WHERE e.position <= $2 AND e.request IS NOT NULL
    AND (r.position IS NULL OR e.request IS DISTINCT FROM e.next AND r.position <> e.position)
ORDER BY e.position LIMIT $3;

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
