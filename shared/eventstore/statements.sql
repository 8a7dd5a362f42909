-- name: answered
-- What a request was answered, if it was.
SELECT position, fingerprint, answer::text AS answer FROM requests WHERE id = $1;

-- name: append
SELECT * FROM append($1, $2);

-- name: load
-- One aggregate's events in order, up to a position, at most so many.
SELECT originator_version, topic, state FROM events WHERE originator_id = $1 AND notification_id <= $2
ORDER BY originator_version LIMIT $3;

-- name: begun
SELECT originator_id FROM events WHERE originator_id = ANY ($1::uuid[]) AND originator_version = 1;

-- name: load_together
-- The first events of each of these aggregates in order, at most so many of each.
SELECT e.originator_id, e.originator_version, e.topic, e.state FROM unnest($1::uuid[]) w (id), LATERAL (
    SELECT * FROM events WHERE originator_id = w.id ORDER BY originator_version LIMIT $2
) e ORDER BY e.originator_id, e.originator_version;

-- name: history
SELECT originator_version, topic, state, notification_id AS position FROM events WHERE originator_id = $1
ORDER BY originator_version;

-- name: feed
-- Events in commit order after a position; gapless, since positions are given under the lock on head. The first six columns
-- of this, feed_topics, between and feed_upto are read by their places.
SELECT originator_id, originator_version, topic, state, notification_id, metadata::text AS metadata
FROM events WHERE notification_id > $1 ORDER BY notification_id LIMIT $2;

-- name: feed_topics
SELECT originator_id, originator_version, topic, state, notification_id, metadata::text AS metadata
FROM events WHERE notification_id > $1 AND topic = ANY ($3) ORDER BY notification_id LIMIT $2;

-- name: between
-- Events of these topics after a position, up to another.
SELECT originator_id, originator_version, topic, state, notification_id, metadata::text AS metadata
FROM events WHERE notification_id > $1 AND notification_id <= $2 AND topic = ANY ($3) ORDER BY notification_id;

-- name: states_between
-- The same without what views do not read.
SELECT originator_id, originator_version, topic, state, notification_id
FROM events WHERE notification_id > $1 AND notification_id <= $2 AND topic = ANY ($3) ORDER BY notification_id;

-- name: feed_upto
-- The same with the head as of the same moment, and the chain's hashes; one row without an event where there is none.
SELECT e.*, h.position AS head, h.hash AS head_hash FROM head h LEFT JOIN LATERAL (
    SELECT originator_id, originator_version, topic, state, notification_id, metadata::text AS metadata, hash
    FROM events WHERE notification_id > $1 AND topic = ANY ($3) ORDER BY notification_id LIMIT $2
) e ON true ORDER BY e.notification_id;

-- name: positions_of_topics
SELECT notification_id AS position FROM events WHERE notification_id > $1 AND topic = ANY ($3)
ORDER BY notification_id LIMIT $2;

-- name: head
SELECT position FROM head;

-- name: standing
-- How far a house has come, in one look: its head, its readers' positions, what is held and of these dead. What is
-- unreadable holds nobody up and is not of these.
SELECT (SELECT position FROM head) AS head, h.held, h.dead,
       (SELECT coalesce(json_agg(json_build_array(reader, source, position)), '[]') FROM positions)::text AS positions
FROM (
    SELECT count(*) AS held, count(*) FILTER (WHERE next_at IS NULL) AS dead FROM held WHERE kind <> 'unreadable'
) h;

-- name: others_at_work
-- Connections of the role that serves, besides those of whoever settles a restored store.
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND application_name <> 'ocop restored';

-- name: last_instant
SELECT recorded_at FROM events ORDER BY notification_id DESC LIMIT 1;

