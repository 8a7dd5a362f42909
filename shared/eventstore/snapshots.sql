-- A snapshot counts where its event is there with the very hash that the chain had when it was taken.

-- name: load
-- One aggregate up to a position: its snapshot (the row without a topic), where there is one of no later, and the events after.
WITH s AS (
    SELECT s.version, s.state, s.mark, s.digest
    FROM snapshots s JOIN events e ON e.originator_id = s.originator_id AND e.originator_version = s.version
    WHERE s.originator_id = $1 AND e.hash = s.hash AND e.notification_id <= $2
)
SELECT version, version AS originator_version, NULL AS topic, state, mark, digest FROM s
UNION ALL
SELECT NULL, originator_version, topic, state, NULL, NULL FROM events
WHERE originator_id = $1 AND originator_version > coalesce((SELECT version FROM s), 0) AND notification_id <= $2
ORDER BY originator_version;

-- name: snapshot
SELECT s.version, s.state, s.mark, s.digest
FROM snapshots s JOIN events e ON e.originator_id = s.originator_id AND e.originator_version = s.version
WHERE s.originator_id = $1 AND e.hash = s.hash;

-- name: events_after_version
SELECT originator_version, topic, state FROM events WHERE originator_id = $1 AND originator_version > $2
ORDER BY originator_version LIMIT $3;

-- name: save
-- What is there already stays where it says more and is of this program and this history.
INSERT INTO snapshots (originator_id, version, hash, mark, digest, state)
SELECT originator_id, originator_version, hash, $3, $4, $5 FROM events
WHERE originator_id = $1 AND originator_version = $2
ON CONFLICT (originator_id) DO UPDATE SET
    version = excluded.version, hash = excluded.hash, mark = excluded.mark, digest = excluded.digest, state = excluded.state
WHERE snapshots.version <= excluded.version OR snapshots.mark <> excluded.mark OR NOT EXISTS (
    SELECT FROM events e
    WHERE e.originator_id = snapshots.originator_id AND e.originator_version = snapshots.version AND e.hash = snapshots.hash
);

-- name: taken
-- Snapshots after an aggregate, in the order of their ids; each with what the chain has at its event now.
SELECT s.originator_id, s.version, s.hash, s.mark, s.digest, s.state, e.hash AS chain
FROM snapshots s LEFT JOIN events e ON e.originator_id = s.originator_id AND e.originator_version = s.version
WHERE $1::uuid IS NULL OR s.originator_id > $1 ORDER BY s.originator_id LIMIT $2;

-- name: summed
SELECT count(*) AS snapshots, coalesce(max(version), 0) AS longest, coalesce(sum(octet_length(state)), 0)::bigint AS bytes
FROM snapshots;

-- name: drop
DELETE FROM snapshots;