-- name: last_day
SELECT (recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date FROM events ORDER BY notification_id DESC LIMIT 1;

-- name: position
SELECT position FROM positions WHERE reader = $1 AND source = $2;

-- name: advance
INSERT INTO positions VALUES ($1, $2, $3)
ON CONFLICT (reader, source) DO UPDATE SET position = excluded.position WHERE positions.position < excluded.position;

-- name: advance_readers
INSERT INTO positions SELECT reader, $2, $3::bigint FROM unnest($1::text[]) reader
ON CONFLICT (reader, source) DO UPDATE SET position = excluded.position WHERE positions.position < excluded.position;

-- name: share_position
-- Taken by whoever applies a batch: many may, but nobody while the view is made again.
SELECT FROM positions WHERE reader = $1 AND source = $2 FOR KEY SHARE;

-- name: lock_positions
-- Taken by whoever applies a batch to these rows, so that two processes never apply the same one. What a rebuild from the
-- stores has applied ($3) counts for every partition.
SELECT p.source, greatest(p.position, (SELECT position FROM positions WHERE reader = $1 AND source = $3)) AS position
FROM positions p WHERE reader = $1 AND source = ANY ($2) ORDER BY source FOR UPDATE OF p;

-- name: lock_position
-- Taken by whoever makes a view again.
SELECT position FROM positions WHERE reader = $1 AND source = $2 FOR UPDATE;

-- name: begin_positions
INSERT INTO positions SELECT $1, row, 0 FROM unnest($2::text[]) row ON CONFLICT DO NOTHING;

-- name: advance_rows
-- A row that goes on stands before nothing any more.
WITH unparked AS (DELETE FROM parked WHERE reader = $1 AND source = ANY ($2))
UPDATE positions p SET position = n.position FROM unnest($2::text[], $3::bigint[]) n (source, position)
WHERE p.reader = $1 AND p.source = n.source AND p.position < n.position;

-- name: begin_readers
INSERT INTO positions SELECT reader, $2, 0 FROM unnest($1::text[]) reader ON CONFLICT DO NOTHING;

-- name: lock_readers
-- Taken by whoever applies a batch to several views; always in this order, so that two of them never hold each other up.
SELECT reader, position FROM positions WHERE reader = ANY ($1) AND source = $2 ORDER BY reader FOR UPDATE;

-- name: begin_position
INSERT INTO positions VALUES ($1, $2, 0) ON CONFLICT DO NOTHING;

-- name: reset_position
UPDATE positions SET position = $3 WHERE reader = $1 AND source = $2;

-- name: forget_views
DELETE FROM positions WHERE reader LIKE 'view:%';

-- name: hold
-- Not again what a person has dropped, nor what was unreadable and was written anew; and what is held already and comes once
-- more in its queue stays as it is, a dead letter dead.
INSERT INTO held (
    consumer, key, id, source, position, envelope, attempts, next_at, reason, kind, stack, headers, raw, kafka_key, topic,
    partition, kafka_offset
)
SELECT $1::text, $2::text, $3::text, $4::text, $5::bigint, $6::text::json, $7::int, $8::timestamptz, $9::text, $10::text,
       $11::text, $12::text::json, $13::bytea, $14::bytea, $15::text, $16::int, $17::bigint
WHERE NOT EXISTS (
    SELECT FROM letter_decisions
    WHERE consumer = $1 AND letter = $3 AND (what = 'drop' OR what = 'edit' AND $10 = 'unreadable')
)
ON CONFLICT (consumer, id) DO UPDATE SET
    attempts = excluded.attempts, next_at = excluded.next_at, reason = excluded.reason, kind = excluded.kind,
    stack = excluded.stack
WHERE excluded.kind <> 'queued';

-- name: held_keys
-- Of these keys, those that are held; and of these messages, those that a person has dropped (`after` is null) or edited.
SELECT DISTINCT key, NULL AS letter, NULL AS after FROM held WHERE consumer = $1 AND key = ANY ($2)
UNION ALL (
    SELECT DISTINCT ON (letter) NULL, letter, after::text FROM letter_decisions
    WHERE consumer = $1 AND letter = ANY ($3) AND what <> 'retry' ORDER BY letter, number DESC
);

-- name: held_due
-- The first held message of each key, where its time has come; dead ones hold their key until a person decides.
SELECT * FROM (
    SELECT DISTINCT ON (key) key, id, source, position, envelope::text AS envelope, attempts, next_at, ordinal
    FROM held WHERE consumer = $1 AND kind <> 'unreadable' ORDER BY key, ordinal
) h
WHERE next_at <= $2 ORDER BY ordinal LIMIT $3;

-- name: release
DELETE FROM held WHERE consumer = $1 AND id = $2;

-- name: dead_letters
-- What waits for a person: how many of each kind, and for how many seconds the first of them.
SELECT kind, count(*) AS letters, extract(epoch FROM now() - min(held_at))::float8 AS seconds
FROM held WHERE next_at IS NULL GROUP BY kind;

-- name: held_list
SELECT consumer, key, id, source, position, attempts, next_at, reason FROM held ORDER BY consumer, ordinal;

-- name: make_person_key
INSERT INTO person_keys VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: person_key
SELECT key FROM person_keys WHERE person = $1;

-- name: erase_person
DELETE FROM person_keys WHERE person = $1;

-- name: requests_like
-- The ids of requests that begin with a text.
SELECT id FROM requests WHERE starts_with(id, $1);

-- name: take_lead
-- Whether this connection now leads the house's relay; the number only has to be the same everywhere.
SELECT pg_try_advisory_lock(7212026);

-- name: still_lead
-- Said often, so that the server knows that the leader lives.
SELECT 1;

-- name: leader_known
-- Whether any process leads the house's relay.
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objid = 7212026
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
);

-- name: played_day
SELECT day, playing FROM played;

-- name: play_day
INSERT INTO played (day, playing) VALUES ($1, $2)
ON CONFLICT (one) DO UPDATE SET day = excluded.day, playing = excluded.playing;
